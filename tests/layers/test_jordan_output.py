import equations
import numpy as np
import tensorflow as tf
from gradients import check_gradients, named, variable
from tiny import randomise, rebuilt

from seq2seq.layers.jordan_output import JordanOutput

LABELS = np.array([[2, 0, 1, -1], [1, -1, -1, -1]])


def built():
    layer = JordanOutput(3, 4, dtype="float64")
    layer.build((None, None, 2))
    return randomise(layer)


def steps(layer, features, label_ids=None):
    """The logits (W, L) of one sequence by the equation, with the gold labels or with those chosen."""
    w, y, logits = equations.weights_of(layer.recurrent.cell), np.zeros(3), []
    for t, x in enumerate(features):
        o, _ = equations.step_of(layer.recurrent.cell)(w, x, {"output": y}, t)
        y = np.eye(3)[np.argmax(o) if label_ids is None else label_ids[t]]
        logits.append(o)
    return np.stack(logits)


def test_given_gold_labels_each_step_reads_the_one_before():
    layer, x = built(), np.random.default_rng(1).normal(size=(2, 4, 2))
    logits = layer(x, tf.constant(LABELS, tf.int32))
    np.testing.assert_allclose(logits[0], steps(layer, x[0], LABELS[0]), atol=1e-14)
    np.testing.assert_allclose(logits[1, :1], steps(layer, x[1, :1], LABELS[1, :1]), atol=1e-14)


def test_without_them_each_step_reads_the_label_chosen_before_alone_as_in_a_batch():
    layer, x = built(), np.random.default_rng(1).normal(scale=9, size=(2, 4, 2))
    for logits in (layer(x), tf.function(layer, autograph=False)(tf.constant(x))):
        for n in range(2):
            np.testing.assert_allclose(logits[n], steps(layer, x[n]), atol=1e-14)
    chosen = np.argmax(logits, axis=-1)
    assert len(np.unique(chosen)) > 1
    np.testing.assert_allclose(layer(x, tf.constant(chosen, tf.int32)), logits, atol=1e-14)


def test_gradients_given_gold_labels():
    layer, x = built(), variable(2, 4, 2)
    check_gradients(lambda: layer(x, tf.constant(LABELS, tf.int32)), {**named(layer), "features": x})


def test_rebuilds_from_its_config():
    layer = rebuilt(built())
    assert (layer.num_labels, layer.units, layer.compute_dtype) == (3, 4, "float64")
