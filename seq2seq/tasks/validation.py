"""Validation of translation: the loss of the references, and BLEU and chrF of the model's own translations."""

import dataclasses
import math
import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from seq2seq.tasks.options import TranslationValidation
from seq2seq.tasks.pipeline import batch_ids, batch_signature
from seq2seq.tasks.task import LARGEST_LOSS, Figures, Interrupted, UselessWeights
from seq2seq.text.batches import BatchPlan
from seq2seq.text.bleu_tokenizers import has_4_grams, tokenizer_for
from seq2seq.text.corpus import ParallelCorpus
from seq2seq.text.encoding import EncodedCorpus
from seq2seq.text.scores import bleu_and_chrf
from seq2seq.translator.translator import BATCH_TOKENS

__all__ = ["Sample", "Validation"]

_BATCH_ROWS = 8192  # tokens times beams of a batch: each step is a call of TensorFlow from Python, so fewer are faster
_NAMES = {"bleu": "BLEU", "chrf": "chrF"}


@dataclasses.dataclass(frozen=True)
class Sample:
    """A sentence, its reference and what the model makes of it."""

    source: str
    reference: str
    hypothesis: str

    def __str__(self) -> str:
        return f"  source      {self.source}\n  reference   {self.reference}\n  hypothesis  {self.hypothesis}"


class Validation:
    """Validates a model on one corpus; every call sees the same batches and shows the same sentences.

    The losses are those of the encoded pairs, in nats per target token, end tokens included. BLEU and chrF are those of
    every line of the corpus, lines too long to be encoded included.

    Args:
        model: has `evaluate_batch(batch) -> {"loss_sum", "nll_sum", "tokens"}`.
        translator: has `translate(lines, beam_size=..., batch_tokens=..., progress=...) -> list[str]`, with the
            weights of `model`.
        corpus: the text.
        encoded: its ids.
        options: TranslationValidation.
        batch_tokens: most tokens in a batch of the loss: sentences times padded length of the longer side.
        seed: int. Chooses the sentences shown.
        vectors: float32 (lines, F), what the model reads in place of source ids.
    """

    def __init__(
        self,
        model: Any,
        translator: Any,
        corpus: ParallelCorpus,
        encoded: EncodedCorpus,
        options: TranslationValidation,
        *,
        batch_tokens: int,
        seed: int,
        vectors: np.ndarray | None = None,
    ):
        self.vectors = vectors
        self.translator = translator
        self.corpus = corpus
        self.encoded = encoded
        self.options = options
        self.bleu_tokenizer = tokenizer_for(corpus.target, options.bleu_tokenizer)
        self._has_4_grams = has_4_grams(corpus.target, self.bleu_tokenizer)
        plan = BatchPlan(encoded.source_lengths, encoded.target_lengths, batch_tokens=batch_tokens, seed=seed)
        self._batches = plan.epoch(0)
        self._evaluate = tf.function(model.evaluate_batch, input_signature=[batch_signature(vectors)], autograph=False)
        lines = [int(line) for line in encoded.lines]
        self._shown = sorted(random.Random(seed).sample(lines, min(options.samples, len(lines))))

    def __call__(self, interrupted: Callable[[], bool] = lambda: False) -> Figures:
        """Validates the model with its present weights.

        Args:
            interrupted: called between batches; True stops the validation.

        Returns:
            Figures: "loss", the negative log-likelihood without label smoothing; "smoothed_loss", with it; "perplexity"
            (e to the power of the loss); "bleu", which is 0 where no reference has four tokens in a row, as sacreBLEU's
            smoothing would reward long translations there; "chrf".

        Raises:
            Interrupted: `interrupted` returned True.
            UselessWeights: the loss is above `LARGEST_LOSS`, or NaN.
        """
        smoothed_loss, loss = self._losses(interrupted)
        if not loss <= LARGEST_LOSS:
            raise UselessWeights(f"the validation loss is {loss:g}")
        sources, references = list(self.corpus.source), list(self.corpus.target)

        def stop_if_interrupted(num_lines: int) -> None:
            if interrupted():
                raise Interrupted

        beam_size = self.options.beam_size
        batch_tokens = max(BATCH_TOKENS, _BATCH_ROWS // beam_size)
        hypotheses = self.translator.translate(
            sources, beam_size=beam_size, batch_tokens=batch_tokens, progress=stop_if_interrupted
        )
        scores = bleu_and_chrf(hypotheses, references, tokenize=self.bleu_tokenizer)
        values = {
            "loss": loss,
            "smoothed_loss": smoothed_loss,
            "perplexity": math.exp(loss) if loss < 700 else math.inf,
            "bleu": scores["bleu"].value if self._has_4_grams else 0.0,
            "chrf": scores["chrf"].value,
        }
        values |= self.more_figures(hypotheses, references)
        shown = [Sample(self.shown_source(sources[line]), references[line], hypotheses[line]) for line in self._shown]
        return figures(values, self.options.stop_on, tuple(map(str, shown)))

    def more_figures(self, hypotheses: Sequence[str], references: Sequence[str]) -> dict[str, float]:
        """Further columns of metrics.csv."""
        return {}

    def shown_source(self, line: str) -> str:
        """A line of the source as samples show it."""
        return line

    def _losses(self, interrupted: Callable[[], bool]) -> tuple[float, float]:
        """Smoothed and plain loss per target token."""
        loss_sum = nll_sum = 0.0
        tokens = 0
        for batch in self._batches:
            if interrupted():
                raise Interrupted
            sums = self._evaluate(batch_ids(self.encoded, batch, vectors=self.vectors))
            loss_sum += float(sums["loss_sum"])
            nll_sum += float(sums["nll_sum"])
            tokens += int(sums["tokens"])
        return loss_sum / tokens, nll_sum / tokens


def figures(values: dict[str, float], stop_on: str, samples: tuple[str, ...] = ()) -> Figures:
    """The figures with their rank: the highest BLEU or chrF is the best, or the lowest loss, as `stop_on` says.

    The lower loss breaks ties, because BLEU is often 0.00 for a long time.
    """
    loss = values["loss"]
    decision = (
        f"loss {loss:.4g}" if stop_on == "loss" else f"{_NAMES[stop_on]} {values[stop_on]:.2f} with loss {loss:.4g}"
    )
    return Figures(
        values=values,
        rank=(-loss,) if stop_on == "loss" else (values[stop_on], -loss),
        decision=decision,
        summary=f"valid loss {loss:.3f}  perplexity {values['perplexity']:.2f}  "
        f"BLEU {values['bleu']:.2f}  chrF {values['chrf']:.2f}",
        samples=samples,
    )
