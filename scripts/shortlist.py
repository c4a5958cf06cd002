"""Learn from a corpus which target pieces a source sentence may need. The same as `seq2seq shortlist`."""

from seq2seq.cli import run
from seq2seq.cli.shortlist import main

if __name__ == "__main__":
    raise SystemExit(run(main))
