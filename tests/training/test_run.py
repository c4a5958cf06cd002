"""A whole run through the entry point of a recipe."""

import csv
import dataclasses
import importlib.util
import json
import re
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from seq2seq.cli import run as run_command
from seq2seq.model import load_model
from seq2seq.model.composition import compose
from seq2seq.model.objectives import SamplingOptions
from seq2seq.tasks import Corpora, Translation, training_dataset
from seq2seq.tasks.options import (
    CurriculumOptions,
    DataOptions,
    ParallelFiles,
    TranslationValidation,
    VocabularyOptions,
)
from seq2seq.tasks.scoring import score_tests
from seq2seq.text import BatchPlan, Tokenizer, encode_corpus
from seq2seq.training import train
from seq2seq.training.options import OptimizerOptions
from seq2seq.training.run_folder import RunFolder
from seq2seq.translator import Translator
from seq2seq.translator.archive import read_archive


@pytest.fixture(scope="module")
def recipe():
    spec = importlib.util.spec_from_file_location("tiny_recipe", Path(__file__).with_name("tiny_recipe.py"))
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def config(recipe, tmp_path_factory):
    return changed(recipe, tmp_path_factory.mktemp("runs") / "run", max_updates=12, validation={"every": 8})


def changed(recipe, run_dir, **changes):
    """The recipe's options with others in their place; those of a group may be a dictionary."""
    for name, value in changes.items():
        if isinstance(value, dict):
            changes[name] = dataclasses.replace(getattr(recipe.DEFAULTS, name), **value)
    return dataclasses.replace(recipe.DEFAULTS, run_dir=run_dir, **changes)


@pytest.fixture(scope="module")
def run(recipe, config):
    """A finished run."""
    return train(config, corpora=recipe.corpora)


def test_run_folder_holds_everything(run, config):
    assert {path.name for path in config.run_dir.iterdir()} == {
        *("cache", "checkpoints", "lock", "log.txt", "run.json", "training.csv", "metrics.csv", "speed.csv"),
        *("samples.txt", "source.model", "target.model", "translator.keras", "translator.zip", "scores.json"),
        *("test.hyp.txt", "valid.source.txt", "valid.target.txt", "test.source.txt", "test.target.txt"),
        "learning_curves.png",
    }
    assert run.update == 12 and run.reason == "reached --max-updates 12" and run.best_update in (8, 12)
    log = (config.run_dir / "log.txt").read_text()
    assert "numbers 1: 300 of 300 pairs" in log and "finished after update 12" in log


def test_scores_carry_signature_and_hypotheses(run, config):
    stored = json.loads((config.run_dir / "scores.json").read_text())["test"]
    test = run.results["test"]
    for name, score in {"bleu": test.bleu, "chrf": test.chrf}.items():
        assert stored[name] == dataclasses.asdict(score) and score.signature
        assert f"test: {score}\n" in (config.run_dir / "log.txt").read_text()
    hypotheses = (config.run_dir / "test.hyp.txt").read_text().split("\n")
    assert hypotheses == [*test.hypotheses, ""] and len(hypotheses) == 21


def test_translator_of_the_run_folder_repeats_the_test(run, config):
    test = run.results["test"]
    assert Translator.load(config.run_dir).translate(test.sources, beam_size=2) == test.hypotheses
    archive = read_archive(config.run_dir / "translator.zip")
    assert archive.search.beam_size == 2 and archive.languages is None
    assert archive.scores["test"]["bleu"] == dataclasses.asdict(test.bleu)


def test_finished_run_is_not_scored_again(run, recipe, config, monkeypatch):
    monkeypatch.setattr(Translator, "search", None)
    monkeypatch.setattr("seq2seq.tasks.translation.no_4_grams_warning", None)  # only a new run may call it
    metrics = (config.run_dir / "metrics.csv").read_bytes()
    assert train(config, corpora=recipe.corpora) == run
    assert (config.run_dir / "metrics.csv").read_bytes() == metrics


def test_a_damaged_folder_is_mended_and_said(run, recipe, config, capsys, monkeypatch):
    """Files of the run cut, emptied, flipped or removed since the last checkpoint; what can be made again is."""
    monkeypatch.setattr("seq2seq.tasks.translation.no_4_grams_warning", None)
    folder = config.run_dir
    names = ["metrics.csv", "samples.txt", "source.model", "target.model", "test.hyp.txt", "scores.json"]
    before = {name: (folder / name).read_bytes() for name in names}
    (folder / "metrics.csv").write_bytes(before["metrics.csv"][:-30])
    (folder / "samples.txt").write_bytes(b"")
    model = bytearray(before["source.model"])
    at = model.index(b"one") + 5  # the score of the piece: another segmentation, the same size
    model[at] ^= 0x40
    (folder / "source.model").write_bytes(model)
    (folder / "target.model").unlink()
    (folder / "test.hyp.txt").write_bytes(before["test.hyp.txt"].replace(b"eins", b"zwei"))
    (folder / "scores.json").write_bytes(before["scores.json"][:-9])
    assert train(config, corpora=recipe.corpora) == run
    assert {name: (folder / name).read_bytes() for name in names} == before
    said = capsys.readouterr().out
    for name in names[:4]:
        assert (
            said.count(f"warning: {folder / name} is not as the run left it; it is restored from the checkpoint") == 1
        )
    assert f"warning: {folder / 'scores.json'} is damaged; the test sets are scored again" in said


@pytest.mark.parametrize(
    "damage, said",
    [
        (
            lambda row: row["bleu"].update(value=99.9),
            "does not hold the scores of .*test.hyp.txt; they are computed again",
        ),
        (lambda row: row["chrf"].update(signature="none", colour=1), "does not hold the scores of"),
        (lambda row: row.update(bleu=[]), "does not hold the scores of"),
        (lambda row: row.pop("chrf"), "translating test"),
        (lambda row: row["made_by"].update(beam_size=7), "translating test"),
    ],
)
def test_a_score_that_was_changed_is_not_repeated(run, recipe, config, caplog, damage, said):
    folder = RunFolder(config.run_dir, Translation.layout)
    scores = config.run_dir / "scores.json"
    before = scores.read_bytes()
    stored = json.loads(before)
    damage(stored["test"])
    scores.write_text(json.dumps(stored))
    caplog.set_level("INFO", "seq2seq")
    how = {"best_update": run.best_update, "beam_size": 2}
    assert score_tests(folder, recipe.corpora(config), **how) == run.results
    assert scores.read_bytes() == before and re.search(said, caplog.text)


def test_a_vocabulary_that_no_checkpoint_holds_is_an_error(run, recipe, config):
    path = config.run_dir / "run.json"
    before = path.read_text()
    path.write_text(before.replace(json.loads(before)["vocabularies"]["source.model"], "0" * 64))
    try:
        with pytest.raises(ValueError, match="source.model is not as the run left it, and no checkpoint holds it"):
            train(config, corpora=recipe.corpora)
    finally:
        path.write_text(before)


def test_other_options_and_other_text_are_refused(run, recipe, config):
    other = changed(recipe, config.run_dir, model={"units": 8}, optimizer={"learning_rate": 0.5}, max_updates=99)
    other = dataclasses.replace(other, validation=config.validation)
    with pytest.raises(ValueError, match="--model.units: was 16, now 8") as error:
        train(other, corpora=recipe.corpora)
    assert "--optimizer.learning-rate: was 0.02, now 0.5" in str(error.value) and "updates" not in str(error.value)
    own = dataclasses.replace(recipe.corpora(config), train=recipe.pairs(9, 50))
    with pytest.raises(ValueError, match="other data.*\n  train: was"):
        train(config, corpora=own)


def test_command_line_prints_one_message(run, recipe, config, capsys, monkeypatch):
    monkeypatch.delenv("SEQ2SEQ_TRACEBACK", raising=False)
    arguments = ["--run-dir", str(config.run_dir), "--max-updates", "12", "--validation.every", "9"]
    assert run_command(recipe.main, arguments) == 2
    errors = capsys.readouterr().err
    assert errors.startswith("error: ") and "--validation.every: was 8, now 9" in errors
    assert "Traceback" not in errors


def test_own_files_joint_vocabulary_sampling_and_averages(recipe, tmp_path, capsys, no_archive):
    """The validation text is of single words, which have no BLEU: the loss chooses the weights."""
    words = zip(recipe.ENGLISH, recipe.GERMAN, strict=True)
    for name, pairs in [("train", recipe.pairs(1, 40)), ("valid", words)]:
        (tmp_path / f"{name}.tsv").write_text("".join(f"{source}\t{target}\n" for source, target in pairs))
    config = changed(
        recipe,
        tmp_path / "run",
        train=ParallelFiles(source=tmp_path / "train.tsv"),
        valid=ParallelFiles(source=tmp_path / "valid.tsv"),
        vocab=VocabularyOptions(size=330, joint=True),
        data=DataOptions(batch_tokens=300, subword_sampling=0.2),
        optimizer=OptimizerOptions(learning_rate=0.02, average_decay=0.9, schedule="inverse_sqrt", warmup_updates=2),
        validation=TranslationValidation(every=1, samples=0),
        max_updates=3,
    )
    run = train(config)
    assert run.results == {}
    rows = list(csv.DictReader((run.path / "metrics.csv").read_text().splitlines()))
    best = min(rows, key=lambda row: float(row["valid_loss"]))
    assert {row["valid_bleu"] for row in rows} == {"0.0"} and run.best_update == int(best["update"]) == 3
    said = capsys.readouterr().out
    assert f"Best BLEU 0.00 with loss {float(best['valid_loss']):.4g} after update 3." in said
    why = "no line has four tokens in a row (tokenizer 13a). Go by chrF. The loss will choose the best weights"
    assert said.count(f"warning: BLEU is no measure of the valid text: {why}") == 1
    assert (config.run_dir / "joint.model").exists() and (config.run_dir / "translator.keras").exists()


def test_a_tokenizer_that_cannot_be_loaded_is_refused_before_anything_is_written(recipe, tmp_path, monkeypatch):
    monkeypatch.setattr("sacrebleu.tokenizers.tokenizer_ko_mecab.MeCab", None)
    config = changed(recipe, tmp_path / "run", validation={"bleu_tokenizer": "ko-mecab"})
    with pytest.raises(ValueError, match=r"tokenizer ko-mecab .* cannot be loaded: .*sacrebleu\[ko\]"):
        train(config, corpora=recipe.corpora)
    assert not config.run_dir.exists()


def test_threads_are_set_before_tensorflow_computes(recipe, tmp_path, monkeypatch):
    """The check of the model, which comes first, already computes."""
    calls = []
    monkeypatch.setattr("seq2seq.training.run.set_threads", lambda threads: calls.append(threads))
    monkeypatch.setattr("seq2seq.training.run.check_fit", lambda model: calls.append("check"))
    config = changed(recipe, tmp_path / "run", threads=1, validation={"bleu_tokenizer": "ko-mecab"})
    monkeypatch.setattr("sacrebleu.tokenizers.tokenizer_ko_mecab.MeCab", None)
    with pytest.raises(ValueError, match="ko-mecab"):
        train(config, corpora=recipe.corpora)
    assert calls == [1, "check"]


class Killed(BaseException):
    """Stands for SIGKILL: nothing of ours catches it."""


@pytest.mark.filterwarnings("ignore:Even though the")  # tf.data always runs as a graph
def test_a_run_goes_on_in_the_middle_of_its_schedules(recipe, tmp_path, no_archive, eagerly):
    """Scheduled sampling and a curriculum, killed at update 7 and taken up at the checkpoint of update 4: gold
    probability, losses and weights of the unbroken run."""

    class KillerAtSeven(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch + 1 == 7:
                raise Killed

    schedules = {
        "max_updates": 8,
        "validation": TranslationValidation(every=8, samples=0),
        "sampling": SamplingOptions(way="parallel", choice="sample", floor=0.1, warmup=0, decay=1.0),
        "curriculum": CurriculumOptions(by="rarity", updates=1.0, start=0.2),
    }
    configs = [changed(recipe, tmp_path / name, **schedules) for name in ("unbroken", "broken")]
    corpora = Corpora(recipe.pairs(1, 300), recipe.pairs(2, 5))
    train(configs[0], corpora=corpora)
    with pytest.raises(Killed):
        train(configs[1], corpora=corpora, callbacks=[KillerAtSeven()])
    train(configs[1], corpora=corpora)

    tables = [(config.run_dir / "metrics.csv").read_bytes() for config in configs]
    assert tables[0] == tables[1] and b",0.1," in tables[0]
    (row,) = csv.DictReader(tables[0].decode().splitlines())
    assert 0.3 < float(row["replaced"]) < 0.9  # gold has a probability of 0.5 on the way, and the model knows little
    weights = [load_model(config.run_dir / "translator.keras").weights for config in configs]
    for one, other in zip(*weights, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())

    train(dataclasses.replace(configs[0], max_updates=9), corpora=corpora)
    last = (configs[0].run_dir / "metrics.csv").read_text().splitlines()[-1]
    assert last.startswith("9,") and ",0.1," in last  # the schedule has not begun anew


def test_keras_fit_lowers_the_loss(recipe, config):
    corpus = recipe.pairs(1, 300)
    tokenizers = [Tokenizer.train(side, kind="word", vocab_size=16) for side in (corpus.source, corpus.target)]
    encoded = encode_corpus(corpus, *tokenizers, max_length=20)
    plan = BatchPlan(encoded.source_lengths, encoded.target_lengths, batch_tokens=300, seed=1)
    model = compose(config.model, *tokenizers, max_source_length=100)
    model.compile(optimizer="adam")
    model.optimizer.learning_rate = 0.02
    steps = plan.batches_per_epoch
    quiet = {"shuffle": False, "verbose": 0}  # Keras 3.15 warns when a dataset is to be shuffled, its default
    history = model.fit(training_dataset(encoded, plan), steps_per_epoch=steps, epochs=3, **quiet)
    losses = history.history["loss"]
    assert losses[-1] < losses[0] and np.isfinite(losses).all()
    history = model.fit(training_dataset(encoded, plan, epochs=1), **quiet)  # finite: needs no steps
    assert history.history["loss"][0] < losses[0]
