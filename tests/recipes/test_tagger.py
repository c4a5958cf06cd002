"""The tagger through its own `main`: on the grammar, and on a file of two columns, stopped and continued."""

import dataclasses
import json
from pathlib import Path

from toys import arguments, load

from seq2seq.cli import run
from seq2seq.cli.main import main as seq2seq
from seq2seq.model import load_model

tagger = load("recipes", "tagger")


def test_tiny_trains_and_shows_what_was_learnt(tmp_path, capsys):
    tiny = dataclasses.replace(tagger.TINY, run_dir=tmp_path / "run")
    assert run(tagger.main, arguments(tiny, tagger.DEFAULTS)) == 0
    shown = capsys.readouterr().out
    scores = json.loads((tmp_path / "run" / "scores.json").read_text())["test"]
    assert f"\ntest: accuracy {100 * scores['accuracy']:.2f} %, macro F1" in shown
    assert scores["baseline"]["accuracy"] > 0.5 and "VERB (" in shown
    for picture in ("test.confusion.png", "learning_curves.png"):
        assert (tmp_path / "run" / picture).read_bytes().startswith(b"\x89PNG")
    assert f"seq2seq tag {tmp_path}/run" in shown
    assert "valid_accuracy,valid_macro_f1" in (tmp_path / "run" / "metrics.csv").read_text()


def text_of(sentences):
    return "".join(
        "".join(f"{word}\t{word[0].upper()}\n" for word in sentence.split()) + "\n" for sentence in sentences
    )


def test_own_text_is_held_out_and_a_stopped_run_continues_exactly(tmp_path, capsys):
    """The tag of a word is its first letter, and also depends on the tag before it (--model.output jordan).

    Two updates and two more are the same as four.
    """
    words = "arm bein auge bart ast bau"
    sentences = [" ".join(words.split()[i % 6 : i % 6 + 3] + words.split()[: i % 5]) for i in range(60)]
    (tmp_path / "train.txt").write_text(text_of(f"{line} a{i}" for i, line in enumerate(sentences)))
    options = {"train": tmp_path / "train.txt", "precision": "float32"}
    options["model"] = dataclasses.replace(tagger.TINY.model, output="jordan")
    options["validation"] = dataclasses.replace(tagger.TINY.validation, every=1)
    for name, limits in (("once", [4]), ("twice", [2, 4])):
        for limit in limits:
            config = dataclasses.replace(tagger.TINY, run_dir=tmp_path / name, max_updates=limit, **options)
            assert run(tagger.main, arguments(config, tagger.DEFAULTS)) == 0
    once, twice = (load_model(tmp_path / name, "tagger").get_weights() for name in ("once", "twice"))
    assert all((one == other).all() for one, other in zip(once, twice, strict=True))
    for file in ("metrics.csv", "training.csv", "samples.txt", "test.labels.txt"):
        assert (tmp_path / "once" / file).read_bytes() == (tmp_path / "twice" / file).read_bytes()
    capsys.readouterr()
    assert seq2seq(["tag", str(tmp_path / "once"), "--input", str(tmp_path / "once" / "test.source.txt")]) == 0
    tagged = capsys.readouterr().out.splitlines()
    tags = Path(tmp_path / "once" / "test.labels.txt").read_text().splitlines()
    assert [[pair.split("/")[1] for pair in line.split()] for line in tagged] == [line.split() for line in tags]
