"""What an update minimises. Each objective takes a compiled model, a batch and a seed, and gives sums over the target.

- `teacher_forcing`: cross-entropy of the gold tokens, the decoder reading gold.
- `scheduled_sampling`: the same, the decoder reading words of its own among them (see the module of this name).
- `minimum_risk`: expected cost of whole translations (in the module of this name).

All return a dict of scalars: "loss_sum", which has a gradient; "nll_sum", the plain negative log-likelihood of the gold
tokens; "tokens", their number, by which the update divides; "replaced", how many of them were asked for after a token
that is not gold.
"""

import tensorflow as tf

from seq2seq.layers.dropout import fold
from seq2seq.layers.losses import cross_entropy, token_losses
from seq2seq.model.scheduled_sampling import mixed_ids
from seq2seq.text.tokenizer import PAD_ID


def teacher_forcing(model, batch, seed):
    """Cross-entropy of the gold tokens, the decoder reading gold."""
    return _cross_entropy(model, batch, seed, reading=None)


def scheduled_sampling(model, batch, seed):
    """Cross-entropy of the gold tokens, the decoder reading words of its own among them, by `model.sampling` and
    `model.gold_probability`."""

    def reading(gold_ids, state, memory, noise):
        how = {"gold_probability": model.gold_probability, "seed": fold(seed, 2), "sampling": model.sampling}
        return mixed_ids(model.decoder, gold_ids, state, memory, noise, **how)

    return _cross_entropy(model, batch, seed, reading)


def validation(model, batch):
    """The sums of `teacher_forcing`, all but "replaced", without dropout and without a gradient."""
    features, labels, _ = _read(model, batch)
    losses = token_losses(features, *output_layer(model), labels, model.label_smoothing)
    loss_sum, nll_sum = map(tf.reduce_sum, losses)
    return {"loss_sum": loss_sum, "nll_sum": nll_sum, "tokens": tf.size(labels)}


def output_layer(model):
    """Its weights: (kernel (V, D), bias (V,))."""
    return model.decoder.output_kernel, model.decoder.output_bias


def real_tokens(features, labels, where=True):
    """What the output layer need look at, for padding never reaches it.

    Args:
        features: float (N, T, D).
        labels: int32 (N, T).
        where: bool, of a shape that fits (N, T). Where False, tokens are left out as well.

    Returns:
        Tuple (features (M, D), labels (M,), rows int32 (M,), from 0 to N - 1).
    """
    places = tf.cast(tf.where(tf.reshape((labels != PAD_ID) & where, [-1]))[:, 0], tf.int32)
    features = tf.gather(tf.reshape(features, (-1, features.shape[-1])), places)
    return features, tf.gather(tf.reshape(labels, [-1]), places), places // tf.shape(labels)[1]


def _cross_entropy(model, batch, seed, reading):
    features, labels, replaced = _read(model, batch, seed, reading)
    loss_sum, nll_sum = cross_entropy(features, *output_layer(model), labels, model.label_smoothing)
    return {"loss_sum": loss_sum, "nll_sum": nll_sum, "tokens": tf.size(labels), "replaced": replaced}


def _read(model, batch, seed=None, reading=None):
    """What the output layer is to look at, and how often what was read before is not gold."""
    gold, labels = batch["target_ids"][:, :-1], batch["target_ids"][:, 1:]
    memory, state = model.memory(batch["source_ids"], fold(seed, 0))
    features, read = model.target_features(batch["target_ids"], state, memory, seed, reading)
    replaced = tf.math.count_nonzero((read != gold) & (labels != PAD_ID), dtype=tf.int32)
    features, labels, _ = real_tokens(features, labels)
    return features, labels, replaced
