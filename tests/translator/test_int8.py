"""Weights of 8 bits in exported graphs."""

import dataclasses
import shutil

import numpy as np
import onnx
import pytest

from seq2seq.search import Beam, search
from seq2seq.translator import Translator, int8
from seq2seq.translator.archive import write_archive
from seq2seq.translator.int8 import to_int8
from seq2seq.translator.onnx_engine import OnnxEngine
from seq2seq.translator.onnx_session import new_session

SOURCES = np.array([[5, 6, 7, 8, 9, 10, 11, 3], [12, 13, 3, 0, 0, 0, 0, 0], [20, 21, 22, 23, 3, 0, 0, 0]], np.int32)


@pytest.fixture(scope="module")
def rounded(archive):
    return {name: to_int8(graph) for name, graph in archive.graphs.items()}


@pytest.fixture(scope="module")
def engine(archive, rounded):
    return OnnxEngine.of_archive(dataclasses.replace(archive, graphs=rounded, precision="int8"))


def found(engine, sources, **options):
    return search(engine, sources, Beam(np.full(len(sources), 12), beam_size=3, n_best=3), **options)


def operators(graph):
    for node in graph.node:
        yield node.op_type, list(node.input)
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from operators(attribute.g)


def test_every_product_with_a_matrix_of_weights_is_one_of_integers(rounded):
    """Those in the encoder's loops and behind the condition of the shortlist too."""
    for name, graph in rounded.items():
        model = onnx.load_model_from_string(graph)
        matrices = {one.name for one in model.graph.initializer if one.data_type == 1 and min([2, *one.dims]) > 1}
        found = list(operators(model.graph))
        assert not any(kind == "MatMul" and matrices.intersection(names) for kind, names in found)
        assert sum(kind == "MatMulInteger" for kind, _ in found) == {"encoder": 6, "step": 8}[name]


def test_files_shrink_and_store_each_table_as_integers(archive, rounded):
    for name, graph in archive.graphs.items():
        sizes = [
            {one.name: len(one.raw_data) for one in onnx.load_model_from_string(data).graph.initializer}
            for data in (graph, rounded[name])
        ]
        assert sum(sizes[1].values()) < 0.35 * sum(sizes[0].values())
        assert any(each.endswith("_int8_rows") for each in sizes[1])


def test_two_products_fit_into_16_bits():
    """Processors without an instruction for it add pairs of products in 16 bits, which stop at 2^15 - 1."""
    assert 2 * (2 * int8._MAX_ROW) * int8._MAX_WEIGHT < 2**15
    weight = np.full((16, 8), 3, np.float32)
    rows = np.array([[5] * 16, [-5] * 16, [1e-3] * 16], np.float32)
    np.testing.assert_allclose(product(rows, weight), rows @ weight, rtol=1e-5)


@pytest.mark.parametrize("shortlist", [None, np.array([0, 1, 2, 3, 5, 9, 200], np.int32)])
def test_log_probs_change_little(engine, archive, shortlist):
    exact, changed = (_first_step(each, shortlist) for each in (OnnxEngine.of_archive(archive), engine))
    assert not np.array_equal(exact, changed)
    assert np.nanmean(np.abs(exact - changed)) < 0.1 * np.nanstd(exact)


def _first_step(engine, shortlist):
    """Log-probabilities after the beginning; NaN outside the shortlist."""
    memory, state = engine.encode(SOURCES, shortlist)
    found, _, _ = engine.step(np.full(3, 2, np.int32), np.arange(3, dtype=np.int32), state, memory, None)
    return np.where(np.isinf(found), np.nan, found)


def test_the_other_sentences_of_a_batch_have_no_influence(engine):
    together = found(engine, SOURCES)
    for row, source in enumerate(SOURCES):
        alone = found(engine, source[source != 0][np.newaxis])
        for name in ("ids", "lengths", "log_probs"):
            mine, its = getattr(together, name)[row], getattr(alone, name)[0]
            np.testing.assert_allclose(mine[..., : its.shape[-1]] if name == "ids" else mine, its, rtol=1e-6)


def product(x, weight):
    """x W as a rounded graph computes it."""
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("MatMul", ["x", "w"], ["y"])],
        "product",
        [onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [None] * x.ndim)],
        [onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [None] * x.ndim)],
        [onnx.numpy_helper.from_array(weight, "w")],
    )
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 18)], ir_version=10)
    return new_session(to_int8(model.SerializeToString())).run(None, {"x": x})[0]


def test_products_are_those_of_rounded_rows_and_columns():
    """x W by hand: each row of x and each column of W is a whole number of steps."""
    rng = np.random.default_rng(1)
    x, weight = rng.normal(size=(4, 16)).astype(np.float32), rng.normal(size=(16, 8)).astype(np.float32)
    x[1] = 0
    steps_x = np.maximum(np.abs(x).max(axis=1, keepdims=True), 1e-30) / 64
    steps_w = np.abs(weight).max(axis=0) / 127
    expected = (np.round(x / steps_x) @ np.round(weight / steps_w)) * steps_x * steps_w
    np.testing.assert_allclose(product(x, weight), expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("shape", [(2, 3, 16), (1, 16), (0, 16)])
def test_rows_are_those_of_the_last_dimension(shape):
    rng = np.random.default_rng(1)
    x, weight = rng.normal(size=(2, 3, 16)).astype(np.float32), np.eye(16, dtype=np.float32)
    x = x.reshape(-1)[: np.prod(shape)].reshape(shape)
    found = product(x, weight)
    assert np.abs(found - x).max(initial=0) <= np.abs(x).max(initial=0) / 64


def test_weights_that_are_not_finite_are_refused(archive):
    model = onnx.load_model_from_string(archive.graphs["step"])
    (tensor, *_) = [one for one in model.graph.initializer if len(one.dims) == 2 and one.dims[1] > 8]
    values = onnx.numpy_helper.to_array(tensor).copy()
    values[0, 0] = np.nan
    tensor.CopyFrom(onnx.numpy_helper.from_array(values, tensor.name))
    with pytest.raises(ValueError, match="weights are not finite"):
        to_int8(model.SerializeToString())


def test_a_folder_keeps_the_rounded_graphs(run_folder, tmp_path):
    for name in ("translator.keras", "translator.zip"):
        shutil.copy(run_folder / name, tmp_path)
    exact, rounded = (Translator.load(tmp_path, precision=precision) for precision in ("float32", "int8"))
    assert (exact.precision, rounded.precision) == ("float32", "int8")
    made = (tmp_path / "translator.int8.zip").stat().st_mtime_ns
    again = Translator.load(tmp_path, precision="int8").translate(["ein Hund"])
    assert again == rounded.translate(["ein Hund"])
    assert (tmp_path / "translator.int8.zip").stat().st_mtime_ns == made


@pytest.mark.parametrize("precision", ["float32", "int8"])
def test_a_model_exported_in_int8_stays_in_int8(archive, rounded, tmp_path, precision):
    archive = dataclasses.replace(archive, graphs=rounded, precision="int8")
    write_archive(archive, tmp_path / "translator.zip")
    for path in (tmp_path / "translator.zip", tmp_path):  # alone, or copied into a folder without a Keras model
        assert Translator.load(path, precision=precision).precision == "int8"
