import dataclasses
import math
import typing
from pathlib import Path

import pytest
from toys import load

from seq2seq.groups import OptionGroup, as_json, changeable
from seq2seq.model.objectives import RiskOptions, SamplingOptions
from seq2seq.tasks.options import CurriculumOptions, ValidationOptions, VocabularyOptions
from seq2seq.training.options import FinetuneOptions, MixOptions, OptimizerOptions, RunOptions, TrainingOptions

NAMES = ("quickstart", "multi30k", "character_model", "classifier", "tagger", "vector_to_sequence")
RECIPES = [load("recipes", name) for name in NAMES]
quickstart, multi30k, *_ = RECIPES
SWITCHES = {"sampling": "parallel", "curriculum": "length", "risk": "bleu"}


def groups(kind):
    """The classes of a class of options and of its groups."""
    types = typing.get_type_hints(kind)
    nested = [types[field.name] for field in dataclasses.fields(kind) if dataclasses.is_dataclass(types[field.name])]
    return [kind, *(group for group in nested if issubclass(group, OptionGroup))]


@pytest.mark.parametrize("kind", [*(recipe.Config for recipe in RECIPES), FinetuneOptions])
def test_every_number_has_a_range(kind, tmp_path):
    """Of the recipes' own options too: told before anything is read, in one sentence that names the option."""
    for group in groups(kind):
        given = {"run_dir": tmp_path, "max_updates": 100} if issubclass(group, RunOptions) else {}
        given |= {"parent": tmp_path} if group is FinetuneOptions else {}
        given |= {group.SWITCH: SWITCHES[group.GROUP]} if group.SWITCH else {}
        for name, typed in typing.get_type_hints(group).items():
            if not {typed, *typing.get_args(typed)} & {int, float} or name in ("RANGES", "weight", "temperatures"):
                continue
            for value in (-1, 1e12, float("nan")):
                with pytest.raises(ValueError, match=rf"^{group.flag(name)} is .*; it has to be "):
                    group(**{**given, name: value})


@pytest.mark.parametrize(
    "options, message",
    [
        ({"curriculum": CurriculumOptions(by="length")}, "--curriculum.updates 0.2 is a share of --max-updates, which"),
        ({"sampling": SamplingOptions(way="parallel")}, "--sampling.warmup 0.1 is a share of --max-updates, which is"),
        ({"validation": ValidationOptions(patience=0)}, "this run would never end"),
        (
            {"optimizer": OptimizerOptions(vanishing_penalty=0.1)},
            "--optimizer.vanishing-penalty acts on the elman cell, but --model.cell is gru",
        ),
    ],
)
def test_a_run_needs_an_end_shares_a_plan_and_the_penalty_its_cell(options, message):
    with pytest.raises(ValueError, match=message):
        TrainingOptions(run_dir="run", **options)


def fine_tuning(**options):
    return FinetuneOptions(parent=Path("parent"), run_dir=Path("run"), **options)


def test_fine_tuning_options_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match="--mix.weight is given without --mix.source"):
        MixOptions(weight=(0.5,))
    for weight in (0.0, math.nan, 1e12):
        with pytest.raises(ValueError, match=f"--mix.weight is {weight}; it has to be .* at most 1,000"):
            MixOptions(source=(Path("a"),), weight=(0.5, weight))
    with pytest.raises(ValueError, match="--risk.metric learns from whole translations, --sampling.way from gold"):
        fine_tuning(risk=RiskOptions(metric="bleu"), sampling=SamplingOptions(way="parallel"))
    with pytest.raises(ValueError, match="--freeze output would keep the model from ever using the new pieces"):
        fine_tuning(extend_vocab=10, freeze=("output",))


def test_a_run_that_goes_on_to_more_updates_keeps_its_schedules():
    on = {"sampling": SamplingOptions(way="parallel"), "curriculum": CurriculumOptions(by="length")}
    longer = TrainingOptions(run_dir="run", max_updates=900, **on).with_plan(100)  # those of the first start
    assert (longer.sampling.warmup, longer.sampling.decay) == pytest.approx((10, 90))
    assert longer.curriculum.updates == pytest.approx(20) and longer.max_updates == 900


def test_limits_and_display_may_change():
    names = changeable(quickstart.Config)
    assert {"max_updates", "max_minutes", "checkpoints", "validation.samples", "run_dir", "threads", "train"} <= names
    assert not names & {"seed", "accumulate", "optimizer.learning_rate", "data.batch_tokens", "validation.every"}


def test_a_recipe_gives_defaults_by_instances():
    values = as_json(quickstart.DEFAULTS)
    assert values["run_dir"] == "runs/quickstart" and values["model.units"] == 192
    assert values["vocab.size"] == 2000 and values["vocab.kind"] == VocabularyOptions.kind


def rates(updates, **options):
    return [OptimizerOptions(learning_rate=0.4, **options).learning_rate_at(update) for update in updates]


def test_the_learning_rate_rises_then_stays_or_falls():
    assert rates([1, 10, 1000]) == [0.4, 0.4, 0.4]
    assert rates([1, 2, 4, 5], warmup_updates=4) == pytest.approx([0.1, 0.2, 0.4, 0.4])
    assert rates([1, 4, 16, 64], schedule="inverse_sqrt", warmup_updates=4) == pytest.approx([0.1, 0.4, 0.2, 0.1])
    assert rates([1, 4], schedule="inverse_sqrt") == pytest.approx([0.4, 0.2])
