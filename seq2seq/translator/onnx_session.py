"""onnxruntime as this toolkit uses it: sessions on one thread, with a limit on memory."""

import functools
import threading
from collections.abc import Callable, Mapping

import numpy as np

from seq2seq.startup import import_onnxruntime, processors
from seq2seq.text.files import one_line

__all__ = ["MAX_GB", "limit_memory", "new_session", "onnxruntime", "run_graph", "try_first"]

onnxruntime = import_onnxruntime()

MAX_GB = 2 * processors()
"""Most memory of all graphs in a process: a stranger's graph may ask for any amount."""


def new_session(graph: bytes) -> onnxruntime.InferenceSession:
    """A session on one thread: batches side by side are faster than the operations of one batch divided.

    Raises:
        ValueError: onnxruntime refuses the graph.
    """
    limit_memory()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4  # errors arrive as exceptions
    options.add_session_config_entry("session.use_env_allocators", "1")  # our memory pool, with its limit
    options.add_session_config_entry("session.load_model_format", "ONNX")  # the only format that `check_onnx` checks
    further = {
        "providers": ["CPUExecutionProvider"],
        "disabled_optimizers": ["ConstantFolding"],  # the converter did it; here it would run without limits
        "enable_fallback": False,  # it would print that it tries other devices
    }
    try:
        return onnxruntime.InferenceSession(graph, options, **further)
    except Exception as error:  # onnxruntime's errors have no common base class
        raise ValueError(one_line(error)) from error


def run_graph(
    session: onnxruntime.InferenceSession,
    inputs: Mapping[str, np.ndarray],
    shapes: Mapping[str, tuple],
    *,
    name: str,
    options: onnxruntime.RunOptions | None = None,
) -> dict[str, np.ndarray]:
    """Runs a graph.

    Args:
        session: of the graph.
        inputs: its inputs by name.
        shapes: name of each output that is wanted -> its shape, `...` for further axes of any size. A stranger's graph
            may give others at any step.
        name: of the model, for messages.
        options: by which the run can be ended from another thread.

    Raises:
        ValueError: the graph cannot be run, or an output has another shape.
    """
    try:
        found = dict(zip(shapes, session.run(list(shapes), inputs, options), strict=True))
    except Exception as error:  # onnxruntime's errors have no common base class
        message = one_line(error)
        if "smaller than requested" in message:
            message = f"it needs more than {MAX_GB} GB at once. Give it smaller batches or beams."
        raise ValueError(f"{name} cannot be run: {message}") from error
    for output, shape in shapes.items():
        given = found[output].shape
        if given != shape and not (shape[-1] is ... and given[: len(shape) - 1] == shape[:-1]):
            wanted = str(shape).replace("Ellipsis", "...")
            raise ValueError(f"{name} cannot be run: its {output} has shape {given}; expected {wanted}.")
    return found


def try_first(step: Callable[[], object], options: onnxruntime.RunOptions, what: str, seconds: float) -> None:
    """Runs `step` for the first time, so that a graph that cannot be used is refused early.

    Args:
        step: runs graphs with `options`.
        options: by which the run is ended.
        what: what `step` does, for the message, such as "its first step".
        seconds: that it may take.

    Raises:
        ValueError: it takes longer; or what `step` raised.
    """
    errors = []

    def tried() -> None:
        try:
            step()
        except Exception as error:  # raised below
            errors.append(error)

    thread = threading.Thread(target=tried, daemon=True)  # onnxruntime cannot stop within an operation
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        options.terminate = True
        thread.join(1)  # between two operations it does stop
        raise ValueError(f"{what} takes longer than {seconds} seconds.")
    if errors:
        raise errors[0]


@functools.cache
def limit_memory() -> None:
    """Registers the memory pool that all sessions share, with its limit."""
    info = onnxruntime.OrtMemoryInfo(
        "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT
    )
    onnxruntime.create_and_register_allocator(info, onnxruntime.OrtArenaCfg({"max_mem": MAX_GB << 30}))
