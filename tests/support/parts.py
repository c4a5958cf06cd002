"""Parts that use all that the contracts allow, and that the package does not have.

They import nothing of the tests, so that this file also serves as one that a user gives by `parts.py:SlowUnits`.
"""

import keras
import tensorflow as tf

from seq2seq.layers import AdditiveAttention, Cell, StatePart
from seq2seq.layers.precision import matmul


class SlowUnits(Cell):
    """h_t = tanh(W_hh h_(t-1) + W_ss s_(t-1) + W_x x_t + b), and s_t = the first two of h_t where t is even.

    Its output [h_t; s_t] is larger than its hidden state, s starts from zeros, and a step depends on its number (after
    Koutnik et al., 2014).
    """

    def __init__(self, units, **kwargs):
        super().__init__(units, num_blocks=1, **kwargs)

    state_parts = property(lambda self: (StatePart("hidden", self.units), StatePart("slow", 2, bridged=False)))
    output_size = property(lambda self: self.units + 2)
    recurrent_kernels = property(lambda self: [self.recurrent_kernel, self.slow_kernel])

    def build(self, input_shape):
        super().build(input_shape)
        self.recurrent_kernel = self.add_recurrent_kernel("recurrent_kernel", 1)
        self.slow_kernel = self.add_weight(name="slow_kernel", shape=(2, self.units))

    def step(self, projected, state, product=matmul, t=0):
        slow = product(state["slow"], self.slow_kernel)
        hidden = tf.tanh(projected + product(state["hidden"], self.recurrent_kernel) + slow)
        even = tf.reshape(tf.equal(t % 2, 0), (-1, 1))  # (1, 1) or (N, 1)
        slow = tf.where(even, hidden[:, :2], state["slow"])
        return tf.concat([hidden, slow], axis=-1), {"slow": slow, "hidden": hidden}


class CoverageAttention(AdditiveAttention):
    """Additive attention whose scores see the sum of all earlier weights of a position (Tu et al., 2016)."""

    def build(self, query_shape, outputs_shape):
        super().build(query_shape, outputs_shape)
        self.coverage_kernel = self.add_weight(name="coverage_kernel", shape=(1, self.units))

    kernels = property(lambda self: [self.query_kernel, self.coverage_kernel])

    def start(self, memory):
        return {"coverage": tf.zeros(tf.shape(memory["mask"]), self.compute_dtype)}  # (B, S)

    def call(self, query, memory, state, product=matmul):
        covered = product(state["coverage"][..., tf.newaxis], self.coverage_kernel)  # (B, Q, S, U)
        query = product(query, self.query_kernel)[:, :, tf.newaxis]
        hidden = tf.tanh(query + memory["keys"][:, tf.newaxis] + covered)
        scores = tf.tensordot(hidden, tf.convert_to_tensor(self.score_vector), 1)
        context, weights = self.attend(scores, memory, product)
        return context, weights, {"coverage": state["coverage"] + weights}


if __name__ == "parts":  # not where a test imports this file as a user's own, whose classes are others
    keras.saving.register_keras_serializable(package="tests")(SlowUnits)
    keras.saving.register_keras_serializable(package="tests")(CoverageAttention)
