"""Validation: the loss of the references, and BLEU and chrF of the model's own translations."""

import dataclasses
import math
import random
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from seq2seq.text.batches import BatchPlan
from seq2seq.text.bleu_tokenizers import AUTO, has_4_grams, tokenizer_for
from seq2seq.text.corpus import ParallelCorpus
from seq2seq.text.encoding import EncodedCorpus
from seq2seq.text.scores import bleu_and_chrf
from seq2seq.training.pipeline import BATCH_SIGNATURE, batch_ids
from seq2seq.translator.translator import BATCH_TOKENS

__all__ = ["Figures", "Interrupted", "Sample", "UselessWeights", "Validation"]


class Interrupted(Exception):
    """A validation was stopped before its end, because a signal asked the process to leave."""


class UselessWeights(ArithmeticError):
    """The loss is too large, infinite or NaN: training diverged."""


_BATCH_ROWS = 8192  # tokens times beams of a batch: each step is a call of TensorFlow from Python, so fewer are faster
LARGEST_LOSS = 100.0
"""Nats per target token, from which training may still recover; guessing at random costs ln V, about 10."""


@dataclasses.dataclass(frozen=True)
class Sample:
    """A sentence, its reference and what the model makes of it."""

    source: str
    reference: str
    hypothesis: str

    def __str__(self) -> str:
        return f"  source      {self.source}\n  reference   {self.reference}\n  hypothesis  {self.hypothesis}"


@dataclasses.dataclass(frozen=True)
class Figures:
    """What a validation found. Losses are natural logs per target token, end tokens included."""

    loss: float
    """Negative log-likelihood, without label smoothing."""
    smoothed_loss: float
    """The quantity that training minimises."""
    bleu: float
    """0 where no reference has four tokens in a row: sacreBLEU's smoothing would reward long translations there."""
    chrf: float
    samples: tuple[Sample, ...]

    @property
    def perplexity(self) -> float:
        return math.exp(self.loss) if self.loss < 700 else math.inf


class Validation:
    """Validates a model on one corpus; every call sees the same batches and shows the same sentences.

    The loss is that of the encoded pairs. BLEU and chrF are those of every line of the corpus, those too long to be
    encoded included.

    Args:
        model: has `evaluate_batch(batch) -> {"loss_sum", "nll_sum", "tokens"}`.
        translator: has `translate(lines, beam_size=..., batch_tokens=..., progress=...) -> list[str]`, with the
            weights of `model`.
        corpus: the text.
        encoded: its ids.
        batch_tokens: budget of a batch.
        beam_size: beam of the translations.
        samples: number of sentences shown.
        seed: of the choice of these sentences.
        bleu_tokenizer: as for `bleu`.
    """

    def __init__(
        self,
        model: Any,
        translator: Any,
        corpus: ParallelCorpus,
        encoded: EncodedCorpus,
        *,
        batch_tokens: int,
        beam_size: int,
        samples: int,
        seed: int,
        bleu_tokenizer: str = AUTO,
    ):
        self.translator = translator
        self.corpus = corpus
        self.encoded = encoded
        self.beam_size = beam_size
        self.bleu_tokenizer = tokenizer_for(corpus.target, bleu_tokenizer)
        self._has_4_grams = has_4_grams(corpus.target, self.bleu_tokenizer)
        plan = BatchPlan(encoded.source_lengths, encoded.target_lengths, batch_tokens=batch_tokens, seed=seed)
        self._batches = plan.epoch(0)
        self._evaluate = tf.function(model.evaluate_batch, input_signature=[BATCH_SIGNATURE], autograph=False)
        lines = [int(line) for line in encoded.lines]
        self._shown = sorted(random.Random(seed).sample(lines, min(samples, len(lines))))

    def __call__(self, interrupted: Callable[[], bool] = lambda: False) -> Figures:
        """Validate the model with its present weights.

        Args:
            interrupted: called between batches; True stops the validation.

        Raises:
            Interrupted: `interrupted` returned True.
            UselessWeights: the loss is above `LARGEST_LOSS`, or no number.
        """
        loss, nll = self._losses(interrupted)
        if not nll <= LARGEST_LOSS:
            raise UselessWeights(f"the validation loss is {nll:g}")
        sources, references = list(self.corpus.source), list(self.corpus.target)

        def look_up(num_lines: int) -> None:
            if interrupted():
                raise Interrupted

        batch_tokens = max(BATCH_TOKENS, _BATCH_ROWS // self.beam_size)
        hypotheses = self.translator.translate(
            sources, beam_size=self.beam_size, batch_tokens=batch_tokens, progress=look_up
        )
        scores = bleu_and_chrf(hypotheses, references, tokenize=self.bleu_tokenizer)
        return Figures(
            loss=nll,
            smoothed_loss=loss,
            bleu=scores["bleu"].value if self._has_4_grams else 0.0,
            chrf=scores["chrf"].value,
            samples=tuple(Sample(sources[line], references[line], hypotheses[line]) for line in self._shown),
        )

    def _losses(self, interrupted: Callable[[], bool]) -> tuple[float, float]:
        """Smoothed and plain loss per target token."""
        loss_sum = nll_sum = 0.0
        tokens = 0
        for batch in self._batches:
            if interrupted():
                raise Interrupted
            sums = self._evaluate(batch_ids(self.encoded, batch))
            loss_sum += float(sums["loss_sum"])
            nll_sum += float(sums["nll_sum"])
            tokens += int(sums["tokens"])
        return loss_sum / tokens, nll_sum / tokens
