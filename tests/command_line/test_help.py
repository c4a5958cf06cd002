"""The text of `--help`, for a Config that a user might write."""

import dataclasses
from pathlib import Path
from typing import ClassVar, Literal

import pytest
from toys import load

from seq2seq.command_line.help import help_text
from seq2seq.command_line.options import read_options
from seq2seq.groups import OptionGroup
from seq2seq.training import TrainingOptions
from seq2seq.training.options import FinetuneOptions


@dataclasses.dataclass(frozen=True, kw_only=True)
class NoiseOptions(OptionGroup):
    """Noise on the source.

    It is drawn anew in each epoch.
    """

    GROUP: ClassVar[str] = "noise"

    share: float = 0.0
    """Share of the words that are
    swapped."""
    kinds: tuple[Literal["swap", "drop"], ...] = ("swap",)


@dataclasses.dataclass(frozen=True, kw_only=True)
class PartOptions(OptionGroup):
    """A part by name."""

    PARTS: ClassVar[dict] = {"shape": {"round": "a class", "square": "another"}}

    shape: str = "round"
    """Shape: {names}, or your own."""
    sizes: tuple[str, ...] = ()
    """Sizes as NAME=VALUE."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Config(TrainingOptions):
    """Options of a user."""

    corpus_dir: Path
    """Where the corpus lies."""
    domain: Literal["news", "chat"] = "chat"
    """Kind of text."""
    lowercase: bool = False
    """Ignore the case of letters."""
    shuffle: bool = True
    """Read in another order each time."""
    noise: NoiseOptions = NoiseOptions()


DESCRIPTION = """A recipe with a paragraph that is longer than the narrow terminal of this test, so that it is wrapped.

    python recipe.py --corpus-dir a-folder-with-a-long-name --max-updates 8000

- an item that goes on below its first line, and names --max-updates at an awkward place
- another item

| pairs | BLEU |
|---|---|
"""
HELP = """\
usage: python recipe.py --run-dir FOLDER --corpus-dir FOLDER [options]

A recipe with a paragraph that is longer than the
narrow terminal of this test, so that it is wrapped.

    python recipe.py --corpus-dir a-folder-with-a-long-name --max-updates 8000

- an item that goes on below its first line, and names
  --max-updates at an awkward place
- another item

| pairs | BLEU |
|---|---|

this recipe:
  --corpus-dir FOLDER
      Where the corpus lies. (required)
  --domain news|chat
      Kind of text. (default: chat)
  --lowercase
      Ignore the case of letters. (default: off)
  --shuffle, --no-shuffle
      Read in another order each time. (default: on)

noise:
  Noise on the source.

  --noise.share NUMBER
      Share of the words that are swapped.
      (default: 0)
  --noise.kinds swap|drop ...
      (default: swap)

files:
  --run-dir FOLDER
"""


@pytest.fixture(autouse=True)
def narrow_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "54")


def shown(kind, default=None, description=None, own="this recipe"):
    return help_text(kind, list(read_options(kind, default)), description, "python recipe.py", own)


def headings(text):
    return [line for line in text.splitlines() if line.endswith(":") and line[:1].isalpha()]


def test_the_options_of_a_user_come_first():
    text = shown(Config, description=DESCRIPTION)
    assert text.startswith(HELP)
    assert "  --max-updates NUMBER\n      Updates after which training ends.\n      (default: no limit)\n" in text


def test_the_options_of_a_recipe_are_its_defaults():
    quickstart = load("recipes", "quickstart")
    text = shown(type(quickstart.DEFAULTS), quickstart.DEFAULTS)
    assert "--max-updates NUMBER\n      Updates after which training ends.\n      (default: 700)" in text
    assert headings(text)[:5] == ["this recipe:", "files:", "when training ends:", "model:", "vocabulary:"]


def test_no_option_of_the_library_is_left_without_a_heading():
    assert "this recipe:" not in headings(shown(TrainingOptions))
    own = shown(FinetuneOptions, own="options").partition("options:\n")[2].partition("\nfiles:\n")[0]
    flags = [line.split()[0] for line in own.splitlines() if line[2:3].strip()]
    assert flags == ["PARENT", "--import", "--extend-vocab", "--freeze", "--map-l2"]


def test_headings_are_bold_on_a_terminal(monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\033[1mnoise:\033[0m" in shown(Config)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\033" not in shown(Config)


def test_the_names_of_parts_come_from_their_table():
    shape, _ = read_options(PartOptions)
    assert shape.text == "Shape: round, square, or your own."


def test_values_of_a_form_of_their_own_are_shown_in_it():
    shape, sizes = read_options(PartOptions)
    assert (shape.value, sizes.value) == ("NAME", "NAME=VALUE ...")
