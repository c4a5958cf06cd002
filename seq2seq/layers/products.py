"""The products of a recurrent loop, which decide how the gradients of its kernels are computed.

Inside a loop a step multiplies by the same kernels again and again. TensorFlow's gradient of that is one small product
per step and kernel, added to a running sum as large as the kernel. `DeferredProducts` records the operands instead. The
gradient of a kernel is then one product over all steps: dW = sum_t x_t^T dy_t = X^T dY.
"""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from seq2seq.layers.dropout import masked
from seq2seq.layers.precision import cast, cast_without_gradient, matmul


class Products:
    """The `product` that a step gets, with TensorFlow's own gradient."""

    def __init__(self, kernels: Sequence[Any], masks: Sequence[tf.Tensor | None] = ()) -> None:
        self.kernels = list(kernels)
        self.masks = list(masks) or [None] * len(self.kernels)
        self.values = [cast(kernel) for kernel in self.kernels]

    def __call__(self, x: tf.Tensor, kernel: Any) -> tf.Tensor:
        index = self.index(kernel)
        return matmul(masked(x, self.masks[index]), self.values[index])

    def index(self, kernel: Any) -> int:
        for index, known in enumerate(self.kernels):
            if known is kernel:
                return index
        raise ValueError(f"{_name(kernel)} is not among the kernels given to scan.")

    def at(self, t: tf.Tensor) -> "Products":
        """The product of step `t`."""
        return self

    def operands(self) -> list[tf.Tensor]:
        """The left operands that a step has to record."""
        return []

    def operand_arrays(self) -> list[tf.TensorArray]:
        """Empty arrays for the left operands of all steps."""
        return []

    def recorded(self, operands: list[tf.TensorArray]) -> None:
        """Takes the left operands of all steps after the loop."""


class DeferredProducts(Products):
    """Products whose gradients for the kernels wait until the loop is done.

    Each kernel gets an empty list, made by a function of the kernel. Inside the loop a product sends the gradient of
    its result to element t of the list's gradient instead of to the kernel. After the loop, the gradient of making the
    list multiplies what has arrived there by the recorded operands.

    Each step may have its own number of rows, because the elements of these lists are concatenated.
    """

    def __init__(self, kernels: Sequence[Any], masks: Sequence[tf.Tensor | None], num_steps: tf.Tensor) -> None:
        super().__init__(kernels, masks)
        self.values = [cast_without_gradient(kernel) for kernel in self.kernels]
        # Each step of the gradient multiplies by the transposed weights. Transposed once, they are read in order.
        self.transposed = [tf.transpose(value) if value.shape.rank == 2 else None for value in self.values]
        self.num_steps = num_steps
        self.operand_lists: list[tf.Tensor] = []
        self.gradient_lists = [self._gradient_list(index) for index in range(len(self.kernels))]

    def at(self, t: tf.Tensor) -> "_StepProducts":
        return _StepProducts(self, t)

    def operand_arrays(self) -> list[tf.TensorArray]:
        return [
            tf.TensorArray(kernel.dtype, self.num_steps, element_shape=(None, kernel.shape[-2]))
            for kernel in self.kernels
        ]

    def recorded(self, operands: list[tf.TensorArray]) -> None:
        self.operand_lists = [array.flow for array in operands]

    def _gradient_list(self, index: int) -> tf.Tensor:
        """The empty list (a variant scalar) whose gradient is the kernel's."""

        @tf.custom_gradient
        def make(kernel: tf.Tensor) -> tuple[tf.Tensor, Callable]:
            def gradient(arrived: tf.Tensor) -> tf.Tensor:
                size, units = tf.unstack(tf.shape(kernel)[-2:])
                x, lengths = _concatenated(self.operand_lists[index], size, kernel.dtype)
                upstream, _ = _concatenated(arrived, units, kernel.dtype, lengths)
                if kernel.shape.rank == 3:
                    num_sentences = tf.shape(kernel)[0]
                    x, upstream = (_by_sentence(rows, self.num_steps, num_sentences) for rows in (x, upstream))
                return matmul(x, upstream, transpose_a=True)  # (D, P) or (B, D, P)

            return _empty_list(self.num_steps, kernel), gradient

        return make(tf.convert_to_tensor(self.kernels[index]))


class _StepProducts:
    """The deferred products of one step."""

    def __init__(self, products: DeferredProducts, t: tf.Tensor) -> None:
        self.products = products
        self.t = t
        self.used: list[tf.Tensor | None] = [None] * len(products.kernels)

    def __call__(self, x: tf.Tensor, kernel: Any) -> tf.Tensor:
        products, index = self.products, self.products.index(kernel)
        if self.used[index] is not None:
            raise ValueError(f"{_name(kernel)} is multiplied twice in one step; a step may use each kernel once.")
        x = masked(x, products.masks[index])
        self.used[index] = tf.stop_gradient(_as_rows(x))
        value, transposed = products.values[index], products.transposed[index]

        @tf.custom_gradient
        def product(x: tf.Tensor, gradient_list: tf.Tensor) -> tuple[tf.Tensor, Callable]:
            def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
                for_x = (
                    matmul(upstream, value, transpose_b=True) if transposed is None else matmul(upstream, transposed)
                )
                for_list = tf.raw_ops.TensorListSetItem(
                    input_handle=_empty_list(products.num_steps, value, upstream.dtype),
                    index=self.t,
                    item=_as_rows(upstream),
                    resize_if_index_out_of_bounds=False,
                )
                return for_x, for_list

            return matmul(x, value), gradient

        return product(x, products.gradient_lists[index])

    def operands(self) -> list[tf.Tensor]:
        unused = [_name(kernel) for kernel, x in zip(self.products.kernels, self.used, strict=True) if x is None]
        if unused:
            raise ValueError(f"The step never multiplied by {', '.join(unused)}; list only kernels that it uses.")
        return self.used


def _empty_list(num_steps: tf.Tensor, kernel: tf.Tensor, dtype: tf.DType | None = None) -> tf.Tensor:
    """A list with room for the products (rows, P) of all steps with a kernel (..., D, P)."""
    return tf.raw_ops.TensorListReserve(
        element_shape=tf.stack([-1, tf.shape(kernel)[-1]]), num_elements=num_steps, element_dtype=dtype or kernel.dtype
    )


def _concatenated(
    elements: tf.Tensor, size: tf.Tensor, dtype: tf.DType, lengths: tf.Tensor | None = None
) -> tuple[tf.Tensor, tf.Tensor]:
    """The elements (rows, size) of a list, concatenated along the rows, and the number of rows of each.

    Elements that were never set are zeros, of as many rows as `lengths` says.
    """
    return tf.raw_ops.TensorListConcatV2(
        input_handle=elements,
        element_shape=tf.stack([-1, size]),
        leading_dims=tf.zeros(0, tf.int64) if lengths is None else lengths,
        element_dtype=dtype,
    )


def _as_rows(x: tf.Tensor) -> tf.Tensor:
    """(..., D) -> (rows, D)."""
    return x if x.shape.rank == 2 else tf.reshape(x, (-1, x.shape[-1] or tf.shape(x)[-1]))


def _by_sentence(x: tf.Tensor, num_steps: tf.Tensor, num_sentences: tf.Tensor) -> tf.Tensor:
    """(T * B * K, D) -> (B, T * K, D)."""
    size = tf.shape(x)[1]
    x = tf.reshape(x, (num_steps, num_sentences, -1, size))
    return tf.reshape(tf.transpose(x, (1, 0, 2, 3)), (num_sentences, -1, size))


def _name(kernel: Any) -> Any:
    return getattr(kernel, "path", kernel)
