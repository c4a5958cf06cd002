import numpy as np
import tensorflow as tf

from seq2seq.layers import SSRU


def test_the_state_may_be_negative_and_the_output_may_not():
    """With the gate at one half, the state is the mean of the last one and the candidate."""
    cell = SSRU(2)
    cell.build((None, 1))
    cell.bias.assign([0.0, 0.0, 1.0, -4.0])
    output, state = cell.step(cell.project(tf.zeros((1, 1))), {"hidden": tf.constant([[2.0, 2.0]])})
    np.testing.assert_allclose(state["hidden"], [[1.5, -1.0]])
    np.testing.assert_allclose(output, [[1.5, 0.0]])
