"""Checks that a cell keeps the contract of `Cell`, by one step of a small one, before any text is read."""

import inspect
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from seq2seq.layers.cells.cell import Cell

_UNITS, _ROWS, _FEATURES = 12, 4, 2  # units that many numbers of groups divide


def check_cell(make_cell: Callable[[int], Cell]) -> None:
    """Checks a cell by building a small one and running one step of it.

    Args:
        make_cell: function units -> Cell, such as its class.

    Raises:
        ValueError: the cell breaks the contract of `Cell`; the message says what is missing.
    """
    cell = make_cell(_UNITS)
    name = type(cell).__name__
    _check_config(cell, name)
    try:
        cell.build((None, _FEATURES))
        kernels, state = cell.recurrent_kernels, cell.zero_state(_ROWS)
        projected = cell.project(tf.zeros((_ROWS, _FEATURES), cell.compute_dtype))
        used: list[keras.Variable] = []
        output, new_state = cell.step(projected, state, _recorder(used, kernels, name), tf.constant(0))
    except ValueError:
        raise
    except Exception as error:  # the cell may be a user's code, which can raise anything
        parts = ", ".join(part.name for part in cell.state_parts)
        raise ValueError(
            f"a step of {name} failed with {type(error).__name__}: {error}. Its state has the parts {parts}. "
            "SEQ2SEQ_TRACEBACK=1 shows where."
        ) from error
    _check_results(cell, name, output, new_state)
    unused = [kernel.name for kernel in kernels if not any(kernel is one for one in used)]
    if unused:
        raise ValueError(f"{name}.step never multiplies by {', '.join(unused)} through product(x, kernel).")
    names = [weight.name for weight in cell.weights]
    twice = {one for one in names if names.count(one) > 1}
    if twice:
        raise ValueError(f"{name} has two weights called {min(twice)}. Give each a name of its own.")


def _recorder(used: list[keras.Variable], kernels: list[keras.Variable], name: str) -> Callable:
    """A `product` that appends each kernel it is given to `used`."""

    def product(x: tf.Tensor, kernel: Any) -> tf.Tensor:
        label = getattr(kernel, "name", "a tensor")
        if not any(kernel is one for one in kernels):
            raise ValueError(
                f"{name}.step multiplies by {label}, which {name}.recurrent_kernels does not list. Add it."
            )
        if any(kernel is one for one in used):
            raise ValueError(f"{name}.step multiplies by {label} twice; give each product a kernel of its own.")
        used.append(kernel)
        return tf.matmul(x, tf.convert_to_tensor(kernel))

    return product


def _check_config(cell: Cell, name: str) -> None:
    """Copies and saved models are made from the configuration, so it has to hold every argument."""
    ordinary = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    parameters = inspect.signature(type(cell).__init__).parameters.values()
    arguments = [parameter.name for parameter in parameters if parameter.kind in ordinary and parameter.name != "self"]
    missing = [argument for argument in arguments if argument not in cell.get_config()]
    if missing:
        raise ValueError(
            f"{name}.get_config lacks {', '.join(missing)}: copies and saved models would lose it. Add it."
        )


def _check_results(cell: Cell, name: str, output: tf.Tensor, state: Any) -> None:
    expected = {part.name: (_ROWS, part.size) for part in cell.state_parts}
    found = {part: tuple(x.shape) for part, x in state.items()} if isinstance(state, dict) else type(state).__name__
    if found != expected:
        raise ValueError(f"{name}.step returned the state {found}; {expected} was expected, as state_parts says.")
    if tuple(output.shape) != (_ROWS, cell.output_size):
        expected = (_ROWS, cell.output_size)
        raise ValueError(f"{name}.step returned an output of shape {tuple(output.shape)}; output_size says {expected}.")
