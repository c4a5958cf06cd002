"""Start-up: lazy imports, and TensorFlow with its settings and without its notices."""

import contextlib
import functools
import importlib
import logging
import os
import sys
import tempfile
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any

__all__ = [
    "claim_tensorflow",
    "import_onnxruntime",
    "lazy_names",
    "processors",
    "quiet_tensorflow",
    "set_threads",
    "start_tensorflow",
]

logger = logging.getLogger("seq2seq")

_LIGHT = ("options",)  # endings of the names of modules that load no TensorFlow
# Values set by the user stay.
_ENVIRONMENT = {
    "TF_CPP_MIN_LOG_LEVEL": "3",  # errors arrive as Python exceptions
    "TF_ENABLE_ONEDNN_OPTS": "1",  # off by default on processors before AVX512_VNNI; 10 % faster there too
}


def lazy_names(
    package: str, homes: Mapping[str, str], *, tensorflow: bool
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The `__getattr__` and `__dir__` of a package whose names are imported when they are first used (PEP 562).

    Args:
        package: its `__name__`.
        homes: public name -> module of the package that defines it.
        tensorflow: whether these modules, except those of options, load TensorFlow. It is started before them.
    """

    def __getattr__(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        if tensorflow and not homes[name].endswith(_LIGHT):
            start_tensorflow()
        return getattr(importlib.import_module(f"{package}.{homes[name]}"), name)

    def __dir__() -> list[str]:
        return sorted({*vars(sys.modules[package]), *homes})

    return __getattr__, __dir__


def import_onnxruntime() -> types.ModuleType:
    """Imports onnxruntime with its telemetry turned off.

    From version 1.29 on, onnxruntime reports sessions and models to Microsoft and keeps files in the user's cache and
    in the temporary folder, unless this variable is set when it is imported. A value set by the user stays.
    """
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    return importlib.import_module("onnxruntime")


def start_tensorflow() -> None:
    """Imports TensorFlow and Keras once, quietly, with the settings that this toolkit relies on.

    TensorFlow 2.21 reports a missing GPU on standard error while it loads, at every log level. Its output is held back,
    and shown only if loading fails. Keras reads its default type and its epsilon from ~/.keras/keras.json; here they
    are float32 and 1e-7 whatever that file says. Set others afterwards if you need them.

    Raises:
        ValueError: Keras is configured for another backend, or its configuration file is wrong.
    """
    backend = os.environ.setdefault("KERAS_BACKEND", "tensorflow")  # goes before ~/.keras/keras.json
    if backend != "tensorflow":
        raise ValueError(f"KERAS_BACKEND is {backend}; this toolkit computes with TensorFlow. Unset it.")
    _start_once()


@functools.cache
def _start_once() -> None:
    try:
        with quiet_tensorflow():
            keras = importlib.import_module("keras")  # and with it TensorFlow
    except (ValueError, AttributeError) as error:
        if "tensorflow" in sys.modules:
            raise
        # Keras reads its file before it loads TensorFlow.
        raise ValueError(f"{_keras_file()} is not a configuration of Keras: {error} Mend or remove it.") from error
    if keras.config.backend() != "tensorflow":
        raise ValueError(
            f"Keras was imported before seq2seq and computes with {keras.config.backend()}; this toolkit computes with "
            "TensorFlow. Set KERAS_BACKEND=tensorflow."
        )
    keras.config.set_floatx("float32")
    keras.config.set_epsilon(1e-7)


def _keras_file() -> str:
    return os.path.join(os.environ.get("KERAS_HOME") or os.path.expanduser("~/.keras"), "keras.json")


def claim_tensorflow() -> None:
    """Notes that TensorFlow computes in this process, and refuses a process that was forked from such a process.

    A fork copies memory but no threads, so TensorFlow would wait for its threads for ever.

    Raises:
        RuntimeError: this process was forked from one in which TensorFlow computes.
    """
    parent = _claimed()
    if parent != os.getpid():
        raise RuntimeError(
            f"process {os.getpid()} was forked from process {parent}, in which a model had been loaded or built; "
            "TensorFlow would hang here. Load the model after the fork (gunicorn: without --preload), or start "
            "processes afresh (multiprocessing.get_context('spawn'))."
        )


@functools.cache
def _claimed() -> int:
    """The process that called this first."""
    return os.getpid()


def set_threads(threads: int, *, per_operation: int | None = None) -> None:
    """Sets the number of TensorFlow's processor threads. Call it before TensorFlow computes.

    Args:
        threads: 0 is one for each processor.
        per_operation: threads for one operation; all by default, as suits training. Translation uses 1 and runs several
            batches at once, which is a quarter faster: such threads never wait for each other.
    """
    start_tensorflow()
    threading = sys.modules["tensorflow"].config.threading
    threads = threads or processors()
    wanted = (threads, per_operation or threads)
    if wanted == (threading.get_inter_op_parallelism_threads(), threading.get_intra_op_parallelism_threads()):
        return
    try:
        threading.set_inter_op_parallelism_threads(wanted[0])
        threading.set_intra_op_parallelism_threads(wanted[1])
    except RuntimeError:  # TensorFlow has computed something: only in a notebook or a test
        logger.warning(f"--threads {threads} has no effect: TensorFlow is already running")


def processors() -> int:
    """The number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextlib.contextmanager
def quiet_tensorflow() -> Iterator[None]:
    """A block that loads TensorFlow with its settings, and shows its notices only on failure."""
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    sys.stderr.flush()
    with tempfile.TemporaryFile() as notices:
        stderr = os.dup(2)
        os.dup2(notices.fileno(), 2)
        try:
            yield
        except Exception:  # at Ctrl-C the notices are of no interest
            notices.seek(0)
            os.write(stderr, notices.read())
            raise
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
