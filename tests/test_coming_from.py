"""docs/coming_from.md: its options and files of ours exist, and a hint leads from each option of a peer to ours."""

import re
from pathlib import Path

import pytest
from toys import load

from seq2seq.cli import evaluate, export, main, score, shortlist, translate
from seq2seq.command_line.hints import unknown_option
from seq2seq.command_line.options import read_options
from seq2seq.training.options import FinetuneOptions

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/coming_from.md").read_text("utf-8")
# Heading of a table -> the options that its rows are about.
OPTIONS = {
    "Options of training": list(read_options(type(load("recipes", "multi30k").DEFAULTS))),
    "Options of translation": list(read_options(translate.Options)),
}
COMMANDS = [evaluate.Options, export.Options, score.Options, shortlist.Options, translate.Options, FinetuneOptions]


def flags(text):
    """The options in the code spans of a text."""
    return re.findall(r"(?<![\w-])--[\w.-]+", " ".join(re.findall("`([^`]*)`", text)))


def rows(heading):
    """The cells of each row of the table below a heading."""
    table = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in table.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_our_options_files_and_commands_exist():
    known = {flag for options in OPTIONS.values() for option in options for flag in option.flags}
    known |= {flag for kind in COMMANDS for option in read_options(kind) for flag in option.flags}
    ours = " ".join(row[-1] for heading in ["Commands", *OPTIONS] for row in rows(heading))
    prose = "\n".join(line for line in PAGE.splitlines() if not line.startswith(("|", "$ ", "error: ")))
    assert [flag for flag in flags(f"{ours} {prose}") if flag not in known] == []
    assert {name for name in re.findall(r"`seq2seq (\w+)", PAGE)} <= set(main.COMMANDS)
    assert [name for name in re.findall(r"recipes/\w+\.py", PAGE) if not (ROOT / name).exists()] == []
    assert [name for name in re.findall(r"\]\((\w+\.md)\)", PAGE) if not (ROOT / "docs" / name).exists()] == []


@pytest.mark.parametrize("heading", OPTIONS)
def test_a_hint_leads_from_each_option_of_a_peer_to_ours(heading):
    known = {flag for option in OPTIONS[heading] for flag in option.flags}
    lost = []
    for name, *peers, ours in rows(heading):
        for flag in flags(" ".join(peers)):
            hint = unknown_option(flag, OPTIONS[heading], "seq2seq")
            named = set(re.findall(r"--[\w-]+(?:\.[\w-]+)?", hint))
            if flag.replace("_", "-") not in known and not named & set(flags(ours)):
                lost.append(f"{name}: {hint}")
    assert lost == []


def test_the_example_is_what_a_recipe_answers():
    command, error = re.search(r"\$ python recipes/\w+\.py (.*)\nerror: (.*)\n", PAGE).groups()
    assert unknown_option(command.split()[0], OPTIONS["Options of training"], "python recipe.py") == error
