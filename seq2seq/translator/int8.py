"""Weights of 8 bits: products with constant matrices in a graph become products of integers.

x W is computed as s_x (q_x Q) s_W. Each row of x has a scale of its own, s_x = max |x| / 127, so that a sentence is
rounded alike whatever stands beside it in the batch; each column of W has one, s_W, too. `quantize_dynamic` of
onnxruntime scales the whole of x at once, and leaves the bodies of loops as they are.
"""

from collections.abc import Iterator

import numpy as np
import onnx
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, numpy_helper
from onnx.helper import make_node

__all__ = ["to_int8"]

_LEAST_COLUMNS = 8  # a product with fewer is a sum, cheap as it is
_ZERO = 128  # where 0 lies among unsigned integers: processors multiply unsigned rows by signed columns


def to_int8(graph: bytes) -> bytes:
    """An ONNX file with its constant matrices rounded to 8 bits.

    Args:
        graph: a float32 file that `to_onnx` made.

    Raises:
        ValueError: a weight is not finite.
    """
    model = onnx.load_model_from_string(graph)
    _Rounding(model).rewrite()
    _drop_unused(model)
    return model.SerializeToString()


class _Rounding:
    """Rewrites the products of one model."""

    def __init__(self, model: ModelProto):
        self._graph = model.graph
        self._weights = {tensor.name: tensor for tensor in model.graph.initializer}
        self._rounded: dict[str, tuple[str, str]] = {}  # weight -> names of its integers and scales
        self._count = 0

    def rewrite(self) -> None:
        self._add("int8_zero", np.array(_ZERO, np.uint8))
        self._add("int8_zero_float", np.array(_ZERO, np.float32))
        self._add("int8_most", np.array(127, np.float32))
        self._add("int8_least", np.array(1e-30, np.float32))  # a row of zeros has a scale too
        self._add("int8_axis", np.array([-1], np.int64))
        self._rewrite(self._graph, {name: name for name in self._weights})

    def _rewrite(self, graph: GraphProto, constants: dict[str, str]) -> None:
        """Rewrite a graph and those inside it; `constants`: names in it -> weights."""
        picked = dict(_columns_of(graph, constants))
        rows: dict[str, tuple[str, str]] = {}  # what was rounded in this graph: tensor -> integers, scales
        nodes = []
        for node in graph.node:
            for inner, names in _inner_graphs(node, constants):
                self._rewrite(inner, {**constants, **names})
            if node.op_type != "MatMul":
                nodes.append(node)
            elif self._is_matrix(constants.get(node.input[1])):
                nodes += self._product(node, *self._integers(constants[node.input[1]]), rows)
            elif node.input[1] in picked:
                weight, indices = picked[node.input[1]]
                columns = [f"{name}_{self._count}" for name in ("columns", "scales")]
                for name, rounded, axis in zip(columns, self._integers(weight), (1, 0), strict=True):
                    nodes.append(make_node("Gather", [rounded, indices], [name], axis=axis))
                nodes += self._product(node, *columns, rows)
            else:
                nodes.append(node)
        del graph.node[:]
        graph.node.extend(nodes)

    def _product(
        self, node: NodeProto, integers: str, scales: str, rows: dict[str, tuple[str, str]]
    ) -> Iterator[NodeProto]:
        """The nodes that take the place of a product."""
        self._count += 1
        mark = f"int8_{self._count}"
        left = node.input[0]
        if left not in rows:
            yield make_node("Abs", [left], [f"{mark}_abs"])
            yield make_node("ReduceMax", [f"{mark}_abs", "int8_axis"], [f"{mark}_max"], keepdims=1)
            yield make_node("Max", [f"{mark}_max", "int8_least"], [f"{mark}_largest"])
            yield make_node("Div", [f"{mark}_largest", "int8_most"], [f"{mark}_scale"])
            yield make_node("Div", [left, f"{mark}_scale"], [f"{mark}_scaled"])
            yield make_node("Round", [f"{mark}_scaled"], [f"{mark}_round"])
            yield make_node("Add", [f"{mark}_round", "int8_zero_float"], [f"{mark}_shifted"])
            yield make_node("Cast", [f"{mark}_shifted"], [f"{mark}_rows"], to=TensorProto.UINT8)
            rows[left] = f"{mark}_rows", f"{mark}_scale"
        row_integers, row_scales = rows[left]
        yield make_node("MatMulInteger", [row_integers, integers, "int8_zero"], [f"{mark}_sum"])
        yield make_node("Cast", [f"{mark}_sum"], [f"{mark}_float"], to=TensorProto.FLOAT)
        yield make_node("Mul", [f"{mark}_float", row_scales], [f"{mark}_by_row"])
        yield make_node("Mul", [f"{mark}_by_row", scales], [node.output[0]])

    def _is_matrix(self, name: str | None) -> bool:
        tensor = self._weights.get(name)
        is_float = tensor is not None and tensor.data_type == TensorProto.FLOAT
        return is_float and len(tensor.dims) == 2 and tensor.dims[1] >= _LEAST_COLUMNS

    def _integers(self, name: str) -> tuple[str, str]:
        """The names of a weight's integers (D, P) and scales (P,)."""
        if name not in self._rounded:
            weight = numpy_helper.to_array(self._weights[name])
            if not np.isfinite(weight).all():
                raise ValueError("Some of the model's weights are not finite. Take an earlier checkpoint of its run.")
            scales = np.maximum(np.abs(weight).max(axis=0), 1e-30) / 127
            self._rounded[name] = f"{name}_int8", f"{name}_scales"
            self._add(f"{name}_int8", np.round(weight / scales).astype(np.int8))
            self._add(f"{name}_scales", scales.astype(np.float32))
        return self._rounded[name]

    def _add(self, name: str, values: np.ndarray) -> None:
        self._graph.initializer.append(numpy_helper.from_array(values, name))


def _inner_graphs(node: NodeProto, constants: dict[str, str]) -> Iterator[tuple[GraphProto, dict[str, str]]]:
    """The graphs inside a node, and which of their own names are weights.

    TensorFlow hands the weights of a loop from step to step as they are.
    """
    for attribute in node.attribute:
        if attribute.type != onnx.AttributeProto.GRAPH:
            continue
        inner, names = attribute.g, {}
        if node.op_type == "Loop":
            made_by = {output: one for one in inner.node for output in one.output}
            for given, begin, end in zip(node.input[2:], inner.input[2:], inner.output[1:], strict=False):
                if given in constants and _origin(end.name, made_by) == begin.name:
                    names[begin.name] = constants[given]
        yield inner, names


def _origin(name: str, made_by: dict[str, NodeProto]) -> str:
    """What a tensor is a copy of."""
    while name in made_by and made_by[name].op_type == "Identity":
        name = made_by[name].input[0]
    return name


def _columns_of(graph: GraphProto, constants: dict[str, str]) -> Iterator[tuple[str, tuple[str, str]]]:
    """Tensors that are some columns of a weight: name -> (weight, what picks the columns)."""
    for node in graph.node:
        axis = next((attribute.i for attribute in node.attribute if attribute.name == "axis"), 0)
        if node.op_type == "Gather" and axis == 1 and node.input[0] in constants:
            yield node.output[0], (constants[node.input[0]], node.input[1])


def _drop_unused(model: ModelProto) -> None:
    """Remove nodes and weights that nothing reads any more."""
    while True:
        used = set(_read(model.graph))
        if not _drop_nodes(model.graph, used):
            break
    kept = [tensor for tensor in model.graph.initializer if tensor.name in used]
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)


def _drop_nodes(graph: GraphProto, used: set[str]) -> bool:
    """Remove the nodes of a graph, and of those inside it, of which nothing is read; whether there were any."""
    unused = [node for node in graph.node if not used.intersection(node.output)]
    for node in unused:
        graph.node.remove(node)
    inner = [attribute.g for node in graph.node for attribute in node.attribute if attribute.HasField("g")]
    return any([bool(unused), *[_drop_nodes(one, used) for one in inner]])


def _read(graph: GraphProto) -> Iterator[str]:
    """The names that a graph and those inside it read."""
    yield from (output.name for output in graph.output)
    for node in graph.node:
        yield from node.input
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                yield from _read(attribute.g)
