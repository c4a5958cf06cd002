"""Adam in one pass over each weight, with an optional running average of the weights."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="seq2seq")
class Adam(keras.optimizers.Adam):
    """Adam (Kingma & Ba, 2015), computed by TensorFlow's fused kernel.

    Keras' own update takes ten passes over every weight.

    Args:
        learning_rate: float above 0, or a keras schedule.
        average_decay: float in [0, 1). Keeps a running average of the weights with this decay (Polyak & Juditsky,
            1992), for `averaged`; 0 keeps none. Early on the decay is (1 + t) / (10 + t), so that the start is soon
            forgotten.
        kwargs: beta_1, beta_2, epsilon and others of keras.optimizers.Adam, except amsgrad.
    """

    def __init__(
        self,
        learning_rate: float | keras.optimizers.schedules.LearningRateSchedule = 0.001,
        average_decay: float = 0.0,
        **kwargs: Any,
    ) -> None:
        if not 0.0 <= average_decay < 1.0:
            raise ValueError(f"average_decay is in [0, 1), not {average_decay}.")
        if kwargs.get("amsgrad"):
            raise ValueError("This Adam has no amsgrad; use keras.optimizers.Adam(amsgrad=True).")
        super().__init__(learning_rate, **kwargs)
        self.average_decay = average_decay

    def build(self, variables: Sequence[keras.Variable]) -> None:
        built = self.built
        super().build(variables)
        if not built:
            self.averages = []
            if self.average_decay:
                for variable in variables:
                    average = self.add_variable_from_reference(variable, name="average")
                    average.assign(variable)
                    self.averages.append(average)

    def update_step(self, gradient: tf.Tensor, variable: tf.Variable, learning_rate: tf.Tensor) -> None:
        step = tf.cast(self.iterations + 1, variable.dtype)
        index = self._get_variable_index(variable)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,  # here Keras hands over the tf.Variable itself
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            beta1_power=tf.pow(tf.constant(self.beta_1, variable.dtype), step),
            beta2_power=tf.pow(tf.constant(self.beta_2, variable.dtype), step),
            lr=tf.cast(learning_rate, variable.dtype),
            beta1=tf.constant(self.beta_1, variable.dtype),
            beta2=tf.constant(self.beta_2, variable.dtype),
            epsilon=tf.constant(self.epsilon, variable.dtype),
            grad=tf.cast(gradient, variable.dtype),
        )
        if self.average_decay:
            rate = 1.0 - tf.minimum(tf.cast(self.average_decay, variable.dtype), (1.0 + step) / (10.0 + step))
            average = self.averages[index]
            average.assign_add(rate * (variable - average))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "average_decay": self.average_decay}


@contextlib.contextmanager
def averaged(variables: Sequence[keras.Variable], optimizer: keras.optimizers.Optimizer) -> Iterator[None]:
    """A block in which the running averages stand in place of the weights. After it the weights are back, to the bit.

    Does nothing when `optimizer` keeps no averages.
    """
    averages = getattr(optimizer, "averages", [])
    kept = [variable.numpy() for variable, _ in zip(variables, averages, strict=False)]
    for variable, average in zip(variables, averages, strict=False):
        variable.assign(average)
    try:
        yield
    finally:
        for variable, value in zip(variables, kept, strict=False):
            variable.assign(value)
