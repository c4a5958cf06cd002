"""Minimum risk training (Shen et al., 2016): the model learns to make translations that score well.

Cross-entropy judges one gold token at a time, but a translation is good or bad as a whole. Here the model translates
each sentence into several candidates S(x), and a metric such as sentence BLEU gives each a cost D(y) in [0, 1]. The
risk is their expected cost (section 3 of the paper):

    R(x) = sum over y in S(x) of Q(y) D(y),   Q(y) = P(y | x)^a / sum over y' in S(x) of P(y' | x)^a

Making the candidates has no gradient, and the derivative of R with respect to log P(y) is a Q(y) (D(y) - R(x)). So the
gradient of the risk is that of a cross-entropy in which each candidate has the weight -a Q(y) (D(y) - R(x)): a
candidate that costs less than expected becomes more probable, one that costs more becomes less probable.
"""

from collections.abc import Callable, Mapping
from typing import Any

import tensorflow as tf

from seq2seq.layers.dropout import fold
from seq2seq.model.objectives.objective import Objective, Sums, mean
from seq2seq.model.objectives.options import RiskOptions
from seq2seq.text.tokenizer import PAD_ID


class MinimumRisk(Objective):
    """Mean risk of the sentences, mixed with a share of the likelihood of gold.

    Args:
        options: RiskOptions, with a metric other than "none".
        candidates: function (batch, part) -> the inputs of the call: makes candidates of a batch of source and target
            ids and scores them.

    Call arguments:
        inputs: {"source_ids": int32 (B, S), "candidate_ids": int32 (B, 1 + K, T + 1), "costs": float (B, 1 + K) in
            [0, 1]}. Candidates are BOS, tokens, EOS, then PAD, gold the first of each sentence; one that does not exist
            is PAD throughout.

    Returns:
        As for every objective. "loss_sum" / "tokens" is (1 - likelihood) * mean risk + likelihood * cross-entropy of a
        gold token. The gradient of its first part is divided by the sharpness: otherwise it would nearly vanish beside
        the second.
    """

    loss_name = "risk"

    def __init__(self, options: RiskOptions, candidates: Callable[[Mapping[str, Any], int], Mapping[str, Any]]):
        self.options = options
        self.candidates = candidates

    def signature(self, batch: Mapping[str, tf.TensorSpec]) -> Mapping[str, tf.TensorSpec]:
        return {
            "source_ids": batch["source_ids"],
            "candidate_ids": tf.TensorSpec((None, None, None), tf.int32),
            "costs": tf.TensorSpec((None, None), tf.float32),
        }

    def inputs(self, model: Any, batch: Mapping[str, Any], part: int = 0) -> Mapping[str, Any]:
        return self.candidates(batch, part)

    def __call__(self, model: Any, inputs: Mapping[str, tf.Tensor], seed: tf.Tensor) -> Sums:
        risk, candidate_ids = self.options, inputs["candidate_ids"]
        counted = distinct(candidate_ids, gold=risk.gold)
        is_gold = tf.range(tf.shape(candidate_ids)[1]) == 0
        output, labels = model.decoder.output_layer, _labels(model, candidate_ids, counted | is_gold)
        features, attention, memory = _candidate_features(model, inputs, seed)
        losses = output.losses(features, attention, memory, labels)
        nll = tf.math.unsorted_segment_sum(losses.nll, losses.rows, tf.size(counted))
        nll = tf.reshape(nll, tf.shape(counted))  # (B, 1 + K), of whole candidates

        risks, slopes = risk_and_slopes(nll, tf.cast(inputs["costs"], nll.dtype), counted, risk.sharpness)
        tokens = tf.math.count_nonzero(candidate_ids[:, 0, 1:] != PAD_ID, dtype=tf.int32)
        scale = (1.0 - risk.likelihood) * tf.cast(tokens, nll.dtype)
        weights = scale / tf.cast(tf.size(risks), nll.dtype) * slopes + risk.likelihood * tf.cast(is_gold, nll.dtype)
        weights = tf.reshape(weights, (-1, 1))  # (B, 1 + K) -> (N, 1)
        loss_sum, _ = output.loss_sums(features, attention, memory, labels, weights=weights)

        gold_nll = tf.reduce_sum(nll[:, 0])
        value = scale * tf.reduce_mean(risks) + risk.likelihood * gold_nll
        loss_sum += tf.stop_gradient(value - loss_sum)
        return {"loss_sum": loss_sum, "nll_sum": gold_nll, "tokens": tokens, "replaced": tf.constant(0)}

    def schedule(self, update: int) -> dict[str, float]:
        return {"gold_probability": 1.0}

    def report(self, sums: Mapping[str, float]) -> dict[str, float | str]:
        names = {"replaced": "replaced", "train_loss": "nll_sum", "train_risk": "loss_sum"}
        return {column: mean(sums.get(name, 0), sums.get("tokens", 0)) for column, name in names.items()}

    def describe(self) -> list[str]:
        return [self.options.describe()]


def risk_and_slopes(
    nll: tf.Tensor, costs: tf.Tensor, counted: tf.Tensor, sharpness: float
) -> tuple[tf.Tensor, tf.Tensor]:
    """The risk of each sentence, and its derivatives.

    Args:
        nll, costs: float (B, 1 + K). Negative log-likelihood and cost of each candidate.
        counted: bool (B, 1 + K). Which of them take part.
        sharpness: float above 0.

    Returns:
        Tuple (risk (B,), its derivatives with respect to `nll`, divided by the sharpness: (B, 1 + K)).

    Example:
        >>> nll, costs = tf.constant([[7.0, 7.0]]), tf.constant([[0.0, 1.0]])  # Q is one half for each
        >>> risk, slopes = risk_and_slopes(nll, costs, tf.constant([[True, True]]), 1.0)
        >>> risk.numpy().tolist(), slopes.numpy().tolist()  # the first becomes more probable
        ([0.5], [[0.25, -0.25]])
    """
    q = tf.nn.softmax(tf.where(counted, -sharpness * nll, nll.dtype.min), axis=1)  # 0 where not counted
    risk = tf.reduce_sum(q * costs, axis=1)
    return risk, q * (risk[:, tf.newaxis] - costs)


def distinct(candidate_ids: tf.Tensor, gold: bool) -> tf.Tensor:
    """Which candidates take part, bool (B, 1 + K): those that exist, each once; the first, gold, only if `gold`."""
    number = tf.range(tf.shape(candidate_ids)[1])
    exists = (candidate_ids[:, :, 0] != PAD_ID) & (gold | (number > 0))
    same = tf.reduce_all(candidate_ids[:, :, tf.newaxis] == candidate_ids[:, tf.newaxis], axis=-1)  # of each pair
    before = number < number[:, tf.newaxis]
    return exists & ~tf.reduce_any(same & before & exists[:, tf.newaxis], axis=-1)


def _labels(model: Any, candidate_ids: tf.Tensor, wanted: tf.Tensor) -> tf.Tensor:
    """The tokens to predict, int32 (N, T), N = B * (1 + K): PAD throughout for candidates that are not wanted."""
    ids = tf.where(wanted[:, :, tf.newaxis], candidate_ids, PAD_ID)
    return model.labels(tf.reshape(ids, (-1, tf.shape(ids)[2])))


def _candidate_features(
    model: Any, inputs: Mapping[str, tf.Tensor], seed: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor | None, Any]:
    """Features (N, T, D) and attention of all candidates, those of a sentence adjacent; and memory, of batch B."""
    num_candidates, width = tf.unstack(tf.shape(inputs["candidate_ids"])[1:])
    target_ids = tf.reshape(inputs["candidate_ids"], (-1, width))
    memory, state = model.memory(inputs["source_ids"], fold(seed, 0))
    state = tf.nest.map_structure(lambda leaf: tf.repeat(leaf, num_candidates, axis=0), state)
    features, attention, _ = model.target_features(target_ids, state, memory, seed)
    return features, attention, memory
