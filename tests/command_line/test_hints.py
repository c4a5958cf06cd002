"""Hints for options of other toolkits: what a command answers, and that each names options that exist."""

import collections
import itertools
from collections.abc import Iterable

import pytest
from toys import load

from seq2seq.cli import evaluate, export, score, shortlist, translate
from seq2seq.command_line.hints import _OTHERS, unknown_option
from seq2seq.command_line.options import Option, read_options
from seq2seq.training.options import FinetuneOptions

COMMANDS = {
    "recipe": list(read_options(type(load("recipes", "quickstart").DEFAULTS))),
    "finetune": list(read_options(FinetuneOptions)),
    **{
        module.__name__.rpartition(".")[2]: list(read_options(module.Options))
        for module in (translate, evaluate, export, score, shortlist)
    },
}


@pytest.mark.parametrize(
    "command, flag, hint",
    [
        ("recipe", "--epochs", "Use --max-updates. Training is counted in updates; the log says how many"),
        ("recipe", "--batch-size", "Use --data.batch-tokens. A batch is counted in tokens"),
        ("recipe", "--lr", "Use --optimizer.learning-rate."),
        ("recipe", "--learning_rate", "Use --optimizer.learning-rate."),
        ("recipe", "--beam", "Use --validation.beam-size or --test.beam-size."),
        ("recipe", "--hidden-size", "Use --model.units."),
        ("recipe", "-rnn_size", "Use --model.units."),
        ("recipe", "--src", "Use --train.source."),
        ("recipe", "--train-sets", "Use --train.source. --train.target names the other side."),
        ("recipe", "--vocab-size", "Use --vocab.size."),
        ("recipe", "--dropout", "Use --model.dropout."),
        ("recipe", "--sampling-floor", "Use --sampling.floor."),
        ("recipe", "--joint-vocab", "Use --vocab.joint."),
        ("recipe", "--tokenizer.type", "Use --vocab.kind. Its values are unigram, bpe, char and word."),
        ("recipe", "--config", "There are no configuration files"),
        ("finetune", "--epochs", "Use --max-updates."),
        ("finetune", "--vocab.size", "The model keeps the vocabulary that a recipe learnt."),
        ("translate", "--beam", "Use --beam-size."),
        ("translate", "--epochs", "--help lists the options."),
        ("translate", "-i", "Use --input."),
        ("translate", "--models", "Name it without an option: PROGRAM RUN [RUN ...]. It is the folder of a run."),
        ("recipe", "--models", "Use --run-dir. It is the folder of a run."),
        ("translate", "--classes", "Use --import. It takes files or modules."),
        ("translate", "--src", "Use --input."),
        ("evaluate", "--test.source", "Use --source."),
        ("evaluate", "--src", "Use --source."),
        ("score", "--ref", "Use --references."),
    ],
)
def test_an_option_of_another_toolkit_gets_a_hint(command, flag, hint):
    assert unknown_option(flag, COMMANDS[command], "PROGRAM").startswith(f"there is no option {flag}. {hint}")


def names(options: Iterable[Option]) -> set[str]:
    return {option.name for option in options}


def test_every_hint_names_an_option_that_exists():
    known = names(itertools.chain.from_iterable(COMMANDS.values()))
    wrong = {name for candidates, _ in _OTHERS.values() for name in candidates.split()} - known
    assert wrong == set()
    for candidates, remark in _OTHERS.values():
        assert candidates or remark


def test_every_spelling_has_one_hint():
    spellings = collections.Counter(" ".join(_OTHERS).split())
    assert [spelling for spelling, number in spellings.items() if number > 1] == []
