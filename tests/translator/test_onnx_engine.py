"""The engine of exported graphs: forks, and graphs that do not translate."""

import dataclasses
import multiprocessing
import os
import random

import numpy as np
import onnx
import pytest
from onnx import TensorProto, numpy_helper
from onnx.helper import make_graph, make_node, make_tensor_value_info

from seq2seq.search import Beam, search
from seq2seq.text.tokenizer import Tokenizer
from seq2seq.translator import onnx_engine
from seq2seq.translator.onnx_engine import OnnxEngine
from seq2seq.translator.onnx_file import check_onnx

SOURCES = np.array([[5, 6, 7, 8, 3], [4, 3, 0, 0, 0]], np.int32)
HUGE = 10**12


@pytest.fixture(scope="module")
def engine(archive):
    return OnnxEngine.of_archive(archive)


def found(engine, sources=SOURCES):
    return search(engine, sources, Beam(np.full(len(sources), 8), beam_size=3))


def assert_equal(one, other):
    for mine, its in zip(one, other, strict=True):
        np.testing.assert_array_equal(mine, its)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_process_goes_on_with_the_engine(engine):
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=lambda: sender.send(found(engine)))
    child.start()
    assert receiver.poll(60), "the forked process hangs"
    assert_equal(receiver.recv(), found(engine))
    child.join()


def test_a_shortlist_goes_from_the_encoder_to_every_step(engine):
    shortlist = np.array([0, 1, 2, 3, 7, 9], np.int32)
    ids = search(engine, SOURCES, Beam(np.full(2, 8), beam_size=3, n_best=3), shortlist=shortlist).ids
    assert set(ids.ravel()) <= set(shortlist.tolist())
    memory, state = engine.encode(SOURCES, shortlist)
    log_probs, _, _ = engine.step(np.full(2, 2, np.int32), np.arange(2, dtype=np.int32), state, memory, None)
    assert log_probs.shape == (2, engine.target_tokenizer.vocab_size)
    np.testing.assert_allclose(np.exp(log_probs[:, shortlist]).sum(axis=1), 1, rtol=1e-5)
    assert np.isneginf(np.delete(log_probs, shortlist, axis=1)).all()


def changed(archive, name, change):
    """An archive with a graph in which change(graph) has been made."""
    model = onnx.load_model_from_string(archive.graphs[name])
    change(model.graph)
    return dataclasses.replace(archive, graphs={**archive.graphs, name: model.SerializeToString()})


def made_by(*nodes, **constants):
    """The first output of a graph comes from these nodes, whose last gives "y"."""

    def change(graph):
        output = graph.output[0].name
        kept = [node for node in graph.node if output not in node.output]
        del graph.node[:]
        graph.node.extend([*kept, *nodes, make_node("Identity", ["y"], [output])])
        graph.initializer.extend(numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items())

    return change


def a_loop():
    """Doubles for ever."""
    value = make_tensor_value_info
    body = make_graph(
        [make_node("Identity", ["go"], ["on"]), make_node("Add", ["v", "v"], ["w"])],
        "body",
        [value("i", TensorProto.INT64, []), value("go", TensorProto.BOOL, []), value("v", TensorProto.FLOAT, [1])],
        [value("on", TensorProto.BOOL, []), value("w", TensorProto.FLOAT, [1])],
    )
    return make_node("Loop", ["times", "yes", "one"], ["y"], body=body)


ONE = np.ones(1, np.float32)
BOMBS = {
    "a constant of 4 TB": made_by(make_node("ConstantOfShape", ["size"], ["y"]), size=[HUGE]),
    "one number 10^12 times": made_by(make_node("Expand", ["one", "size"], ["y"]), one=ONE, size=[HUGE]),
    "numbers up to 10^12": made_by(
        make_node("Range", ["a", "b", "c"], ["y"]), a=np.float32(0), b=np.float32(HUGE), c=np.float32(1)
    ),
    "a product of 10^12 numbers": made_by(
        make_node("Mul", ["column", "row"], ["y"]),
        column=np.ones((10**6, 1), np.float32),
        row=np.ones((1, 10**6), np.float32),
    ),
}


@pytest.mark.parametrize("bomb", ["a constant of 4 TB", "one number 10^12 times", "numbers up to 10^12"])
@pytest.mark.parametrize("name", ["encoder", "step"])
def test_a_graph_that_asks_for_too_much_memory_is_refused_at_once(archive, bomb, name):
    with pytest.raises(ValueError, match="x.zip cannot be run: it needs more than .* GB at once"):
        OnnxEngine.of_archive(changed(archive, name, BOMBS[bomb]), name="x.zip")


def test_a_product_that_asks_for_too_much_memory_is_refused(archive):
    with pytest.raises(ValueError, match="x.zip cannot be run: it needs more than .* GB at once"):
        archive = changed(archive, "encoder", BOMBS["a product of 10^12 numbers"])
        OnnxEngine.of_archive(archive, name="x.zip")


def test_a_loop_without_end_is_stopped(archive, monkeypatch):
    monkeypatch.setattr(onnx_engine, "_MAX_SECONDS", 0.2)
    loop = made_by(a_loop(), times=np.int64(2**62), yes=np.bool_(True), one=ONE)
    with pytest.raises(ValueError, match="x.zip is not .*: its first step takes longer than 0.2 seconds"):
        OnnxEngine.of_archive(changed(archive, "step", loop), name="x.zip")


def test_graphs_of_another_kind_are_refused(archive):
    swapped = {"encoder": archive.graphs["step"], "step": archive.graphs["encoder"]}
    cut = {**archive.graphs, "step": archive.graphs["step"][:-100]}
    for graphs, message in ((swapped, "a translator's has"), (cut, "a graph in it cannot be opened")):
        with pytest.raises(ValueError, match=f"x.zip is not a translator, or a damaged one: .*{message}") as refused:
            OnnxEngine.of_archive(dataclasses.replace(archive, graphs=graphs), name="x.zip")
        assert "\n" not in str(refused.value)


def test_a_step_for_another_vocabulary_is_refused(archive):
    other = Tokenizer.train(["ab"], kind="char", vocab_size=262).model
    tokenizer = archive.vocabularies["joint.model"]
    changed = dataclasses.replace(archive, vocabularies={"source.model": tokenizer, "target.model": other})
    with pytest.raises(ValueError, match=r"its shifted has shape \(1, 281\); expected \(1, 26\d\)"):
        OnnxEngine.of_archive(changed)


def test_a_step_with_outputs_of_another_type_is_refused(archive):
    def places_as_float(graph):
        (places,) = [output for output in graph.output if output.name == "places"]
        (node,) = [node for node in graph.node if "places" in node.output]
        node.output[:] = ["integers"]
        graph.node.append(make_node("Cast", ["integers"], ["places"], to=TensorProto.FLOAT))
        places.type.tensor_type.elem_type = TensorProto.FLOAT

    with pytest.raises(ValueError, match=r"gives places as tensor\(float\); expected tensor\(int32\)"):
        OnnxEngine.of_archive(changed(archive, "step", places_as_float))


def later(output, *nodes, **constants):
    """From the second step on, or for a second sentence, an output comes from these nodes: from "made" to "y"."""

    def change(graph):
        for node in graph.node:
            node.output[:] = ["made" if name == output else name for name in node.output]
            node.input[:] = ["made" if name == output else name for name in node.input]
        made, y = (onnx.ValueInfoProto(name=name) for name in ("same", "y"))
        branches = {
            "then_branch": make_graph(nodes, "lie", [], [y]),
            "else_branch": make_graph([make_node("Identity", ["made"], ["same"])], "truth", [], [made]),
        }
        source = "source_ids" if output.startswith(("memory", "state")) else "ids"
        graph.node.extend(
            [
                make_node("ReduceMax", [source], ["largest"], keepdims=0),
                make_node("Greater", ["largest", "end"], ["is_later"]),
                make_node("If", ["is_later"], [output], **branches),
            ]
        )
        constants["end"] = np.int32(3)
        graph.initializer.extend(numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items())

    return change


TWICE = make_node("Concat", ["made", "made"], ["y"], axis=0)
WIDER = make_node("Concat", ["made", "made"], ["y"], axis=1)


@pytest.mark.parametrize(
    ("name", "output", "node", "message"),
    [
        ("encoder", "memory_0", TWICE, r"its memory_0 has shape \(4, 5, 16\); expected \(2, \.\.\.\)"),
        ("encoder", "state_0", TWICE, r"its state_0 has shape \(4, 16\); expected \(2, \.\.\.\)"),
        ("step", "next_state_0", TWICE, r"its next_state_0 has shape \(12, 16\); expected \(6, \.\.\.\)"),
        ("step", "ends", TWICE, r"its ends has shape \(12,\); expected \(6,\)"),
        ("step", "best", WIDER, r"its best has shape \(6, 6\); expected \(6, 3\)"),
        ("step", "places", WIDER, r"its places has shape \(6, 6\); expected \(6, 3\)"),
        ("step", "attention", WIDER, r"its attention has shape \(6, 10\); expected \(6, 5\)"),
        ("step", "places", make_node("Neg", ["made"], ["y"]), "it chose a token that is not in its vocabulary"),
        ("step", "places", make_node("Mul", ["made", "made"], ["y"]), "it chose a token that is not in its vocabulary"),
    ],
)
def test_outputs_that_lie_at_a_later_step_are_refused(archive, name, output, node, message):
    engine = OnnxEngine.of_archive(changed(archive, name, later(output, node)), name="x.zip")
    with pytest.raises(ValueError, match=f"x.zip cannot be run: {message}"):
        found(engine)


def test_log_probabilities_that_would_fill_the_memory_are_refused(archive):
    """A column of numbers less a row of them is a table, which NumPy makes without a limit."""
    wider = make_node("Concat", ["made"] * 9, ["y"], axis=1)
    engine = OnnxEngine.of_archive(changed(archive, "step", later("log_sum", wider)), name="x.zip")
    memory, state = engine.encode(SOURCES)
    with pytest.raises(ValueError, match=r"its log_sum has shape \(2, 9\); expected \(2, 1\)"):
        engine.step(np.full(2, 7, np.int32), np.arange(2, dtype=np.int32), state, memory, None)


@pytest.mark.parametrize("kind", ["text", "a sequence"])
def test_a_state_that_is_no_array_of_numbers_is_refused(archive, kind):
    def change(graph):
        (output,) = [output for output in graph.output if output.name == "state_0"]
        (node,) = [node for node in graph.node if "state_0" in node.output]
        node.output[:] = ["made"]
        if kind == "text":
            graph.node.append(make_node("Cast", ["made"], ["state_0"], to=TensorProto.STRING))
            output.type.tensor_type.elem_type = TensorProto.STRING
        else:
            graph.node.append(make_node("SequenceConstruct", ["made"], ["state_0"]))
            output.type.sequence_type.elem_type.tensor_type.elem_type = TensorProto.FLOAT

    with pytest.raises(ValueError, match=r"it gives state_0 as .*(string|seq)"):
        OnnxEngine.of_archive(changed(archive, "encoder", change))


def test_graphs_with_flipped_bits_are_refused_or_run(archive, capfd):
    """Where nodes stand, whoever made the sums in the index right again."""
    draw, refused = random.Random(1), 0
    for number in range(60):
        name = ("encoder", "step")[number % 2]
        nodes = onnx.load_model_from_string(archive.graphs[name]).graph.node
        graph = bytearray(archive.graphs[name])
        graph[draw.randrange(sum(node.ByteSize() for node in nodes))] ^= 1 << draw.randrange(8)
        try:
            check_onnx(graph)
            engine = OnnxEngine.of_archive(
                dataclasses.replace(archive, graphs={**archive.graphs, name: bytes(graph)}), name="x.zip"
            )
            found(engine)
        except ValueError as error:
            assert "\n" not in str(error)
            refused += 1
    assert refused > 30
    assert capfd.readouterr() == ("", "")
