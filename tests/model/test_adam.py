import keras
import numpy as np
import pytest
import tensorflow as tf

from seq2seq.model import Adam
from seq2seq.model.adam import averaged


def variables(*values):
    return [keras.Variable(np.array(value, "float32")) for value in values]


def descend(optimizer, weights, gradients):
    """One update for each list of gradients."""
    apply = tf.function(lambda *gradients: optimizer.apply(gradients, weights) is None, autograph=False)
    for step in gradients:
        apply(*(tf.constant(gradient, tf.float32) for gradient in step))


def test_equals_the_papers_algorithm():
    """Kingma & Ba (2015), algorithm 1, in the reordered form of section 2."""
    rng = np.random.default_rng(0)
    theta, gradients = rng.normal(size=(3, 2)), rng.normal(size=(6, 3, 2))
    (weight,) = variables(theta)
    descend(Adam(0.01, beta_1=0.8, beta_2=0.95, epsilon=1e-8), [weight], [[g] for g in gradients])
    m = v = 0.0
    for t, g in enumerate(gradients, start=1):
        m, v = 0.8 * m + 0.2 * g, 0.95 * v + 0.05 * g**2
        rate = 0.01 * np.sqrt(1 - 0.95**t) / (1 - 0.8**t)
        theta = theta - rate * m / (np.sqrt(v) + 1e-8)
    np.testing.assert_allclose(weight.numpy(), theta, rtol=2e-5)


def test_the_first_step_is_as_long_as_the_learning_rate():
    weights = variables([1.0, 2.0], [[3.0]])
    descend(Adam(0.25), weights, [[[0.5, -4.0], [[1e-3]]]])
    np.testing.assert_allclose(weights[0].numpy(), [0.75, 2.25], rtol=1e-5)
    np.testing.assert_allclose(weights[1].numpy(), [[2.75]], rtol=1e-3)  # epsilon shows


def test_equals_keras_adam_under_a_changing_learning_rate():
    gradients = np.random.default_rng(0).normal(size=(5, 4))
    results = []
    for kind in (Adam, keras.optimizers.Adam):
        (weight,) = variables(np.ones(4))
        optimizer = kind(keras.optimizers.schedules.PiecewiseConstantDecay([2], [0.1, 0.01]))
        descend(optimizer, [weight], [[g] for g in gradients])
        results.append(weight.numpy())
        assert optimizer.iterations.numpy() == 5
    np.testing.assert_allclose(*results, rtol=1e-5)


def test_averages_by_hand():
    """Each update moves the weight by -1 (the sign of its gradient): 0, -1, -2. The decay starts at 2 / 11, then
    3 / 12, until it reaches its limit."""
    (weight,) = variables([0.0])
    optimizer = Adam(1.0, average_decay=0.9)
    optimizer.build([weight])
    descend(optimizer, [weight], [[[3.0]], [[3.0]]])
    first = -9 / 11
    np.testing.assert_allclose(weight.numpy(), [-2], rtol=1e-5)
    np.testing.assert_allclose(optimizer.averages[0].numpy(), [first + 9 / 12 * (-2 - first)], rtol=1e-5)


def test_averages_stand_in_for_the_weights_and_give_them_back_to_the_bit():
    weights = variables(np.random.default_rng(0).normal(size=(5, 4)), [1.0])
    optimizer = Adam(0.1, average_decay=0.99)
    optimizer.build(weights)
    descend(optimizer, weights, [[np.ones((5, 4)), [1.0]]] * 3)
    before = [weight.numpy().tobytes() for weight in weights]
    with averaged(weights, optimizer):
        for weight, average in zip(weights, optimizer.averages, strict=True):
            np.testing.assert_array_equal(weight.numpy(), average.numpy())
            assert weight.numpy().tobytes() not in before
    assert [weight.numpy().tobytes() for weight in weights] == before
    with pytest.raises(RuntimeError, match="in between"), averaged(weights, optimizer):
        raise RuntimeError("in between")
    assert [weight.numpy().tobytes() for weight in weights] == before


@pytest.mark.parametrize("optimizer", [Adam(0.1), keras.optimizers.SGD(0.1)])
def test_an_optimizer_without_averages_leaves_the_weights(optimizer):
    weights = variables([1.0])
    optimizer.build(weights)
    with averaged(weights, optimizer):
        assert weights[0].numpy() == 1.0


def test_averages_are_among_the_variables_that_a_checkpoint_holds():
    weights = variables([1.0])
    optimizer = Adam(0.1, average_decay=0.9)
    optimizer.build(weights)
    assert any(variable is optimizer.averages[0] for variable in optimizer.variables)


def test_rebuilds_from_its_config():
    optimizer = Adam(0.3, average_decay=0.5, beta_2=0.98, epsilon=1e-9)
    copy = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    assert type(copy) is Adam and copy.get_config() == optimizer.get_config()


def test_refuses_what_it_does_not_do():
    with pytest.raises(ValueError, match="no amsgrad"):
        Adam(amsgrad=True)


def test_refuses_a_decay_that_never_moves():
    with pytest.raises(ValueError, match=r"average_decay is in \[0, 1\), not 1.0"):
        Adam(average_decay=1.0)
