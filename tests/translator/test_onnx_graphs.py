"""Rewrites of graphs that change no number."""

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper
from onnx.helper import make_graph, make_model, make_node, make_opsetid, make_tensor_value_info

from seq2seq.translator.onnx_graphs import drop_unused, simplify
from seq2seq.translator.onnx_session import new_session

WEIGHT = np.array([[0.5, 1.0], [-1.0, 0.25]], np.float32)
START = np.array([[1.0, 2.0]], np.float32)


def value(name, *shape, kind=TensorProto.FLOAT):
    return make_tensor_value_info(name, kind, shape)


def a_loop(*, changes_weight=False):
    """x W W W, with the weight handed from step to step, as tf2onnx writes it; and the weight in the end."""
    body = make_graph(
        [
            make_node("Identity", ["go"], ["on"]),
            make_node("MatMul", ["x", "w"], ["y"]),
            make_node("Identity" if not changes_weight else "Neg", ["w"], ["same"]),
            make_node("Identity", ["same"], ["next"]),
        ],
        "body",
        [value("i", kind=TensorProto.INT64), value("go", kind=TensorProto.BOOL), value("x", 1, 2), value("w", 2, 2)],
        [value("on", kind=TensorProto.BOOL), value("y", 1, 2), value("next", 2, 2)],
    )
    graph = make_graph(
        [make_node("Loop", ["times", "yes", "start", "weight"], ["product", "left"], body=body)],
        "graph",
        [value("start", 1, 2)],
        [value("product", 1, 2), value("left", 2, 2)],
        [
            numpy_helper.from_array(array, name)
            for name, array in {"times": np.array(3), "yes": np.array(True), "weight": WEIGHT}.items()
        ],
    )
    return make_model(graph, opset_imports=[make_opsetid("", 18)], ir_version=10)


def run(model):
    return new_session(model.SerializeToString()).run(None, {"start": START})


def test_weights_are_taken_out_of_loops():
    model = a_loop()
    simplify(model.graph)
    (loop,) = [node for node in model.graph.node if node.op_type == "Loop"]
    assert list(loop.input) == ["times", "yes", "start"] and list(loop.output) == ["product"]
    assert [list(node.input) for node in loop.attribute[0].g.node if node.op_type == "MatMul"] == [["x", "weight"]]
    product, left = run(model)
    np.testing.assert_allclose(product, START @ WEIGHT @ WEIGHT @ WEIGHT, rtol=1e-6)
    np.testing.assert_array_equal(left, WEIGHT)


def test_a_weight_that_a_loop_changes_stays_in_the_loop():
    model, same = a_loop(changes_weight=True), a_loop(changes_weight=True)
    simplify(model.graph)
    assert model.SerializeToString() == same.SerializeToString()
    np.testing.assert_array_equal(run(model)[1], -WEIGHT)


def test_unused_nodes_and_weights_are_dropped():
    model = a_loop()
    del model.graph.output[1]
    model.graph.node.append(make_node("Neg", ["other"], ["unread"]))
    model.graph.node.append(make_node("Neg", ["unread"], ["unread too"]))
    model.graph.initializer.append(numpy_helper.from_array(WEIGHT, "other"))
    drop_unused(model.graph)
    assert [node.op_type for node in model.graph.node] == ["Loop"]
    assert sorted(tensor.name for tensor in model.graph.initializer) == ["times", "weight", "yes"]
    onnx.checker.check_model(model)
