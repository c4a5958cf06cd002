"""Which target pieces a source sentence may need: a lexical shortlist, learnt from the training pairs.

The output layer is the largest product of a translator, and nearly all of its rows belong to words that have nothing to
do with the sentence. A shortlist names those that may (Jean et al., 2015, section 3.2; as in Marian): for each source
piece its likely translations under IBM Model 1 (Brown et al., 1993), and the most frequent pieces for all.
"""

import os
import zipfile
from collections.abc import Iterator

import numpy as np

from seq2seq.text.corpus import EncodedCorpus
from seq2seq.text.files import written_beside
from seq2seq.text.tokenizer import BOS_ID, EOS_ID, PAD_ID, UNK_ID

__all__ = ["Shortlist"]

_MOST_PAIRS = 100_000  # learnt from at most so many pairs, evenly spread
_WINDOW = 10_000  # pairs at a time
_ITERATIONS = 5  # of expectation maximisation
_SPECIAL = (PAD_ID, UNK_ID, BOS_ID, EOS_ID)


class Shortlist:
    """For each source id the target ids it may become.

    Args:
        translations: int32 (V source, n). Target ids, -1 where there are fewer.
        frequent: int32 (m,). Target ids for every sentence.

    Example:
        >>> shortlist = Shortlist(np.array([[-1], [-1], [-1], [-1], [9], [7]]), np.array([5]))
        >>> shortlist([[4, 3], [5, 3]]).tolist()  # with pad, unk, bos and eos, always the first four
        [0, 1, 2, 3, 5, 7, 9]
    """

    def __init__(self, translations: np.ndarray, frequent: np.ndarray):
        self.translations = np.asarray(translations, np.int32)
        self.frequent = np.asarray(frequent, np.int32)

    def __call__(self, sources: list[list[int]]) -> np.ndarray:
        """The target ids for a batch of source sentences, each once, rising: int32 (v,)."""
        ids = np.unique(np.concatenate([np.asarray(source) for source in sources]))
        found = self.translations[ids].ravel()
        return np.unique(np.concatenate([_SPECIAL, self.frequent, found[found >= 0]])).astype(np.int32)

    @classmethod
    def learn(
        cls,
        corpus: EncodedCorpus,
        *,
        source_vocab_size: int,
        target_vocab_size: int,
        translations: int = 50,
        frequent: int = 100,
    ) -> "Shortlist":
        """Learns from a corpus.

        Args:
            corpus: ids of the training pairs.
            source_vocab_size, target_vocab_size: number of ids.
            translations: most target ids for a source id.
            frequent: target ids, the most frequent, for every sentence.
        """
        rows = np.unique(np.linspace(0, len(corpus) - 1, min(len(corpus), _MOST_PAIRS)).astype(np.int64))
        couples, probabilities = _model_1(corpus, rows, target_vocab_size)
        best = np.full((source_vocab_size, translations), -1, np.int32)
        sources, targets = np.divmod(couples, target_vocab_size)
        order = np.lexsort((targets, -probabilities, sources))
        sources, targets = sources[order], targets[order]
        rank = np.arange(len(sources)) - np.searchsorted(sources, sources)  # of a target among those of its source
        kept = rank < translations
        best[sources[kept], rank[kept]] = targets[kept]
        counts = np.bincount(np.concatenate([corpus.target(int(row)) for row in rows]), minlength=target_vocab_size)
        return cls(best, np.argsort(-counts, kind="stable")[:frequent])

    def save(self, path: str | os.PathLike) -> None:
        """Writes it to an .npz file, in one step."""
        with written_beside(path) as beside, open(beside, "wb") as file:
            np.savez_compressed(file, translations=self.translations, frequent=self.frequent)

    @classmethod
    def load(cls, path: str | os.PathLike) -> "Shortlist":
        """Reads what `save` wrote.

        Raises:
            FileNotFoundError: there is no such file.
            ValueError: it is no shortlist.
        """
        try:
            with np.load(path) as file:
                return cls(file["translations"], file["frequent"])
        except (KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
            raise ValueError(f"{path} is no shortlist ({error}). Make one with `seq2seq shortlist`.") from error


def _model_1(corpus: EncodedCorpus, rows: np.ndarray, target_vocab_size: int) -> tuple[np.ndarray, np.ndarray]:
    """IBM Model 1 by expectation maximisation; the end of the source sentence stands for the empty word.

    Returns:
        (couples int64 (n,): source id * target_vocab_size + target id of all that met, rising;
        probabilities float64 (n,) of the target id given the source id).
    """
    couples = np.zeros(0, np.int64)
    for window, _ in _meetings(corpus, rows, target_vocab_size):
        couples = np.union1d(couples, window)
    sources = couples // target_vocab_size
    probabilities = np.ones(len(couples))
    for _ in range(_ITERATIONS):
        counts = np.zeros(len(couples))
        for window, word in _meetings(corpus, rows, target_vocab_size):
            places = np.searchsorted(couples, window)
            likely = probabilities[places]
            likely /= np.bincount(word, likely)[word]  # how probably this source piece made that target piece
            counts += np.bincount(places, likely, minlength=len(couples))
        probabilities = counts / np.bincount(sources, counts)[sources]
    return couples, probabilities


def _meetings(corpus: EncodedCorpus, rows: np.ndarray, target_vocab_size: int) -> Iterator[tuple[np.ndarray, ...]]:
    """Window after window of the pairs, each source id of a pair with each target id: (couples, the number of the
    target word in the window)."""
    for start in range(0, len(rows), _WINDOW):
        couples, words, num_words = [], [], 0
        for row in rows[start : start + _WINDOW]:
            source, target = corpus.source(int(row)).astype(np.int64), corpus.target(int(row))[:-1]
            couples.append((source * target_vocab_size + target[:, np.newaxis]).ravel())  # (T, S) -> (T * S,)
            words.append(np.repeat(np.arange(num_words, num_words + len(target)), len(source)))
            num_words += len(target)
        yield np.concatenate(couples), np.concatenate(words)
