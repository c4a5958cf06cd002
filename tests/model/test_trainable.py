"""An update is the gradients of a sum, then their mean, clipped and applied. Shown on a model of three numbers."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from tiny import pair, tiny_batch, tiny_model

from seq2seq.model import Adam, Objective, TeacherForcing, Trainable


class Slope(Objective):
    """The loss sum is a plane, whose gradient the inputs give; and a random number, to be seen."""

    def __call__(self, model, inputs, seed):
        parts = [tf.reduce_sum(weight * slope) for weight, slope in zip(model.weights, inputs["slopes"], strict=True)]
        return {"loss_sum": tf.add_n(parts), "tokens": inputs["tokens"], "drawn": tf.random.stateless_uniform((), seed)}


class Point(Trainable):
    """Weights of two numbers and of one, both 0."""

    def __init__(self):
        super().__init__()
        self.pair = self.add_weight(name="pair", shape=(2,), initializer="zeros")
        self.one = self.add_weight(name="one", shape=(1,), initializer="zeros")
        self.built = True

    def objective(self):
        return Slope()


def point(optimizer=None, **options):
    model = Point()
    model.compile(optimizer or keras.optimizers.SGD(1.0), **options)
    return model


def slopes(pair, one, tokens=8):
    """A batch with these gradients of the mean loss."""
    return {"slopes": (tokens * tf.constant(pair), tokens * tf.constant(one)), "tokens": tf.constant(tokens)}


def values(variables):
    return [variable.numpy() for variable in variables]


@pytest.mark.parametrize(
    "clip, limit, expected",
    [
        ("global_norm", 6.5, [[1.5, 2.0], [6.0]]),  # norms 5 and 12: together 13, halved
        ("global_norm", 20.0, [[3.0, 4.0], [12.0]]),
        ("norm", 2.5, [[1.5, 2.0], [2.5]]),
        ("value", 3.5, [[3.0, 3.5], [3.5]]),
        (None, 1.0, [[3.0, 4.0], [12.0]]),
    ],
)
def test_the_mean_gradient_is_clipped_and_applied(clip, limit, expected):
    model = point(clip=clip, clip_limit=limit)
    found = model.update(slopes([3.0, 4.0], [12.0]))
    for weight, gradient in zip(model.weights, expected, strict=True):
        np.testing.assert_allclose(-weight.numpy(), gradient, rtol=1e-6)
    assert float(found["gradient_norm"]) == pytest.approx(13.0) and found["finite"]  # before clipping


def test_an_update_is_gradients_then_apply():
    one, other = point(), point()
    batch = slopes([3.0, 4.0], [12.0])
    sums, gradients = one.gradients(batch, one.objective(), one.update_seed())
    np.testing.assert_array_equal(gradients[0], [24.0, 32.0])  # of the sum, nothing is divided
    found = {**sums, **one.apply(sums, gradients)}
    expected = other.update(batch)
    assert found == expected
    np.testing.assert_array_equal(one.pair, other.pair)


def test_summed_gradients_of_two_half_batches_are_those_of_the_whole():
    """In a real model, whose pairs have 5 and 2 tokens: sums are added, then divided once."""
    whole, halves = (tiny_model(label_smoothing=0.1, options={"num_layers": 2}) for _ in range(2))
    for model in (whole, halves):
        model.compile(keras.optimizers.SGD(1.0), clip_limit=0.5)
    expected = whole.update(tiny_batch())
    parts = [halves.gradients(pair(tiny_batch(), number), TeacherForcing(), halves.update_seed()) for number in (0, 1)]
    sums, gradients = tf.nest.map_structure(lambda *x: tf.add_n(x), *parts)
    found = {**sums, **halves.apply(sums, gradients)}
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-12, err_msg=name)
    for one, other in zip(halves.weights, whole.weights, strict=True):
        np.testing.assert_allclose(one.numpy(), other.numpy(), atol=1e-13)


@pytest.mark.parametrize("poison", [np.inf, np.nan])
def test_a_gradient_that_is_no_number_changes_the_update_number_alone(poison):
    model = point(Adam(0.1, average_decay=0.9))
    update = tf.function(model.update, autograph=False)
    update(slopes([3.0, 4.0], [12.0]))
    state = [*model.weights, *(v for v in model.optimizer.variables if v is not model.optimizer.iterations)]
    before = values(state)
    assert not update(slopes([3.0, poison], [12.0]))["finite"]
    assert model.optimizer.iterations.numpy() == 2
    for now, then in zip(values(state), before, strict=True):
        np.testing.assert_array_equal(now, then)
    assert update(slopes([3.0, 4.0], [12.0]))["finite"]


def test_what_is_random_is_a_function_of_seed_and_update_number():
    def drawn(seed, start=0):
        model = point(seed=seed)
        model.optimizer.iterations.assign(start)  # as after a resumed checkpoint
        return [float(model.update(slopes([0.0, 0.0], [0.0]))["drawn"]) for _ in range(2)]

    first, second = drawn(7)
    assert drawn(7) == [first, second] and drawn(7, start=1)[0] == second
    assert len({first, second, *drawn(8)}) == 4


def test_averaged_weights_are_used_inside_the_block_only():
    model = point(Adam(0.1, average_decay=0.99))
    for _ in range(3):
        model.update(slopes([3.0, 4.0], [12.0]))
    before = model.pair.numpy()
    with model.averaged_weights():
        np.testing.assert_array_equal(model.pair, model.optimizer.averages[0])
        assert np.all(model.pair.numpy() != before)
    np.testing.assert_array_equal(model.pair, before)


@pytest.mark.parametrize(
    "option", [{"clipnorm": 1.0}, {"clipvalue": 1.0}, {"global_clipnorm": 1.0}, {"gradient_accumulation_steps": 2}]
)
def test_an_optimizer_that_clips_or_accumulates_by_itself_is_refused(option):
    with pytest.raises(ValueError, match=f"The optimizer comes with {next(iter(option))}="):
        point(keras.optimizers.Adam(**option))


@pytest.mark.parametrize(
    "options, message",
    [
        ({"clip": "hard"}, "clip is one of 'global_norm', 'norm', 'value', None, not 'hard'"),
        ({"clip_limit": 0.0}, "clip_limit is 0.0; it has to be above 0"),
        ({"clip_limit": float("nan")}, "clip_limit is nan; it has to be above 0"),
        ({"precision": "int8"}, "precision is one of auto, float32, bfloat16, not 'int8'"),
        ({"map_l2": -1.0}, "strength is -1.0; it has to be above 0"),
    ],
)
def test_what_compile_refuses(options, message):
    with pytest.raises(ValueError, match=message):
        point(**options)
