"""Search with the graph saved in a model's archive: no Keras, none of TensorFlow's Python, a second to start."""

import dataclasses
import io
import json
import zipfile
import zlib
from pathlib import Path

import numpy as np

from seq2seq.native import NativeGraph, is_available, tensorflow_version
from seq2seq.search.options import SearchOptions
from seq2seq.startup import processors
from seq2seq.text.files import DAMAGED_ZIP
from seq2seq.text.tokenizer import Tokenizer

__all__ = ["GRAPH", "INDEX", "SavedSearch", "has_graph", "read_tokenizers", "way_to_search"]

GRAPH, INDEX = "graph.pb", "graph.json"  # in an archive: a graph, and what has to be known of it


def way_to_search(options: SearchOptions, alignments: bool) -> dict:
    """What a graph depends on, as plain data."""
    way = {**dataclasses.asdict(options), "alignments": alignments}
    del way["max_length_factor"]  # the longest lengths are an input
    return way


def has_graph(archive: Path) -> bool:
    """Whether a graph was saved in an archive."""
    with zipfile.ZipFile(archive) as file:
        return INDEX in file.namelist()


class SavedSearch:
    """Search with the graph of an archive, which holds for one way to search. Use `open`."""

    def __init__(self, archive: zipfile.ZipFile, *, threads: int):
        index = json.loads(archive.read(INDEX))
        if index["tensorflow"] != tensorflow_version():
            raise ValueError("the graph is that of another version")
        self.max_source_length, self.attends = index["max_source_length"], index["attends"]
        self.source_tokenizer, self.target_tokenizer = _tokenizers(archive)
        self.num_workers = threads or processors()
        self._way, self._names = index["way"], list(index["outputs"])
        self._graph = NativeGraph(
            archive.read(GRAPH),
            index["inputs"],
            index["outputs"].values(),
            _weights(archive),
            threads=self.num_workers,
        )

    @classmethod
    def open(cls, path: Path, *, threads: int = 0) -> "SavedSearch | None":
        """The search with an archive's graph, or None where it cannot be used: the model itself can be, or can say
        what is wrong with the archive."""
        if not is_available():
            return None
        try:
            with zipfile.ZipFile(path) as archive:
                return cls(archive, threads=threads) if INDEX in archive.namelist() else None
        except (*DAMAGED_ZIP, ValueError, KeyError, OSError):
            return None

    def has(self, options: SearchOptions, alignments: bool) -> bool:
        """Whether this is the way to search that was saved."""
        return way_to_search(options, alignments) == self._way

    def __call__(
        self, source_ids: np.ndarray, max_lengths: np.ndarray, options: SearchOptions, alignments: bool
    ) -> dict[str, np.ndarray]:
        """From source ids (B, S) and the longest lengths (B,) to the fields of `Hypotheses` by name."""
        return dict(zip(self._names, self._graph(source_ids, max_lengths), strict=True))


def read_tokenizers(path: Path) -> tuple[Tokenizer, Tokenizer]:
    """The tokenizers of source and target in an archive.

    Raises:
        ValueError: the archive is damaged, or has none.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _tokenizers(archive)
    except (*DAMAGED_ZIP, KeyError) as error:
        raise ValueError(f"{path} is no whole archive of a translator ({error}). Copy or train it again.") from error


def _tokenizers(archive: zipfile.ZipFile) -> tuple[Tokenizer, Tokenizer]:
    found = {Path(name).stem: name for name in archive.namelist() if name.endswith(".model")}
    source, target = (Tokenizer(archive.read(found.get("joint") or found[side])) for side in ("source", "target"))
    return source, target


def _weights(archive: zipfile.ZipFile) -> list[np.ndarray]:
    """The weights in the order of the model, found by the checksums that were saved with them.

    Raises:
        ValueError: one of them is not there as it was saved.
    """
    import h5py  # takes a moment

    (checksums,) = (name for name in archive.namelist() if Path(name).name == "weights.json")
    expected = json.loads(archive.read(checksums)).values()
    arrays = {}

    def collect(_, item):
        if isinstance(item, h5py.Dataset):
            array = item[()]
            arrays[zlib.crc32(array.tobytes())] = array

    with h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as file:
        file.visititems(collect)
    missing = [checksum for checksum in expected if checksum not in arrays]
    if missing:
        raise ValueError(f"{len(missing)} weights of the archive are not as they were saved")
    return [arrays[checksum] for checksum in expected]
