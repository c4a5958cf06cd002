"""Frozen parts stay to the bit, and MAP-L2 adds its own gradient to that of the loss."""

import re

import keras
import numpy as np
import pytest
from tiny import tiny_batch, tiny_model

from seq2seq.model import ConditionalDecoder
from seq2seq.model.finetuning import PARTS, freeze


def changed(model, **options):
    """Numbers of the weights that an update changes."""
    model.compile(keras.optimizers.SGD(1.0), **options)
    before = [weight.numpy() for weight in model.weights]
    assert model.update(tiny_batch())["finite"]
    pairs = enumerate(zip(model.weights, before, strict=True))
    return {number for number, (weight, old) in pairs if np.any(weight.numpy() != old)}


@pytest.mark.parametrize("part", PARTS)
def test_a_frozen_part_stays_and_all_else_learns(part):
    model = tiny_model(ConditionalDecoder)
    everything = changed(tiny_model(ConditionalDecoder))
    freeze(model, [part])
    learns = changed(model)
    frozen = {
        "embeddings": "(encoder/)?embedding/",
        "encoder": "encoder/",
        "attention": "additive_attention/",
        "decoder": "(?!encoder/)",
        "output": "(.*/)?output/(bias|table)$",
    }[part]
    paths = [re.sub(r"_\d+/", "/", weight.path) for weight in model.weights]  # Keras numbers its layers
    stays = {number for number in everything if re.match(frozen, paths[number])}
    assert stays and learns == everything - stays


def test_a_shared_table_stays_with_either_part():
    options = {"share_embeddings": True, "options": {"tied_output": True, "readout_dim": 4}}
    for part in ("encoder", "output"):
        model = tiny_model(**options)
        freeze(model, [part])
        assert not any("table" in model.weights[number].path for number in changed(model))


def test_an_unknown_part_or_all_of_them_is_refused():
    with pytest.raises(ValueError, match="A part is one of 'embeddings', .*, not 'encoders'"):
        freeze(tiny_model(), ["encoders"])
    with pytest.raises(ValueError, match="Nothing is left to train when encoder and decoder are frozen"):
        freeze(tiny_model(), ["encoder", "decoder"])


def test_map_l2_is_a_gradient_towards_the_weights_of_the_start():
    """strength * (weights - weights at the start), beside the gradient of the mean loss."""
    free, held = tiny_model(), tiny_model()
    free.compile(keras.optimizers.SGD(1.0), clip=None)
    held.compile(keras.optimizers.SGD(1.0), clip=None, map_l2=0.25)
    for model in (free, held):
        for number, weight in enumerate(model.trainable_variables):
            weight.assign_add(np.full(weight.shape, 0.01 * (number + 1)))
        model.update(tiny_batch())
    for number, (one, other) in enumerate(zip(free.trainable_variables, held.trainable_variables, strict=True)):
        np.testing.assert_allclose(one.numpy() - other.numpy(), 0.25 * 0.01 * (number + 1), atol=1e-12)
