"""The penalty against the paper's equations in NumPy, one sequence and one step at a time."""

import equations
import keras
import numpy as np
import pytest
import tensorflow as tf
from gradients import STEP
from tiny import randomise, tiny_model

from seq2seq.layers import Elman, Recurrent
from seq2seq.model import Objective, Trainable

LENGTHS = (5, 3)
STRENGTH = 0.7


class SquaresOfOutputs(Objective):
    def __call__(self, model, inputs, seed):
        outputs, _ = model.reader(inputs["x"], mask=inputs["mask"])
        return {"loss_sum": tf.reduce_sum(outputs**2), "tokens": tf.math.count_nonzero(inputs["mask"])}


class Reader(Trainable):
    """One recurrent layer, whose loss is the sum of all squared outputs."""

    def __init__(self, cell, **options):
        super().__init__(dtype="float64")
        self.reader = Recurrent(cell, dtype="float64", **options)
        self.reader.build((None, None, 2))
        self.build(None)

    def objective(self):
        return SquaresOfOutputs()


def batch(*rows):
    x = np.random.default_rng(5).normal(size=(2, 5, 2))
    mask = np.arange(5) < np.array(LENGTHS)[:, np.newaxis]
    return {"x": tf.constant(x[list(rows)]), "mask": tf.constant(mask[list(rows)])}


def reader(activation="tanh", penalty=STRENGTH):
    model = randomise(Reader(Elman(3, activation, dtype="float64")))
    model.compile(keras.optimizers.SGD(0.05), vanishing_penalty=penalty)
    return model


def sums_and_gradients(model, inputs):
    sums, gradients = model.gradients(inputs, model.objective(), tf.constant([1, 2]))
    return sums, {weight.name: gradient.numpy() for weight, gradient in zip(model.weights, gradients, strict=True)}


def omega_of(w, constants):
    """Omega as a function of the recurrent kernel: constants are pairs (dL/dh_(t+1), g'_(t+1))."""
    return sum(
        (np.linalg.norm((upstream * slope) @ w.T) / np.linalg.norm(upstream) - 1) ** 2 for upstream, slope in constants
    )


def constants_of(model):
    """The pairs of all steps that have one before them, by back-propagation through time as 002 and 004 write it."""
    slope_of = {"tanh": lambda h: 1 - h**2, "relu": lambda h: (h > 0) * 1.0, "identity": np.ones_like}
    w = model.reader.cell.recurrent_kernel.numpy()
    constants = []
    for x, length in zip(batch(0, 1)["x"].numpy(), LENGTHS, strict=True):
        hidden, _ = equations.run(model.reader.cell, x[:length])
        slopes = slope_of[model.reader.cell.activation](hidden)
        upstream = 2 * hidden[-1]
        for t in reversed(range(1, length)):
            constants.append((upstream, slopes[t]))
            upstream = 2 * hidden[t - 1] + (upstream * slopes[t]) @ w.T
    return [pair for pair in constants if pair[0].any()]


@pytest.mark.parametrize("activation", ["tanh", "relu", "identity"])
def test_omega_and_its_immediate_derivative_are_those_of_the_paper(activation):
    """dL/dh and the slopes of the activation are frozen while the kernel moves; no other weight gets a gradient."""
    model = reader(activation)
    sums, gradients = sums_and_gradients(model, batch(0, 1))
    plain_sums, plain = sums_and_gradients(reader(activation, penalty=0.0), batch(0, 1))
    kernel, constants = model.reader.cell.recurrent_kernel.numpy(), constants_of(model)

    assert "vanishing_sum" not in plain_sums
    assert int(sums["vanishing_steps"]) == len(constants)
    np.testing.assert_allclose(sums["vanishing_sum"], omega_of(kernel, constants), rtol=1e-6)
    added = {name: gradient - plain[name] for name, gradient in gradients.items()}
    assert not added.pop("kernel").any() and not added.pop("bias").any()
    direction = np.random.default_rng(6).normal(size=kernel.shape)
    numeric = (omega_of(kernel + STEP * direction, constants) - omega_of(kernel - STEP * direction, constants)) / (
        2 * STEP
    )
    np.testing.assert_allclose(np.sum(added["recurrent_kernel"] * direction), STRENGTH * numeric, rtol=1e-6)


def test_micro_batches_add_up_to_their_batch():
    whole_sums, whole = sums_and_gradients(reader(), batch(0, 1))
    parts = [sums_and_gradients(reader(), batch(row)) for row in (0, 1)]
    for name, expected in whole.items():
        np.testing.assert_allclose(sum(gradients[name] for _, gradients in parts), expected, rtol=1e-12)
    for name in ("vanishing_sum", "vanishing_steps"):
        np.testing.assert_allclose(sum(sums[name] for sums, _ in parts), whole_sums[name], rtol=1e-6)


def test_gradients_that_vanish_below_the_smallest_number_and_dead_units_stay_finite():
    """The loss is 1e-300 of what it was; with relu and a bias of -100 nothing passes at all."""
    model = reader()
    model.reader.cell.kernel.assign(1e-160 * model.reader.cell.kernel)
    model.reader.cell.bias.assign(tf.zeros(3))
    sums, gradients = sums_and_gradients(model, batch(0, 1))
    assert int(sums["vanishing_steps"]) == 6 and np.isfinite(gradients["recurrent_kernel"]).all()
    dead = reader("relu")
    dead.reader.cell.bias.assign(tf.fill((3,), -100.0))
    sums, gradients = sums_and_gradients(dead, batch(0, 1))
    assert int(sums["vanishing_steps"]) == 0 and not gradients["recurrent_kernel"].any()


def test_an_update_reduces_omega_as_far_as_its_constants_stay_and_frozen_kernels_are_left_alone():
    model = reader(penalty=100.0)
    kernel, constants = model.reader.cell.recurrent_kernel.numpy(), constants_of(model)
    tf.function(model.update, autograph=False)(batch(0, 1))
    assert omega_of(model.reader.cell.recurrent_kernel.numpy(), constants) < omega_of(kernel, constants)
    model.reader.cell.recurrent_kernel.trainable = False
    model.compile(keras.optimizers.SGD(1.0), vanishing_penalty=100.0)
    assert len(model.gradients(batch(0, 1), model.objective(), tf.constant([1, 2]))[1]) == 2


def test_refuses_models_on_which_it_cannot_act():
    sgd = keras.optimizers.SGD(1.0)
    with pytest.raises(ValueError, match="vanishing_penalty acts on the elman cell, which this model does not have"):
        tiny_model(cell="lstm").compile(sgd, vanishing_penalty=1.0)
    with pytest.raises(ValueError, match=r"does not go with recurrent_dropout \(0.5\)"):
        Reader(Elman(3), recurrent_dropout=0.5).compile(sgd, vanishing_penalty=1.0)
    with pytest.raises(ValueError, match="strength is -1; it has to be above 0"):
        Reader(Elman(3)).compile(sgd, vanishing_penalty=-1)
