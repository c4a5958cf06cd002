"""Base of the models that a `.keras` archive holds whole: their vocabularies and a checksum of each weight as well."""

import json
import os
import pathlib
import zlib
from collections.abc import Mapping
from typing import Any, ClassVar

import keras

from seq2seq.model.archive import save_model

_CHECKSUMS = "weights.json"


class ArchivedModel(keras.Model):
    """A Keras model that is saved and loaded with its vocabularies, and notices weights that did not arrive.

    The constructor of a subclass builds all parts from the configuration alone and calls `self.build(None)`. It gives
    `get_config` (and `from_config`), and, if it has vocabularies, `vocabularies` and `set_vocabularies`.

    Class attributes:
        kind: name in `seq2seq.model.kinds.KINDS`; "" for a model that no command uses.
        num_lengths: the model first predicts a length of 0 .. num_lengths - 1 tokens; 0 if it predicts none.
        num_features: numbers of a source vector; 0 if the source is text.
    """

    kind: ClassVar[str] = ""
    num_lengths: int = 0
    num_features: int = 0

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._expected_checksums: dict[str, int] = {}

    def vocabularies(self) -> dict[str, bytes]:
        """The vocabularies as files: name -> bytes. Archives of Keras and exported models hold them."""
        return {}

    def set_vocabularies(self, files: Mapping[str, bytes]) -> None:
        """Takes the vocabularies from the files of an archive.

        Args:
            files: as `vocabularies` gave them when the model was saved.
        """

    def build(self, input_shape: Any) -> None:
        self.built = True  # the constructor has built all parts

    def get_build_config(self) -> dict[str, Any]:
        return {"built": True}  # Keras skips building, and then loading weights, when this is empty

    def build_from_config(self, config: dict[str, Any]) -> None:
        self.build(None)

    def get_compile_config(self) -> None:
        return None  # the checkpoints of a run folder hold the optimizer

    def save(self, filepath: str | os.PathLike, overwrite: bool = True, **kwargs: Any) -> None:
        """Writes model and vocabularies to a `.keras` file, without the state of the optimizer.

        Args:
            filepath: path that ends in `.keras`.
            overwrite: bool. Replace an existing file without asking.
            kwargs: further arguments of `keras.Model.save`; with any of them Keras writes the file.
        """
        if kwargs or not overwrite or not str(filepath).endswith(".keras"):
            super().save(filepath, overwrite=overwrite, **kwargs)
        else:
            save_model(self, filepath)

    def assets(self) -> dict[str, bytes]:
        """The files of an archive beside the weights: vocabularies, and a checksum of each weight. Name -> bytes."""
        return {**self.vocabularies(), _CHECKSUMS: json.dumps(self._checksums()).encode()}

    def save_assets(self, directory: str) -> None:
        """Called by Keras when it writes an archive itself."""
        for name, content in self.assets().items():
            (pathlib.Path(directory) / name).write_bytes(content)

    def load_assets(self, directory: str) -> None:
        """Called by Keras while it loads. The weights may arrive later; `check_weights` compares them."""
        files = {path.name: path.read_bytes() for path in sorted(pathlib.Path(directory).iterdir()) if path.is_file()}
        self._expected_checksums = json.loads(files.pop(_CHECKSUMS, b"{}"))
        self.set_vocabularies(files)

    def check_weights(self, origin: str | os.PathLike) -> None:
        """Compares the weights with the checksums of the archive `origin`.

        Raises:
            ValueError: they differ.
        """
        expected, arrived = self._expected_checksums, self._checksums()
        wrong = [path for path in arrived if expected.get(path) != arrived[path]]
        if wrong or len(expected) != len(arrived):
            raise ValueError(
                f"{origin} was saved with {len(expected)} weights; of the {len(arrived)} of this model "
                f"{len(wrong)} differ from them (first: {wrong[:1]}). The archive is damaged, or another version "
                f"wrote it."
            )

    def _checksums(self) -> dict[str, int]:
        # Numbered, because Keras counts names up within a process: the path alone may differ after loading.
        return {
            f"{number} {weight.name}": zlib.crc32(weight.numpy().tobytes())
            for number, weight in enumerate(self.weights)
        }
