"""The folder of one training run: its lock, its record (run.json) and the names of the files in it."""

import contextlib
import dataclasses
import datetime
import fcntl
import importlib.metadata
import json
import os
import platform
import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from seq2seq import __version__
from seq2seq.text.files import written_beside
from seq2seq.training.options import RunOptions, as_json, changeable

__all__ = ["FORMAT", "RunFolder", "machine", "versions", "write_text"]

FORMAT = 2
"""Number of the run folder's layout; raised when an older folder can no longer be continued (2: chrF, best loss)."""

_PACKAGES = ("tensorflow", "keras", "numpy", "sentencepiece", "sacrebleu")
_HALF_WRITTEN = ".*.part"  # files and folders that `written_beside` and `Translator.save` leave when they are killed
# What may lie in the folder before the run is recorded: reading a corpus comes first and fills the cache.
_BEFORE_THE_RECORD = {"lock", "log.txt", "cache"}


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

        The lock belongs to the process: it vanishes when the process ends, however that happens.

        Raises:
            ValueError: the folder is something else than a run folder, or another process trains in it.
        """
        path = Path(path)
        if path.exists() and not path.is_dir():
            raise ValueError(f"--run-dir {path} is a file; give the name of a folder, new or of an earlier run.")
        path.mkdir(parents=True, exist_ok=True)
        strangers = {entry.name for entry in path.iterdir() if not entry.match(_HALF_WRITTEN)}
        strangers -= _BEFORE_THE_RECORD
        if strangers and not (path / "run.json").exists():
            raise ValueError(
                f"{path} is not the folder of a run: it has no run.json but contains {min(strangers)}. "
                "Give --run-dir a new or empty folder."
            )
        with open(path / "lock", "w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ValueError(
                    f"another process is training in {path}. Wait for it, stop it, or use a new --run-dir."
                ) from None
            for leftover in [*path.glob(_HALF_WRITTEN), *path.glob(f"*/{_HALF_WRITTEN}")]:
                shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
            yield cls(path)

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
    def translator(self) -> Path:
        """The model with the best weights so far, with its tokenizers."""
        return self.path / "translator.keras"

    @property
    def has_begun(self) -> bool:
        """Whether there is something to go on from: a checkpoint, be it damaged."""
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
            number = int(record["format"])
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{path} is damaged ({error}). Restore it, or use a new --run-dir.") from error
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
        if record is None or not self.has_begun:
            if self.translator.exists():
                raise ValueError(
                    f"{self.path} holds a trained model, but no checkpoint from which its training could go on. "
                    f"Use a new --run-dir, or remove {self.translator} to begin anew here."
                )
            self._remove_beginnings()
            record = {
                "format": FORMAT,
                "options": as_json(options),
                "planned_updates": options.max_updates,
                "corpora": corpora,
                "precision": precision,
                "sessions": [],
            }
        else:
            if record["format"] < FORMAT:
                raise ValueError(
                    f"{self.path} holds a run of format {record['format']}, from an older version of seq2seq; this one "
                    f"({__version__}) continues format {FORMAT}. Its translator still translates; to train, use a new "
                    "--run-dir."
                )
            _check_options(self.path, record["options"], options)
            _check_corpora(self.path, record["corpora"], corpora)
            record["options"] = as_json(options)
            record["planned_updates"] = record["planned_updates"] or options.max_updates  # 0 was no plan
        record["tests"] = tests or {}
        record["sessions"].append(_session())
        write_text(self.path / "run.json", json.dumps(record, indent=2, ensure_ascii=False) + "\n")
        return record

    def _remove_beginnings(self) -> None:
        """Remove what a start that came to no checkpoint left: it may belong to other options."""
        for path in [*self.path.glob("*.model"), self.metrics, self.speed, self.samples, self.scores]:
            path.unlink(missing_ok=True)


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
    """Who trains now: one entry of the record for each start."""
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
