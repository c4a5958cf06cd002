"""Each script, run once as a user runs it, on the folder of a toy run."""

import json
import os
import re
import subprocess
import sys

import pytest
from toys import ROOT, load, tiny_run, write_corpus

import seq2seq.cli.evaluate
import seq2seq.cli.finetune
import seq2seq.cli.score
import seq2seq.cli.translate

LINES = ["Anna will come back.", "", "Zażółć 漢字 🙂", "We meet the painter."]


@pytest.fixture(scope="session")
def toy(tmp_path_factory):
    return tiny_run(tmp_path_factory.mktemp("toy"))


def script(name, *arguments, text=b"", expected="there is no "):
    """Standard output of a script, whatever the locale. It has to succeed, and to warn of nothing but what is expected:
    that the translations of a model of a few updates are too blank for intervals."""
    command = [sys.executable, ROOT / "scripts" / f"{name}.py", *arguments]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}  # a user's
    environment |= {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, input=text, env=environment, capture_output=True)
    troubles = [line for line in done.stderr.decode().splitlines() if not line.startswith(f"warning: {expected}")]
    assert (done.returncode, troubles) == (0, [])
    return done.stdout.decode()


@pytest.mark.parametrize("name", ["translate", "score", "evaluate", "finetune", "shortlist"])
def test_script_is_a_thin_call(name):
    assert load("scripts", name).main is getattr(seq2seq.cli, name).main
    assert len((ROOT / "scripts" / f"{name}.py").read_text().splitlines()) < 10


def test_translate_answers_each_line_whatever_its_bytes(toy):
    text = "".join(f"{line}\n" for line in [*LINES, "a\0b\u2028c", "dog " * 100]).encode() + b"\xff\xfe\n"
    answers = script("translate", toy, text=text, expected="standard input:7 is not valid UTF-8").split("\n")
    assert len(answers) == 8 and answers[1] == answers[7] == ""


def test_translate_a_file_to_json_lines_with_the_two_best(toy, tmp_path):
    source, out = tmp_path / "in.txt", tmp_path / "out.jsonl"
    source.write_text("\n".join(LINES) + "\n", encoding="utf-8")
    assert script("translate", toy, "--input", source, "--output", out, "--json", "--n-best", "2") == ""
    objects = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [(one["line"], one["source"]) for one in objects] == list(enumerate(LINES, start=1))
    assert [len(one["hypotheses"]) for one in objects] == [2, 1, 2, 2]
    best, second = objects[0]["hypotheses"]
    assert best["score"] >= second["score"] and best["alignment"] and objects[1]["hypotheses"][0]["text"] == ""


def test_score(tmp_path):
    for name, lines in ("hypotheses", "a b c d\nx\n"), ("references", "a b c d\ny\n"):
        (tmp_path / name).write_text(lines)
    shown = script("score", tmp_path / "hypotheses", "--references", tmp_path / "references")
    assert re.search(r"BLEU = \d+\.\d+", shown) and "nrefs:1" in shown and "chrF2 = " in shown and "TER = " in shown


def test_evaluate_repeats_the_score_of_the_run(toy):
    result = json.loads(script("evaluate", toy, "--json"))
    scores = {score["name"]: score["value"] for score in result["scores"]}
    recorded = json.loads((toy / "scores.json").read_text())["test"]["bleu"]
    assert result["sentences"] == 6 and scores["BLEU"] == pytest.approx(recorded["value"])


@pytest.mark.slow
def test_finetune_into_a_new_folder(toy, tmp_path):
    corpus = write_corpus(tmp_path / "corpus", train=20, test=3)
    typed = []
    for group in ("train", "test"):
        typed += [f"--{group}.source", corpus / f"{group}.en", f"--{group}.target", corpus / f"{group}.de"]
    shown = script("finetune", toy, "--run-dir", tmp_path / "new", "--max-updates", "2", *typed)
    change = r"[+-]\d+\.\d\d, p = [01]\.\d+, (not )?significant at 0\.05, on only \d+ lines"
    said = rf"^test: BLEU \d+\.\d\d before, \d+\.\d\d after \({change}\)\ntest: chrF2 \d+\.\d\d before, "
    assert re.search(said, shown, re.MULTILINE)
    assert (tmp_path / "new" / "translator.keras").exists()
