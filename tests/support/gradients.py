"""Gradients against finite differences."""

import keras
import numpy as np
import tensorflow as tf

STEP = 1e-5  # the error of a central difference is about STEP ** 2, and 1e-16 / STEP of rounding


def check_gradients(function, variables, seed=0):
    """Compare the gradients of `function` with central differences along one random direction a variable.

    Args:
        function: () -> nest of float64 tensors. Traced once; reads the variables anew at each call.
        variables: dict, name -> float64 Keras or TensorFlow variable: weights and inputs.
        seed: int. Of the directions, and of the random weighting that makes one loss of the results.
    """
    values = {name: v.value if isinstance(v, keras.Variable) else v for name, v in variables.items()}
    rng = np.random.default_rng(seed)

    def weighted_sum(results):
        parts = []
        for number, x in enumerate(tf.nest.flatten(results)):
            weights = tf.random.stateless_normal(tf.shape(x), (seed, number), dtype=x.dtype)
            parts.append(tf.reduce_sum(x * weights))
        return tf.add_n(parts)

    @tf.function(autograph=False)
    def loss_and_gradients():
        with tf.GradientTape() as tape:
            loss = weighted_sum(function())
        gradients = tape.gradient(loss, list(values.values()), unconnected_gradients="zero")
        return loss, [tf.convert_to_tensor(gradient) for gradient in gradients]

    _, gradients = loss_and_gradients()
    for (name, variable), gradient in zip(values.items(), gradients, strict=True):
        assert variable.dtype == tf.float64, f"{name} is {variable.dtype}; finite differences need float64"
        start, direction = variable.numpy(), rng.normal(size=variable.shape)
        losses = []
        for sign in (1, -1):
            variable.assign(start + sign * STEP * direction)
            losses.append(loss_and_gradients()[0].numpy())
        variable.assign(start)
        numeric = (losses[0] - losses[1]) / (2 * STEP)
        analytic = np.sum(gradient.numpy() * direction)
        np.testing.assert_allclose(analytic, numeric, rtol=1e-6, atol=1e-7, err_msg=f"gradient of {name}")


def named(layer):
    """The weights of a layer by number and path, for `check_gradients`."""
    return {f"{i} {weight.path}": weight for i, weight in enumerate(layer.trainable_weights)}


def variable(*shape, seed=0):
    """A random float64 variable."""
    return tf.Variable(np.random.default_rng(seed).normal(size=shape))
