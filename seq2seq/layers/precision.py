"""The type of matrix products: float32, or bfloat16 where the processor multiplies in it.

Precision is a property of a run, never of a saved layer. A traced function opens `products("bfloat16")` around its
body. Every product of two matrices goes through `matmul` or `cast`, which round float32 operands and return float32.
Products with a vector, state, softmax, loss, weights and optimizer stay float32. Layers built in float64 (the tests)
are never rounded.
"""

import contextlib
import contextvars
import time
from collections.abc import Iterator
from typing import Any

import tensorflow as tf

PRECISIONS = ("auto", "float32", "bfloat16")

_dtype = contextvars.ContextVar("products", default="float32")


@contextlib.contextmanager
def products(precision: str) -> Iterator[None]:
    """Makes the products traced inside this block run in `precision`, "float32" or "bfloat16".

    Raises:
        ValueError: another name ("auto" has to go through `decide` first).
    """
    if precision not in PRECISIONS[1:]:
        raise ValueError(
            f"precision is one of {', '.join(PRECISIONS[1:])}, not {precision!r}; `decide` turns 'auto' into one."
        )
    token = _dtype.set(precision)
    try:
        yield
    finally:
        _dtype.reset(token)


def cast(kernel: Any) -> tf.Tensor:
    """Rounds a float32 tensor to the product type of the enclosing `products` block; leaves float64 alone."""
    kernel = tf.convert_to_tensor(kernel)
    return tf.cast(kernel, _dtype.get()) if kernel.dtype == tf.float32 else kernel


def cast_without_gradient(kernel: Any) -> tf.Tensor:
    """`cast` without a gradient, for a kernel whose gradient is computed elsewhere."""
    return tf.stop_gradient(cast(kernel))


def matmul(x: Any, kernel: Any, transpose_a: bool = False, transpose_b: bool = False) -> tf.Tensor:
    """Matrix product in the product type, returned in the type of `x`.

    Args:
        x: float (..., M, D).
        kernel: float (D, P), or (..., D, P) for a batched product. May already be cast.
        transpose_a, transpose_b: bool. Transpose the last two axes first.

    Returns:
        float (..., M, P), dtype of `x`.
    """
    x = tf.convert_to_tensor(x)
    kernel = cast(kernel)
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


def decide(precision: str) -> str:
    """Turns "auto" into the faster of float32 and bfloat16 on this machine, by timing one short product.

    bfloat16 is chosen only when it is at least 1.3 times as fast, because it rounds.

    Args:
        precision: "auto", "float32" or "bfloat16". The last two are returned as they are.

    Returns:
        "float32" or "bfloat16".

    Raises:
        ValueError: another name.
    """
    if precision not in PRECISIONS:
        raise ValueError(f"precision is one of {', '.join(PRECISIONS)}, not {precision!r}.")
    if precision != "auto":
        return precision
    seconds = {dtype: _seconds_of_product(dtype) for dtype in ("float32", "bfloat16")}
    return "bfloat16" if seconds["float32"] > 1.3 * seconds["bfloat16"] else "float32"


def _seconds_of_product(dtype: str) -> float:
    left, right = tf.ones((512, 512), dtype), tf.ones((512, 1536), dtype)
    times = []
    for _ in range(6):  # the first ones set up the kernel
        start = time.perf_counter()
        tf.matmul(left, right).numpy()
        times.append(time.perf_counter() - start)
    return min(times[1:])
