"""The type in which matrix products run: float32 everywhere, bfloat16 operands where the processor multiplies in it,
or, for translation, 8-bit integers.

Precision is a property of a run, never of a saved layer. A traced function opens `products("bfloat16")`
around its body; every product of two matrices goes through `matmul` or `cast`, which round float32 operands
and hand back float32. Products with a vector, state, softmax, loss, weights and optimizer stay float32.
Layers built in float64 (the tests) are never rounded. "int8" rounds only products with weights, as `int8` tells.
"""

import contextlib
import contextvars
import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import tensorflow as tf

from . import int8

PRECISIONS = ("auto", "float32", "bfloat16", "int8")


class _Block(NamedTuple):
    """What the enclosing `products` said: the type of operands, and the weights to round to 8 bits, by their id()."""

    dtype: str = "float32"
    weights: Mapping = MappingProxyType({})


_block = contextvars.ContextVar("products", default=_Block())  # noqa: B039, nothing changes it


@contextlib.contextmanager
def products(precision, weights=None):
    """Make the products traced inside this block run in `precision`.

    Args:
        precision: "float32", "bfloat16" or "int8".
        weights: for "int8", the weights to round: dict from the id() of a variable to its value, float32 of NumPy. They
            become part of the graph, and have no gradient. Products with anything else stay float32.

    Raises:
        ValueError: another name ("auto" has to go through `decide` first), or "int8" without weights.
    """
    if precision not in PRECISIONS[1:]:
        raise ValueError(
            f"precision is one of {', '.join(PRECISIONS[1:])}, not {precision!r}; `decide` turns 'auto' into one."
        )
    if precision == "int8" and weights is None:
        raise ValueError("int8 needs the weights that are to be rounded, and they are for translation: no gradients.")
    token = _block.set(_Block(weights=weights) if precision == "int8" else _Block(precision))
    try:
        yield
    finally:
        _block.reset(token)


def cast(kernel, *, transpose=False):
    """Round a float32 tensor to the product type of the enclosing `products` block; leave float64 alone.

    Args:
        kernel: tensor, variable, or one that was cast.
        transpose: bool. The product is with the transposed kernel.

    Returns:
        Tensor, as it lies; for a weight to be rounded to 8 bits `Int8Kernel`, transposed where that was said.
    """
    if isinstance(kernel, int8.Int8Kernel):
        return kernel
    block = _block.get()
    if (weight := block.weights.get(id(kernel))) is not None:
        return int8.quantize(weight.T if transpose else weight)
    kernel = tf.convert_to_tensor(kernel)
    return tf.cast(kernel, block.dtype) if kernel.dtype == tf.float32 else kernel


def cast_without_gradient(kernel):
    """`cast`, for a kernel whose gradient is taken elsewhere."""
    kernel = cast(kernel)
    return kernel if isinstance(kernel, int8.Int8Kernel) else tf.stop_gradient(kernel)


def take_columns(table, ids):
    """A kernel (D, P) for `matmul` of the rows `ids`, int32 (P,), of a table of weights (V, D)."""
    if id(table) in _block.get().weights:
        return cast(table, transpose=True).take_columns(ids)
    return cast(tf.transpose(tf.gather(table, ids)))


def matmul(x, kernel, transpose_a=False, transpose_b=False, *, bounded=False):
    """Matrix product in the product type, returned in the type of `x`.

    Args:
        x: float (..., M, D).
        kernel: float (D, P), or (..., D, P) for a batched product. May already be cast.
        transpose_a, transpose_b: bool. Transpose the last two axes first.
        bounded: bool. Every entry of `x` lies in -1..1, as a tanh leaves it: cheaper with "int8".

    Returns:
        float (..., M, P), dtype of `x`.
    """
    x = tf.convert_to_tensor(x)
    if isinstance(kernel, int8.Int8Kernel) and (transpose_a or transpose_b):
        raise ValueError("A kernel of 8-bit integers is multiplied as it is; so it has no gradient either.")
    kernel = cast(kernel, transpose=transpose_b)
    if isinstance(kernel, int8.Int8Kernel):
        return int8.matmul(x, kernel, bounded=bounded)
    operand = tf.cast(x, kernel.dtype)
    if kernel.shape.rank == 2 and x.shape.rank == 3 and not transpose_a:
        # One flat product is faster than a batch of them.
        shape = tf.shape(operand)
        product = tf.matmul(tf.reshape(operand, (-1, x.shape[-1])), kernel, transpose_b=transpose_b)
        units = kernel.shape[0 if transpose_b else 1]
        product = tf.reshape(product, (shape[0], shape[1], units))
        product.set_shape((x.shape[0], x.shape[1], units))
    else:
        product = tf.matmul(operand, kernel, transpose_a=transpose_a, transpose_b=transpose_b)
    return tf.cast(product, x.dtype)


def decide(precision):
    """Turn "auto" into the faster of float32 and bfloat16 on this machine, by timing one short product.

    bfloat16 is chosen only when it is at least 1.3 times as fast: its rounding should buy something.

    Args:
        precision: "auto", "float32", "bfloat16" or "int8". The last three are returned as they are.

    Returns:
        "float32", "bfloat16" or "int8".

    Raises:
        ValueError: another name, or "int8" where there are no such products.
    """
    if precision not in PRECISIONS:
        raise ValueError(f"precision is one of {', '.join(PRECISIONS)}, not {precision!r}.")
    if precision == "int8" and not int8.is_available():
        raise ValueError(
            "precision int8 needs a processor that multiplies 8-bit integers without loss (x86 with VNNI), oneDNN "
            "switched on in TensorFlow, and no GPU; one of these is not so here. Take float32, or auto."
        )
    if precision != "auto":
        return precision
    seconds = {dtype: _seconds_of_product(dtype) for dtype in ("float32", "bfloat16")}
    return "bfloat16" if seconds["float32"] > 1.3 * seconds["bfloat16"] else "float32"


def _seconds_of_product(dtype):
    left, right = tf.ones((512, 512), dtype), tf.ones((512, 1536), dtype)
    times = []
    for _ in range(6):  # the first ones set up the kernel
        start = time.perf_counter()
        tf.matmul(left, right).numpy()
        times.append(time.perf_counter() - start)
    return min(times[1:])
