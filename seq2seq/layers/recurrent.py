"""Runs a recurrence over a sequence: `scan` for any step function, `Recurrent` for a cell.

Inside the loop a step multiplies by the same kernels again and again. Differentiating that naively takes one
small product a step for each kernel's gradient and adds it to a running sum as large as the kernel. Here the
loop records the operands instead, and the gradient of a kernel is one product over all steps:
dW = sum_t x_t^T dy_t = X^T dY.
"""

import keras
import tensorflow as tf

from seq2seq.layers.dropout import check_rate, dropout, fold
from seq2seq.layers.layer import Layer
from seq2seq.layers.precision import cast_without_gradient, matmul


def scan(step, inputs, state, *, kernels=(), mask=None, product_masks=()):
    """Run `step` over the time axis and stack what it returns.

    A sequence of one step (T = 1, known when traced) runs without a loop: decoding and training are one code
    path.

    Args:
        step: function (inputs_t, state, product) -> (outputs_t, state). `inputs_t` and `outputs_t` are nests
            of (N, ...).
        inputs: nest of float (N, T, ...).
        state: nest of float (N, ...), before the first step.
        kernels: what `step` multiplies by through `product`, each once a step: weights (D, P), or a matrix for
            each sentence (B, D, P), as attention sums up its values. N is then B, or B * K with the K beams of
            a sentence adjacent.
        mask: bool (N, T), or None. Where False the state is kept as it was.
        product_masks: floats (N, D) or None, one for each kernel: multiplies the left operand (recurrent
            dropout).

    Returns:
        Tuple (outputs: nest of (N, T, ...), state after the last step). Outputs where the mask is False are
        not to be read.
    """
    num_steps = tf.nest.flatten(inputs)[0].shape[1]
    products = DeferredProducts(kernels, product_masks)
    if num_steps == 1:
        first = tf.nest.map_structure(lambda x: x[:, 0], inputs)
        outputs, new_state = step(first, state, products.immediate)
        if mask is not None:
            new_state = _keep_where_padded(mask[:, 0], new_state, state)
        return tf.nest.map_structure(lambda x: x[:, tf.newaxis], outputs), new_state
    return _loop(step, inputs, state, mask, products)


def _loop(step, inputs, state, mask, products):
    time_major = tf.nest.map_structure(_swap_first_two, inputs)
    first = tf.nest.flatten(time_major)[0]
    num_steps, num_rows = tf.shape(first)[0], tf.shape(first)[1]
    arrays = tf.nest.map_structure(lambda x: _unstack(x, num_steps), time_major)
    mask_array = None if mask is None else _unstack(tf.transpose(mask), num_steps)
    probes = [_unstack(probe, num_steps) for probe in products.probes(num_steps, num_rows, first.dtype)]

    # One step on shapes alone tells the structure of the outputs; what it computes is never used.
    outputs_spec = _output_structure(step, time_major, state, products)
    written = tf.nest.map_structure(lambda x: tf.TensorArray(x.dtype, num_steps, element_shape=x.shape), outputs_spec)
    operands = [
        tf.TensorArray(first.dtype, num_steps, element_shape=(None, kernel.shape[-2])) for kernel in products.kernels
    ]

    def body(t, state, written, operands):
        product, record = products.at([probe.read(t) for probe in probes])
        outputs, new_state = step(tf.nest.map_structure(lambda x: x.read(t), arrays), state, product)
        if mask_array is not None:
            new_state = _keep_where_padded(mask_array.read(t), new_state, state)
        written = tf.nest.map_structure(lambda array, x: array.write(t, x), written, outputs)
        operands = [array.write(t, tf.stop_gradient(x)) for array, x in zip(operands, record(), strict=True)]
        return t + 1, new_state, written, operands

    _, state, written, operands = tf.while_loop(
        lambda t, *_: t < num_steps, body, (0, state, written, operands), maximum_iterations=num_steps
    )
    products.operands = [array.stack() for array in operands]
    return tf.nest.map_structure(lambda array: _swap_first_two(array.stack()), written), state


class DeferredProducts:
    """The `product` that a loop hands to its step, and the gradients that wait until the loop is done.

    The trick: each kernel gets a *probe*, a tensor of zeros shaped like all its products (T, N, P). Inside
    the loop the gradient of a product is sent to the probe instead of the kernel; after the loop it has been
    stacked there, and the gradient of the probe's own creation turns it into the kernel's.
    """

    def __init__(self, kernels, masks=()):
        self.kernels = list(kernels)
        self.values = [cast_without_gradient(kernel) for kernel in self.kernels]
        self.masks = list(masks) or [None] * len(self.kernels)
        self.transposed = [None] * len(self.kernels)
        self.operands = None

    def immediate(self, x, kernel):
        """x @ kernel with the usual gradient, for a single step."""
        mask = self.masks[self._index(kernel)]
        return matmul(x if mask is None else x * mask, kernel)

    def probes(self, num_steps, num_rows, dtype):
        """One tensor of zeros (T, N, P) a kernel, whose gradient is the kernel's."""
        # Each step of the gradient multiplies by the transposed weights: turned once, they are read in order.
        self.transposed = [_transposed(value) for value in self.values]
        return [self._probe(i, (num_steps, num_rows, kernel.shape[-1]), dtype) for i, kernel in enumerate(self.kernels)]

    def _probe(self, index, shape, dtype):
        @tf.custom_gradient
        def probe(kernel):
            def gradient(stacked):  # (T, N, P); by now the loop has filled `operands`
                operand = self.operands[index]  # (T, N, D)
                if kernel.shape.rank == 3:
                    operand, stacked = (_by_sentence(x, tf.shape(kernel)[0]) for x in (operand, stacked))
                else:
                    operand, stacked = (tf.reshape(x, (-1, x.shape[-1])) for x in (operand, stacked))
                return matmul(operand, stacked, transpose_a=True)  # (D, P) or (B, D, P)

            return tf.zeros(tf.stack(shape), dtype), gradient

        return probe(tf.convert_to_tensor(self.kernels[index]))

    def at(self, probes):
        """The product function of one step, and a function that lists the left operands it was given, (N, D)
        each."""
        used = [None] * len(self.kernels)

        def product(x, kernel):
            index = self._index(kernel)
            if used[index] is not None:
                raise ValueError(f"{_name(kernel)} is multiplied twice in one step; a step may use each kernel once.")
            x = x if self.masks[index] is None else x * self.masks[index]
            used[index] = _as_rows(x)
            return _product(x, self.values[index], self.transposed[index], probes[index])

        def record():
            unused = [_name(kernel) for kernel, x in zip(self.kernels, used, strict=True) if x is None]
            if unused:
                raise ValueError(f"The step never multiplied by {', '.join(unused)}; list only kernels that it uses.")
            return used

        return product, record

    def _index(self, kernel):
        for index, known in enumerate(self.kernels):
            if known is kernel:
                return index
        raise ValueError(f"{_name(kernel)} is not among the kernels given to scan.")


def _product(x, kernel, transposed, probe):
    """x @ kernel whose gradient goes to `x` and, instead of the kernel, to `probe` (N, P)."""

    @tf.custom_gradient
    def product(x, probe):
        def gradient(upstream):
            if transposed is None:
                return matmul(upstream, kernel, transpose_b=True), _as_rows(upstream)
            return matmul(upstream, transposed), _as_rows(upstream)

        return matmul(x, kernel), gradient

    return product(x, probe)


def _transposed(kernel):
    """The transposed kernel, if it is a matrix of weights; None for matrices of each sentence."""
    return tf.transpose(kernel) if kernel.shape.rank == 2 else None


def _as_rows(x):
    """(..., D) -> (N, D)."""
    return x if x.shape.rank == 2 else tf.reshape(x, (-1, x.shape[-1] or tf.shape(x)[-1]))


def _by_sentence(x, num_sentences):
    """(T, B * K, D) -> (B, T * K, D)."""
    num_steps, size = tf.shape(x)[0], tf.shape(x)[2]
    x = tf.reshape(x, (num_steps, num_sentences, -1, size))
    return tf.reshape(tf.transpose(x, (1, 0, 2, 3)), (num_sentences, -1, size))


def _name(kernel):
    return getattr(kernel, "path", kernel)


def _output_structure(step, time_major, state, products):
    spec = tf.nest.map_structure(lambda x: x[0], time_major)
    outputs, _ = step(spec, state, lambda x, kernel: matmul(x, products.values[products._index(kernel)]))
    return outputs


def _keep_where_padded(mask, new_state, state):
    return tf.nest.map_structure(lambda new, old: tf.where(mask[:, tf.newaxis], new, old), new_state, state)


def _swap_first_two(x):
    return tf.transpose(x, (1, 0, *range(2, x.shape.rank)))


def _unstack(x, num_steps):
    return tf.TensorArray(x.dtype, num_steps, element_shape=x.shape[1:]).unstack(x)


@keras.saving.register_keras_serializable(package="seq2seq")
class Recurrent(Layer):
    """A cell run over a right-padded sequence, forwards or backwards.

    Args:
        cell: Cell.
        backward: bool. Read each sentence from its last token to its first.
        recurrent_dropout: float in [0, 1). Share of the state hidden from the recurrent products, the same at
            each step (variational dropout; Gal & Ghahramani, 2016).

    Call arguments:
        inputs: float (B, T, D).
        mask: bool (B, T), True = token, right-padded; or None when there is no padding.
        state: tuple of float (B, units) before the first step, or None for zeros.
        seed: int32 (2,), or None at inference.

    Returns:
        Tuple (outputs (B, T, units), zero where padded; state after the last token: tuple of (B, units)).
    """

    def __init__(self, cell, *, backward=False, recurrent_dropout=0.0, **kwargs):
        super().__init__(**kwargs)
        self.cell = cell
        self.backward = backward
        self.recurrent_dropout = check_rate("recurrent_dropout", recurrent_dropout)

    def build(self, input_shape):
        self.cell.build(input_shape)

    def call(self, inputs, mask=None, state=None, seed=None):
        num_rows = tf.shape(inputs)[0]
        state = self.cell.zero_state(num_rows) if state is None else state
        lengths = None if mask is None else tf.reduce_sum(tf.cast(mask, tf.int32), axis=1)
        if self.backward:
            inputs = _reverse(inputs, lengths)
        outputs, state = scan(
            self.cell.step,
            self.cell.project(inputs),
            state,
            kernels=self.cell.recurrent_kernels,
            mask=mask,
            product_masks=recurrent_masks(self.cell, num_rows, self.recurrent_dropout, seed),
        )
        if self.backward:
            outputs = _reverse(outputs, lengths)
        if mask is not None:
            outputs = tf.where(mask[:, :, tf.newaxis], outputs, tf.zeros((), outputs.dtype))
        return outputs, state

    def get_config(self):
        cell = keras.saving.serialize_keras_object(self.cell)
        return {
            **super().get_config(),
            "cell": cell,
            "backward": self.backward,
            "recurrent_dropout": self.recurrent_dropout,
        }

    @classmethod
    def from_config(cls, config):
        return cls(**{**config, "cell": keras.saving.deserialize_keras_object(config["cell"])})


def recurrent_masks(cell, num_rows, rate, seed):
    """Variational dropout masks (num_rows, units) for the recurrent kernels of a cell, one each, None when
    nothing is dropped."""
    if seed is None or rate == 0.0:
        return [None] * len(cell.recurrent_kernels)
    ones = tf.ones((num_rows, cell.units), cell.compute_dtype)
    return [dropout(ones, rate, fold(seed, index)) for index in range(len(cell.recurrent_kernels))]


def _reverse(x, lengths):
    """Reverse each row up to its length; padding stays at the end."""
    return tf.reverse(x, [1]) if lengths is None else tf.reverse_sequence(x, lengths, seq_axis=1)
