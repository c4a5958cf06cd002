"""Scheduled sampling (Bengio et al., 2015): in training the decoder reads some of its own predictions.

In teacher forcing the decoder reads the gold tokens y_0 .. y_(T-1). When it translates, it reads its own predictions,
mistakes included. Scheduled sampling decides at random for each token: gold with probability p, else the prediction.

The choice has no gradient, so it is made first: `mixed_ids` computes the tokens that the decoder will read, and an
ordinary update, fused kernels included, learns from them as if they were gold. Both use the same dropout masks. There
are two ways to predict:

- "sequential": token by token. Each prediction follows from all tokens read before it, so it equals the prediction in
  the update's own pass.
- "parallel": whole passes over the target (Mihaylova & Martins, 2019; Duckworth et al., 2019). The first pass reads the
  gold tokens, and pass k reads what pass k - 1 left. The random decisions are the same in all passes. After k passes
  positions 0 .. k equal those of the sequential way, and after T - 1 passes all do. With fewer passes, later
  predictions follow from tokens that may since have been replaced.

Two refinements fit either way. Later tokens are sampled more often than early ones, because mistakes add up (Liu et
al., 2021a, "Scheduled Sampling Based on Decoding Steps"). Gold tokens that the model finds improbable are kept, because
it still has to learn them, and those it finds very probable are replaced by random tokens (Liu et al., 2021b,
"Confidence-Aware Scheduled Sampling").
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from seq2seq.layers.dropout import fold
from seq2seq.model.decoders import Decoder, DropoutMasks
from seq2seq.model.objectives.objective import Objective, Sums
from seq2seq.model.objectives.options import SamplingOptions
from seq2seq.model.objectives.teacher_forcing import TeacherForcing, cross_entropy_sums
from seq2seq.text.tokenizer import BOS_ID, EOS_ID, PAD_ID, UNK_ID


class ScheduledSampling(TeacherForcing):
    """Cross-entropy of each gold token, while the decoder reads some of its own predictions in place of gold.

    Args:
        options: SamplingOptions, with a way other than "none" and durations in updates.

    Call arguments:
        inputs: {"source_ids": int32 (B, S), "target_ids": int32 (B, T + 1), "gold_probability": float32 scalar}.
    """

    def __init__(self, options: SamplingOptions):
        self.options = options
        self._before = TeacherForcing()  # while every token is gold

    def __call__(self, model: Any, inputs: Mapping[str, tf.Tensor], seed: tf.Tensor) -> Sums:
        def make_inputs(gold_ids: tf.Tensor, state: Any, memory: Any, dropout_masks: DropoutMasks) -> tf.Tensor:
            how = {"gold_probability": inputs["gold_probability"], "seed": fold(seed, 2), "sampling": self.options}
            return mixed_ids(model.decoder, gold_ids, state, memory, dropout_masks, **how)

        return cross_entropy_sums(model, inputs, seed, make_inputs)

    def at(self, update: int) -> Objective:
        return self if self.options.gold_probability(update) < 1.0 else self._before

    def signature(self, batch: Mapping[str, tf.TensorSpec]) -> Mapping[str, tf.TensorSpec]:
        return {**batch, "gold_probability": tf.TensorSpec((), tf.float32)}

    def inputs(self, model: Any, batch: Mapping[str, Any], part: int = 0) -> Mapping[str, Any]:
        update = int(model.optimizer.iterations) + 1
        return {**batch, "gold_probability": np.float32(self.options.gold_probability(update))}

    def schedule(self, update: int) -> dict[str, float]:
        return {"gold_probability": self.options.gold_probability(update)}

    def summary(self, figures: Mapping[str, float | str]) -> list[str]:
        replaced = figures["replaced"]
        return super().summary(figures) + ([f"replaced {replaced:.1%}"] if replaced else [])

    def progress(self, update: int) -> list[str]:
        return [f"gold {self.options.gold_probability(update):.2f}"]

    def describe(self) -> list[str]:
        return [self.options.describe()]

    def warnings(self, update: int) -> list[str]:
        if self.options.gold_probability(update) < 1.0:
            return []
        return ["training ended before sampling began; give --sampling.warmup and --sampling.decay fewer updates"]


def mixed_ids(
    decoder: Decoder,
    gold_ids: tf.Tensor,
    state: Any,
    memory: Any,
    dropout_masks: DropoutMasks,
    *,
    gold_probability: tf.Tensor | float,
    seed: tf.Tensor,
    sampling: SamplingOptions,
) -> tf.Tensor:
    """The tokens that the decoder reads: gold, or its own predictions where the random decision says so.

    Args:
        decoder: Decoder.
        gold_ids: int32 (B, T). BOS first, then perhaps a predicted length.
        state, memory: from `decoder.start`.
        dropout_masks: DropoutMasks of the same B and T, for every pass.
        gold_probability: float scalar in [0, 1], that a token stays gold; with a `position_scale`, that the token at
            this position does. BOS and a length always stay.
        seed: int32 (2,). Seed of the decisions and draws.
        sampling: SamplingOptions.

    Returns:
        int32 (B, T). It has no gradient.
    """
    tossed = _coins(tf.shape(gold_ids), gold_probability, fold(seed, 0), sampling)
    num_leading = 2 if decoder.num_lengths else 1  # BOS, and a predicted length
    keep = tossed | (gold_ids == PAD_ID) | (tf.range(tf.shape(gold_ids)[1]) < num_leading)

    def next_ids(features: tf.Tensor, attention: tf.Tensor | None, t: tf.Tensor) -> tf.Tensor:
        """The ids (B,) to read after step t, from features (B, readout_dim). Gold rows need no prediction."""
        gold, kept = gold_ids[:, t + 1], keep[:, t + 1]
        rows = tf.where(~kept)[:, 0]
        picked = _rows((features, attention, memory), rows)
        logits = decoder.output_layer.logits(*picked) + _forbidden(decoder.vocab_size, features.dtype)
        words = _choose(logits, fold(seed, 1, t), sampling)
        if sampling.confidence > 0 or sampling.random_confidence < 1:
            others = tf.gather(_any_token(gold_ids, num_leading, fold(seed, 2, t)), rows)
            words = _by_confidence(logits, tf.gather(gold, rows), words, others, sampling)
        return tf.tensor_scatter_nd_update(gold, rows[:, tf.newaxis], words)

    if sampling.way == "sequential":
        return _sequential(decoder, gold_ids, state, memory, dropout_masks, next_ids)
    ids = gold_ids
    for _ in range(sampling.passes):
        features, attention, _ = decoder(ids, state, memory, dropout_masks=dropout_masks)
        ids = _parallel(gold_ids, features, attention, next_ids)
    return ids


def _sequential(
    decoder: Decoder, gold_ids: tf.Tensor, state: Any, memory: Any, dropout_masks: DropoutMasks, next_ids: Callable
) -> tf.Tensor:
    def step(t: tf.Tensor, carried: Any) -> tuple[tf.Tensor, Any]:
        ids, state = carried
        features, attention, state = decoder(ids[:, tf.newaxis], state, memory, dropout_masks=dropout_masks.at(t))
        ids = next_ids(*_at((features, attention), 0), t)
        return ids, (ids, state)

    return _each_step(gold_ids, step, (gold_ids[:, 0], state))


def _parallel(gold_ids: tf.Tensor, features: tf.Tensor, attention: tf.Tensor | None, next_ids: Callable) -> tf.Tensor:
    return _each_step(gold_ids, lambda t, carried: (next_ids(*_at((features, attention), t), t), carried))


def _at(nest: Any, t: tf.Tensor | int) -> Any:
    """(B, T, ...) -> (B, ...)."""
    return tf.nest.map_structure(lambda x: None if x is None else x[:, t], nest)


def _rows(nest: Any, rows: tf.Tensor) -> Any:
    """(B, ...) -> (M, ...)."""
    return tf.nest.map_structure(lambda x: None if x is None else tf.gather(x, rows), nest)


def _each_step(gold_ids: tf.Tensor, step: Callable, carried: Any = ()) -> tf.Tensor:
    """The first column of `gold_ids`, then the ids (B,) of `step(t, carried) -> (ids, carried)` for t = 0 .. T - 2."""
    last = tf.shape(gold_ids)[1] - 1
    columns = tf.TensorArray(tf.int32, last + 1, element_shape=gold_ids.shape[:1]).write(0, gold_ids[:, 0])

    def body(t: tf.Tensor, columns: tf.TensorArray, carried: Any) -> tuple:
        ids, carried = step(t, carried)
        return t + 1, columns.write(t + 1, ids), carried

    _, columns, _ = tf.while_loop(lambda t, *_: t < last, body, (0, columns, carried), maximum_iterations=last)
    return tf.transpose(columns.stack())


def _coins(shape: tf.Tensor, probability: tf.Tensor | float, seed: tf.Tensor, sampling: SamplingOptions) -> tf.Tensor:
    """The random decisions, bool (B, T): True where the token stays gold."""
    sizes = {"token": shape, "sentence": (shape[0], 1), "batch": (1, 1)}
    probability = tf.convert_to_tensor(probability, tf.float32)
    if sampling.position_scale is not None:
        probability = probability ** (tf.range(tf.cast(shape[1], tf.float32)) / sampling.position_scale)  # (T,)
    tossed = tf.random.stateless_uniform(sizes[sampling.coins], seed) < probability
    return tf.broadcast_to(tossed, shape)


def _by_confidence(
    logits: tf.Tensor, gold: tf.Tensor, words: tf.Tensor, others: tf.Tensor, sampling: SamplingOptions
) -> tf.Tensor:
    """The ids (M,) to read: gold if its probability is low, `others` if it is very high, else `words`."""
    confidence = tf.exp(-tf.nn.sparse_softmax_cross_entropy_with_logits(gold, logits))
    words = tf.where(confidence >= sampling.confidence, words, gold)
    return tf.where(confidence > sampling.random_confidence, others, words)


def _any_token(gold_ids: tf.Tensor, num_leading: int, seed: tf.Tensor) -> tf.Tensor:
    """A random token of each target, neither a leading one nor its end: int32 (B, T) -> (B,)."""
    words = gold_ids[:, num_leading:]
    num_words = tf.math.count_nonzero((words != PAD_ID) & (words != EOS_ID), axis=1, dtype=tf.float32)
    uniform = tf.random.stateless_uniform(tf.shape(num_words), seed)
    place = num_leading + tf.cast(uniform * num_words, tf.int32)
    return tf.gather(gold_ids, tf.minimum(place, tf.shape(gold_ids)[1] - 1), batch_dims=1)


def _forbidden(vocab_size: int, dtype: tf.DType) -> tf.Tensor:
    """float (V,), to add to logits: keeps PAD, UNK and BOS from being predicted, as search does."""
    return tf.reduce_sum(tf.one_hot((PAD_ID, UNK_ID, BOS_ID), vocab_size, dtype=dtype), axis=0) * (dtype.min / 2)


def _choose(logits: tf.Tensor, seed: tf.Tensor, sampling: SamplingOptions) -> tf.Tensor:
    """A token of each row: float (M, V) -> int32 (M,)."""
    if sampling.choice == "sample":
        return tf.random.stateless_categorical(logits / sampling.temperature, 1, seed, dtype=tf.int32)[:, 0]
    return tf.argmax(logits, axis=1, output_type=tf.int32)
