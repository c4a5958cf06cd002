import numpy as np
import pytest
import tensorflow as tf
from machine import needs_int8

from seq2seq.layers import GRU, LSTM, Elman, Recurrent, TokenEmbedding, int8
from seq2seq.layers.int8 import quantize
from seq2seq.layers.precision import decide, matmul, products, take_columns


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def traced(function, *inputs):
    """What the function gives in a graph: there are no such products outside of one."""
    return tf.nest.map_structure(lambda x: x.numpy(), tf.function(function, autograph=False)(*inputs))


def test_a_kernel_is_rounded_to_127_steps_of_each_column():
    kernel = np.float32([[1.0, 0.0, -254.0], [-0.5, 0.0, 3.0]])
    found = quantize(kernel)
    assert found.values.dtype == np.int8 and found.values.tolist() == [[127, 0, -127], [-64, 0, 2]]
    np.testing.assert_allclose(found.scales[[0, 2]], [1 / 127, 2.0])
    np.testing.assert_array_equal(found.column_sums, [63, 0, -125])


def product_of_rounded(x, kernel, bounded):
    """The equation: r (a A) s in float64, x ~ a r, W ~ A s."""
    row_scales = 1 / 127 if bounded else np.abs(x).max(-1, keepdims=True).astype(np.float64) / 127
    steps = np.round(np.divide(x, row_scales, where=row_scales != 0, out=np.zeros(x.shape)))
    found = quantize(kernel)
    return row_scales * (steps @ found.values.astype(np.float64)) * found.scales


@needs_int8
@pytest.mark.parametrize("bounded", [False, True])
@pytest.mark.parametrize("shape", [(5, 64), (2, 3, 64)])
def test_the_product_is_that_of_the_rounded_numbers(shape, bounded):
    x, kernel = np.tanh(random(*shape)), random(64, 7, seed=1) * np.float32([1, 10, 0.1, 3, 0, 1e-4, 100])
    x[0] = 0.0  # a state before the first token
    found = traced(lambda x: int8.matmul(x, quantize(kernel), bounded=bounded), x)
    assert found.shape == (*shape[:-1], 7) and found.dtype == np.float32
    expected = product_of_rounded(x, kernel, bounded)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(found[..., 5], expected[..., 5], atol=1e-7)  # the column of the smallest numbers
    assert not found[0].any()  # zeros stay zeros


@needs_int8
def test_large_entries_of_one_row_cost_the_others_nothing():
    x, kernel = random(3, 64), random(64, 8, seed=1)
    x[0] *= 1000
    together, alone = (traced(lambda x: int8.matmul(x, quantize(kernel)), rows) for rows in (x, x[1:]))
    np.testing.assert_allclose(together[1:], alone, rtol=1e-5, atol=1e-5)
    assert np.abs(alone - x[1:] @ kernel).max() < 0.02 * np.abs(alone).max()


@needs_int8
def test_what_is_not_a_number_stays_none():
    x, kernel = np.ones((2, 4), np.float32), np.ones((4, 3), np.float32)
    x[0, 0] = np.nan
    found = traced(lambda x: int8.matmul(x, quantize(kernel)), x)
    assert np.isnan(found[0]).all()
    np.testing.assert_allclose(found[1], 4.0, rtol=1e-6)


@needs_int8
def test_only_products_with_the_weights_given_are_rounded():
    layer, x, other = TokenEmbedding(9, 16), random(4, 16), tf.constant(random(16, 5))
    layer.build()
    weights = {id(layer.table): layer.table.numpy()}

    def run(x):
        with products("int8", weights):
            kernel = take_columns(layer.table, tf.constant([7, 2]))
            return matmul(x, layer.table, transpose_b=True), matmul(x, kernel), matmul(x, other)

    all_columns, two, plain = traced(run, x)
    np.testing.assert_allclose(all_columns, product_of_rounded(x, weights[id(layer.table)].T, False), atol=1e-4)
    np.testing.assert_array_equal(two, all_columns[:, [7, 2]])
    np.testing.assert_allclose(plain, x @ other.numpy(), rtol=1e-5, atol=1e-5)


def test_columns_of_a_table_without_rounding():
    table, x = random(9, 16), random(4, 16, seed=1)
    np.testing.assert_allclose(matmul(x, take_columns(table, [7, 2])), x @ table[[7, 2]].T, rtol=1e-5, atol=1e-5)


@needs_int8
@pytest.mark.parametrize("cell", [Elman(16), GRU(16), GRU(16, reset="before"), LSTM(16)])
@pytest.mark.parametrize("num_steps", [1, 6])  # a loop, and none
def test_a_layer_stays_close_to_its_float32(cell, num_steps):
    layer = Recurrent(cell.copy("cell"))
    layer.build((None, None, 8))
    weights = {id(kernel): kernel.numpy() for kernel in layer.cell.recurrent_kernels}

    def run(x, state):
        with products("int8", weights):
            return layer(x, state=state)[0]

    x, state = random(3, num_steps, 8), tuple(np.tanh(random(3, size)) for size in layer.cell.state_sizes)
    found, plain = traced(run, x, state), layer(x, state=state)[0].numpy()
    assert 0 < np.abs(found - plain).max() < 0.02


def test_is_refused_where_it_would_lose_something(monkeypatch):
    monkeypatch.setattr(int8, "is_available", lambda: False)
    with pytest.raises(ValueError, match="int8 needs a processor.*Take float32"):
        decide("int8")


def test_is_never_chosen_by_itself_and_never_without_weights():
    assert decide("auto") != "int8"
    with pytest.raises(ValueError, match="int8 needs the weights"), products("int8"):
        pass


def test_a_rounded_kernel_is_not_transposed():
    with pytest.raises(ValueError, match="as it is"):
        matmul(random(2, 3), quantize(random(4, 3)), transpose_b=True)


def test_sums_of_16_bits_are_noticed(monkeypatch):
    """What processors without these instructions would give: two products at a time, cut at 16 bits."""

    def cut(x, kernel, **_):
        pair = min(2 * 255 * 127, 2**15 - 1)
        return tf.fill((64, kernel.values.shape[1]), (256 * pair - 128 * 127 * 512) / 127**2)

    monkeypatch.setattr(int8, "matmul", cut)
    assert not int8.is_available.__wrapped__()  # asked anew
