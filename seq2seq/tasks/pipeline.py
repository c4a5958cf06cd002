"""From a batch plan to the tensors a model is trained on."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import tensorflow as tf

from seq2seq.text.batches import Batch, BatchPlan
from seq2seq.text.corpus import ParallelCorpus
from seq2seq.text.encoding import EncodedCorpus
from seq2seq.text.tokenizer import BOS_ID, EOS_ID, PAD_ID, Tokenizer

__all__ = ["BATCH_SIGNATURE", "SubwordSampler", "batch_ids", "batch_signature", "training_dataset"]

BATCH_SIGNATURE = {
    "source_ids": tf.TensorSpec((None, None), tf.int32),
    "target_ids": tf.TensorSpec((None, None), tf.int32),
}
"""One signature for all shapes of batch, so that a function is traced once."""

_PREFETCH = 4  # batches prepared while the model computes

Pairs = tuple[Sequence[np.ndarray], Sequence[np.ndarray]]


class SubwordSampler:
    """Cuts the sentences of a batch into other pieces each epoch (Kudo, 2018: subword regularization).

    Args:
        corpus: the text.
        source_tokenizer, target_tokenizer: of kind unigram or bpe.
        alpha: of `Tokenizer.sample`, greater than 0.
        seed: seed of the run. What is drawn follows from it, the epoch and the batch.
    """

    def __init__(
        self,
        corpus: ParallelCorpus,
        source_tokenizer: Tokenizer,
        target_tokenizer: Tokenizer,
        *,
        alpha: float,
        seed: int,
    ):
        self.corpus = corpus
        self.tokenizers = (source_tokenizer, target_tokenizer)
        self.alpha = alpha
        self.seed = seed

    def __call__(self, lines: np.ndarray, epoch: int, number: int) -> Pairs:
        """Sampled ids, ending in EOS, of both sides of the given corpus lines."""
        seeds = np.random.SeedSequence((self.seed, epoch, number)).generate_state(2)
        sides = (self.corpus.source, self.corpus.target)
        sampled = [
            tokenizer.sample([side[int(line)] for line in lines], alpha=self.alpha, seed=int(seed))
            for tokenizer, side, seed in zip(self.tokenizers, sides, seeds, strict=True)
        ]
        return tuple([np.array([*ids, EOS_ID], np.int32) for ids in side] for side in sampled)


def training_dataset(
    encoded: EncodedCorpus,
    plan: BatchPlan,
    *,
    start: int = 0,
    epochs: int | None = None,
    sampler: SubwordSampler | None = None,
    vectors: np.ndarray | None = None,
) -> tf.data.Dataset:
    """The batches of a plan as `tf.data`, from any batch on.

    It also feeds `model.fit(training_dataset(...), steps_per_epoch=plan.batches_per_epoch, epochs=N,
    shuffle=False)`, where each epoch comes in an order of its own; with `epochs=1` it is finite and needs no
    `steps_per_epoch`.

    Args:
        encoded: the ids of the corpus.
        plan: which sentences form a batch.
        start: batches to leave out at the beginning, because they were already trained on.
        epochs: epochs after which it ends, those left out included; None goes on for ever.
        sampler: cuts sentences into pieces anew; None keeps the ids of `encoded`.
        vectors: float32 (lines, F), what the model reads in place of source ids.

    Returns:
        Dataset of {"source_ids": int32 (B, S) ending in EOS, "target_ids": int32 (B, T + 1) from BOS to EOS},
        both followed by padding.

    Raises:
        ValueError: `epochs` with a plan that has a curriculum: its epochs are of different lengths.
    """
    if epochs is not None and plan.has_curriculum:
        raise ValueError(
            f"epochs={epochs} does not fit a plan with a curriculum, whose epochs differ in length. Leave epochs out."
        )

    def batches() -> Iterator[dict[str, np.ndarray]]:
        for epoch, number, batch in plan.batches(start):
            if epochs is not None and epoch >= epochs:
                return
            draw = sampler and (lambda rows, e=epoch, n=number: sampler(encoded.lines[rows], e, n))
            yield batch_ids(encoded, batch, draw, vectors)

    dataset = tf.data.Dataset.from_generator(batches, output_signature=batch_signature(vectors))
    if epochs is not None:
        length = max(0, epochs * plan.batches_per_epoch - start)
        dataset = dataset.apply(tf.data.experimental.assert_cardinality(length))
    return dataset.prefetch(_PREFETCH)


def batch_signature(vectors: np.ndarray | None) -> dict[str, tf.TensorSpec]:
    """Types and shapes of a batch whose sources are ids, or vectors float32 (lines, F)."""
    if vectors is None:
        return BATCH_SIGNATURE
    return {**BATCH_SIGNATURE, "source_ids": tf.TensorSpec((None, vectors.shape[1]), tf.float32)}


def batch_ids(
    encoded: EncodedCorpus,
    batch: Batch,
    draw: Callable[[np.ndarray], Pairs] | None = None,
    vectors: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """One batch as padded arrays.

    Args:
        encoded: the ids of the corpus.
        batch: rows of `encoded` and the lengths to which both sides are padded.
        draw: other ids for the same rows; sentences that come out longer than planned widen the batch.
        vectors: float32 (lines of the corpus, F), in place of source ids.

    Returns:
        {"source_ids": int32 (B, S) or float32 (B, F), "target_ids": int32 (B, T + 1)}.
    """
    if draw:
        source, target = draw(batch.indices)
    else:
        source = [encoded.source(int(row)) for row in batch.indices]
        target = [encoded.target(int(row)) for row in batch.indices]
    rows = encoded.lines[batch.indices]
    return {
        "source_ids": _padded(source, batch.source_length) if vectors is None else vectors[rows],
        "target_ids": _padded(target, batch.target_length, first=BOS_ID),
    }


def _padded(sentences: Sequence[np.ndarray], length: int, first: int | None = None) -> np.ndarray:
    """Right-padded ids, (B, length) or wider; with `first`, one more column before all others."""
    lead = 0 if first is None else 1
    longest = max(len(ids) for ids in sentences)
    padded = np.full((len(sentences), lead + max(length, longest)), PAD_ID, np.int32)
    if first is not None:
        padded[:, 0] = first
    for row, ids in zip(padded, sentences, strict=True):
        row[lead : lead + len(ids)] = ids
    return padded
