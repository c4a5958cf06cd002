"""Rewrites ONNX graphs without changing a number, so that loops do less in each step and files are smaller."""

from collections.abc import Iterator, Mapping

from onnx import GraphProto, NodeProto
from onnx.helper import make_node

__all__ = ["drop_unused", "inner_graphs", "simplify"]


def simplify(graph: GraphProto) -> None:
    """Takes weights out of loops.

    onnxruntime prepares constant weights for products when it opens a file, but not those that a loop hands from step
    to step.
    """
    _take_out_of_loops(graph, {tensor.name for tensor in graph.initializer})
    drop_unused(graph)


def inner_graphs(node: NodeProto) -> list[GraphProto]:
    """The graphs inside a node: the body of a loop, the branches of a condition."""
    return [attribute.g for attribute in node.attribute if attribute.HasField("g")]


def _take_out_of_loops(graph: GraphProto, weights: set[str]) -> None:
    """Lets the bodies of loops read weights from outside."""
    nodes = []
    for node in graph.node:
        nodes.append(node)
        for inner in inner_graphs(node):
            _take_out_of_loops(inner, weights)
            if node.op_type == "Loop":
                nodes += _read_from_outside(node, inner, weights)
    del graph.node[:]
    graph.node.extend(nodes)


def _read_from_outside(loop: NodeProto, body: GraphProto, weights: set[str]) -> Iterator[NodeProto]:
    """Removes weights from the variables that a loop hands from step to step.

    Yields:
        A node in place of each output of the loop that was removed with them.
    """
    made_by = {output: node for node in body.node for output in node.output}
    for place in reversed(range(len(loop.input) - 2)):  # after the number of steps and the condition
        weight, name, end = loop.input[2 + place], body.input[2 + place].name, body.output[1 + place].name
        while end in made_by and made_by[end].op_type == "Identity":
            end = made_by[end].input[0]
        if weight in weights and end == name:
            _rename(body, {name: weight})
            yield make_node("Identity", [weight], [loop.output[place]])
            del loop.input[2 + place], loop.output[place], body.input[2 + place], body.output[1 + place]


def _rename(graph: GraphProto, names: Mapping[str, str]) -> None:
    """Renames the tensors that a graph and those inside it read."""
    for node in graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
        for inner in inner_graphs(node):
            _rename(inner, names)


def drop_unused(graph: GraphProto) -> None:
    """Removes nodes and weights that nothing reads."""
    used = set(_read(graph))
    while _drop_nodes(graph, used):
        used = set(_read(graph))
    kept = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)


def _drop_nodes(graph: GraphProto, used: set[str]) -> bool:
    """Removes the nodes of a graph, and of those inside it, whose outputs nothing reads; returns whether it did."""
    kept = [node for node in graph.node if used.intersection(node.output)]
    dropped = len(kept) < len(graph.node)
    if dropped:
        del graph.node[:]
        graph.node.extend(kept)
    return any([dropped, *[_drop_nodes(inner, used) for node in graph.node for inner in inner_graphs(node)]])


def _read(graph: GraphProto) -> Iterator[str]:
    """The names that a graph and those inside it read."""
    yield from (output.name for output in graph.output)
    for node in graph.node:
        yield from node.input
        for inner in inner_graphs(node):
            yield from _read(inner)
