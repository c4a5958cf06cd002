"""onnxruntime as this toolkit uses it: sessions on one thread, with a limit on memory."""

import functools

from seq2seq.startup import import_onnxruntime, processors
from seq2seq.text.files import one_line

__all__ = ["MAX_GB", "limit_memory", "new_session", "onnxruntime"]

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


@functools.cache
def limit_memory() -> None:
    """Registers the memory pool that all sessions share, with its limit."""
    info = onnxruntime.OrtMemoryInfo(
        "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT
    )
    onnxruntime.create_and_register_allocator(info, onnxruntime.OrtArenaCfg({"max_mem": MAX_GB << 30}))
