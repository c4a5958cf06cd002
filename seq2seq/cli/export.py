"""`seq2seq export`: a trained model as one file that can be used without TensorFlow."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from seq2seq.command_line import parse
from seq2seq.command_line.options import Imports
from seq2seq.registry import register
from seq2seq.text.files import check_output
from seq2seq.translator.archive import write_archive
from seq2seq.translator.opening import exported, model_file

__all__ = ["Options", "main"]


@dataclass(frozen=True, kw_only=True)
class Options:
    """Write a trained model of any kind to one file that can be used without TensorFlow.

    The file holds ONNX graphs, the vocabularies and an index. Unlike a .keras file, it cannot run code or touch files.
    """

    run: tyro.conf.Positional[Annotated[Path, tyro.conf.arg(metavar="RUN")]]
    """Run folder, exported .zip file or .keras file."""
    output: Path
    """File to write, such as translator.zip."""
    imports: Imports = ()
    int8: bool = False
    """Round weights to 8 bits: faster and a quarter of the size, but about one line in twelve changes."""


def main(argv: Sequence[str] | None = None) -> int:
    """Export, save, report the size."""
    options = parse(Options, argv=argv, prog="seq2seq export")
    model = model_file(options.run, None)
    check_output("--output", options.output, {"the model": model})
    register(*options.imports)
    archive = exported(options.run, "int8" if options.int8 else "float32", None)
    write_archive(archive, options.output)
    print(f"{options.output}: {options.output.stat().st_size / 2**20:,.1f} MiB, {archive.precision}")
    return 0
