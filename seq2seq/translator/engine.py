"""The contract between a translator and a model: an engine of a search, with vocabularies."""

from typing import Any, Protocol

from seq2seq.search import Engine
from seq2seq.text.tokenizer import Tokenizer

__all__ = ["TextEngine"]


class TextEngine(Engine, Protocol):
    """The contract that `TensorFlowEngine`, `OnnxEngine` and `Ensemble` share.

    `encode`, `step` and `keep` are described at `seq2seq.search.Engine`. The attributes do not change once the engine
    is made.
    """

    name: str
    """Name of the model, for messages."""
    source_tokenizer: Tokenizer | None
    """None for a model that was built without tokenizers, which cannot read text."""
    target_tokenizer: Tokenizer | None
    max_source_length: int
    """Most source tokens of a sentence, end token included."""
    attends: bool
    """Whether each step gives attention weights."""
    precision: str
    """Type of the matrix products: "float32", "bfloat16" or "int8"."""
    num_workers: int
    """How many batches to search at once, each in a thread of its own."""
    num_lengths: int = 0
    """The model first predicts a length of 0 .. num_lengths - 1 tokens; 0 if it predicts none."""
    languages: tuple[str, str] | None = None
    """Of source and target, if the file of the model names them."""
    model: Any = None
    """The Keras model, if the engine runs one."""
