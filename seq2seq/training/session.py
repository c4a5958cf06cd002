"""What a run records of the machine and the versions it runs with."""

import datetime
import importlib.metadata
import os
import platform
import shlex
import sys
from pathlib import Path
from typing import Any

from seq2seq import __version__

__all__ = ["machine", "session", "versions"]

_PACKAGES = ("tensorflow", "keras", "numpy", "sentencepiece", "sacrebleu")


def session() -> dict[str, Any]:
    """The entry of this start in the record: command, versions, machine."""
    return {
        "started": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        "command": shlex.join([*sys.orig_argv[:1], *sys.argv]),
        "versions": versions(),
        "machine": machine(),
    }


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
