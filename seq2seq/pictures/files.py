"""What all pictures have in common: their title, and how they are saved."""

import os
import textwrap
import unicodedata
import warnings
from pathlib import Path

from matplotlib.figure import Figure

__all__ = ["TITLE_SIZE", "printable", "save", "wrapped"]

TITLE_SIZE = 12
"""Of the letters of a title, in points."""

_DPI = 120
_LETTERS_PER_INCH = 11  # of a title
_MOST_LINES = 4


def printable(text: str) -> str:
    """The text with "?" for control characters and halves of surrogate pairs, which no picture can hold."""
    return "".join("?" if unicodedata.category(letter) in ("Cc", "Cs") else letter for letter in text)


def wrapped(title: str, width: float) -> str:
    """The title on lines of about `width` inches; what does not fit on four lines is left out."""
    title = printable(title)
    num_wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in title)  # as wide as two others
    columns = width * _LETTERS_PER_INCH * len(title) / (len(title) + num_wide)
    return textwrap.fill(title, int(columns), max_lines=_MOST_LINES, placeholder=" …")


def save(figure: Figure, path: str | os.PathLike) -> Path:
    """Saves a figure with all that lies around it; the ending of the path is the format. Returns the path."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        # matplotlib draws scripts that its font lacks as boxes, and would warn of each character.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure.savefig(path, dpi=_DPI, bbox_inches="tight", pad_inches=0.15)
    return path
