"""A lexical shortlist: the target pieces that a source sentence may need, learnt from the training pairs.

The output layer is the largest product of a translator, and nearly all of its rows belong to words that have nothing to
do with the sentence. A shortlist names the likely words (Jean et al., 2015, section 3.2; as in Marian): for each source
piece its likely translations under IBM Model 1 (Brown et al., 1993), and for every sentence the most frequent pieces.
"""

import io
import os
import types
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from seq2seq.ranges import check_ranges
from seq2seq.text.encoding import EncodedCorpus
from seq2seq.text.files import read_entry, written_beside
from seq2seq.text.tokenizer import BOS_ID, EOS_ID, PAD_ID, UNK_ID, Tokenizer

__all__ = ["Shortlist", "check_numbers"]

_MOST_PAIRS = 100_000  # most pairs to learn from, evenly spread over the corpus
_WINDOW = 10_000  # pairs counted at a time
_ITERATIONS = 5  # of expectation maximisation
_SPECIAL = (PAD_ID, UNK_ID, BOS_ID, EOS_ID)
_RANGES = {"translations": (0, 1000), "frequent": (0, 1_000_000)}
_MAX_BYTES = 2**29  # most bytes of an unpacked file, which may come from a stranger


class Shortlist:
    """For each source id, the target ids that may translate it.

    Args:
        translations: int (V source, n). Target ids, -1 where there are fewer.
        frequent: int (m,). Target ids for every sentence.
        vocabularies: fingerprints of the source and the target tokenizer whose ids these are.

    Raises:
        ValueError: an array has the wrong type or shape, or holds numbers that are no ids.

    Example:
        >>> translations = np.array([[-1], [-1], [-1], [-1], [9], [7]])
        >>> shortlist = Shortlist(translations, np.array([5]), vocabularies=("4f2c", "81d3"))
        >>> shortlist([[4, 3], [5, 3]]).tolist()  # with pad, unk, bos and eos, always the first four
        [0, 1, 2, 3, 5, 7, 9]
    """

    def __init__(self, translations: np.ndarray, frequent: np.ndarray, *, vocabularies: tuple[str, str]) -> None:
        self.translations = _ids("translations", translations, num_dimensions=2, least=-1)
        self.frequent = _ids("frequent", frequent, num_dimensions=1, least=0)
        self.vocabularies = tuple(vocabularies)
        self.path: Path | None = None
        """The file it was loaded from."""
        self._highest = max(ids.max(initial=-1) for ids in (self.translations, self.frequent))

    def __call__(self, sources: list[list[int]]) -> np.ndarray:
        """The target ids for a batch of source sentences, sorted, each once: int32 (v,)."""
        ids = np.unique(np.concatenate([np.asarray(source) for source in sources]))
        found = self.translations[ids].ravel()
        return np.unique(np.concatenate([_SPECIAL, self.frequent, found[found >= 0]])).astype(np.int32)

    def check(self, source: Tokenizer, target: Tokenizer, model: str | os.PathLike | None = None) -> None:
        """Refuses a model whose vocabularies are not those of the shortlist.

        Args:
            source, target: tokenizers of the model.
            model: its name, for the message.

        Raises:
            ValueError: the shortlist was learnt for other vocabularies, or is damaged.
        """
        name, model_name = self.path or "This shortlist", model or "this model"
        remedy = f"Learn one: seq2seq shortlist {model or 'RUN'} --source TEXT --target TEXT --output FILE"
        pairs = zip(("source", "target"), self.vocabularies, (source, target), strict=True)
        wrong = [side for side, fingerprint, tokenizer in pairs if fingerprint != tokenizer.fingerprint]
        if wrong:
            vocabularies = f"another {wrong[0]} vocabulary" if len(wrong) == 1 else "other vocabularies"
            raise ValueError(f"{name} was learnt for {vocabularies} than {model_name} has. {remedy}")
        if self._highest <= max(_SPECIAL):
            raise ValueError(f"{name} is damaged: it names no target piece, so nothing could be translated. {remedy}")
        most = max(len(self.frequent), self.translations.shape[1])
        if most > target.vocab_size:  # each batch would take long
            raise ValueError(
                f"{name} is damaged: it names {most:,} target ids at once, of {target.vocab_size:,} that "
                f"{model_name} has. {remedy}"
            )
        if len(self.translations) != source.vocab_size or self._highest >= target.vocab_size:
            raise ValueError(
                f"{name} is damaged: it has {len(self.translations)} source ids, and target ids up to {self._highest}; "
                f"{model_name} has {source.vocab_size} and {target.vocab_size} ids. {remedy}"
            )

    @classmethod
    def learn(
        cls,
        corpus: EncodedCorpus,
        source: Tokenizer,
        target: Tokenizer,
        *,
        translations: int = 50,
        frequent: int = 100,
    ) -> "Shortlist":
        """Learns from a corpus.

        Args:
            corpus: ids of the training pairs.
            source, target: the tokenizers that made them.
            translations: most target ids for a source id, 0 to 1,000.
            frequent: number of target ids for every sentence, the most frequent ones, 0 to 1,000,000.

        Raises:
            ValueError: a number is out of range, or both are 0.
        """
        check_numbers(types.SimpleNamespace(translations=translations, frequent=frequent))
        rows = np.unique(np.linspace(0, len(corpus) - 1, min(len(corpus), _MOST_PAIRS)).astype(np.int64))
        couples, probabilities = _model_1(corpus, rows, target.vocab_size)
        sources, targets = np.divmod(couples, target.vocab_size)
        order = np.lexsort((targets, -probabilities, sources))
        sources, targets = sources[order], targets[order]
        rank = np.arange(len(sources)) - np.searchsorted(sources, sources)  # of each target among those of its source
        kept = rank < translations
        best = np.full((source.vocab_size, min(translations, rank.max(initial=-1) + 1)), -1, np.int32)
        best[sources[kept], rank[kept]] = targets[kept]
        counts = np.bincount(np.concatenate([corpus.target(int(row)) for row in rows]), minlength=target.vocab_size)
        most = np.argsort(-counts, kind="stable")[:frequent]
        return cls(best, most, vocabularies=(source.fingerprint, target.fingerprint))

    def save(self, path: str | os.PathLike) -> None:
        """Writes an .npz file, in one step."""
        arrays = {"translations": self.translations, "frequent": self.frequent}
        with written_beside(path) as beside, open(beside, "wb") as file:
            np.savez_compressed(file, **arrays, vocabularies=np.array(self.vocabularies))

    @classmethod
    def load(cls, path: str | os.PathLike) -> "Shortlist":
        """Reads a file that `save` wrote.

        Raises:
            FileNotFoundError: there is no such file.
            ValueError: the file is no shortlist.
        """
        with open(path, "rb") as file:
            try:
                translations, frequent, vocabularies = _read(file)
                shortlist = cls(translations, frequent, vocabularies=vocabularies)
            except Exception as error:  # zipfile and NumPy raise errors of a dozen types for damaged bytes
                reason = str(error).partition("\n")[0]  # NumPy goes on with advice
                raise ValueError(f"{path} is no shortlist ({reason}). Make one with `seq2seq shortlist`.") from error
        shortlist.path = Path(path)
        return shortlist


def check_numbers(options: Any, shown: Callable[[str], str] = str) -> None:
    """Refuses numbers with which no shortlist can be learnt.

    Args:
        options: an object with the attributes `translations` and `frequent`.
        shown: spells a name for messages.

    Raises:
        ValueError: a number is out of range, or both are 0.
    """
    check_ranges(options, _RANGES, shown=shown)
    if options.translations == options.frequent == 0:
        names = f"{shown('translations')} and {shown('frequent')}"
        raise ValueError(f"{names} are both 0, which leaves no target piece. Raise one of them.")


def _ids(name: str, values: np.ndarray, *, num_dimensions: int, least: int) -> np.ndarray:
    """The values as int32, once checked to be ids."""
    values = np.asarray(values)
    if values.ndim != num_dimensions or (values.size and values.dtype.kind not in "iu"):
        raise ValueError(
            f"{name} is an array of {values.dtype} of shape {values.shape}; expected whole numbers in {num_dimensions} "
            "dimensions."
        )
    most = np.iinfo(np.int32).max
    if values.size and not (least <= values.min() and values.max() <= most):
        raise ValueError(f"{name} holds {values.min()} to {values.max()}; expected ids from {least} to {most}.")
    return values.astype(np.int32)


def _read(file: BinaryIO) -> tuple[np.ndarray, np.ndarray, tuple[str, str]]:
    """The arguments of a `Shortlist` from its file. Sizes are checked before anything is unpacked.

    Raises:
        ValueError: the file is no shortlist; zipfile and NumPy raise other errors for damaged bytes.
    """
    with zipfile.ZipFile(file) as archive:
        sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
        if sum(sizes.values()) > _MAX_BYTES:
            raise ValueError(f"it unpacks to {sum(sizes.values()):,} bytes; expected at most {_MAX_BYTES:,}")
        if "translations.npy" in sizes and "vocabularies.npy" not in sizes:
            raise ValueError("it does not say for which vocabularies it was learnt")
        translations, frequent, vocabularies = (
            np.lib.format.read_array(
                io.BytesIO(read_entry(archive, f"{name}.npy", most=_MAX_BYTES)), allow_pickle=False
            )
            for name in ("translations", "frequent", "vocabularies")
        )
    if vocabularies.shape != (2,) or vocabularies.dtype.kind != "U":
        raise ValueError(f"its vocabularies are {vocabularies.dtype} of shape {vocabularies.shape}; expected two texts")
    return translations, frequent, tuple(vocabularies.tolist())


def _model_1(corpus: EncodedCorpus, rows: np.ndarray, target_vocab_size: int) -> tuple[np.ndarray, np.ndarray]:
    """IBM Model 1 by expectation maximisation; the end of the source sentence stands for the empty word.

    Returns:
        (couples int64 (n,): source id * target_vocab_size + target id of all that occur in one pair, sorted;
        probabilities float64 (n,) of the target id given the source id)
    """
    couples = np.zeros(0, np.int64)
    for window, _ in _cooccurrences(corpus, rows, target_vocab_size):
        couples = np.union1d(couples, window)
    sources = couples // target_vocab_size
    probabilities = np.ones(len(couples))
    for _ in range(_ITERATIONS):
        counts = np.zeros(len(couples))
        for window, word in _cooccurrences(corpus, rows, target_vocab_size):
            places = np.searchsorted(couples, window)
            likely = probabilities[places]
            likely /= np.bincount(word, likely)[word]  # probability that this source piece made that target piece
            counts += np.bincount(places, likely, minlength=len(couples))
        probabilities = counts / np.bincount(sources, counts)[sources]
    return couples, probabilities


def _cooccurrences(corpus: EncodedCorpus, rows: np.ndarray, target_vocab_size: int) -> Iterator[tuple[np.ndarray, ...]]:
    """For each window of pairs, every source id of a pair with every target id of it.

    Yields:
        (couples int64 (n,), number of the target word in the window int64 (n,))
    """
    for start in range(0, len(rows), _WINDOW):
        couples, words, num_words = [], [], 0
        for row in rows[start : start + _WINDOW]:
            source, target = corpus.source(int(row)).astype(np.int64), corpus.target(int(row))[:-1]
            couples.append((source * target_vocab_size + target[:, np.newaxis]).ravel())  # (T, S) -> (T * S,)
            words.append(np.repeat(np.arange(num_words, num_words + len(target)), len(source)))
            num_words += len(target)
        yield np.concatenate(couples), np.concatenate(words)
