import pytest
import tensorflow as tf
from tiny import CELLS

from seq2seq.layers.cells import Elman
from seq2seq.layers.cells.check import check_cell


class Other(Elman):
    """Breaks the contract in one place at a time."""

    def __init__(self, units, **kwargs):
        super().__init__(units, **kwargs)

    fault = ""

    @property
    def recurrent_kernels(self):
        return [] if self.fault == "unlisted" else [self.recurrent_kernel]

    def step(self, projected, state, product, t):
        hidden = state["h"] if self.fault == "key" else state["hidden"]
        multiply = tf.matmul if self.fault == "unused" else product
        hidden = tf.tanh(
            projected
            + multiply(
                hidden, tf.convert_to_tensor(self.recurrent_kernel) if self.fault == "unused" else self.recurrent_kernel
            )
        )
        if self.fault == "twice":
            hidden = product(hidden, self.recurrent_kernel)
        output = hidden[:, :1] if self.fault == "output" else hidden
        return output, {"h": hidden} if self.fault == "state" else {"hidden": hidden}


@pytest.mark.parametrize("name", CELLS)
def test_the_cells_of_the_project_keep_the_contract(name):
    check_cell(lambda units: CELLS[name]())


@pytest.mark.parametrize(
    "fault, message",
    [
        ("unlisted", "which Other.recurrent_kernels does not list. Add it"),
        ("unused", "Other.step never multiplies by recurrent_kernel through product"),
        ("twice", "multiplies by recurrent_kernel twice; give each product a kernel of its own"),
        ("key", "a step of Other failed with KeyError: 'h'. Its state has the parts hidden"),
        ("state", "Other.step returned the state {'h': .*}; {'hidden': .*} was expected"),
        ("output", r"returned an output of shape \(4, 1\); output_size says \(4, 12\)"),
    ],
)
def test_a_broken_contract_is_told(monkeypatch, fault, message):
    monkeypatch.setattr(Other, "fault", fault)
    with pytest.raises(ValueError, match=message):
        check_cell(Other)


def test_an_argument_missing_in_the_configuration_is_told():
    class Sloped(Elman):
        def __init__(self, units, slope=1.0, **kwargs):
            super().__init__(units, **kwargs)

    with pytest.raises(ValueError, match="Sloped.get_config lacks slope: copies and saved models would lose it"):
        check_cell(Sloped)


def test_two_weights_of_one_name_are_told():
    class Twins(Elman):
        def build(self, input_shape):
            super().build(input_shape)
            self.add_weight(name="bias", shape=(1,))

    with pytest.raises(ValueError, match="Twins has two weights called bias"):
        check_cell(Twins)
