"""Options of a model: placeholder until the layers branch is merged."""

import dataclasses
from typing import ClassVar

from seq2seq.groups import OptionGroup


@dataclasses.dataclass(frozen=True, kw_only=True)
class ModelOptions(OptionGroup):
    """Parts and sizes of the model."""

    GROUP: ClassVar[str] = "model"
    cell: str = "gru"
    layers: int = 1
    units: int = 256
    embedding_dim: int = 256
    attention: str = "additive"
    decoder: str = "conditional"
    bridge: str = "dense"
    dropout: float = 0.0
    recurrent_dropout: float = 0.0
    word_dropout: float = 0.0
    label_smoothing: float = 0.0
    tied_output: bool = True
