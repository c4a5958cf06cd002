"""Activation functions of the cells by name."""

from collections.abc import Callable

import tensorflow as tf

ACTIVATIONS: dict[str, Callable[[tf.Tensor], tf.Tensor]] = {
    "tanh": tf.tanh,
    "sigmoid": tf.sigmoid,
    "relu": tf.nn.relu,
    "identity": tf.identity,
    "softmax": tf.nn.softmax,
}


def check_activation(argument: str, name: str, choices: tuple[str, ...]) -> str:
    """Returns `name`.

    Args:
        argument: what messages call it, such as "Elman's activation".
        name: the activation that was asked for.
        choices: names of `ACTIVATIONS` that make sense there.

    Raises:
        ValueError: `name` is not among `choices`.
    """
    if name not in choices:
        raise ValueError(f"{argument} is {name!r}; it has to be one of {', '.join(choices)}.")
    return name
