"""`seq2seq gradients`: how far the gradient of a recurrent network reaches back in time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import tyro

from seq2seq.cli.score import read_lines
from seq2seq.command_line import parse
from seq2seq.command_line.options import Imports
from seq2seq.ranges import check_ranges
from seq2seq.registry import CELLS, arguments, register
from seq2seq.startup import start_tensorflow
from seq2seq.text.files import check_output
from seq2seq.text.lines import MAX_LINE_BYTES
from seq2seq.translator.opening import model_file

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Options", "main"]

_SEQUENCES = 24  # of a text; each is read alone
_DISTANCES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


@dataclass(frozen=True, kw_only=True)
class Options:
    """Draw how far the gradient of a recurrent network reaches back in time: whether it vanishes or explodes.

    The picture shows the norm of the gradient of a loss at the last step with respect to the state after each earlier
    step, on a log scale: for the recurrent layers of a trained model that reads text, with dashed lines for the same
    model before training; or, without RUN, for new cells that read random input.
    """

    RANGES: ClassVar[dict] = {"units": (1, 4096), "length": (2, 10_000), "seed": (0, 2**31 - 1)}

    run: tyro.conf.Positional[Annotated[tuple[Path, ...], tyro.conf.arg(metavar="[RUN ...]")]] = ()
    """Run folders or .keras files of trained models."""
    text: Path | None = None
    """Text that the models read, a sequence in each line. By default the validation or test text that RUN holds."""
    cell: tuple[str, ...] = ()
    """Cells by name, or classes of your own (module:Class or file.py:Class); all known ones by default."""
    cell_options: tuple[str, ...] = ()
    """Arguments of the one cell that --cell names as NAME=VALUE, such as activation=relu for elman."""
    imports: Imports = ()
    scale: tuple[float, ...] = (1.0,)
    """Multiply the recurrent weights by this; several give a line each."""
    units: int = 64
    """Size of the recurrent state."""
    length: int = 101
    """Steps of the random input, and characters of each sequence that a language model reads."""
    seed: int = 1
    """Seed of weights, input and loss."""
    output: Path | None = None
    """File for the picture, .png, .pdf or .svg; by default gradients.png in the first RUN, or in the current folder."""

    def __post_init__(self) -> None:
        check_ranges(self, self.RANGES, shown=lambda name: f"--{name}")
        new = {"--cell": self.cell, "--cell-options": self.cell_options, "--scale": self.scale != (1.0,)}
        for option in (name for name, given in new.items() if given and self.run):
            raise ValueError(f"{option} is for new cells, and {self.run[0]} is a trained model. Leave one of them out.")
        if self.text is not None and not self.run:
            raise ValueError("--text is read by a trained model: name its RUN folder.")
        if self.cell_options and len(self.cell) != 1:
            raise ValueError("--cell-options are those of one cell. Name it: --cell elman --cell-options ...")
        if not self.scale or not all(0 < scale < 1e6 for scale in self.scale):
            raise ValueError("--scale is a number above 0, such as 0.9 or 1.1.")


def main(argv: Sequence[str] | None = None) -> int:
    """Compute, draw, print a table."""
    options = parse(Options, argv=argv, prog="seq2seq gradients")
    for name in options.cell:
        CELLS.check_name(name)
    folder = options.run[0] if options.run and options.run[0].is_dir() else Path()
    output = options.output or folder / "gradients.png"
    files = {str(run): model_file(run, None) for run in options.run}
    check_output("--output", output, {**files, "--text": options.text})
    register(*options.imports)
    start_tensorflow()
    curves = _of_runs(options, files) if options.run else _of_cells(options)

    from seq2seq.pictures import GradientCurve, gradient_norms

    of_what = " and ".join(map(str, options.run)) if options.run else f"new cells with {options.units} units"
    drawn = [GradientCurve(label, *norms) for label, norms in curves.items()]
    gradient_norms(drawn, output, f"Gradients of {of_what}")
    print(_table({label: norms[0] for label, norms in curves.items()}))
    print(f"picture: {output}")
    return 0


def _of_runs(options: Options, files: Mapping[str, Path]) -> dict[str, tuple["np.ndarray", "np.ndarray"]]:
    """Label of each line -> its norms after and before training."""
    from seq2seq.model import load_model
    from seq2seq.model.gradient_norms import norms_of_layers, untrained

    curves = {}
    for run, file in files.items():
        model = load_model(file)
        sequences = _sequences(model, options.text or _own_text(Path(run)), options)
        after, before = (norms_of_layers(one, sequences, seed=options.seed) for one in (model, untrained(model)))
        name = f"{Path(run).name} " if len(files) > 1 else ""
        curves |= {f"{name}{layer}": (norms, before[layer]) for layer, norms in after.items()}
    return curves


def _own_text(run: Path) -> Path:
    """The validation text that a run folder holds, or else a test text."""
    found = sorted(run.glob("*.source.txt"), key=lambda path: path.name != "valid.source.txt")
    if not found:
        raise ValueError(f"{run} holds no text to read. Name one: --text FILE.")
    return found[0]


def _sequences(model: Any, text: Path, options: Options) -> list[dict[str, Any]]:
    """The first sequences of a text as the model reads them; with their targets where these lie beside it."""
    from seq2seq.model.gradient_norms import sequence

    tokenizer = model.tokenizer if hasattr(model, "tokenizer") else model.source_tokenizer
    if not hasattr(tokenizer, "encode"):
        raise ValueError("This model has no vocabulary of text, so it cannot read any.")
    lines = read_lines(str(text), max_line_bytes=MAX_LINE_BYTES)
    if model.kind == "language_model":
        whole = "\n".join(lines)
        lines = [whole[start : start + options.length] for start in range(0, len(whole), options.length)]
    target = text.with_name(text.name.replace(".source.", ".target."))
    has_targets = model.kind == "translator" and target != text and target.is_file()
    targets = read_lines(str(target), max_line_bytes=MAX_LINE_BYTES) if has_targets else None
    pairs = [(line, targets[i] if targets else None) for i, line in enumerate(lines) if line.strip()][:_SEQUENCES]
    if not pairs:
        raise ValueError(f"{text} has no text.")
    return [
        sequence(tokenizer.encode([line])[0], model.target_tokenizer.encode([other])[0] if other else None)
        for line, other in pairs
    ]


def _of_cells(options: Options) -> dict[str, tuple["np.ndarray"]]:
    """Label of each line -> its norms."""
    from seq2seq.model.gradient_norms import norms_of_cell

    curves = {}
    for name in options.cell or CELLS:
        given = arguments(CELLS[name], options.cell_options)
        for scale in options.scale:
            cell = CELLS[name](options.units, dtype="float64", **given)
            label = name if options.scale == (1.0,) else f"{name} × {scale:g}"
            curves[label] = (norms_of_cell(cell, length=options.length, seed=options.seed, scale=scale),)
    return curves


def _table(curves: Mapping[str, "np.ndarray"]) -> str:
    """The norms at some distances."""
    longest = max(map(len, curves.values()))
    distances = [steps for steps in _DISTANCES if steps < longest]
    width = max(len("steps back"), *map(len, curves))
    lines = [f"{'steps back':<{width}}" + "".join(f"{steps:>10,}" for steps in distances)]
    for label, norms in curves.items():
        cells = (f"{norms[steps]:.2g}" if steps < len(norms) else "" for steps in distances)
        lines.append((f"{label:<{width}}" + "".join(f"{cell:>10}" for cell in cells)).rstrip())
    return "\n".join(lines)
