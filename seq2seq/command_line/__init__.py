"""The command line of every recipe and command: options from dataclasses, `--help`, and hints for wrong options."""

from seq2seq.command_line.parsing import parse

__all__ = ["parse"]
