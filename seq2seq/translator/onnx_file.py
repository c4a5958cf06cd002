"""What an ONNX file may hold when it comes from a stranger.

onnxruntime reads external data by relative path, `../` included, also for a graph that was loaded from memory
(1.32, tried). So a file is looked through before it is handed over. It is a protocol buffer: fields of a number, a
wire type and a value, nested; only those that matter are looked at (onnx/onnx.proto3, stable since 2017).
"""

from collections.abc import Iterator

__all__ = ["check_onnx"]

_DEEPEST = 32  # graphs inside nodes inside graphs
_MOST_FIELDS = 1_000_000  # a translator has some ten thousand
# Fields that are messages, by kind of message: number -> kind.
_NESTED = {
    "Model": {7: "Graph", 20: "TrainingInfo", 25: "Function"},
    "Graph": {1: "Node", 5: "Tensor", 15: "SparseTensor"},
    "Node": {5: "Attribute"},
    "Attribute": {5: "Tensor", 6: "Graph", 10: "Tensor", 11: "Graph", 22: "SparseTensor", 23: "SparseTensor"},
    "Tensor": {},
}
_REFUSED = {
    "TrainingInfo": "brings functions of its own",
    "Function": "brings functions of its own",
    "SparseTensor": "holds sparse tensors, which may be of any size",
}
_NO_BUFFER = "a graph in it is no protocol buffer."
_DOMAIN = 7  # of a node
_EXTERNAL_DATA, _DATA_LOCATION = 13, 14


def check_onnx(data: bytes) -> None:
    """Refuse a model that names operators other than ONNX's own, functions, or data outside the file.

    Raises:
        ValueError: it does, or the bytes are no protocol buffer.
    """
    _check(memoryview(data), "Model", 0, iter(range(_MOST_FIELDS)))


def _check(data: memoryview, kind: str, depth: int, fields_left: Iterator[int]) -> None:
    if depth > _DEEPEST:
        raise ValueError("its graphs are nested too deeply.")
    for number, value in _fields(data):
        if next(fields_left, None) is None:
            raise ValueError(f"a graph in it has more than {_MOST_FIELDS:,} fields.")
        if kind == "Tensor" and (number == _EXTERNAL_DATA or number == _DATA_LOCATION and value != 0):
            raise ValueError("a graph in it names data outside the file.")
        nested = _NESTED[kind].get(number)
        if (nested or kind == "Node" and number == _DOMAIN) and not isinstance(value, memoryview):
            raise ValueError(_NO_BUFFER)
        if kind == "Node" and number == _DOMAIN and bytes(value) not in (b"", b"ai.onnx"):
            raise ValueError(f"a graph in it asks for operators of {bytes(value[:40])!r}, which are not ONNX's own.")
        if nested in _REFUSED:
            raise ValueError(f"a graph in it {_REFUSED[nested]}.")
        if nested:
            _check(value, nested, depth + 1, fields_left)


def _fields(data: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """The fields of a message: number, and an int or bytes."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        wire = key & 7
        if wire == 0:
            value, at = _varint(data, at)
        else:
            size = {1: 8, 5: 4}.get(wire)
            if wire == 2:
                size, at = _varint(data, at)
            if size is None or at + size > len(data):
                raise ValueError(_NO_BUFFER)
            value, at = data[at : at + size], at + size
        yield key >> 3, value


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            break
        value |= (data[at] & 0x7F) << shift
        at += 1
        if not data[at - 1] & 0x80:
            return value, at
    raise ValueError(_NO_BUFFER)
