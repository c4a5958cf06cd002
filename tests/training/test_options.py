import dataclasses
import math
import re
import subprocess
import sys
from pathlib import Path

import pytest
from toys import load

from seq2seq.model.options import MinimumRisk, ScheduledSampling
from seq2seq.training.options import FinetuneOptions, TrainingOptions, as_json, changeable, parse

PARALLEL = {"sampling": "parallel"}
quickstart, multi30k = load("recipes", "quickstart"), load("recipes", "multi30k")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Config(TrainingOptions):
    """A recipe's options."""

    units: int = 32
    """Units of each layer."""
    max_updates: int | None = 100


def numbers(kind):
    """Names of the options that are numbers."""
    types = {field.name: str(field.type) for field in dataclasses.fields(kind)}
    return [name for name, text in types.items() if re.match(r"<class '(int|float)'>|int|float", text)]


def test_options_are_flat_and_typed(tmp_path):
    config = parse(Config, "what it does", ["--run-dir", str(tmp_path), "--max-minutes", "90", "--units", "8"])
    assert (config.run_dir, config.max_minutes, config.units, config.max_updates) == (tmp_path, 90.0, 8, 100)
    assert config.train_source is None


def test_run_dir_is_required(capsys):
    with pytest.raises(SystemExit):
        parse(Config, None, [])
    assert "--run-dir" in capsys.readouterr().err


def test_help_shows_each_docstring_also_of_an_overridden_option(capsys):
    with pytest.raises(SystemExit) as exit_:
        parse(Config, "what it does", ["--help"])
    out = capsys.readouterr().out
    assert exit_.value.code == 0
    assert "what it does" in out and "Units of each layer." in out and "Updates after which training ends." in out


def test_unknown_option_names_the_nearest(capsys):
    with pytest.raises(SystemExit) as exit_:
        parse(Config, None, ["--run-dir", "x", "--max-minuts", "3"])
    assert exit_.value.code == 2
    assert "--max-minutes" in capsys.readouterr().err


def test_wrong_value_is_one_message(capsys):
    with pytest.raises(SystemExit) as exit_:
        parse(Config, None, ["--run-dir", "x", "--batch-tokens", "0"])
    assert exit_.value.code == 2
    assert "--batch-tokens is 0; it has to be between 1" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("kind", [quickstart.Config, multi30k.Config, FinetuneOptions])
def test_every_number_has_a_range(kind, tmp_path):
    """Of the recipes' own options too: told before anything is read, in one sentence that names the option."""
    switches = {"sampling": "parallel", "curriculum": "length", "risk": "bleu"}
    parent = {"parent": tmp_path} if kind is FinetuneOptions else {}
    for name in numbers(kind):
        switch = {key: on for key, on in switches.items() if name.startswith(f"{key}_")}
        for value in (-1, 1e12, float("nan")):
            if name in ("learning_rate", "clip_limit") and value == 1e12:
                continue  # a run that diverges says so itself
            with pytest.raises(ValueError, match=f"^--{name.replace('_', '-')} is .*; it has to be "):
                kind(run_dir=tmp_path, **parent, **{"max_updates": 100, **switch, name: value})


@pytest.mark.parametrize(
    "options, message",
    [
        ({"learning_rate": 0.0}, "--learning-rate is 0.0"),
        ({"learning_rate": float("nan")}, "--learning-rate is nan"),
        ({"plateau_factor": 2.0}, "between 0 and 1"),
        ({"subword_sampling": 0.1, "tokenizer": "char"}, "char pieces cannot be sampled"),
        ({"curriculum": "length", "curriculum_start": 1.5}, "--curriculum-start is 1.5; it has to be between 0 and 1"),
        (
            {"curriculum": "length", "max_updates": None},
            "--curriculum-updates 0.2 is a share of --max-updates, which is not given",
        ),
        ({**PARALLEL, "sampling_floor": 1.0}, "--sampling-floor is 1: every token would stay gold"),
        (
            {**PARALLEL, "sampling_warmup": float("inf")},
            "--sampling-warmup is inf; it has to be between 0 and 1,000,000,000",
        ),
        ({**PARALLEL, "sampling_floor": 1.5}, "--sampling-floor is 1.5; it has to be between 0 and 1"),
        ({**PARALLEL, "sampling_confidence": -1.0}, "--sampling-confidence is -1.0; it has to be between 0 and 1"),
        (
            {**PARALLEL, "sampling_position_scale": 0.0},
            "--sampling-position-scale is 0.0; it has to be above 0 and at most 1,000,000",
        ),
        (
            {**PARALLEL, "sampling_confidence": 0.6},
            "--sampling-confidence 0.6 .* than 0.5, --sampling-choice sample, or a --sampling-random-confidence",
        ),
        ({**PARALLEL, "max_updates": None}, "--sampling-warmup 0.1 is a share of --max-updates, which is not given"),
        ({"sampling_passes": 2}, "--sampling-passes is of no use without --sampling. Give that too, or leave it out"),
        ({"curriculum_start": 0.5}, "--curriculum-start is of no use without --curriculum"),
        ({"subword_sampling": 1.5}, "--subword-sampling is 1.5; it has to be between 0 and 1"),
        ({"patience": 0, "max_updates": None}, "would never end"),
        ({"bleu_tokenizer": "ja_mecab"}, "Unknown tokenizer 'ja_mecab' for BLEU. Did you mean ja-mecab"),
    ],
)
def test_values_that_make_no_sense_are_refused(tmp_path, options, message):
    with pytest.raises(ValueError, match=message):
        Config(run_dir=tmp_path, **options)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"risk_candidates": 4}, "--risk-candidates is of no use without --risk"),
        ({"risk": "bleu", "risk_candidates": 1}, "--risk-candidates is 1; it has to be between 2 and 1,000"),
        ({"risk": "bleu", **PARALLEL}, "--risk learns from whole translations, --sampling from gold targets"),
        ({"mix_weight": (0.5,)}, "--mix-weight weighs the corpora of --mix-source, and there is none"),
        ({"mix_source": (Path("a"),), "mix_weight": (0.0,)}, "--mix-weight is 0.0; it has to be greater than 0"),
        (
            {"mix_source": (Path("a"),), "mix_weight": (0.5, math.nan)},
            "--mix-weight is nan; it has to be greater than 0",
        ),
        ({"mix_source": (Path("a"),), "mix_weight": (1e12,)}, "--mix-weight is 1000000000000.0; .* at most 1,000"),
    ],
)
def test_fine_tuning_options_that_make_no_sense_are_refused(tmp_path, options, message):
    with pytest.raises(ValueError, match=message):
        FinetuneOptions(parent=tmp_path / "parent", run_dir=tmp_path / "run", **options)


def test_options_of_a_group_become_what_the_model_is_told(tmp_path):
    folders = {"parent": tmp_path / "parent", "run_dir": tmp_path / "run"}
    sampled = FinetuneOptions(**folders, **PARALLEL, sampling_passes=3, sampling_confidence=0.4)
    assert sampled.scheduled_sampling == ScheduledSampling(way="parallel", passes=3, confidence=0.4)
    assert sampled.minimum_risk is None
    risked = FinetuneOptions(**folders, risk="chrf", risk_candidates=5, risk_temperature=0.8, risk_gold=True)
    assert risked.minimum_risk == MinimumRisk(metric="chrF", candidates=5, temperature=0.8, gold=True)
    assert risked.scheduled_sampling is None


def test_limits_and_display_may_change_even_when_a_recipe_overrides_the_default():
    names = changeable(Config)
    assert {"max_updates", "max_minutes", "keep_last", "samples", "run_dir", "threads"} <= names
    assert not names & {"units", "seed", "learning_rate", "batch_tokens", "patience", "validate_every"}


def test_json_holds_plain_values(tmp_path):
    values = as_json(Config(run_dir=tmp_path))
    assert values["run_dir"] == str(tmp_path) and values["units"] == 32 and values["max_minutes"] is None


def test_help_of_a_recipe_loads_no_tensorflow():
    script = (
        "import runpy, sys\nsys.argv = ['quickstart.py', '--help']\n"
        "try:\n    runpy.run_path('recipes/quickstart.py', run_name='__main__')\n"
        "finally:\n    assert 'tensorflow' not in sys.modules and 'keras' not in sys.modules\n"
    )
    root = Path(__file__).parents[2]
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=root)
    assert shown.returncode == 0 and "--max-minutes" in shown.stdout, shown.stderr
