"""Translate a test set with a trained model and score the result. The same as `seq2seq evaluate`."""

from seq2seq.cli import run
from seq2seq.cli.evaluate import main

if __name__ == "__main__":
    raise SystemExit(run(main))
