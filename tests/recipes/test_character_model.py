"""The character model through its own `main`, with its tiny config, and `seq2seq sample` on what it leaves."""

import json
import subprocess
import sys

import pytest
from toys import arguments, load

from seq2seq.cli import run
from seq2seq.groups import replaced

character_model = load("recipes", "character_model")
WITHOUT_TENSORFLOW = """
import sys
from seq2seq.cli.main import main
main(["sample", sys.argv[1], "--prompt", "hel", "--json", "--length", "5"])
assert not {"tensorflow", "keras"} & set(sys.modules)
"""


def test_tiny_trains_and_writes_without_tensorflow(tmp_path, capsys):
    tiny = replaced(character_model.TINY, {"run_dir": tmp_path / "run"})
    assert run(character_model.main, arguments(tiny, character_model.DEFAULTS)) == 0
    shown = capsys.readouterr().out
    assert "after 2.00 epochs, temperature 0.5:" in shown and "bits a character" in shown
    assert shown.count("\ntemperature ") == 3 and f'sample {tmp_path}/run --prompt "hel"' in shown
    samples = (tmp_path / "run" / "samples.txt").read_text()
    assert samples.startswith("== update 2\n  after 2.00 epochs, temperature 0.5:\n    ")
    metrics = (tmp_path / "run" / "metrics.csv").read_text().splitlines()
    assert metrics[0].endswith("valid_loss,valid_perplexity,valid_bits,best") and len(metrics) == 3
    assert (tmp_path / "run" / "learning_curves.png").read_bytes().startswith(b"\x89PNG")
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_TENSORFLOW, tmp_path / "run"], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout)["prompt"] == "hel"


@pytest.mark.slow
def test_hello_is_learnt(tmp_path, capsys):
    """The network of lecture 3: vocabulary h, e, l, o; training sequence "hello"."""
    learning = {
        "run_dir": tmp_path / "run",
        "max_updates": 150,
        "validation.every": 50,
        "optimizer.learning_rate": 0.02,
    }
    assert run(character_model.main, arguments(replaced(character_model.TINY, learning), character_model.DEFAULTS)) == 0
    assert "\ntemperature 1:\nhello\n" in capsys.readouterr().out
