"""A stand-in for `Translator` that needs no model."""

import numpy as np

from seq2seq.search import SearchOptions
from seq2seq.text.translation import BLANK, Translation


class Shouter:
    """The r-th best translation of a line is the line in upper case with r exclamation marks.

    The class remembers how it was loaded and what it was asked; `reset` forgets it. The source piece is the whole line.
    """

    loaded = []
    searches = []  # (lines, SearchOptions, further arguments)
    attends = True
    languages = None

    @classmethod
    def reset(cls):
        cls.loaded.clear()
        cls.searches.clear()

    @classmethod
    def load(cls, *paths, precision, threads):
        cls.loaded.append((*paths, precision))
        return cls()

    def check_constraints(self, constraints):
        if any(some.forbidden for some in constraints):
            raise ValueError(f"{len(constraints)} checked")

    def search(self, lines, *, alignments, progress, shortlist, constraints=None, **options):
        options = SearchOptions(**options)
        self.searches.append((list(lines), options, {"shortlist": shortlist, "constraints": constraints}))
        if progress:
            progress(len(lines))
        return [self._shout(line, options.n_best, alignments) for line in lines]

    def _shout(self, line, n_best, alignments):
        if not line.strip():
            return [BLANK]
        alignment = np.full((2, 2), 1 / 3, np.float32) if alignments and self.attends else None
        pieces = (line, "</s>")
        return [
            Translation(line.upper() + "!" * rank, -0.5 - rank, -1.0 - rank, pieces, pieces, alignment)
            for rank in range(n_best)
        ]
