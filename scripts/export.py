"""Write a trained model to one file that translates without TensorFlow. The same as `seq2seq export`."""

from seq2seq.cli import run
from seq2seq.cli.export import main

if __name__ == "__main__":
    raise SystemExit(run(main))
