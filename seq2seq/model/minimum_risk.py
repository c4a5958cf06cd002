"""Minimum risk training (Shen et al., 2016): the model learns to make translations that score well.

Cross-entropy asks for each gold token after gold tokens; what is wanted are good translations as a whole. Here the
model makes some candidates of each sentence itself, S(x), and each gets a cost D(y) in [0, 1] from a metric such as
sentence BLEU. The risk is the cost to be expected of them (equations 8 and 9):

    R(x) = sum over y in S(x) of Q(y) D(y),   Q(y) = P(y | x)^a / sum over y' in S(x) of P(y' | x)^a

How the candidates were made has no gradient, and the derivative of R by log P(y) is a Q(y) (D(y) - R(x)). So the
gradient of the risk is that of a cross-entropy in which each candidate counts -a Q(y) (D(y) - R(x)): one that costs
less than the others is made likelier, one that costs more is made less likely.
"""

import dataclasses

import tensorflow as tf

from ..layers.dropout import fold
from ..layers.losses import cross_entropy, token_losses
from ..text.tokenizer import PAD_ID
from .objectives import output_layer, real_tokens

METRICS = ("BLEU", "chrF")
SEARCHES = ("sample", "n_best")


@dataclasses.dataclass(frozen=True, kw_only=True)
class MinimumRisk:
    """How candidates are made, and what is minimised.

    Args:
        metric: "BLEU" or "chrF", of a sentence. A candidate costs 1 minus that.
        candidates: int, at least 2. Translations that are made of each sentence; equal ones count once.
        search: "sample", drawn from the model's distribution, or "n_best", the best of a beam search.
        gold: bool. The gold target is a candidate too, as in the paper.
        sharpness: float above 0. The exponent a: the larger, the more Q is that of the likeliest candidates.
        likelihood: float in [0, 1]. Share of the loss that is cross-entropy of the gold target, which keeps the model
            from forgetting what the metric does not see (Edunov et al., 2018).

    Raises:
        ValueError: one of these is not as said.
    """

    metric: str = "BLEU"
    candidates: int = 8
    search: str = "sample"
    gold: bool = True
    sharpness: float = 0.005
    likelihood: float = 0.0

    def __post_init__(self):
        if self.metric not in METRICS:
            raise ValueError(f"metric is one of {', '.join(map(repr, METRICS))}, not {self.metric!r}.")
        if self.candidates < 2:
            raise ValueError(f"candidates is {self.candidates}; it has to be 2 or more.")
        if self.search not in SEARCHES:
            raise ValueError(f"search is one of {', '.join(map(repr, SEARCHES))}, not {self.search!r}.")
        if not self.sharpness > 0:
            raise ValueError(f"sharpness is {self.sharpness}; it has to be above 0.")
        if not 0 <= self.likelihood <= 1:
            raise ValueError(f"likelihood is {self.likelihood}; it has to be between 0 and 1.")


def minimum_risk(model, batch, seed):
    """Expected cost of the candidates, each sentence counting as much as the mean of the batch has target tokens.

    Args:
        model: a compiled Seq2Seq with `risk`.
        batch: {"source_ids": int32 (B, S), "candidate_ids": int32 (B, 1 + K, C), "costs": float (B, 1 + K) in [0, 1]}.
            Candidates are BOS, tokens, EOS, then PAD, gold the first; one that does not exist is PAD throughout.
        seed: int32 (2,), of dropout, or None.

    Returns:
        As all objectives.
    """
    risk, candidate_ids = model.risk, batch["candidate_ids"]
    num_candidates, width = tf.unstack(tf.shape(candidate_ids)[1:])
    memory, state = model.memory(batch["source_ids"], fold(seed, 0))
    state = tf.nest.map_structure(lambda leaf: tf.repeat(leaf, num_candidates, axis=0), state)
    target_ids = tf.reshape(candidate_ids, (-1, width))  # (B * (1 + K), C)
    features = model.target_features(target_ids, state, memory, seed)

    counted = distinct(candidate_ids, gold=risk.gold)
    is_gold = tf.range(num_candidates) == 0
    looked_at = tf.reshape(counted | is_gold, (-1, 1))
    features, labels, rows = real_tokens(features, target_ids[:, 1:], looked_at)
    _, nll = token_losses(tf.stop_gradient(features), *output_layer(model), labels)
    nll = tf.reshape(tf.math.unsorted_segment_sum(nll, rows, tf.shape(target_ids)[0]), (-1, num_candidates))

    costs = tf.cast(batch["costs"], nll.dtype)
    q = probabilities(nll, counted, risk.sharpness)
    expected = tf.reduce_sum(q * costs, axis=1, keepdims=True)
    tokens = tf.math.count_nonzero(candidate_ids[:, 0, 1:] != PAD_ID, dtype=tf.int32)
    share = (1.0 - risk.likelihood) * tf.cast(tokens, nll.dtype) / tf.cast(tf.shape(nll)[0], nll.dtype)
    weights = -share * risk.sharpness * q * (costs - expected)
    weights += risk.likelihood * tf.cast(is_gold, nll.dtype)
    weights = tf.gather(tf.reshape(weights, [-1]), rows)
    surrogate, _ = cross_entropy(features, *output_layer(model), labels, weights=tf.stop_gradient(weights))
    gold_nll = tf.reduce_sum(nll[:, 0])
    loss_sum = share * tf.reduce_sum(expected) + risk.likelihood * gold_nll
    return surrogate + tf.stop_gradient(loss_sum - surrogate), gold_nll, tokens


def distinct(candidate_ids, gold):
    """Which candidates take part, bool (B, C): those that exist, each once; the first, which is gold, if it is to."""
    num_candidates = tf.shape(candidate_ids)[1]
    number = tf.range(num_candidates)
    exists = (candidate_ids[:, :, 0] != PAD_ID) & (gold | (number > 0))
    same = tf.reduce_all(candidate_ids[:, :, tf.newaxis] == candidate_ids[:, tf.newaxis], axis=-1)  # (B, C, C)
    before = number < number[:, tf.newaxis]
    return exists & ~tf.reduce_any(same & before & exists[:, tf.newaxis], axis=-1)


def probabilities(nll, counted, sharpness):
    """Q: float (B, C), sums to 1 over the candidates that are counted and is 0 elsewhere."""
    return tf.nn.softmax(tf.where(counted, -sharpness * nll, nll.dtype.min), axis=1)
