"""`python -m seq2seq COMMAND ...`, the same as `seq2seq COMMAND ...`."""

import sys

from seq2seq.cli.main import console

if __name__ == "__main__":
    sys.exit(console())
