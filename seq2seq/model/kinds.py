"""The kinds of models, and what an exported file of each kind holds. Imports no TensorFlow."""

from typing import NamedTuple

__all__ = ["ENCODER", "KINDS", "LABELLER", "STEP", "Kind", "check_kind"]

ENCODER, STEP = "encoder", "step"
"""The graphs of models that write text: one reads the input, the other makes one step."""
LABELLER = "labeller"
"""The graph of models that choose labels."""


class Kind(NamedTuple):
    """A kind of model.

    A run folder has its files under the name of the kind: tagger.keras, tagger.zip.
    """

    noun: str
    """In words, with its article."""
    command: str
    """The command that uses it: seq2seq COMMAND RUN."""
    graphs: tuple[str, ...]
    """The ONNX graphs of an exported file."""
    vocabularies: tuple[frozenset[str], ...]
    """The files of its vocabularies, of which it has one set."""

    @property
    def searches(self) -> bool:
        """Whether its output is found by search, token after token."""
        return STEP in self.graphs


_WRITES, _CHOOSES = (ENCODER, STEP), (LABELLER,)
_JOINT, _SOURCE, _TARGET = "joint.model", "source.model", "target.model"
_TRANSLATOR = (frozenset({_JOINT}), frozenset({_SOURCE, _TARGET}), frozenset({"features.json", _TARGET}))

KINDS = {
    "translator": Kind("a translator", "translate", _WRITES, _TRANSLATOR),
    "classifier": Kind("a classifier", "classify", _CHOOSES, (frozenset({_SOURCE, "labels.json"}),)),
    "language_model": Kind("a language model", "sample", _WRITES, (frozenset({"characters.json"}),)),
    "tagger": Kind("a tagger", "tag", _CHOOSES, (frozenset({_SOURCE, "labels.json"}),)),
}
"""Name of a kind -> Kind."""


def check_kind(found: str, wanted: str | None, where: object) -> None:
    """Refuses a model of another kind than a command can use.

    Args:
        found: kind of the model.
        wanted: kind that is expected; None for any.
        where: the file or folder, for the message.

    Raises:
        ValueError: the kinds differ; the message names the command for the model.
    """
    if wanted not in (None, found):
        raise ValueError(
            f"{where} is {KINDS[found].noun}, not {KINDS[wanted].noun}. Use: seq2seq {KINDS[found].command} {where}"
        )
