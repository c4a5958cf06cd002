"""Continue training a model on a corpus of your own. The same as `seq2seq finetune`."""

from seq2seq.cli import run
from seq2seq.cli.finetune import main

if __name__ == "__main__":
    raise SystemExit(run(main, ignores_lost_output=True))
