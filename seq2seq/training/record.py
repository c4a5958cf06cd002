"""run.json, the record of a run: how it is read, and what may differ when the run is continued."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seq2seq import __version__
from seq2seq.groups import as_json, changeable, defaults
from seq2seq.text.files import read_object
from seq2seq.training.options import RunOptions

__all__ = ["FORMAT", "check_same_run", "read_record"]

FORMAT = 4
"""Number of the run folder's layout; raised when an older folder can no longer be continued (3: grouped options;
4: training.csv, whose interval is in the training state)."""

# Fields of run.json, where present, and their types.
_TYPES = {
    **{"format": int, "files": list, "sessions": list, "options": dict, "planned_updates": int | None, "data": dict},
    **{"precision": str, "tests": dict, "vocabularies": dict, "classes": dict, "gave_up": str},
}


def read_record(path: Path) -> dict[str, Any] | None:
    """What a run.json holds, or None if there is no such file.

    Raises:
        ValueError: it is damaged, or written by a newer version of this package.
    """
    if not path.exists():
        return None
    try:
        record = read_object(path)
        _check_fields(record)
        number = record["format"]
    except (ValueError, KeyError, TypeError) as error:
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


def check_same_run(path: Path, record: Mapping[str, Any], options: RunOptions, data: Mapping[str, str]) -> None:
    """Refuses data and options other than those the run began with, except options that may change.

    Raises:
        ValueError: the message lists each difference.
    """
    other_data, other_options = _other_data(record["data"], data), _other_options(record["options"], options)
    troubles = []
    if other_data:
        troubles += [f"{path} holds a run on other data (sha256 of each part):", *other_data]
        troubles += ["Give the data it began with, or a new --run-dir."]
    if other_options:
        troubles += [f"{path} holds a run with other options:", *other_options]
        troubles += [
            "Give the options it began with, or a new --run-dir. Only limits, display, checkpoints and "
            "paths may change; docs/run_folder.md lists them."
        ]
    if troubles:
        raise ValueError("\n".join(troubles))


def _other_options(recorded: Mapping[str, Any], options: RunOptions) -> list[str]:
    """A line for each option that differs and may not."""
    may_change = changeable(type(options))
    before, now = {**defaults(type(options)), **recorded}, as_json(options)
    return [
        f"  --{name.replace('_', '-')}: was {before.get(name)}, now {now.get(name, 'unknown to this recipe')}"
        for name in {**now, **recorded}
        if not {name, name.rpartition(".")[0]} & may_change and before.get(name) != now.get(name)
    ]


def _other_data(recorded: Mapping[str, str], data: Mapping[str, str]) -> list[str]:
    """A line for each part of the data that differs."""
    return [
        f"  {name}: was {_short(recorded.get(name))}, now {_short(data.get(name))}"
        for name in {**recorded, **data}
        if recorded.get(name) != data.get(name)
    ]


def _short(fingerprint: str | None) -> str:
    return "none" if fingerprint is None else fingerprint[:16]


def _check_fields(record: Mapping[str, Any]) -> None:
    needed = {"format", "sessions", "files"} if record["format"] == FORMAT else {"format", "sessions"}
    if needed - set(record):
        raise KeyError(min(needed - set(record)))
    for name, kind in _TYPES.items():
        if name in record and not isinstance(record[name], kind):
            raise TypeError(f"{name} is {record[name]!r}")
