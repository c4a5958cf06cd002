"""Layers and models small enough for finite differences, with no weight left at zero."""

import gated_equations  # noqa: F401  (these three register equations of the cells below)
import keras
import lecture_equations  # noqa: F401
import linear_equations  # noqa: F401
import numpy as np
import tensorflow as tf
from parts import CoverageAttention, SlowUnits

from seq2seq.layers import (
    GRU,
    HGRN,
    LSTM,
    RGLRU,
    SLSTM,
    SSRU,
    AdditiveAttention,
    Clockwork,
    Deep,
    Delayed,
    Elman,
    Jordan,
    LayerNormGRU,
    LayerNormLSTM,
    Leaky,
    MinGRU,
    MinLSTM,
    MultiplicativeAttention,
    PeepholeLSTM,
    SimpleGRU,
)
from seq2seq.model import Encoder, RNNDecoder, Seq2Seq

PAD, UNK, BOS, EOS = range(4)
VOCAB_SIZE = 9
UNITS = 3

CELLS = {
    "elman": lambda **options: Elman(UNITS, **options),
    "elman_relu": lambda **options: Elman(UNITS, "relu", **options),
    "jordan": lambda **options: Jordan(UNITS, 2, "sigmoid", "softmax", **options),
    "lstm": lambda **options: LSTM(UNITS, **options),
    "lstm_variant": lambda **options: LSTM(UNITS, 1.5, "sigmoid", "identity", **options),
    "peephole_lstm": lambda **options: PeepholeLSTM(UNITS, **options),
    "gru_before": lambda **options: GRU(UNITS, reset="before", **options),
    "gru_after": lambda **options: GRU(UNITS, reset="after", **options),
    "simple_gru": lambda **options: SimpleGRU(UNITS, **options),
    "leaky": lambda **options: Leaky(UNITS, "lstm", **options),
    "delayed": lambda **options: Delayed(UNITS, (2, 3), **options),
    "clockwork": lambda **options: Clockwork(UNITS, (1, 2), **options),
    "deep": lambda **options: Deep(UNITS, **options),
    "layer_norm_lstm": lambda **options: LayerNormLSTM(UNITS, **options),
    "layer_norm_gru": lambda **options: LayerNormGRU(UNITS, **options),
    "min_gru": lambda **options: MinGRU(UNITS, **options),
    "min_lstm": lambda **options: MinLSTM(UNITS, **options),
    "ssru": lambda **options: SSRU(UNITS, **options),
    "rg_lru": lambda **options: RGLRU(UNITS, **options),
    "hgrn": lambda **options: HGRN(UNITS, **options),
    "hgrn_upper": lambda **options: HGRN(UNITS, 0.5, **options),
    "slstm": lambda **options: SLSTM(UNITS, **options),
    "slow_units": lambda **options: SlowUnits(UNITS, **options),
}
ATTENTIONS = {
    "none": lambda **options: None,
    "additive": lambda **options: AdditiveAttention(4, **options),
    "dot": lambda **options: MultiplicativeAttention("dot", **options),
    "general": lambda **options: MultiplicativeAttention("general", **options),
    "scaled": lambda **options: MultiplicativeAttention("scaled", **options),
    "coverage": lambda **options: CoverageAttention(4, **options),
}


def randomise(layer, seed=0):
    """Give each weight random values, biases too, so that no term of an equation hides. Returns the layer."""
    rng = np.random.default_rng(seed)
    for weight in layer.weights:
        weight.assign(rng.normal(scale=0.7, size=weight.shape))
    return layer


def tiny_model(
    decoder=RNNDecoder,
    *,
    cell="gru_after",
    attention="additive",
    dtype="float64",
    encoder=None,
    options=None,
    seed=0,
    **model_options,
):
    """A Seq2Seq of 9 ids and 3 units. `encoder` and `options`: further arguments of encoder and decoder."""
    cell = CELLS[cell](dtype=dtype)
    # One direction, so that dot attention finds outputs of the decoder's size.
    encoder = {"bidirectional": "none", **(encoder or {})}
    model = Seq2Seq(
        Encoder(VOCAB_SIZE, 4, cell, dtype=dtype, **encoder),
        decoder(VOCAB_SIZE, 4, cell, ATTENTIONS[attention](dtype=dtype), dtype=dtype, **(options or {})),
        **model_options,
    )
    return randomise(model, seed)


class Sized:
    """Stands for a tokenizer, of which an engine asks only this."""

    def __init__(self, vocab_size):
        self.vocab_size = vocab_size


def rows(*sentences, length=None):
    """Ids of several lengths as one right-padded int32 array."""
    length = length or max(map(len, sentences))
    return tf.constant([list(ids) + [PAD] * (length - len(ids)) for ids in sentences], tf.int32)


def tiny_batch(source_length=4, target_length=6):
    """A long pair and a short one: 4 and 2 source tokens, 5 and 2 target tokens (EOS included)."""
    return {
        "source_ids": rows([4, 5, 6, EOS], [7, EOS], length=source_length),
        "target_ids": rows([BOS, 5, 4, 8, 6, EOS], [BOS, 6, EOS], length=target_length),
    }


def pair(batch, number):
    """One pair of `tiny_batch`, alone and without padding."""
    return {name: ids[number : number + 1, : tf.math.count_nonzero(ids[number])] for name, ids in batch.items()}


def rebuilt(layer):
    """The layer made anew from its configuration, through the form in which archives keep it."""
    return keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
