import equations
import numpy as np
import pytest
from tiny import randomise

from seq2seq.layers import Jordan


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
@pytest.mark.parametrize("output_activation", ["tanh", "softmax", "identity"])
def test_one_step_is_the_equations_of_the_notes(activation, output_activation):
    cell = Jordan(3, 5, activation, output_activation, dtype="float64")
    cell.build((None, 2))
    randomise(cell)
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(4, 2)), rng.normal(size=(4, 5))
    output, state = cell.step(cell.project(x), {"output": y})
    step = equations.step_of(cell)
    expected = [step(equations.weights_of(cell), x[n], {"output": y[n]}, 0)[0] for n in range(4)]
    np.testing.assert_allclose(output, expected, atol=1e-14)
    np.testing.assert_array_equal(output, state["output"])


def test_numbers_by_hand():
    cell = Jordan(1, 2, "relu", "softmax", dtype="float64")
    cell.build((None, 1))
    weights = [[2.0]], [1.0], [[-1.0], [0.0]], [[0.0, np.log(3)]], [0.0, 0.0]  # W_xa, b_a, W_ya, W_ay, b_y
    cell.set_weights(list(map(np.array, weights)))
    output, _ = cell.step(cell.project(np.array([[0.25]])), {"output": np.array([[0.5, 0.5]])})
    np.testing.assert_allclose(output, [[0.25, 0.75]])  # a = 2 * 0.25 + 1 - 0.5 = 1; softmax of 0 and log 3


def test_its_output_is_as_large_as_its_hidden_layer_unless_told():
    assert Jordan(4).output_size == 4 and Jordan(4, output_size=7).output_size == 7


@pytest.mark.parametrize(
    "options, message",
    [
        ({"activation": "softmax"}, "Jordan's activation is 'softmax'; it has to be one of tanh, sigmoid, relu"),
        (
            {"output_activation": "relu"},
            "output_activation is 'relu'; it has to be one of tanh, softmax, identity",
        ),
        ({"output_size": 0}, "Jordan's output_size is a number of features, at least 1, not 0"),
        ({"output_size": "big"}, "not 'big'"),
    ],
)
def test_refuses_what_it_cannot_compute(options, message):
    with pytest.raises(ValueError, match=message):
        Jordan(4, **options)
