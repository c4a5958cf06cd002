"""Options name the parts, and the model is the one that the classes themselves would make."""

import dataclasses

import keras
import numpy as np
import parts
import pytest
import toys

from seq2seq.layers import (
    GRU,
    LSTM,
    AdditiveAttention,
    CopyBridge,
    DenseBridge,
    Elman,
    MultiplicativeAttention,
    ZeroBridge,
)
from seq2seq.layers.layer import Layer
from seq2seq.model import (
    ConditionalDecoder,
    Encoder,
    InputFeedingDecoder,
    ModelOptions,
    RNNDecoder,
    Seq2Seq,
    check_fit,
    compose,
)
from seq2seq.model.composition import check_language_model, compose_language_model
from seq2seq.model.options import LanguageModelOptions
from seq2seq.text import CharacterTokenizer, Tokenizer


@pytest.fixture(scope="module")
def tokenizers():
    return [Tokenizer.train(["a b c d e f"], kind="word", vocab_size=size) for size in (9, 10)]


def composed(tokenizers, **options):
    options = ModelOptions(**{"units": 4, "embedding_dim": 4, **options})
    check_fit(options)
    return compose(options, *tokenizers, max_source_length=7)


@pytest.mark.parametrize(
    "names, cell, attention, decoder, bridge",
    [
        ({"cell": "elman", "attention": "none", "decoder": "rnn"}, Elman, type(None), RNNDecoder, DenseBridge),
        ({"cell": "lstm", "bridge": "zero"}, LSTM, AdditiveAttention, ConditionalDecoder, ZeroBridge),
        (
            {"attention": "dot", "decoder": "input_feeding", "bridge": "copy", "bidirectional": "none"},
            GRU,
            MultiplicativeAttention,
            InputFeedingDecoder,
            CopyBridge,
        ),
        (
            {"cell": "parts:SlowUnits", "attention": "parts:CoverageAttention", "decoder": "rnn"},
            "SlowUnits",
            parts.CoverageAttention,
            RNNDecoder,
            DenseBridge,
        ),
    ],
)
def test_names_become_classes(tokenizers, names, cell, attention, decoder, bridge):
    model = composed(tokenizers, **names)
    for one in (model.encoder.cell, model.decoder.cell):
        assert cell in (type(one), type(one).__name__) and one.units == 4
    assert type(model.decoder) is decoder
    assert (type(model.decoder.attention), type(model.decoder.bridge)) == (attention, bridge)
    assert (model.encoder.vocab_size, model.decoder.vocab_size) == tuple(one.vocab_size for one in tokenizers)
    assert model.max_source_length == 7


def test_each_option_reaches_its_part(tokenizers):
    options = {
        "layers": 2,
        "bidirectional": "lower",
        "residual": True,
        "dropout": 0.1,
        "recurrent_dropout": 0.2,
        "word_dropout": 0.3,
    }
    model = composed(tokenizers, layer_norm=True, label_smoothing=0.4, tied_output=True, **options)
    encoder, decoder = model.encoder.get_config(), model.decoder.get_config()
    options["num_layers"] = options.pop("layers")
    assert {name: encoder[name] for name in options} == options and encoder["layer_norm"]
    del options["bidirectional"]
    assert {name: decoder[name] for name in options} == options and decoder["tied_output"]
    assert model.label_smoothing == 0.4


def quickstart(source, target):
    """The model that quickstart's description promises, here with a vocabulary for each language."""
    return Seq2Seq(
        Encoder(source, 8, GRU(8), dropout=0.1),
        RNNDecoder(target, 8, GRU(8), AdditiveAttention(8), dropout=0.1, tied_output=True),
        max_source_length=7,
    )


def multi30k(vocab_size, _):
    rates = {"dropout": 0.3, "word_dropout": 0.1}
    return Seq2Seq(
        Encoder(vocab_size, 8, GRU(8), **rates),
        ConditionalDecoder(vocab_size, 8, GRU(8), AdditiveAttention(8), tied_output=True, **rates),
        share_embeddings=True,
        label_smoothing=0.1,
        max_source_length=7,
    )


@pytest.mark.parametrize("recipe, by_classes", [("quickstart", quickstart), ("multi30k", multi30k)])
def test_a_recipe_composes_the_very_weights_of_its_classes(tokenizers, recipe, by_classes):
    recipe = toys.load("recipes", recipe)
    joint = recipe.TINY.vocab.joint
    source, target = tokenizers[:1] * 2 if joint else tokenizers
    keras.utils.set_random_seed(3)
    model = compose(recipe.TINY.model, source, target, max_source_length=7, share_embeddings=joint)
    keras.utils.set_random_seed(3)
    expected = by_classes(source.vocab_size, target.vocab_size)
    for one, other in zip(model.weights, expected.weights, strict=True):
        np.testing.assert_array_equal(one, other)
    assert without_names(model.get_config()) == without_names(expected.get_config())


def without_names(config):
    """Keras numbers its layers within a process."""
    if isinstance(config, dict):
        return {key: without_names(value) for key, value in config.items() if key != "name"}
    return config


@pytest.mark.parametrize(
    "options, message",
    [
        ({"bridge": "copy"}, "--model.bridge copy: CopyBridge got an encoder state of 8 features for a decoder of 4"),
        ({"attention": "dot"}, "--model.attention dot: Dot attention compares a query of 4 features with .* of 8"),
        ({"attention": "none"}, "--model.decoder conditional: ConditionalDecoder needs an attention layer"),
        ({"cell": "cells:Mine"}, "--model.cell cells:Mine: There is no module 'cells'"),
        ({"cell": "parts:CoverageAttention"}, "--model.cell parts:CoverageAttention: .* cannot be used as cell"),
    ],
)
def test_parts_that_do_not_fit_are_named_before_there_are_weights(monkeypatch, options, message):
    def refuse(*args, **kwargs):
        raise AssertionError("a weight was created")

    monkeypatch.setattr("seq2seq.model.composition.check_cell", lambda make_cell: None)  # it builds a tiny cell
    monkeypatch.setattr(Layer, "add_weight", refuse)
    fitting = ModelOptions(units=4, embedding_dim=4)
    check_fit(fitting)
    with pytest.raises(ValueError, match=message):
        check_fit(dataclasses.replace(fitting, **options))


def test_a_language_model_has_the_parts_that_its_options_name():
    tokenizer = CharacterTokenizer.train(["hello"])
    options = {"cell": "lstm", "units": 5, "embedding_dim": 3, "layers": 2, "residual": True, "dropout": 0.1}
    options |= {"recurrent_dropout": 0.2, "word_dropout": 0.3, "truncate": 7}
    model = compose_language_model(LanguageModelOptions(cell_options=("forget_bias=2",), **options), tokenizer)
    found = {name: getattr(model, name) for name in (*options, "tokenizer") if name not in ("cell", "units", "layers")}
    assert found == {**{name: options[name] for name in found if name != "tokenizer"}, "tokenizer": tokenizer}
    assert (model.cell.units, model.cell.forget_bias, model.num_layers) == (5, 2, 2) and not model.tied_output
    assert [layer.truncate for layer in model.recurrent] == [7, 7]


def test_what_does_not_fit_a_language_model_is_told_by_its_option():
    with pytest.raises(
        ValueError, match="--model.tied-output needs .* 5 features.* not 3. Give --model.embedding-dim 5"
    ):
        check_language_model(LanguageModelOptions(units=5, embedding_dim=3, tied_output=True))
    with pytest.raises(ValueError, match="--model.cell-options a=1: .* has no argument 'a'"):
        check_language_model(LanguageModelOptions(cell_options=("a=1",)))
    check_language_model(LanguageModelOptions(units=5, embedding_dim=5, tied_output=True))
