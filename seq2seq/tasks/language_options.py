"""Options of language modeling: the text, its characters, streams and windows, validation. Imports no TensorFlow."""

import dataclasses
from pathlib import Path
from typing import ClassVar, Literal

from seq2seq.groups import OptionGroup, may_change
from seq2seq.model.options import LanguageModelOptions
from seq2seq.tasks.options import ValidationOptions

__all__ = ["CharacterOptions", "LanguageModelingOptions", "LanguageValidation", "StreamOptions"]

TEMPERATURES = (0.01, 100)
"""Range of the temperature of sampling, as in `seq2seq.search.options`."""
LENGTHS = (1, 1_000_000)
"""Range of the number of characters to write."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class CharacterOptions(OptionGroup):
    """The characters that the model knows."""

    GROUP: ClassVar[str] = "vocab"
    RANGES: ClassVar[dict] = {"size": (5, 200_000)}

    size: int = 128
    """Most characters, four special ids included; rarer ones count as one unknown character."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class StreamOptions(OptionGroup):
    """How the text becomes batches: parallel streams, read window by window with the state carried over."""

    GROUP: ClassVar[str] = "data"
    RANGES: ClassVar[dict] = {"streams": (1, 100_000), "window": (1, 100_000)}

    streams: int = 64
    """Parallel streams into which the text is divided: the rows of a batch."""
    window: int = 100
    """Characters of each stream in a batch; gradients go back so far and no further."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class LanguageValidation(ValidationOptions):
    """Validation by loss, with samples of what the model writes."""

    RANGES: ClassVar[dict] = {**ValidationOptions.RANGES, "sample_length": LENGTHS}

    temperatures: tuple[float, ...] = may_change((0.5, 0.8, 1.0))
    """Write a sample at each of these temperatures at each validation."""
    sample_length: int = may_change(300)
    """Most characters of such a sample."""

    def check(self) -> None:
        least, most = TEMPERATURES
        for temperature in self.temperatures:
            if not least <= temperature <= most:
                raise ValueError(
                    f"{self.flag('temperatures')} has {temperature}; each has to be between {least} and {most}."
                )


@dataclasses.dataclass(frozen=True, kw_only=True)
class LanguageModelingOptions(OptionGroup):
    """Options of the task of language modeling."""

    RANGES: ClassVar[dict] = {"megabytes": (0.000_001, 1_000_000)}

    text: tuple[Path, ...] = may_change(())
    """Training text in one or several files, plain or packed; in place of --builtin."""
    valid: tuple[Path, ...] = may_change(())
    """Validation text. By default the last 5 % of the training text, at most 100,000 characters."""
    builtin: Literal["python", "hello"] = "python"
    """Text without a file: the source of Python's standard library on this machine, or the one word hello."""
    megabytes: float | None = None
    """Use the first so many megabytes of the text."""
    vocab: CharacterOptions = CharacterOptions()
    data: StreamOptions = StreamOptions()
    validation: LanguageValidation = LanguageValidation()
    model: LanguageModelOptions = LanguageModelOptions()
