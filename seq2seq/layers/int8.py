"""Products of 8-bit integers: for translation, on processors that have instructions for them (VNNI).

The columns of a kernel W are rounded to whole numbers A of a scale of their own, W ~ A s, once; the rows of a left
operand x likewise, x ~ a r, whenever they are multiplied. The sums of products of these are exact: x W ~ r (a A) s. So
a row of the result depends on its row of x alone (but for the last bits of a float32), and not on those beside it.

The instructions want the left numbers from 0 to 255. They get a + 128, and 128 times the sums of A's columns is taken
away again.
"""

import functools
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

_STEPS = 127  # whole numbers from -127 to 127
_TINY = np.float32(1e-30)  # in place of the scale of nothing but zeros


class Int8Kernel(NamedTuple):
    """A kernel W (D, P) rounded to whole numbers: values * scales.

    Attributes:
        values: int8 (D, P), -127 to 127. In NumPy, it becomes a constant of the graph, laid out for the processor
            once; a tensor is laid out at each product.
        scales: float32 (P,).
        column_sums: float32 (P,). Of the columns of `values`.
    """

    values: Any
    scales: Any
    column_sums: Any

    def take_columns(self, ids):
        """The kernel of some of the columns, int32 (P',)."""
        return Int8Kernel(*(tf.gather(part, ids, axis=-1) for part in self))


def quantize(kernel):
    """A kernel float32 (D, P) of NumPy as `Int8Kernel`."""
    scales = np.maximum(np.abs(kernel).max(axis=0) / _STEPS, _TINY)
    values = np.round(kernel / scales).astype(np.int8)
    return Int8Kernel(values, scales, values.sum(axis=0, dtype=np.float32))


def matmul(x, kernel, *, bounded=False):
    """x W, for a traced graph on a processor; there is no gradient.

    Args:
        x: float32 (..., D).
        kernel: Int8Kernel (D, P).
        bounded: bool. Every entry of x lies in -1..1, as a tanh leaves it: then all rows take steps of 1/127, and two
            passes over the numbers are saved. Rows far smaller lose precision, what is larger is cut, and what is not
            a number becomes one.

    Returns:
        float32 (..., P).
    """
    rows = tf.reshape(x, (-1, kernel.values.shape[0]))
    row_scales = None if bounded else tf.maximum(tf.reduce_max(tf.abs(rows), axis=-1, keepdims=True), _TINY)
    within = rows if bounded else rows / row_scales  # -1 to 1
    numbers, _, _ = tf.raw_ops.QuantizeV2(  # a + 128; the product takes them for what they are, 0 to 255, see its bias
        input=within, min_range=-128 / _STEPS, max_range=1.0, T=tf.quint8, mode="MIN_FIRST"
    )
    products = tf.raw_ops.QuantizedMatMulWithBiasAndDequantize(
        a=numbers,
        b=_constant(kernel.values),
        bias=-128 / _STEPS * kernel.column_sums,
        min_a=0.0,
        max_a=255 / _STEPS,
        min_b=-float(_STEPS),  # as they are: scaling them is left to us, for TensorFlow has one scale for all columns
        max_b=float(_STEPS),
        min_freezed_output=0.0,  # not used where the output is float32
        max_freezed_output=0.0,
        Toutput=tf.float32,
        input_quant_mode="SCALED",
    )
    products *= kernel.scales
    if not bounded:
        products *= row_scales
    products = tf.reshape(products, (*tf.unstack(tf.shape(x)[:-1]), tf.shape(products)[-1]))
    products.set_shape((*x.shape[:-1], kernel.values.shape[1]))
    return products


def _constant(values):
    if isinstance(values, np.ndarray):
        return tf.constant(values.view(tf.qint8.as_numpy_dtype))
    return tf.bitcast(values, tf.qint8)


@functools.cache
def is_available():
    """Whether these products are to be had here, without loss.

    There are none on a GPU, and not in every TensorFlow. And older processors lose what does not fit 16 bits when they
    add two products.
    """
    if tf.config.list_physical_devices("GPU"):
        return False
    largest = quantize(np.ones((512, 16), np.float32))
    try:
        product = tf.function(lambda x: matmul(x, largest), autograph=False)(tf.ones((64, 512)))
    except tf.errors.OpError:
        return False
    return np.allclose(product, 512.0)
