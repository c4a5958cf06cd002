"""Fine-tuning a toy model: real runs, from the parent's folder to a translator of its own."""

import contextlib
import csv
import dataclasses
import hashlib
import io
import json
import re
import shutil

import numpy as np
import pytest
from toys import files, tiny_run, write_corpus

from seq2seq.model import load_model
from seq2seq.model.objectives import RiskOptions
from seq2seq.tasks.options import DataOptions, ParallelFiles, TestFiles, TranslationValidation
from seq2seq.text.scores import bleu_and_chrf, compare_systems
from seq2seq.training.finetune import finetune
from seq2seq.training.finetune_report import FinetuneTask, _read
from seq2seq.training.options import FinetuneOptions, MixOptions, OptimizerOptions
from seq2seq.training.run_folder import RunFolder
from seq2seq.translator import Translator

VALIDATION = TranslationValidation(every=2, samples=1)
TINY = {
    "max_updates": 4,
    "precision": "float32",
    "optimizer": OptimizerOptions(learning_rate=0.01, average_decay=0.99),
    "data": DataOptions(batch_tokens=500),
    "validation": VALIDATION,
}


def as_tests(corpus, *names):
    """Test sets of the corpus, translated with a beam of 2."""
    paths = {side: tuple(corpus / f"{name}.{code}" for name in names) for side, code in SIDES.items()}
    return {"test": TestFiles(beam_size=2, **paths)}


SIDES = {"source": "en", "target": "de"}


def sums(folder):
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def parent(tmp_path_factory):
    return tiny_run(tmp_path_factory.mktemp("parent"))


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return write_corpus(tmp_path_factory.mktemp("own"), train=40, valid=6, test=4, other=5)


@pytest.fixture(scope="module")
def options(parent, corpus, tmp_path_factory):
    """Two test sets, no validation files, all that keeps what was learnt. So few updates better the loss alone."""
    run_dir = tmp_path_factory.mktemp("runs") / "finetuned"
    mix = MixOptions(source=(corpus / "valid.en",), target=(corpus / "valid.de",), weight=(0.5,))
    kept = {"freeze": ("embeddings",), "map_l2": 0.1, "mix": mix}
    changes = {**TINY, "validation": dataclasses.replace(VALIDATION, stop_on="loss")}
    texts = {**files(corpus, "train"), **as_tests(corpus, "test", "other")}
    return FinetuneOptions(parent=parent, run_dir=run_dir, **kept, **changes, **texts)


@pytest.fixture(scope="module")
def finetuned(options, parent):
    """A finished fine-tuning, what it printed, and the parent's folder before and after."""
    before = sums(parent)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        run = finetune(options)
    return run, printed.getvalue(), before, sums(parent)


def test_parent_is_left_as_it_is(finetuned):
    _, _, before, after = finetuned
    assert before == after and len(before) > 8


def test_new_folder_is_a_run_folder(finetuned, parent, options):
    run = finetuned[0]
    names = {path.name for path in options.run_dir.iterdir()}
    assert names >= {"run.json", "metrics.csv", "samples.txt", "log.txt", "checkpoints", "learning_curves.png"}
    model = load_model(options.run_dir)
    test = run.finished.results["test.en"]
    assert Translator.load(options.run_dir).translate(test.sources, beam_size=2) == test.hypotheses
    old = load_model(parent)
    assert model.source_tokenizer.fingerprint == old.source_tokenizer.fingerprint
    assert model.target_tokenizer.fingerprint == old.target_tokenizer.fingerprint
    moved = [np.abs(a - b).max() for a, b in zip(model.get_weights(), old.get_weights(), strict=True)]
    assert 0 < max(moved) <= 4 * 0.011  # four updates of Adam, each of at most about the learning rate


def test_updates_count_from_zero_with_a_learning_rate_of_their_own(finetuned, options):
    rows = list(csv.DictReader((options.run_dir / "metrics.csv").read_text().splitlines()))
    assert [int(row["update"]) for row in rows] == [0, 2, 4]
    assert [float(row["learning_rate"]) for row in rows] == [0, 0.01, 0.01]
    assert rows[0]["train_loss"] == "" and float(rows[1]["train_loss"]) > 0  # the first row is the parent's
    record = json.loads((options.run_dir / "run.json").read_text())["options"]
    assert record["parent"] == str(options.parent)


def test_scores_before_and_after_of_each_test_set(finetuned, parent, options):
    run, printed, _, _ = finetuned
    stored = json.loads((options.run_dir / "finetune.json").read_text())["tests"]
    old = Translator.load(parent)
    for name in ("test.en", "other.en"):
        test = run.finished.results[name]
        systems = {"before": old.translate(test.sources, beam_size=2), "after": test.hypotheses}
        assert run.before[name] == bleu_and_chrf(systems["before"], test.references)
        changes = compare_systems(test.references, systems, metrics=["BLEU", "chrF"])
        after = {"bleu": test.bleu, "chrf": test.chrf}
        for (metric, score), change in zip(after.items(), changes, strict=True):
            first = run.before[name][metric].value
            numbers = f"{first:.2f} before, {score.value:.2f} after ({score.value - first:+.2f}, {change.verdict})"
            assert f"\n{name}: {score.name} {numbers}\n" in printed
            assert stored[name]["before"][metric] == dataclasses.asdict(run.before[name][metric])
            assert stored[name]["after"][metric] == dataclasses.asdict(score)
            assert stored[name]["p_value"][metric] == change.p_value
    assert printed.index("translating test.en before fine-tuning: 4 lines") < printed.index("update 2 ")


def test_interrupted_run_ends_like_the_unbroken_one(finetuned, options, tmp_path, capsys):
    broken = dataclasses.replace(options, run_dir=tmp_path / "broken")
    finetune(dataclasses.replace(broken, max_updates=2))
    capsys.readouterr()
    moved = shutil.copytree(options.parent, tmp_path / "moved")
    run = finetune(dataclasses.replace(broken, parent=moved))
    printed = capsys.readouterr().out
    assert "at update 2 of the run in this folder" in printed and "before fine-tuning" not in printed
    assert run.before == finetuned[0].before
    for name in ("metrics.csv", "samples.txt", "scores.json", "test.en.hyp.txt", "finetune.json"):
        assert (broken.run_dir / name).read_bytes() == (options.run_dir / name).read_bytes()
    checkpoint = "checkpoints/update-00000004.npz"
    with np.load(broken.run_dir / checkpoint) as ours, np.load(options.run_dir / checkpoint) as theirs:
        assert ours.files == theirs.files and len(ours.files) > 30
        for name in set(ours.files) - {
            "header",
            "file:speed.csv",
            "file:finetune.json",
        }:  # clocks, and the parent's name
            np.testing.assert_array_equal(ours[name], theirs[name])


def test_what_was_found_in_the_parent_is_mended(finetuned, options, capsys):
    folder = options.run_dir
    names = ["finetune.json", "test.en.before.txt"]
    before = {name: (folder / name).read_bytes() for name in names}
    (folder / "finetune.json").write_bytes(before["finetune.json"][:-20])
    (folder / "test.en.before.txt").write_bytes(before["test.en.before.txt"][5:])
    assert finetune(options).before == finetuned[0].before
    assert {name: (folder / name).read_bytes() for name in names} == before
    said = capsys.readouterr().out
    assert all(f"{folder / name} is not as the run left it; it is restored" in said for name in names)


def test_a_figure_of_the_parent_that_was_changed_is_not_repeated(finetuned, options):
    path = options.run_dir / "finetune.json"
    before = path.read_bytes()
    report = json.loads(before)
    report["tests"]["test.en"]["before"]["bleu"]["value"] = 99.9
    path.write_text(json.dumps(report))
    assert finetune(options).before == finetuned[0].before
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "damage",
    [
        "[]",
        "{",
        "[" * 100_000,
        '{"parent": "", "vocabularies": [], "tests": {}}',
        '{"parent": "", "vocabularies": [], "tests": {"test.en": 5}}',
        '{"parent": "", "vocabularies": [], "tests": {"test.en": {"sha256": 5}}}',
    ],
)
def test_a_report_without_a_row_for_each_test_is_damaged(tmp_path, damage):
    (tmp_path / "finetune.json").write_text(damage)
    with pytest.raises(ValueError, match="finetune.json is not as the run left it"):
        _read(RunFolder(tmp_path, FinetuneTask.layout), ["test.en"])


def test_other_options_and_other_vocabularies_are_refused(finetuned, options, tmp_path):
    with pytest.raises(ValueError, match="other options:\n  --optimizer.learning-rate: was 0.01, now 0.5"):
        finetune(dataclasses.replace(options, optimizer=OptimizerOptions(learning_rate=0.5, average_decay=0.99)))
    copy = dataclasses.replace(options, run_dir=tmp_path / "copy")
    shutil.copytree(options.run_dir, copy.run_dir)
    report = json.loads((copy.run_dir / "finetune.json").read_text())
    report["vocabularies"][0] = "0" * 64
    (copy.run_dir / "finetune.json").write_text(json.dumps(report))
    with pytest.raises(ValueError, match="has other vocabularies than the model from which .*copy began"):
        finetune(copy)


def test_keras_file_as_parent_with_validation_files_no_test_set_and_minimum_risk(parent, corpus, tmp_path, capsys):
    file = tmp_path / "mailed" / "model.keras"
    file.parent.mkdir()
    shutil.copy(parent / "translator.keras", file)
    options = {**TINY, "max_updates": 1, "data": DataOptions(batch_tokens=500, max_length=55)}
    options |= {**files(corpus, "train", "valid"), "risk": RiskOptions(metric="chrf", candidates=3, likelihood=0.2)}
    run = finetune(FinetuneOptions(parent=file, run_dir=tmp_path / "mailed" / "run", **options))
    printed = capsys.readouterr().out
    assert "train.en + train.de: 35 of 40 pairs" in printed and "over 55 tokens" in printed
    assert "(validation part)" not in printed
    assert "minimum risk training: 3 candidates" in printed and "  train risk " in printed
    *_, row = csv.DictReader((run.finished.path / "metrics.csv").read_text().splitlines())
    assert float(row["train_risk"]) > 0 and float(row["replaced"]) == 0
    assert "of up to 125 tokens" in printed  # a quarter of 500: gold and three candidates
    assert run.before == {} and "no test set was given; next time: --test.source" in printed


def test_the_parent_stays_until_something_is_better_and_every_text_is_looked_at(
    parent, corpus, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(
        "seq2seq.tasks.corpus_checks.corpus_warnings",
        lambda model, corpora, seed, copies: [f"{corpus.name} is odd" for corpus in corpora],
    )
    options = {**TINY, "max_updates": 0, **files(corpus, "train", "valid", "test")}
    options["mix"] = MixOptions(source=(corpus / "other.en",), target=(corpus / "other.de",), weight=(0.4,))
    run = finetune(FinetuneOptions(parent=parent, run_dir=tmp_path / "run", **options))
    printed = capsys.readouterr().out
    for name in ("train", "other", "valid", "test"):
        assert f"warning: {name}.en + {name}.de is odd\n" in printed
    assert "and 2 of the 5 pairs of other.en + other.de\n" in printed
    assert run.finished.best_update == 0 and "update 0  epoch 0.00  valid loss" in printed
    weights = [load_model(folder).get_weights() for folder in (parent, tmp_path / "run")]
    for old, new in zip(*weights, strict=True):
        np.testing.assert_array_equal(old, new)


def test_a_vocabulary_is_extended_by_a_new_script(parent, corpus, tmp_path, capsys):
    """Names are then written in characters, also after a restart."""
    for code in ("en", "de"):
        lines = (corpus / f"train.{code}").read_text(encoding="utf-8").splitlines()
        text = "".join(f"Ἀθηνᾶ Οδυσσεύς {line}\n" for line in lines)
        (tmp_path / f"names.{code}").write_text(text, encoding="utf-8")
    options = FinetuneOptions(
        parent=parent,
        run_dir=tmp_path / "run",
        train=ParallelFiles(source=tmp_path / "names.en", target=tmp_path / "names.de"),
        extend_vocab=40,
        **{**TINY, "max_updates": 1},
        **as_tests(corpus, "test"),
    )
    run = finetune(options)
    assert re.search(r"\d+ new pieces in the source vocabulary: .* \.\.\.\n", capsys.readouterr().out)
    old, new = load_model(parent), load_model(options.run_dir)
    for side in ("source_tokenizer", "target_tokenizer"):
        before, after = getattr(old, side), getattr(new, side)
        assert 0 < after.vocab_size - before.vocab_size <= 40
        pieces = after.pieces(after.encode(["Ἀθηνᾶ Οδυσσεύς"])[0])
        assert not any(piece.startswith("<0x") for piece in pieces)
    test = run.finished.results["test"]
    before = (options.run_dir / "test.before.txt").read_bytes().decode().removesuffix("\n").split("\n")
    assert run.before["test"] == bleu_and_chrf(before, test.references)
    again = finetune(dataclasses.replace(options, max_updates=2))
    assert again.finished.update == 2


def test_refusals(parent, corpus, tmp_path):
    def refused(error, message, **changes):
        given = {"parent": parent, "run_dir": tmp_path / "run", **files(corpus, "train"), **changes}
        with pytest.raises(error, match=message):
            finetune(FinetuneOptions(**given))
        assert not (tmp_path / "run").exists()

    refused(FileNotFoundError, "no run folder or file .*nowhere", parent=tmp_path / "nowhere")
    refused(FileNotFoundError, "has no translator.keras.*validated at least once", parent=corpus)
    refused(ValueError, "lies in the folder of the parent", run_dir=parent)
    refused(ValueError, "lies in the folder of the parent", run_dir=parent / "finetuned")
    for run_dir in (parent, parent / "finetuned"):
        refused(ValueError, "in the folder of the parent", parent=parent / "translator.keras", run_dir=run_dir)
    refused(ValueError, "nothing to fine-tune on: give --train.source", train=ParallelFiles())
    only_source = ParallelFiles(source=corpus / "train.en")
    refused(ValueError, "--train.source .* needs --train.target", train=only_source)
    only_target = ParallelFiles(target=corpus / "valid.de")
    refused(ValueError, "--valid.target .* needs --valid.source", valid=only_target)
    (tmp_path / "known.tsv").write_text("".join(f"{'e' * i}\t{'n' * i}\n" for i in range(1, 30)))
    known = {"train": ParallelFiles(source=tmp_path / "known.tsv"), "extend_vocab": 5}
    refused(ValueError, "--extend-vocab: the vocabulary knows every character of known.tsv", **known)
    nope = ParallelFiles(source=corpus / "nope.en", target=corpus / "train.de")
    refused(FileNotFoundError, "nope", train=nope)
