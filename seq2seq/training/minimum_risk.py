"""An update by minimum risk: the model makes candidates, the metric scores them as text, the model learns from that."""

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from seq2seq.layers.dropout import fold
from seq2seq.layers.precision import products
from seq2seq.model.minimum_risk import minimum_risk
from seq2seq.search import beam_search, sample_search
from seq2seq.text.evaluation import sentence_scores
from seq2seq.text.tokenizer import BOS_ID, PAD_ID, Tokenizer
from seq2seq.training.pipeline import BATCH_SIGNATURE

__all__ = ["MinimumRiskUpdate", "costs_of", "make_candidates"]

MOST_EXTRA = 10  # a candidate has at most so many tokens more than its gold target
_SIGNATURE = {
    "source_ids": BATCH_SIGNATURE["source_ids"],
    "candidate_ids": tf.TensorSpec((None, None, None), tf.int32),
    "costs": tf.TensorSpec((None, None), tf.float32),
}


class MinimumRiskUpdate:
    """Takes the place of `model.update`: a function of a batch, of the weights and of the update number.

    Args:
        model: a `Seq2Seq` compiled with `risk`.
    """

    def __init__(self, model: Any):
        self.tokenizer = model.target_tokenizer
        self.scorer = {"metric": model.risk.metric, "tokenize": model.risk.tokenize}
        self._make = tf.function(functools.partial(make_candidates, model), [BATCH_SIGNATURE], autograph=False)
        self._learn = tf.function(
            functools.partial(model.update, objective=minimum_risk), [_SIGNATURE], autograph=False
        )

    def __call__(self, batch: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """One update by a batch of sources and gold targets; what it gives is what `Seq2Seq.update` gives."""
        candidate_ids = self._make(batch)
        costs = costs_of(candidate_ids.numpy(), self.tokenizer, **self.scorer)
        return self._learn({"source_ids": batch["source_ids"], "candidate_ids": candidate_ids, "costs": costs})


def make_candidates(model: Any, batch: Mapping[str, tf.Tensor]) -> tf.Tensor:
    """The gold targets of a batch and what the model translates its sources to, without dropout. What is drawn follows
    from the seed of the run and the update number.

    Args:
        model: a compiled Seq2Seq with `risk`.
        batch: {"source_ids": int32 (B, S), "target_ids": int32 (B, T + 1)}.

    Returns:
        int32 (B, 1 + K, T + 1): BOS, tokens, EOS, then PAD; gold is the first of each sentence. Where fewer than K
        were found, all is PAD.
    """
    gold, decoder, risk = batch["target_ids"], model.decoder, model.risk

    def step(ids, state, memory):
        features, _, state = decoder.step(ids, state, memory)
        return decoder.logits(features), None, state

    gold_lengths = tf.math.count_nonzero(gold != PAD_ID, axis=1, dtype=tf.int32) - 1  # BOS is none of them
    limits = {"max_lengths": gold_lengths + MOST_EXTRA, "length_penalty": 0.0}
    with products(model.precision):
        memory, state = model.memory(batch["source_ids"])
        if risk.search == "sample":
            draws = {"num_samples": risk.candidates, "seed": fold(model.update_seed(), 3)}
            found = sample_search(step, state, memory, temperature=risk.temperature, **draws, **limits)
        else:
            best = {"beam_size": risk.candidates, "n_best": risk.candidates}
            found = beam_search(step, state, memory, **best, **limits)
    begin = tf.where(found.lengths > 0, BOS_ID, PAD_ID)[:, :, tf.newaxis]
    found = tf.concat([begin, found.ids], axis=2)
    length = tf.maximum(tf.shape(gold)[1], tf.shape(found)[2])
    return tf.concat([_padded(gold[:, tf.newaxis], length), _padded(found, length)], axis=1)


def costs_of(candidate_ids: np.ndarray, tokenizer: Tokenizer, metric: str, tokenize: str = "auto") -> np.ndarray:
    """1 - the metric of each candidate beside the first one, which is gold.

    Args:
        candidate_ids: int32 (B, 1 + K, T + 1), from `make_candidates`.
        tokenizer: of the target.
        metric: "BLEU" or "chrF".
        tokenize: sacreBLEU's tokenizer for BLEU.

    Returns:
        float32 (B, 1 + K), from 0 to 1; 1 where there is no candidate.
    """
    num_candidates = candidate_ids.shape[1]
    lines = tokenizer.decode(candidate_ids.reshape(-1, candidate_ids.shape[2]))
    gold = [line for line in lines[::num_candidates] for _ in range(num_candidates)]
    scores = np.array(sentence_scores(lines, gold, metric=metric, tokenize=tokenize), np.float32)
    return np.clip(1 - scores.reshape(-1, num_candidates) / 100, 0, 1)


def _padded(ids: tf.Tensor, length: tf.Tensor) -> tf.Tensor:
    return tf.pad(ids, [[0, 0], [0, 0], [0, length - tf.shape(ids)[2]]], constant_values=PAD_ID)
