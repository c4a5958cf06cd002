"""What an ONNX file from a stranger may hold: graphs that compute, with all their weights inside."""

import onnx
import pytest
from onnx import TensorProto
from onnx.helper import make_graph, make_model, make_node, make_opsetid, make_sparse_tensor, make_tensor

from seq2seq.translator import onnx_file
from seq2seq.translator.onnx_file import check_onnx


def a_graph(*nodes, initializers=()):
    return make_model(make_graph(nodes, "graph", [], [], initializers), opset_imports=[make_opsetid("", 18)])


def external(field="location"):
    tensor = TensorProto(name="w", data_type=TensorProto.UINT8, dims=[16])
    if field == "location":
        tensor.data_location = TensorProto.EXTERNAL
    else:
        tensor.external_data.add(key="location", value="../../etc/passwd")
    return tensor


def inside(operator, attribute, *nodes):
    return a_graph(make_node(operator, ["m", "c"], ["y"], **{attribute: make_graph(nodes, "body", [], [])}))


def sparse():
    values, indices = make_tensor("v", TensorProto.FLOAT, [1], [1.0]), make_tensor("i", TensorProto.INT64, [1], [0])
    return make_sparse_tensor(values, indices, [10**10])


def a_function():
    model = a_graph()
    model.functions.append(onnx.helper.make_function("evil", "f", [], [], [], [make_opsetid("", 18)]))
    return model


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (a_graph(initializers=[external()]), "names data outside the file"),
        (a_graph(initializers=[external("data")]), "names data outside the file"),
        (a_graph(make_node("Constant", [], ["c"], value=external())), "names data outside the file"),
        (inside("Loop", "body", make_node("Constant", [], ["c"], value=external())), "names data outside the file"),
        (inside("If", "then_branch", make_node("Constant", [], ["c"], value=external())), "names data outside"),
        (a_graph(make_node("Steal", ["x"], ["y"], domain="evil")), "asks for operators of b'evil'"),
        (a_graph(make_node("EPContext", ["x"], ["y"], domain="com.microsoft")), "operators of b'com.microsoft'"),
        (inside("Loop", "body", make_node("Steal", ["x"], ["y"], domain="evil")), "asks for operators of b'evil'"),
        (a_graph(make_node("Constant", [], ["c"], sparse_value=sparse())), "holds sparse tensors"),
        (a_function(), "brings functions of its own"),
        (a_graph(initializers=[make_tensor("s", TensorProto.STRING, [1], [b"text"])]), "makes text or sequences"),
        (a_graph(make_node("Constant", [], ["s"], value_string="text")), "makes text or sequences"),
        (a_graph(make_node("Constant", [], ["s"], value_strings=["text"])), "makes text or sequences"),
        (a_graph(make_node("Cast", ["x"], ["s"], to=TensorProto.STRING)), "makes text or sequences"),
        (inside("Loop", "body", make_node("Cast", ["x"], ["s"], to=TensorProto.STRING)), "makes text or sequences"),
        (a_graph(make_node("SplitToSequence", ["x"], ["s"])), "makes text or sequences"),
        (inside("Loop", "body", make_node("SequenceInsert", ["s", "x"], ["s"])), "makes text or sequences"),
        (a_graph(*[make_node("Relu", ["x"], ["x"])] * 4001), "more than 200,000 fields or 4,000 nodes"),
    ],
)
def test_a_graph_computes_and_does_nothing_else(model, message):
    with pytest.raises(ValueError, match=message):
        check_onnx(model.SerializeToString())


def length_delimited(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def varint(number):
    out = b""
    while number > 0x7F:
        out, number = out + bytes([number & 0x7F | 0x80]), number >> 7
    return out + bytes([number])


@pytest.mark.parametrize(
    "data",
    [
        b"\xff",  # a number that does not end
        b"\x80" * 20,  # one that is too long
        b"\x3a\x7f",  # longer than the file
        b"\x38\x01",  # the graph as a number
        b"\x3b",  # a wire type of long ago
        length_delimited(7, length_delimited(1, b"\x38" + varint(10**15))),  # the domain of a node as a number
    ],
)
def test_bytes_that_are_no_protocol_buffer_are_refused(data):
    with pytest.raises(ValueError, match="is no protocol buffer"):
        check_onnx(data)


def test_deep_nesting_is_refused_and_does_not_crash():
    data = b""
    for _ in range(200):  # a graph in an attribute in a node in a graph ...
        for number in (6, 5, 1):
            data = length_delimited(number, data)
    with pytest.raises(ValueError, match="nested too deeply"):
        check_onnx(length_delimited(7, data))


def test_a_file_of_nothing_but_fields_is_refused_before_they_are_all_read(monkeypatch):
    monkeypatch.setattr(onnx_file, "_MAX_FIELDS", 100)
    graph = length_delimited(7, length_delimited(1, b"\x08\x01") * 60)  # 1 + 60 * 2 fields
    with pytest.raises(ValueError, match="more than 100 fields or"):
        check_onnx(graph + b"\xff")


def test_own_graphs_pass(archive):
    for graph in archive.graphs.values():
        check_onnx(graph)
