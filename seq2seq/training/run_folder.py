"""The folder of one training run: its lock, its record (run.json) and the names of the files in it."""

import contextlib
import dataclasses
import datetime
import hashlib
import importlib.metadata
import json
import os
import platform
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from seq2seq import __version__
from seq2seq.text.files import LOCK_ENDING, half_written, remove_leftovers, written_beside
from seq2seq.training.options import RunOptions, as_json, changeable

__all__ = ["FORMAT", "RunFolder", "has_sha256", "machine", "versions", "write_text"]

FORMAT = 2
"""Number of the run folder's layout; raised when an older folder can no longer be continued (2: chrF, best loss)."""

_PACKAGES = ("tensorflow", "keras", "numpy", "sentencepiece", "sacrebleu")
_VOCABULARIES = ("source.model", "target.model", "joint.model")
_TABLES = ("metrics.csv", "speed.csv", "samples.txt", "scores.json")
# All that a run writes; its record names them, and nothing else in the folder is ever removed.
_FILES = (
    *("run.json", "lock", "log.txt", *_TABLES, *_VOCABULARIES, "translator.keras", "translator.zip"),
    *("translator.int8.zip", "learning_curves.png"),
    *("*.hyp.txt", "*.before.txt", "finetune.json", "checkpoints/update-*.npz", "cache/*.*", "cache/*"),
)
# Fields of run.json, where present, and their types.
_TYPES = {
    **{"format": int, "files": list, "sessions": list, "options": dict, "planned_updates": int | None, "corpora": dict},
    **{"precision": str, "tests": dict, "vocabularies": dict, "gave_up": str},
}


@dataclasses.dataclass(frozen=True)
class RunFolder:
    """Paths in a run folder, and its record.

    `RunFolder.open(path)` is the way in: it creates the folder and keeps other processes out.
    """

    path: Path

    @classmethod
    @contextlib.contextmanager
    def open(cls, path: Path) -> Iterator["RunFolder"]:
        """Create or enter the folder and hold its lock for the length of a `with` block.

        The folder is new, empty, or has the record of a run; in any other nothing is touched. The record is written at
        once, so that a later start recognises a first start that was killed. A first start that is refused for bad
        input leaves the folder as it was. The lock ends with the process, however that ends.

        Raises:
            ValueError: the folder is no run folder, the run in it was given up, or another process
                trains in it.
        """
        run = cls(Path(path))
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
                    run._write_record({"format": FORMAT, "files": _FILES, "sessions": []})
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
    def scores(self) -> Path:
        return self.path / "scores.json"

    @property
    def kept_files(self) -> list[Path]:
        """Small files written when the run begins: vocabularies, and what fine-tuning found in its parent."""
        return [*(self.path / name for name in (*_VOCABULARIES, "finetune.json")), *self.path.glob("*.before.txt")]

    @property
    def translator(self) -> Path:
        """The model with the best weights so far, with its tokenizers."""
        return self.path / "translator.keras"

    @property
    def has_begun(self) -> bool:
        """Whether there is a checkpoint, even a damaged one."""
        return any(self.checkpoints.glob("update-*"))

    def record(self) -> dict[str, Any] | None:
        """What run.json holds, or None for a new run.

        Raises:
            ValueError: it is damaged, or written by a newer version of this package.
        """
        path = self.path / "run.json"
        if not path.exists():
            return None
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            _check_fields(record)
            number = record["format"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            reason = f"{type(error).__name__}: {error}"
            raise ValueError(
                f"{path} is damaged, or not the record of a run ({reason}). Restore it, or use a new --run-dir."
            ) from error
        if number > FORMAT:
            raise ValueError(
                f"{path} has format {number}, written by a newer version of seq2seq; "
                f"this one ({__version__}) knows formats up to {FORMAT}. Update it, or use a new --run-dir."
            )
        return record

    def start(
        self, options: RunOptions, corpora: dict[str, str], precision: str, tests: dict[str, list[str]] | None = None
    ) -> dict[str, Any]:
        """Record a new run, or check that a recorded one is being continued.

        A run that has neither checkpoint nor model yet has nothing to protect and is recorded anew.

        Args:
            options: the options of this start.
            corpora: name of each corpus -> its fingerprint.
            precision: "float32" or "bfloat16": what a new run will use.
            tests: name of each test set -> its files, for `evaluate`.

        Returns:
            The record; its "precision" is the one the run began with, and its "planned_updates" the --max-updates.

        Raises:
            ValueError: options or corpora are not those of the recorded run; the message lists
                each difference. Or the folder has a trained model and no checkpoints.
        """
        record = self.record()
        if record["format"] < FORMAT:
            raise ValueError(
                f"{self.path} holds a run of format {record['format']}, from an older version of seq2seq; this one "
                f"({__version__}) continues format {FORMAT}. Its translator still translates; to train, use a new "
                "--run-dir."
            )
        if not self.has_begun:
            if self.translator.exists():
                raise ValueError(
                    f"{self.path} holds a trained model, but no checkpoint from which its training could go on. "
                    f"Use a new --run-dir, or remove {self.translator} to begin anew here."
                )
            self._remove_beginnings(record["files"])
            record = {
                "format": FORMAT,
                "files": _FILES,
                "options": as_json(options),
                "planned_updates": options.max_updates,
                "corpora": corpora,
                "precision": precision,
                "vocabularies": {},
                "sessions": [],
            }
        else:
            missing = {"options", "planned_updates", "corpora", "precision", "vocabularies"} - set(record)
            if missing:
                raise ValueError(f"{self.path / 'run.json'} is damaged: it has no {min(missing)}. Restore it.")
            _check_options(self.path, record["options"], options)
            _check_corpora(self.path, record["corpora"], corpora)
            record["options"] = as_json(options)
            record["planned_updates"] = record["planned_updates"] or options.max_updates  # 0 was no plan
        record["tests"] = tests or {}
        record["sessions"].append(_session())
        for pattern in _FILES:
            remove_leftovers(self.path / Path(pattern).parent, Path(pattern).name)
        self._write_record(record)
        return record

    def add_to_record(self, values: Mapping[str, Any]) -> None:
        """Write more values into run.json."""
        self._write_record({**(self.record() or {}), **values})

    def _write_record(self, record: Mapping[str, Any]) -> None:
        write_text(self.path / "run.json", json.dumps(record, indent=2, ensure_ascii=False) + "\n")

    def _remove_beginnings(self, named: Sequence[str]) -> None:
        """Removes files that a start without a checkpoint left, if its record names them."""
        for name in (*_VOCABULARIES, *_TABLES):  # they may belong to other options
            if name in named:
                (self.path / name).unlink(missing_ok=True)

    def _remove_everything(self, keep: Set[Path]) -> None:
        """Removes what a first start wrote, but not what was there before, nor folders that hold anything else."""
        for path in {path for pattern in _FILES for path in self.path.glob(pattern)} - keep:
            if not path.is_dir():
                path.unlink()
        for folder in [one for one in (self.cache, self.checkpoints, self.path) if one not in keep]:
            with contextlib.suppress(OSError):  # not there, or not empty
                folder.rmdir()


def _check_fields(record: Mapping[str, Any]) -> None:
    needed = {"format", "sessions", "files"} if record["format"] == FORMAT else {"format", "sessions"}
    if needed - set(record):
        raise KeyError(min(needed - set(record)))
    for name, kind in _TYPES.items():
        if name in record and not isinstance(record[name], kind):
            raise TypeError(f"{name} is {record[name]!r}")


def _check_options(path: Path, recorded: dict[str, Any], options: RunOptions) -> None:
    defaults = {field.name: field.default for field in dataclasses.fields(options)}
    now = as_json(options)
    fixed = (set(recorded) | set(now)) - changeable(type(options))
    differences = []
    for name in [name for name in {**now, **recorded} if name in fixed]:
        was = recorded.get(name, defaults.get(name))
        value = now.get(name, "unknown to this recipe")
        if was != value:
            differences.append(f"  --{name.replace('_', '-')}: was {was}, now {value}")
    if differences:
        raise ValueError(
            f"{path} holds a run with other options:\n" + "\n".join(differences) + "\n"
            "Give the options it began with, or a new --run-dir. Only limits and display may change."
        )


def _check_corpora(path: Path, recorded: dict[str, str], corpora: dict[str, str]) -> None:
    differences = [
        f"  {name}: was {_short(recorded.get(name))}, now {_short(corpora.get(name))}"
        for name in {**recorded, **corpora}
        if recorded.get(name) != corpora.get(name)
    ]
    if differences:
        raise ValueError(
            f"{path} holds a run on other text (sha256 of each corpus):\n" + "\n".join(differences) + "\n"
            "Give the corpora it began with, or a new --run-dir. Another test text is scored by "
            f"`seq2seq evaluate {path} --source F --target F`."
        )


def _short(fingerprint: str | None) -> str:
    return "none" if fingerprint is None else fingerprint[:16]


def _session() -> dict[str, Any]:
    """The entry of this start in the record: command, versions, machine."""
    return {
        "started": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        "command": shlex.join([*sys.orig_argv[:1], *sys.argv]),
        "versions": versions(),
        "machine": machine(),
    }


def write_text(path: Path, text: str) -> None:
    """Write a UTF-8 file so that it is there whole or not at all; line ends are written as they are."""
    with written_beside(path) as beside:
        beside.write_bytes(text.encode("utf-8"))


def has_sha256(expected: str | None) -> Callable[[bytes], bool]:
    """Whether contents have this sha256."""
    return lambda contents: hashlib.sha256(contents).hexdigest() == expected


def versions() -> dict[str, str]:
    """Versions of Python, of this package and of the packages whose numbers decide a run."""
    packages = {name: importlib.metadata.version(name) for name in _PACKAGES}
    return {"python": platform.python_version(), "seq2seq": __version__, **packages}


def machine() -> dict[str, Any]:
    """Processor, usable cores, memory in GiB and system of this machine."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": platform.platform(),
    }


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
