"""Masks are arguments. Keras' warnings about them, which are errors in this test run, would be untrue."""

import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from seq2seq.layers import GRU, Recurrent
from seq2seq.model import Encoder

IDS = tf.constant([[5, 6, 3], [7, 3, 0]])
MASK = IDS != 0
VECTORS = tf.ones((2, 3, 4))


def encoder():
    layer = Encoder(10, 4, GRU(3))
    layer.build()
    return layer


CALLS = {
    "encoder": (encoder, lambda layer, **mask: layer(IDS, **mask)["outputs"]),
    "recurrent": (lambda: Recurrent(GRU(3)), lambda layer, **mask: layer(VECTORS, **mask)[0]),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_mask_may_be_named_and_stays_an_argument(name):
    build, call = CALLS[name]
    outputs = call(build(), mask=MASK)
    assert outputs.shape[:2] == (2, 3)
    assert not hasattr(outputs, "_keras_mask")


def test_a_mask_that_keras_attached_is_read_but_not_passed_on():
    embedded = keras.layers.Embedding(10, 4, mask_zero=True)(IDS)
    layer = Recurrent(GRU(3))
    outputs, _ = layer(embedded)
    np.testing.assert_array_equal(outputs, layer(tf.convert_to_tensor(embedded), MASK)[0])
    assert not hasattr(outputs, "_keras_mask")


FORKS = """
import os
from seq2seq.layers import GRU, AdditiveAttention
from seq2seq.model import Encoder

def fork(name):
    if os.fork():
        os.wait()
        return
    try:
        AdditiveAttention(2).build((2, 3, 4), (2, 3, 4))
        print(name, "works", flush=True)
    except RuntimeError as error:
        print(name, error, flush=True)
    os._exit(0)

fork("imports")
Encoder(10, 4, GRU(3))
fork("layers")
Encoder(10, 4, GRU(3)).build()
fork("variables")
"""


def test_a_process_forked_after_a_layer_got_variables_is_refused():
    """Training would wait there for ever, for the threads that the fork did not copy."""
    done = subprocess.run([sys.executable, "-c", FORKS], capture_output=True, text=True, check=True)
    imports, layers, variables = done.stdout.splitlines()
    assert (imports, layers) == ("imports works", "layers works")
    assert "was forked from process" in variables and "Load the model after the fork" in variables
