"""Runs a saved TensorFlow graph by TensorFlow's C library alone.

Importing TensorFlow's Python takes six seconds on a slow machine, loading the library underneath half a second. Its C
interface (tensorflow/c/c_api.h, which TensorFlow keeps stable) can read a graph and run it; that is all this file does.
"""

import ctypes
import functools
import importlib.util
import sys
import threading
from collections.abc import Iterable, Sequence
from ctypes import POINTER, c_char_p, c_int, c_int64, c_size_t, c_void_p
from pathlib import Path

import numpy as np

from seq2seq.startup import claim_tensorflow, processors, quiet_tensorflow

__all__ = ["NativeGraph", "is_available", "tensorflow_version"]

_LIBRARIES = ("libtensorflow_framework.so.2", "libtensorflow_cc.so.2")  # of the packages for Linux
_TYPES = {np.dtype("float32"): 1, np.dtype("int32"): 3, np.dtype("bool"): 10}  # TF_DataType
_DTYPES = {number: dtype for dtype, number in _TYPES.items()}
_of_thread = threading.local()


class _Output(ctypes.Structure):
    """TF_Output: one of the tensors that an operation gives."""

    _fields_ = (("operation", c_void_p), ("index", c_int))


_FUNCTIONS = {  # name: (what it returns, what it takes)
    "TF_Version": (c_char_p, []),
    "TF_NewStatus": (c_void_p, []),
    "TF_GetCode": (c_int, [c_void_p]),
    "TF_Message": (c_char_p, [c_void_p]),
    "TF_NewGraph": (c_void_p, []),
    "TF_NewBufferFromString": (c_void_p, [c_char_p, c_size_t]),
    "TF_DeleteBuffer": (None, [c_void_p]),
    "TF_NewImportGraphDefOptions": (c_void_p, []),
    "TF_DeleteImportGraphDefOptions": (None, [c_void_p]),
    "TF_GraphImportGraphDef": (None, [c_void_p, c_void_p, c_void_p, c_void_p]),
    "TF_GraphOperationByName": (c_void_p, [c_void_p, c_char_p]),
    "TF_NewSessionOptions": (c_void_p, []),
    "TF_DeleteSessionOptions": (None, [c_void_p]),
    "TF_SetConfig": (None, [c_void_p, c_char_p, c_size_t, c_void_p]),
    "TF_NewSession": (c_void_p, [c_void_p, c_void_p, c_void_p]),
    "TF_AllocateTensor": (c_void_p, [c_int, POINTER(c_int64), c_int, c_size_t]),
    "TF_DeleteTensor": (None, [c_void_p]),
    "TF_TensorData": (c_void_p, [c_void_p]),
    "TF_TensorType": (c_int, [c_void_p]),
    "TF_TensorByteSize": (c_size_t, [c_void_p]),
    "TF_NumDims": (c_int, [c_void_p]),
    "TF_Dim": (c_int64, [c_void_p, c_int]),
    "TF_SessionRun": (
        None,
        [c_void_p, c_void_p, POINTER(_Output), POINTER(c_void_p), c_int, POINTER(_Output), POINTER(c_void_p), c_int]
        + [c_void_p, c_int, c_void_p, c_void_p],
    ),
}


def is_available() -> bool:
    """Whether TensorFlow's library can be run by itself here; never on a machine with a GPU, which Python sets up."""
    return "tensorflow" not in sys.modules and all(map(Path.exists, _paths())) and not any(Path("/dev").glob("nvidia*"))


def tensorflow_version() -> str:
    """The version of TensorFlow's library."""
    return _library().TF_Version().decode()


class NativeGraph:
    """A graph, ready to run.

    Args:
        graph: a serialised GraphDef.
        inputs: names of its input tensors, such as "source_ids:0".
        outputs: names of the tensors to compute.
        weights: arrays for the last inputs, the same in each run.
        threads: processor threads, 0 for one each processor. Each operation has one; several runs at once use more.

    Raises:
        ValueError: TensorFlow does not accept the graph.
    """

    def __init__(
        self,
        graph: bytes,
        inputs: Iterable[str],
        outputs: Iterable[str],
        weights: Sequence[np.ndarray] = (),
        *,
        threads: int = 0,
    ):
        self._library = _library()
        self._graph = self._library.TF_NewGraph()
        self._import(graph)
        self._session = self._new_session(threads or processors())
        self._inputs, self._outputs = self._tensors_named(list(inputs)), self._tensors_named(list(outputs))
        self._weights = [self._tensor(array) for array in weights]

    def __call__(self, *arrays: np.ndarray) -> list[np.ndarray]:
        """Run it on arrays for the inputs that are not weights: an array for each output."""
        library, given = self._library, [self._tensor(array) for array in arrays]
        values = (c_void_p * len(self._inputs))(*given, *self._weights)
        results = (c_void_p * len(self._outputs))()
        try:
            self._checked(
                library.TF_SessionRun,
                *(self._session, None, self._inputs, values, len(values), self._outputs, results, len(results)),
                *(None, 0, None),
            )
            return [self._array(result) for result in results]
        finally:
            for tensor in [*given, *filter(None, results)]:
                library.TF_DeleteTensor(tensor)

    def _import(self, graph: bytes) -> None:
        buffer = self._library.TF_NewBufferFromString(graph, len(graph))
        options = self._library.TF_NewImportGraphDefOptions()
        try:
            self._checked(self._library.TF_GraphImportGraphDef, self._graph, buffer, options)
        finally:
            self._library.TF_DeleteImportGraphDefOptions(options)
            self._library.TF_DeleteBuffer(buffer)

    def _new_session(self, threads: int) -> int:
        options = self._library.TF_NewSessionOptions()
        try:
            config = _config(threads)
            self._checked(self._library.TF_SetConfig, options, config, len(config))
            return self._checked(self._library.TF_NewSession, self._graph, options)
        finally:
            self._library.TF_DeleteSessionOptions(options)

    def _tensors_named(self, names: Sequence[str]) -> ctypes.Array:
        def find(name):
            operation, index = name.rsplit(":", 1)
            found = self._library.TF_GraphOperationByName(self._graph, operation.encode())
            if not found:
                raise ValueError(f"The graph has no operation {operation!r}.")
            return _Output(found, int(index))

        return (_Output * len(names))(*map(find, names))

    def _tensor(self, array: np.ndarray) -> int:
        array = np.ascontiguousarray(array)
        shape = (c_int64 * array.ndim)(*array.shape)
        tensor = self._library.TF_AllocateTensor(_TYPES[array.dtype], shape, array.ndim, array.nbytes)
        ctypes.memmove(self._library.TF_TensorData(tensor), array.ctypes.data, array.nbytes)
        return tensor

    def _array(self, tensor: int) -> np.ndarray:
        library = self._library
        shape = [library.TF_Dim(tensor, axis) for axis in range(library.TF_NumDims(tensor))]
        data = ctypes.string_at(library.TF_TensorData(tensor), library.TF_TensorByteSize(tensor))
        return np.frombuffer(data, _DTYPES[library.TF_TensorType(tensor)]).reshape(shape)

    def _checked(self, function, *arguments):
        """Call a function whose last argument is a status; ValueError says what went wrong."""
        status = _status()
        result = function(*arguments, status)
        if self._library.TF_GetCode(status):
            raise ValueError(f"TensorFlow: {self._library.TF_Message(status).decode()}")
        return result


def _config(threads: int) -> bytes:
    """A serialised ConfigProto: threads, and no rewriting of the graph, which takes a second and gains nothing here."""
    no_rewriting = b"\x98\x01\x01"  # RewriterConfig.disable_meta_optimizer
    graph_options = b"\x52" + bytes([len(no_rewriting)]) + no_rewriting  # GraphOptions.rewrite_options
    session = b"\x10\x01\x28" + bytes([min(threads, 127)])  # intra_op_parallelism_threads 1, inter_op...
    return session + b"\x52" + bytes([len(graph_options)]) + graph_options


def _paths() -> list[Path]:
    found = importlib.util.find_spec("tensorflow")
    return [Path(found.origin).parent / name for name in _LIBRARIES] if found and found.origin else [Path("missing")]


@functools.cache
def _library() -> ctypes.CDLL:
    framework, library = _paths()
    claim_tensorflow()
    with quiet_tensorflow():
        ctypes.CDLL(str(framework), mode=ctypes.RTLD_GLOBAL)
        loaded = ctypes.CDLL(str(library))
    for name, (result, arguments) in _FUNCTIONS.items():
        function = getattr(loaded, name)
        function.restype, function.argtypes = result, arguments
    return loaded


def _status() -> int:
    """A status of this thread."""
    if not hasattr(_of_thread, "status"):
        _of_thread.status = _library().TF_NewStatus()
    return _of_thread.status
