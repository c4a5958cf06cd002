"""The folder of one training run: its lock, its record (run.json) and the names of the files in it."""

import contextlib
import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from seq2seq import __version__
from seq2seq.groups import as_json
from seq2seq.tasks.task import Layout
from seq2seq.text.files import LOCK_ENDING, half_written, remove_leftovers, write_text
from seq2seq.training.checkpoints import intact
from seq2seq.training.options import RunOptions
from seq2seq.training.record import FORMAT, check_same_run, read_record
from seq2seq.training.session import session

__all__ = ["RunFolder"]

_TABLES = ("training.csv", "metrics.csv", "speed.csv", "samples.txt")
# What every run writes, whatever its task. The record names all files; nothing else in the folder is ever removed.
_FILES = (
    *("run.json", "lock", "log.txt", *_TABLES, "learning_curves.png"),
    *("checkpoints/update-*.npz", "cache/*.*", "cache/*", "tensorboard/*"),
)


@dataclasses.dataclass(frozen=True)
class RunFolder:
    """Paths in a run folder, and its record.

    `RunFolder.open(path)` is the way in: it creates the folder and keeps other processes out.
    """

    path: Path
    layout: Layout
    """The files of the task."""

    @classmethod
    @contextlib.contextmanager
    def open(cls, path: Path, layout: Layout) -> Iterator["RunFolder"]:
        """Creates or enters the folder and holds its lock for a `with` block.

        The folder is new, empty, or has the record of a run; in any other nothing is touched. The record is written at
        once, so that a later start recognises a first start that was killed. A first start that is refused for bad
        input leaves the folder as it was. The lock ends with the process, however that ends.

        Raises:
            ValueError: the folder is no run folder, the run in it was given up, or another process
                trains in it.
        """
        run = cls(Path(path), layout)
        run._check_is_run_folder()
        before = {run.path, *run.path.iterdir()} if run.path.exists() else set()
        run.path.mkdir(parents=True, exist_ok=True)
        try:
            held = FileLock(run.path / "lock", timeout=0, thread_local=False).acquire()
        except Timeout as error:
            raise ValueError(
                f"another process is training in {run.path}. Wait for it, stop it, or use a new --run-dir."
            ) from error
        with held:
            is_new = not (run.path / "run.json").exists()
            try:
                if is_new:
                    run._write_record({"format": FORMAT, "files": run.files, "sessions": []})
                yield run
            except (ValueError, OSError):
                if is_new and not run.has_begun:
                    run._remove_everything(keep=before)
                raise

    def _check_is_run_folder(self) -> None:
        if self.path.exists() and not self.path.is_dir():
            raise ValueError(f"--run-dir {self.path} is a file; give the name of a folder, new or of an earlier run.")
        entries = self.path.iterdir() if self.path.exists() else ()
        # A killed start may have left the lock, or half of the record and the lock of that.
        names = {entry.name for entry in entries} - {"lock"}
        names = {name for name in names if not Path(name.removesuffix(LOCK_ENDING)).match(half_written("run.json"))}
        if names and "run.json" not in names:
            raise ValueError(
                f"{self.path} is not the folder of a run: it has no run.json but contains {min(names)}. "
                "Give --run-dir a new or empty folder."
            )
        record = self.record() or {}
        if "gave_up" in record:
            raise ValueError(f"the run in {self.path} was given up: {record['gave_up']}")

    @property
    def cache(self) -> Path:
        return self.path / "cache"

    @property
    def checkpoints(self) -> Path:
        return self.path / "checkpoints"

    @property
    def log(self) -> Path:
        return self.path / "log.txt"

    @property
    def training(self) -> Path:
        """Figures of training, several rows for each validation; they depend on the same as metrics.csv."""
        return self.path / "training.csv"

    @property
    def metrics(self) -> Path:
        """Figures of each validation that depend on nothing but the options and the data."""
        return self.path / "metrics.csv"

    @property
    def speed(self) -> Path:
        """Seconds and tokens/s of each validation's window: what differs from run to run."""
        return self.path / "speed.csv"

    @property
    def samples(self) -> Path:
        return self.path / "samples.txt"

    @property
    def model(self) -> Path:
        """The model with the best weights so far."""
        return self.path / self.layout.model

    @property
    def files(self) -> tuple[str, ...]:
        """Patterns of the names of all that the run writes."""
        return (*_FILES, self.layout.model, *self.layout.files, *self.layout.kept)

    @property
    def kept_files(self) -> list[Path]:
        """Small files of the task, written when the run begins."""
        return [path for pattern in self.layout.kept for path in self._named(pattern)]

    @property
    def has_begun(self) -> bool:
        """Whether there is a checkpoint, even a damaged one."""
        return any(self.checkpoints.glob("update-*"))

    def intact(self, name: str, is_right: Callable[[bytes], bool]) -> bytes:
        """The contents of a kept file. A damaged one is restored from the newest checkpoint, with a warning.

        Raises:
            ValueError: the newest checkpoint does not hold the right contents either.
        """
        return intact(self.path / name, is_right, self.checkpoints)

    def record(self) -> dict[str, Any] | None:
        """What run.json holds, or None for a new run.

        Raises:
            ValueError: it is damaged, or written by a newer version of this package.
        """
        return read_record(self.path / "run.json")

    def start(self, options: RunOptions, data: Mapping[str, str], precision: str) -> dict[str, Any]:
        """Records a new run, or checks that the recorded one is being continued.

        A run that has neither checkpoint nor model yet has nothing to protect and is recorded anew.

        Args:
            options: the options of this start.
            data: name of each part of the data -> its fingerprint.
            precision: "float32" or "bfloat16": what a new run will use.

        Returns:
            The record; its "precision" is the one the run began with.

        Raises:
            ValueError: options or data are not those of the recorded run; the message lists each difference. Or the
                folder has a trained model and no checkpoints.
        """
        record = self.record()
        if record["format"] < FORMAT:
            raise ValueError(
                f"{self.path} holds a run of format {record['format']}, from an older version of seq2seq; this one "
                f"({__version__}) continues format {FORMAT}. Its model still works; to train, use a new --run-dir."
            )
        record = self._continued(record, options, data) if self.has_begun else self._begun(record, options, data)
        record.setdefault("precision", precision)
        record["sessions"].append(session())
        for pattern in self.files:
            remove_leftovers(self.path / Path(pattern).parent, Path(pattern).name)
        self._write_record(record)
        return record

    def _begun(self, record: Mapping[str, Any], options: RunOptions, data: Mapping[str, str]) -> dict[str, Any]:
        """The record of a new run."""
        if self.model.exists():
            raise ValueError(
                f"{self.path} holds a trained model, but no checkpoint from which its training could go on. "
                f"Use a new --run-dir, or remove {self.model} to begin anew here."
            )
        self._remove_beginnings(record["files"])
        return {
            "format": FORMAT,
            "files": self.files,
            "options": as_json(options),
            "planned_updates": options.max_updates,
            "data": data,
            "sessions": [],
        }

    def _continued(self, record: dict[str, Any], options: RunOptions, data: Mapping[str, str]) -> dict[str, Any]:
        """The record of a run that goes on."""
        missing = {"options", "planned_updates", "data", "precision"} - set(record)
        if missing:
            raise ValueError(f"{self.path / 'run.json'} is damaged: it has no {min(missing)}. Restore it.")
        check_same_run(self.path, record, options, data)
        record["options"] = as_json(options)
        record["planned_updates"] = record["planned_updates"] or options.max_updates  # 0 was no plan
        return record

    def add_to_record(self, values: Mapping[str, Any]) -> None:
        """Adds values to run.json."""
        self._write_record({**(self.record() or {}), **values})

    def _write_record(self, record: Mapping[str, Any]) -> None:
        write_text(self.path / "run.json", json.dumps(record, indent=2, ensure_ascii=False) + "\n")

    def _remove_beginnings(self, named: Sequence[str]) -> None:
        """Removes files that a start without a checkpoint left, if its record names them."""
        for pattern in (*self.layout.kept, *_TABLES):  # they may belong to other options
            if pattern in named:
                for path in self._named(pattern):
                    path.unlink(missing_ok=True)

    def _named(self, pattern: str) -> Sequence[Path]:
        """The path of a file name, there or not; the paths that a pattern finds."""
        return list(self.path.glob(pattern)) if "*" in pattern else [self.path / pattern]

    def _remove_everything(self, keep: Set[Path]) -> None:
        """Removes what a first start wrote, but not what was there before, nor folders that hold anything else."""
        for path in {path for pattern in self.files for path in self.path.glob(pattern)} - keep:
            if not path.is_dir():
                path.unlink()
        for folder in [one for one in (self.cache, self.checkpoints, self.path) if one not in keep]:
            with contextlib.suppress(OSError):  # not there, or not empty
                folder.rmdir()
