import dataclasses
from pathlib import Path
from typing import Any

import pytest
from toys import load

from seq2seq.command_line import parse
from seq2seq.training.options import FinetuneOptions

quickstart = load("recipes", "quickstart")


def test_options_are_grouped_and_typed(tmp_path):
    config = parse(quickstart.DEFAULTS, None, ["--run-dir", str(tmp_path), "--max-minutes", "90", "--model.units", "8"])
    assert (config.run_dir, config.max_minutes, config.model.units, config.max_updates) == (tmp_path, 90.0, 8, 700)
    assert config.optimizer == quickstart.DEFAULTS.optimizer and config.train.source is None


def test_underscores_are_as_good_as_hyphens():
    assert parse(quickstart.DEFAULTS, None, ["--data.batch_tokens=60"]).data.batch_tokens == 60


def test_after_two_hyphens_nothing_is_an_option():
    assert parse(FinetuneOptions, None, ["--run-dir", "new", "--", "-help"]).parent == Path("-help")


@pytest.mark.parametrize(
    "arguments, message",
    [
        ("--max-minuts 3", "there is no option --max-minuts. Did you mean --max-minutes?"),
        ("--learnin-rate=3", "there is no option --learnin-rate. Did you mean --optimizer.learning-rate?"),
        ("--xyz", "there is no option --xyz. --help lists the options."),
        ("--data.batch-tokens 0", "--data.batch-tokens is 0; it has to be between 1 and 100,000,000."),
        ("--data.batch_tokens=x", "--data.batch-tokens is 'x'; it has to be a whole number."),
        ("--max-updates 3.5", "--max-updates is '3.5'; it has to be a whole number."),
        ("--max-minutes", "--max-minutes NUMBER: the value is missing."),
        ("--vocab.kind wordpiece", "--vocab.kind is 'wordpiece'; it has to be one of unigram, bpe, char, word."),
        ("--tensorboard yes", "'yes' is one argument too many; --help explains the options."),
    ],
)
def test_a_wrong_option_of_a_recipe_is_one_sentence(arguments, message):
    with pytest.raises(ValueError) as caught:
        parse(quickstart.DEFAULTS, None, arguments.split())
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "arguments, message",
    [
        ("parent", "give --run-dir FOLDER; --help explains the options."),
        ("", "give PARENT and --run-dir FOLDER; --help explains the options."),
        ("parent --run-dir new --mix.source a --mix.weight b", "--mix.weight: each value has to be a number."),
        ("parent --run-dir new --mix.weight 2", "--mix.weight is given without --mix.source."),
        ("parent --run-dir new --freeze all", "--freeze is 'all'; it has to be one of embeddings, encoder,"),
        ("parent --run-dir new --model.cell lstm", "there is no option --model.cell. The model keeps the parts"),
    ],
)
def test_a_wrong_option_of_a_command_is_one_sentence(arguments, message):
    with pytest.raises(ValueError) as caught:
        parse(FinetuneOptions, None, arguments.split(), prog="seq2seq finetune")
    assert str(caught.value).startswith(message)


def test_help_ends_the_process(capsys):
    with pytest.raises(SystemExit, match="0"):
        parse(quickstart.DEFAULTS, "What it does.", ["--max-updates", "3", "-h"])
    assert capsys.readouterr().out.splitlines()[2] == "What it does."


def test_without_the_hook_of_tyro_a_box_names_the_error(monkeypatch, capsys):
    """The hook is private in tyro, so another version may lack it."""
    monkeypatch.setattr("seq2seq.command_line.parsing.on_parse_error", None)
    with pytest.raises(SystemExit, match="2"):
        parse(quickstart.DEFAULTS, None, ["--max-updates", "x"])
    assert "--max-updates" in capsys.readouterr().err


def test_a_field_that_is_made_for_each_instance_has_a_default():
    @dataclasses.dataclass
    class Options:
        names: tuple[str, ...] = dataclasses.field(default_factory=lambda: ("a", "b"))
        extra: Any = None

    assert parse(Options, None, ["--names", "c"]) == Options(names=("c",))
