import re

import pytest
from toys import load

from seq2seq.training.command_line import parse
from seq2seq.training.options import FinetuneOptions

quickstart = load("recipes", "quickstart")


def test_options_are_grouped_and_typed(tmp_path):
    config = parse(quickstart.DEFAULTS, None, ["--run-dir", str(tmp_path), "--max-minutes", "90", "--model.units", "8"])
    assert (config.run_dir, config.max_minutes, config.model.units, config.max_updates) == (tmp_path, 90.0, 8, 600)
    assert config.optimizer == quickstart.DEFAULTS.optimizer and config.train.source is None


def refused(capsys, *argv, options=quickstart.DEFAULTS):
    """What is printed when these arguments are refused."""
    with pytest.raises(SystemExit) as exit_:
        parse(options, None, list(argv))
    assert exit_.value.code == 2
    return " ".join(re.sub("[│|]", "", capsys.readouterr().err).split())


def test_an_unknown_option_names_the_nearest(capsys):
    assert "--max-minutes" in refused(capsys, "--max-minuts", "3")
    assert "--optimizer.learning-rate" in refused(capsys, "--optimizer.learnin-rate", "3")


def test_a_value_out_of_range_is_one_message(capsys):
    message = refused(capsys, "--data.batch-tokens", "0")
    assert "--data.batch-tokens is 0; it has to be between 1 and" in message


def test_fine_tuning_needs_a_parent_and_a_folder(capsys):
    assert "--run-dir" in refused(capsys, "parent", options=FinetuneOptions)


def test_underscores_are_as_good_as_hyphens():
    assert parse(quickstart.DEFAULTS, None, ["--data.batch_tokens", "60"]).data.batch_tokens == 60


@pytest.mark.parametrize(
    "old, new",
    [
        ("--sampling-floor", "--sampling.floor"),
        ("--learning-rate=0.1", "--optimizer.learning-rate"),
        ("--vocab-size", "--vocab.size"),
        ("--joint-vocab", "--vocab.joint"),
        ("--train-source", "--train.source"),
        ("--batch-tokens", "--data.batch-tokens"),
        ("--same-file", "--data.same-file"),
        ("--validate-every", "--validation.every"),
        ("--test-beam-size", "--test.beam-size"),
        ("--units", "--model.units"),
        ("--sampling", "--sampling.way"),
    ],
)
def test_an_option_that_moved_into_a_group_gets_a_hint(old, new):
    with pytest.raises(ValueError, match=f"there is no option {old.partition('=')[0]}; it is {new} now"):
        parse(quickstart.DEFAULTS, None, [old, "1"])
