"""Translate text with a trained model, line by line. The same as `seq2seq translate`."""

from seq2seq.cli import run
from seq2seq.cli.translate import main

if __name__ == "__main__":
    raise SystemExit(run(main))
