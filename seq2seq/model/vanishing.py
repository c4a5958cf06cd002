"""A penalty against vanishing gradients (Pascanu, Mikolov & Bengio, 2013, section 3.3, eq. 9 and 10).

Omega = sum_t (||dL/dh_(t+1) dh_(t+1)/dh_t|| / ||dL/dh_(t+1)|| - 1)^2 is zero when the gradient of the loss L keeps its
norm from each step to the one before. The penalty asks for that in the directions that matter for L alone. Its gradient
is the paper's "immediate" one: only the recurrent weights W_hh in dh_(t+1)/dh_t are variable; dL/dh and the derivative
of the activation are constants.

The steps are those of the network h_t = g(W_hh h_(t-1) + W_hx x_t + b), so that with row vectors
dL/dh_(t+1) dh_(t+1)/dh_t = (dL/dh_(t+1) * g'_(t+1)) W_hh^T.
"""

from collections.abc import Callable, Sequence

import keras
import tensorflow as tf

from seq2seq.layers import Elman, Recurrent
from seq2seq.layers.precision import matmul
from seq2seq.layers.probes import Probe

__all__ = ["VanishingPenalty"]

_DERIVATIVES: dict[str, Callable[[tf.Tensor], tf.Tensor]] = {
    "tanh": lambda h: 1 - h**2,
    "relu": lambda h: tf.cast(h > 0, h.dtype),
    "identity": tf.ones_like,
}
"""g' as a function of g."""


class VanishingPenalty:
    """The penalty of all Elman layers of a model, except those inside a decoder's loop with attention.

    Args:
        model: keras.Model with at least one such layer.
        strength: float above 0. Its factor beside the loss; both are sums that `Trainable.apply` divides by the tokens.

    Raises:
        ValueError: there is no such layer, or its state has dropout, which changes dh_(t+1)/dh_t from update to update.
    """

    def __init__(self, model: keras.Model, strength: float) -> None:
        if not strength > 0:
            raise ValueError(f"strength is {strength}; it has to be above 0.")
        layers = [layer for layer in model._flatten_layers() if _is_elman(layer)]
        if not layers:
            raise ValueError(
                "vanishing_penalty acts on the elman cell, which this model does not have. Choose that cell, or leave "
                "the penalty out: other cells keep their gradient by what they add to the state."
            )
        if any(layer.recurrent_dropout for layer in layers):
            raise ValueError(
                f"vanishing_penalty does not go with recurrent_dropout ({layers[0].recurrent_dropout}). Turn one off."
            )
        self.strength = strength

    def added_to(
        self,
        gradients: Sequence[tf.Tensor],
        variables: Sequence[keras.Variable],
        probes: Sequence[Probe],
        of_states: Sequence[dict[str, tf.Tensor]],
    ) -> tuple[dict[str, tf.Tensor], list[tf.Tensor]]:
        """The gradients of the loss plus those of the penalty.

        Args:
            gradients: of the loss sum, one per variable.
            variables: the weights that are trained.
            probes: of the layers that ran.
            of_states: the gradients of the loss sum with respect to the zeros of each probe: dL/dh_t.

        Returns:
            Tuple (sums: {"vanishing_sum": float, Omega; "vanishing_steps": int32, the number of its terms}, gradients).
        """
        place = {id(variable): number for number, variable in enumerate(variables)}
        omega, steps, gradients = tf.constant(0.0), tf.constant(0), list(gradients)
        for probe, of_state in zip(probes, of_states, strict=True):
            if _is_elman(probe.layer):
                kernel = probe.layer.cell.recurrent_kernel
                constant, exists = _constants(of_state["hidden"], probe.outputs, probe.layer.cell.activation)
                of_layer, of_kernel = _omega(constant, exists, kernel)
                omega += tf.cast(of_layer, tf.float32)
                steps += tf.math.count_nonzero(exists, dtype=tf.int32)
                if id(kernel) in place:  # not frozen
                    gradients[place[id(kernel)]] += self.strength * of_kernel
        return {"vanishing_sum": omega, "vanishing_steps": steps}, gradients


def _is_elman(layer: keras.layers.Layer) -> bool:
    return isinstance(layer, Recurrent) and type(layer.cell) is Elman


def _constants(gradient: tf.Tensor, hidden: tf.Tensor, activation: str) -> tuple[tf.Tensor, tf.Tensor]:
    """What of Omega's terms is constant, for the steps t + 1 = 2 to T.

    Args:
        gradient: float (N, T, units), dL/dh_t.
        hidden: float (N, T, units), h_t.

    Returns:
        Tuple (dL/dh_(t+1) * g'_(t+1) / ||dL/dh_(t+1)||, float (N, T - 1, units); whether there is a gradient, bool
        (N, T - 1)). At padding there is none.
    """
    gradient, hidden = gradient[:, 1:], tf.stop_gradient(hidden[:, 1:])
    largest = tf.reduce_max(tf.abs(gradient), axis=-1, keepdims=True)
    scaled = tf.math.divide_no_nan(gradient, largest)  # the squares of tiny numbers would be 0
    direction = tf.math.divide_no_nan(scaled, tf.norm(scaled, axis=-1, keepdims=True))
    return direction * _DERIVATIVES[activation](hidden), largest[:, :, 0] > 0


def _omega(constant: tf.Tensor, exists: tf.Tensor, kernel: keras.Variable) -> tuple[tf.Tensor, tf.Tensor]:
    """Omega, and its gradient for the kernel (units, units)."""
    with tf.GradientTape() as tape:
        passed = matmul(constant, kernel, transpose_b=True)  # (N, T - 1, units)
        squares = tf.reduce_sum(passed**2, axis=-1)
        ratio = tf.sqrt(tf.maximum(squares, 1e-30))  # the root has no derivative at 0
        omega = tf.reduce_sum(tf.where(exists, (ratio - 1) ** 2, tf.zeros_like(ratio)))
    return omega, tf.convert_to_tensor(tape.gradient(omega, kernel.value))
