"""What holds for every cell that is linear in its state."""

import numpy as np
import pytest
import tensorflow as tf
from tiny import CELLS, randomise

from seq2seq.layers import LinearCell, Recurrent
from seq2seq.layers.linear_scan import linear_scan
from seq2seq.layers.precision import products

LINEAR = [name for name in CELLS if isinstance(CELLS[name](), LinearCell)]


def test_the_recurrences_are_there():
    assert {"min_gru", "min_lstm", "ssru", "rg_lru", "hgrn"} <= set(LINEAR)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("name", LINEAR)
def test_a_whole_sequence_equals_its_steps_to_rounding(name, precision):
    """`test_recurrent` shows it in float64. In bfloat16 both round the same operands of the products."""
    layer = Recurrent(CELLS[name]())
    layer.build((None, None, 4))
    randomise(layer)
    rng = np.random.default_rng(1)
    x, start = rng.normal(size=(2, 30, 4)).astype("float32"), rng.normal(size=(2, 3)).astype("float32")
    with products(precision):
        outputs, last = layer(x, state={"hidden": tf.constant(start)})
        state, steps = {"hidden": tf.constant(start)}, []
        for t in range(30):
            output, state = layer.cell.step(layer.cell.project(x[:, t]), state)
            steps.append(output)
    np.testing.assert_allclose(outputs, tf.stack(steps, axis=1), atol=3e-6 if precision == "float32" else 3e-2)
    np.testing.assert_allclose(last["hidden"], state["hidden"], atol=1e-6)


@pytest.mark.parametrize("name", LINEAR)
def test_the_decay_is_in_the_range_that_the_scan_asks_for(name):
    """Also where gates are shut or open. So long sequences stay finite, in passes and step by step."""
    cell = CELLS[name]()
    cell.build((None, 4))
    randomise(cell)
    x = 1000.0 * np.random.default_rng(1).normal(size=(2, 40, 4)).astype("float32")
    a, b = cell.elements(cell.project(x))
    assert a.numpy().min() >= 0.0 and a.numpy().max() <= 1.0
    states = [linear_scan(a, b, tf.zeros((2, 3)), parallel=parallel) for parallel in (False, True)]
    np.testing.assert_allclose(*states, rtol=1e-4, atol=1e-2)


def test_refuses_recurrent_dropout():
    with pytest.raises(ValueError, match="recurrent_dropout is 0.3, but MinGRU multiplies its state by no kernel"):
        Recurrent(CELLS["min_gru"](), recurrent_dropout=0.3)
