"""`seq2seq gradients`: how far the gradient of a recurrent network reaches back in time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from seq2seq.command_line import parse
from seq2seq.command_line.options import Imports
from seq2seq.ranges import check_ranges
from seq2seq.registry import CELLS, arguments, register
from seq2seq.text.files import check_output

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Options", "main"]

_DISTANCES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


@dataclass(frozen=True, kw_only=True)
class Options:
    """Draw how far the gradient of a recurrent network reaches back in time: whether it vanishes or explodes.

    The picture shows the norm of the gradient of a loss at the last step with respect to the state after each earlier
    step, on a log scale, for new cells that read random input.
    """

    RANGES: ClassVar[dict] = {"units": (1, 4096), "length": (2, 10_000), "seed": (0, 2**31 - 1)}

    cell: tuple[str, ...] = ()
    """Cells by name, or classes of your own (module:Class or file.py:Class); all known ones by default."""
    cell_options: tuple[str, ...] = ()
    """Arguments of the one cell that --cell names, NAME=VALUE each, such as activation=relu for elman."""
    imports: Imports = ()
    scale: tuple[float, ...] = (1.0,)
    """Multiply the recurrent weights by this; several give a line each."""
    units: int = 64
    """Size of the recurrent state."""
    length: int = 101
    """Steps of the random input."""
    seed: int = 1
    """Of weights, input and loss."""
    output: Path = Path("gradients.png")
    """File for the picture, .png, .pdf or .svg."""

    def __post_init__(self) -> None:
        check_ranges(self, self.RANGES, shown=lambda name: f"--{name}")
        if self.cell_options and len(self.cell) != 1:
            raise ValueError("--cell-options are those of one cell. Name it: --cell elman --cell-options ...")
        if not self.scale or not all(0 < scale < 1e6 for scale in self.scale):
            raise ValueError("--scale is a number above 0, such as 0.9 or 1.1.")


def main(argv: Sequence[str] | None = None) -> int:
    """Compute, draw, print a table."""
    options = parse(Options, argv=argv, prog="seq2seq gradients")
    for name in options.cell:
        CELLS.check_name(name)
    check_output("--output", options.output, {})
    register(*options.imports)
    curves = _of_cells(options)

    from seq2seq.pictures.gradients import GradientCurve, gradient_norms

    title = f"Gradients of new cells with {options.units} units"
    gradient_norms([GradientCurve(label, norms) for label, norms in curves.items()], options.output, title)
    print(_table(curves))
    print(f"picture: {options.output}")
    return 0


def _of_cells(options: Options) -> dict[str, "np.ndarray"]:
    """Label of each line -> its norms."""
    from seq2seq.model.gradient_norms import norms_of_cell

    curves = {}
    for name in options.cell or CELLS:
        given = arguments(CELLS[name], options.cell_options)
        for scale in options.scale:
            cell = CELLS[name](options.units, dtype="float64", **given)
            label = name if options.scale == (1.0,) else f"{name} × {scale:g}"
            curves[label] = norms_of_cell(cell, length=options.length, seed=options.seed, scale=scale)
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
