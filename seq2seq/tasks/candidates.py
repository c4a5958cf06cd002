"""Candidates of minimum risk training: the model translates a batch, and a metric scores what it made as text."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from seq2seq.model.objectives.options import RiskOptions
from seq2seq.search import Beam, Sampling, search, without_lengths
from seq2seq.text.scores import sentence_scores
from seq2seq.text.tokenizer import BOS_ID, PAD_ID, Tokenizer
from seq2seq.translator.tensorflow_engine import TensorFlowEngine

__all__ = ["Candidates", "costs_of", "make_candidates"]

MOST_EXTRA = 10  # a candidate has at most so many tokens more than its gold target


class Candidates:
    """Makes and scores the candidates that `MinimumRisk` learns from.

    Args:
        engine: of a Seq2Seq, compiled before the first call.
        options: RiskOptions.
        tokenize: sacreBLEU's tokenizer for BLEU.
    """

    def __init__(self, engine: TensorFlowEngine, options: RiskOptions, tokenize: str):
        self.engine = engine
        self.options = options
        self.tokenize = tokenize

    def __call__(self, batch: Mapping[str, tf.Tensor], part: int = 0) -> dict[str, Any]:
        """Makes the inputs of `MinimumRisk` from a batch of source and target ids.

        Draws follow from the seed of the run, the update number and the number of the micro-batch.
        """
        model = self.engine.model
        seed = (model.run_seed, int(model.optimizer.iterations), *([part] if part else []))
        candidate_ids = make_candidates(self.engine, batch, self.options, seed)
        costs = costs_of(candidate_ids, model.target_tokenizer, metric=self.options.metric_name, tokenize=self.tokenize)
        return {"source_ids": batch["source_ids"], "candidate_ids": candidate_ids, "costs": costs}


def make_candidates(
    engine: TensorFlowEngine, batch: Mapping[str, tf.Tensor], options: RiskOptions, seed: tuple[int, ...]
) -> np.ndarray:
    """The gold targets of a batch and the model's translations of its sources, made without dropout.

    Args:
        engine: of a Seq2Seq.
        batch: {"source_ids": int32 (B, S), "target_ids": int32 (B, T + 1)}.
        options: RiskOptions.
        seed: of the draws.

    Returns:
        int32 (B, 1 + K, T + 1): BOS, tokens, EOS, then PAD; gold is the first of each sentence. If
        fewer than K were found, the missing ones are all PAD.
    """
    gold = np.asarray(batch["target_ids"])
    max_lengths = np.count_nonzero(gold != PAD_ID, axis=1) - 1 + MOST_EXTRA  # without BOS
    if engine.num_lengths:
        max_lengths[:] = engine.num_lengths + 1  # a translation whose length is predicted ends by itself
    if options.search == "sample":
        draws = {"num_samples": options.candidates, "temperature": options.temperature, "seed": seed}
        chooser = Sampling(max_lengths, length_penalty=0.0, **draws)
    else:
        chooser = Beam(max_lengths, beam_size=options.candidates, n_best=options.candidates, length_penalty=0.0)
    found = search(engine, np.asarray(batch["source_ids"]), chooser, alignments=False)
    found = without_lengths(found) if engine.num_lengths else found
    length = max(gold.shape[1], found.ids.shape[2] + 1)
    candidates = np.full((len(gold), 1 + options.candidates, length), PAD_ID, np.int32)
    candidates[:, 0, : gold.shape[1]] = gold
    candidates[:, 1:, 0] = np.where(found.lengths > 0, BOS_ID, PAD_ID)
    candidates[:, 1:, 1 : 1 + found.ids.shape[2]] = found.ids
    return candidates


def costs_of(candidate_ids: np.ndarray, tokenizer: Tokenizer, metric: str, tokenize: str = "auto") -> np.ndarray:
    """The cost of each candidate: 1 minus its score against the first one, which is gold.

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
