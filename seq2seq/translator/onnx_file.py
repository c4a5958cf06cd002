"""Checks an ONNX file that may come from a stranger.

onnxruntime 1.32 reads external data by relative path, `../` included, even for a graph that is loaded from memory. So a
file is checked before onnxruntime gets it. It is a protocol buffer: nested messages, whose fields have a number, a wire
type and a value. Only the fields that matter are checked (onnx/onnx.proto3, stable since 2017).
"""

from collections import Counter
from collections.abc import Iterator

__all__ = ["check_onnx"]

_MAX_DEPTH = 32  # graphs inside nodes inside graphs
_MAX_FIELDS = 200_000  # a translator has some ten thousand
_MAX_NODES = 4_000  # a translator has some hundred; onnxruntime's time to open a graph rises with the square
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
_UNLIMITED = "a graph in it makes text or sequences, whose size has no limit."
_SEQUENCES = (b"SplitToSequence", b"SequenceConstruct", b"SequenceEmpty", b"SequenceInsert")
_OPERATOR, _DOMAIN = 4, 7  # of a node
_EXTERNAL_DATA, _DATA_LOCATION = 13, 14
_DATA_TYPE, _STRING = 2, 8  # of a tensor
_NAME, _INTEGER = 1, 3  # of an attribute


def check_onnx(data: bytes) -> None:
    """Refuses a model with operators other than ONNX's own, functions, text, sequences, or data outside the file.

    Raises:
        ValueError: the model has one of these, or the bytes are no protocol buffer.
    """
    _check(memoryview(data), "Model", 0, Counter())


def _check(data: memoryview, kind: str, depth: int, counts: Counter[str | None]) -> None:
    if depth > _MAX_DEPTH:
        raise ValueError("its graphs are nested too deeply.")
    fields: dict[int, int | memoryview] = {}  # of an attribute
    for number, value in _fields(data):
        nested = _NESTED[kind].get(number)
        counts["fields"] += 1
        counts[nested] += 1
        if counts["fields"] > _MAX_FIELDS or counts["Node"] > _MAX_NODES:
            raise ValueError(f"a graph in it has more than {_MAX_FIELDS:,} fields or {_MAX_NODES:,} nodes.")
        if kind == "Tensor" and number == _DATA_TYPE and _is_string(value):
            raise ValueError(_UNLIMITED)
        if kind == "Attribute" and number in (_NAME, _INTEGER):
            fields[number] = value
        if kind == "Tensor" and (number == _EXTERNAL_DATA or number == _DATA_LOCATION and value != 0):
            raise ValueError("a graph in it names data outside the file.")
        if (nested or kind == "Node" and number in (_OPERATOR, _DOMAIN)) and not isinstance(value, memoryview):
            raise ValueError(_NO_BUFFER)
        if kind == "Node" and number == _OPERATOR and value in _SEQUENCES:
            raise ValueError(_UNLIMITED)
        if kind == "Node" and number == _DOMAIN and bytes(value) not in (b"", b"ai.onnx"):
            raise ValueError(f"a graph in it asks for operators of {bytes(value[:40])!r}, which are not ONNX's own.")
        if nested in _REFUSED:
            raise ValueError(f"a graph in it {_REFUSED[nested]}.")
        if nested:
            _check(value, nested, depth + 1, counts)
    name = fields.get(_NAME)
    if name in (b"value_string", b"value_strings") or name == b"to" and _is_string(fields.get(_INTEGER)):
        raise ValueError(_UNLIMITED)


def _is_string(value: int | memoryview | None) -> bool:
    """Whether a data type is text. Readers take the lower 32 bits of its number."""
    return isinstance(value, int) and value & 0xFFFFFFFF == _STRING


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
