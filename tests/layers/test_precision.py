import numpy as np
import pytest
import tensorflow as tf
from tiny import CELLS

from seq2seq.layers import Recurrent, precision
from seq2seq.layers.losses import cross_entropy
from seq2seq.layers.precision import cast, decide, matmul, products
from seq2seq.layers.scan import deferred_gradients


def random(*shape, dtype="float32", seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


@pytest.mark.parametrize(
    "x_shape, kernel_shape, options",
    [
        ((3, 4), (4, 5), {}),
        ((2, 3, 4), (4, 5), {}),
        ((2, 3, 4), (5, 4), {"transpose_b": True}),
        ((4, 3), (4, 5), {"transpose_a": True}),
        ((2, 3, 4), (2, 5, 4), {"transpose_b": True}),
    ],
)
def test_matmul_is_the_product_in_the_type_of_its_left_operand(x_shape, kernel_shape, options):
    for dtype, tolerance in (("float64", 1e-14), ("float32", 1e-5)):
        x, kernel = random(*x_shape, dtype=dtype), random(*kernel_shape, dtype=dtype, seed=1)
        left = np.swapaxes(x, -1, -2) if options.get("transpose_a") else x
        right = np.swapaxes(kernel, -1, -2) if options.get("transpose_b") else kernel
        product = matmul(x, kernel, **options)
        assert product.dtype == dtype
        np.testing.assert_allclose(product, left @ right, atol=tolerance)


def test_bfloat16_rounds_operands_and_hands_back_float32():
    x, kernel = random(8, 64), random(64, 16, seed=1)
    exact = x @ kernel
    with products("bfloat16"):
        rounded = matmul(x, kernel)
        assert cast(x).dtype == tf.bfloat16
    assert rounded.dtype == tf.float32
    error = np.abs(rounded - exact).max()
    assert 0 < error < 0.02 * np.abs(exact).max()


def test_float64_is_never_rounded():
    x, kernel = random(3, 4, dtype="float64"), random(4, 5, dtype="float64", seed=1)
    with products("bfloat16"):
        np.testing.assert_allclose(matmul(x, kernel), x @ kernel, atol=1e-14)


def test_the_precision_ends_with_its_block():
    x = tf.ones((1, 1))
    with products("bfloat16"):
        with products("float32"):
            assert cast(x).dtype == tf.float32
        assert cast(x).dtype == tf.bfloat16
    assert cast(x).dtype == tf.float32
    with pytest.raises(ZeroDivisionError), products("bfloat16"):
        1 / 0  # noqa: B018
    assert cast(x).dtype == tf.float32


@pytest.mark.parametrize("cell", ["lstm", "gru_before"])
def test_a_layer_and_its_gradients_in_bfloat16_stay_close_and_keep_float32_state(cell):
    layer = Recurrent(CELLS[cell](), backward=True)
    layer.build((None, None, 4))
    x = tf.constant(random(2, 5, 4))

    def run(name):
        @tf.function(autograph=False)
        def traced():
            with products(name), deferred_gradients():
                with tf.GradientTape() as tape:
                    outputs, state = layer(x)
                    loss = tf.reduce_sum(outputs**2)
                return outputs, state, tape.gradient(loss, [weight.value for weight in layer.trainable_weights])

        return traced()

    for rounded, exact in zip(*(tf.nest.flatten(run(name)) for name in ("bfloat16", "float32")), strict=True):
        assert rounded.dtype == exact.dtype == tf.float32
        np.testing.assert_allclose(rounded, exact, atol=0.03 * max(1.0, np.abs(exact).max()))


def test_the_loss_in_bfloat16_stays_close_and_is_float32():
    features, kernel, labels = random(6, 4), random(9, 4, seed=1), np.arange(6)
    exact, _ = cross_entropy(features, kernel, tf.zeros(9), labels, 0.1)
    with products("bfloat16"):
        rounded, _ = cross_entropy(features, kernel, tf.zeros(9), labels, 0.1)
    assert rounded.dtype == tf.float32
    np.testing.assert_allclose(rounded, exact, rtol=0.02)


@pytest.mark.parametrize("speedup, choice", [(1.2, "float32"), (1.4, "bfloat16")])
def test_auto_takes_bfloat16_when_it_is_clearly_faster(monkeypatch, speedup, choice):
    seconds = {"float32": speedup, "bfloat16": 1.0}
    monkeypatch.setattr(precision, "_seconds_of_product", seconds.get)
    assert decide("auto") == choice


def test_auto_measures_and_other_names_stand():
    assert decide("auto") in ("float32", "bfloat16")
    assert decide("float32") == "float32" and decide("bfloat16") == "bfloat16"


def test_refuses_other_names():
    with pytest.raises(ValueError, match="precision is one of auto, float32, bfloat16, not 'half'"):
        decide("half")
    with pytest.raises(ValueError, match="not 'auto'; `decide` turns 'auto' into one"), products("auto"):
        pass
