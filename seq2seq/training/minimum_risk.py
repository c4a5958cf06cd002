"""An update by minimum risk: the model makes candidates, a metric scores them as text, the model learns from that."""

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from seq2seq.model.minimum_risk import minimum_risk
from seq2seq.search import Beam, Sampling, search
from seq2seq.text.scores import sentence_scores
from seq2seq.text.tokenizer import BOS_ID, PAD_ID, Tokenizer
from seq2seq.training.pipeline import BATCH_SIGNATURE
from seq2seq.translator.tensorflow_engine import TensorFlowEngine

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
        self._engine = TensorFlowEngine(model, model.precision)
        self._learn = tf.function(
            functools.partial(model.update, objective=minimum_risk), [_SIGNATURE], autograph=False
        )

    def __call__(self, batch: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Makes one update from a batch of sources and gold targets. Returns what `Seq2Seq.update` returns."""
        candidate_ids = make_candidates(self._engine, batch)
        costs = costs_of(candidate_ids, self.tokenizer, **self.scorer)
        return self._learn({"source_ids": batch["source_ids"], "candidate_ids": candidate_ids, "costs": costs})


def make_candidates(engine: TensorFlowEngine, batch: Mapping[str, tf.Tensor]) -> np.ndarray:
    """The gold targets of a batch and the model's translations of its sources, made without dropout.

    Draws follow from the seed of the run and the update number.

    Args:
        engine: of a compiled Seq2Seq with `risk`.
        batch: {"source_ids": int32 (B, S), "target_ids": int32 (B, T + 1)}.

    Returns:
        int32 (B, 1 + K, T + 1): BOS, tokens, EOS, then PAD; gold is the first of each sentence. Where fewer than K
        were found, all is PAD.
    """
    gold, risk = np.asarray(batch["target_ids"]), engine.model.risk
    max_lengths = np.count_nonzero(gold != PAD_ID, axis=1) - 1 + MOST_EXTRA  # without BOS
    if risk.search == "sample":
        seed = engine.model.run_seed, int(engine.model.optimizer.iterations)
        draws = {"num_samples": risk.candidates, "temperature": risk.temperature, "seed": seed}
        chooser = Sampling(max_lengths, length_penalty=0.0, **draws)
    else:
        chooser = Beam(max_lengths, beam_size=risk.candidates, n_best=risk.candidates, length_penalty=0.0)
    found = search(engine, np.asarray(batch["source_ids"]), chooser, alignments=False)
    length = max(gold.shape[1], found.ids.shape[2] + 1)
    candidates = np.full((len(gold), 1 + risk.candidates, length), PAD_ID, np.int32)
    candidates[:, 0, : gold.shape[1]] = gold
    candidates[:, 1:, 0] = np.where(found.lengths > 0, BOS_ID, PAD_ID)
    candidates[:, 1:, 1 : 1 + found.ids.shape[2]] = found.ids
    return candidates


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
