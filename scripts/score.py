"""Score translations against references: BLEU, chrF and TER. The same as `seq2seq score`."""

from seq2seq.cli import run
from seq2seq.cli.score import main

if __name__ == "__main__":
    raise SystemExit(run(main))
