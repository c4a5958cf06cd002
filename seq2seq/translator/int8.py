"""Weights of 8 bits: products with constant matrices in a graph become products of integers.

x W is computed as s_x (q_x Q) s_W. Each row of x has its own scale, s_x = max |x| / 64, so that the other sentences of
a batch do not change how a sentence is rounded. Each column of W has its own scale s_W. onnxruntime's
`quantize_dynamic` has one scale for all of x, and does not rewrite the bodies of loops.

Embedding tables, from which rows are looked up, have a scale for each row. Transposed, they are the weights of the
output layer, of all tokens or of a shortlist.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import onnx
from onnx import GraphProto, NodeProto, TensorProto, numpy_helper
from onnx.helper import make_node

from seq2seq.translator.onnx_graphs import drop_unused, inner_graphs

__all__ = ["to_int8"]

_MIN_COLUMNS = 8  # a product with fewer columns gains nothing
_MIN_SIZE = 1e-30  # lower bound of a row's largest size, so that a row of zeros has a scale too
_MAX_WEIGHT, _MAX_ROW = 127, 64
# Rows are unsigned, with 64 for 0, and weights signed: products of two signed integers take ten times as long, of two
# unsigned ones twice (onnxruntime 1.32, AVX-512 VNNI). Processors without VNNI add two such products in 16 bits: with
# rows of at most 2 * 64, 2 * 128 * 127 fits.
_CONSTANTS = {
    "int8_zero": np.array(_MAX_ROW, np.uint8),
    "int8_one": np.array(1, np.float32),
    "int8_step": np.array(1 / _MAX_ROW, np.float32),
    "int8_least": np.array(_MIN_SIZE, np.float32),
    "int8_axis": np.array([-1], np.int64),
}


def to_int8(graph: bytes) -> bytes:
    """An ONNX file with its constant matrices rounded to 8 bits.

    Args:
        graph: a float32 file that `to_onnx` made.

    Raises:
        ValueError: a weight is not finite.
    """
    model = onnx.load_model_from_string(graph)
    rounding = _Rounding({tensor.name: tensor for tensor in model.graph.initializer})
    rounding.rewrite(model.graph, {})
    model.graph.initializer.extend(numpy_helper.from_array(values, name) for name, values in rounding.made.items())
    drop_unused(model.graph)
    return model.SerializeToString()


class _Rounded(NamedTuple):
    """The names of the integers of a matrix, and of their scales: one for each row, or one for each column."""

    integers: str
    scales: str


class _Rounding:
    """Rewrites the graph of one model and the graphs inside it.

    Args:
        weights: the model's initializers by name.

    Attributes:
        made: initializers to add, by name.
    """

    def __init__(self, weights: Mapping[str, TensorProto]):
        self.weights = weights
        self.made: dict[str, np.ndarray] = dict(_CONSTANTS)
        self._num_names = 0

    def rewrite(self, graph: GraphProto, columns: Mapping[str, _Rounded]) -> None:
        """Rewrites a graph and those inside it. `drop_unused` has to remove what nothing reads any more.

        Args:
            columns: name -> matrix that was rounded by column in a surrounding graph.
        """
        columns = dict(columns)
        looked_up: dict[str, _Rounded] = {}  # rows looked up in tables, by output name
        multiplied: dict[str, _Rounded] = {}  # left operands of products, by name
        nodes: list[NodeProto] = []
        for node in graph.node:
            for inner in inner_graphs(node):
                self.rewrite(inner, columns)
            left, right = [*node.input, "", ""][:2]
            table, weight = self._is_matrix(left), self._is_matrix(right)
            if node.op_type == "Gather" and table and _axis(node) == 0:
                looked_up[node.output[0]] = _Rounded(*self._new("rows", "scales"))
                nodes += self._look_up(node, self._by_row(left), looked_up[node.output[0]])
            elif node.op_type == "Transpose" and (table or left in looked_up):
                rows = self._by_row(left) if table else looked_up[left]
                columns[node.output[0]] = made = _Rounded(*self._new("columns"), rows.scales)
                nodes += [node, make_node("Transpose", [rows.integers], [made.integers], perm=[1, 0])]
            elif node.op_type == "MatMul" and (weight or right in columns):
                if left not in multiplied:
                    multiplied[left] = _Rounded(*self._new("rows", "scales"))
                    nodes += self._round(left, multiplied[left])
                matrix = self._by_column(right) if weight else columns[right]
                nodes += self._multiply(multiplied[left], matrix, node.output[0])
            else:
                nodes.append(node)
        del graph.node[:]
        graph.node.extend(nodes)

    def _is_matrix(self, name: str) -> bool:
        """Whether a tensor is a weight worth rounding."""
        tensor = self.weights.get(name)
        is_float = tensor is not None and tensor.data_type == TensorProto.FLOAT
        return is_float and len(tensor.dims) == 2 and tensor.dims[1] >= _MIN_COLUMNS

    def _by_row(self, weight: str) -> _Rounded:
        return self._rounded(weight, axis=1, kind="rows")

    def _by_column(self, weight: str) -> _Rounded:
        return self._rounded(weight, axis=0, kind="columns")

    def _rounded(self, weight: str, axis: int, kind: str) -> _Rounded:
        rounded = _Rounded(f"{weight}_int8_{kind}", f"{weight}_scales_{kind}")
        if rounded.integers not in self.made:
            values = numpy_helper.to_array(self.weights[weight])
            if not np.isfinite(values).all():
                raise ValueError("Some of the model's weights are not finite. Take an earlier checkpoint of its run.")
            scales = np.maximum(np.abs(values).max(axis=axis), _MIN_SIZE) / _MAX_WEIGHT
            self.made[rounded.integers] = np.round(values / np.expand_dims(scales, axis)).astype(np.int8)
            self.made[rounded.scales] = scales.astype(np.float32)
        return rounded

    def _look_up(self, node: NodeProto, table: _Rounded, rows: _Rounded) -> list[NodeProto]:
        """Nodes that look up rows of a table, as integers and as float32."""
        numbers, scales = self._new("numbers", "scales")
        return [
            make_node("Gather", [table.integers, node.input[1]], [rows.integers]),
            make_node("Gather", [table.scales, node.input[1]], [rows.scales]),
            make_node("Cast", [rows.integers], [numbers], to=TensorProto.FLOAT),
            make_node("Unsqueeze", [rows.scales, "int8_axis"], [scales]),
            make_node("Mul", [numbers, scales], [node.output[0]]),
        ]

    def _round(self, values: str, rows: _Rounded) -> list[NodeProto]:
        """Nodes that round each row of a tensor to unsigned integers with a scale."""
        sizes, largest, least, steps = self._new("sizes", "largest", "least", "steps")
        return [
            make_node("Abs", [values], [sizes]),
            make_node("ReduceMax", [sizes, "int8_axis"], [largest], keepdims=1),
            make_node("Max", [largest, "int8_least"], [least]),
            make_node("Mul", [least, "int8_step"], [rows.scales]),
            make_node("Div", [values, rows.scales], [steps]),
            make_node("QuantizeLinear", [steps, "int8_one", "int8_zero"], [rows.integers]),
        ]

    def _multiply(self, rows: _Rounded, columns: _Rounded, product: str) -> list[NodeProto]:
        """Nodes that multiply integers and scale the product."""
        total, numbers, by_row = self._new("total", "numbers", "by_row")
        return [
            make_node("MatMulInteger", [rows.integers, columns.integers, "int8_zero"], [total]),
            make_node("Cast", [total], [numbers], to=TensorProto.FLOAT),
            make_node("Mul", [numbers, rows.scales], [by_row]),
            make_node("Mul", [by_row, columns.scales], [product]),
        ]

    def _new(self, *names: str) -> list[str]:
        """Names that the model does not have yet."""
        self._num_names += 1
        return [f"int8_{self._num_names}_{name}" for name in names]


def _axis(node: NodeProto) -> int:
    return next((attribute.i for attribute in node.attribute if attribute.name == "axis"), 0)
