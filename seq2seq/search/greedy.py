"""Greedy search: always the most probable next token."""

import tensorflow as tf

from seq2seq.search.history import make_row, open_history, spread, write
from seq2seq.search.hypotheses import NOWHERE, Hypotheses, SpecialIds
from seq2seq.search.hypotheses import length_penalty as penalty_of
from seq2seq.search.leaving import gather, keep_shapes, leave, scatter, shapes_of
from seq2seq.search.next_tokens import next_tokens
from seq2seq.search.options import SearchOptions


def greedy_search(
    step,
    state,
    memory=(),
    *,
    max_lengths,
    min_length=SearchOptions.min_length,
    length_penalty=SearchOptions.length_penalty,
    special_ids=SpecialIds(),  # noqa: B008
):
    """Extends every sentence by its most probable token until all have ended.

    Works in a `tf.function` and eagerly. Equals `beam_search` with a beam of one, but for words that
    float32 cannot tell apart.

    Args:
        step: function `(ids (R,) int32, state, memory) -> (logits (R, V), attention (R, S) or None, state)`, for the
            R sentences that are not finished, or B.
        state: any nest of tensors, batch first: (B, ...).
        memory: any nest of tensors, batch first: what `step` reads and nothing changes.
        max_lengths: int (B,). Most tokens for each sentence, end token included; at least 1. A hypothesis
            that gets there ends there, and the probability of this end is counted.
        min_length: int, at least 1. Fewest tokens, end token included.
        length_penalty: float, at least 0. Turns `log_probs` into `scores`; the choice of tokens ignores it.
        special_ids: `SpecialIds`.

    Returns:
        `Hypotheses` with n = 1.

    Raises:
        ValueError: `min_length` or `length_penalty` is out of range.

    Example:
        >>> logits = tf.constant([[-9.0, -9.0, -9.0, 0.0, 1.0]])  # pad unk bos eos "a"
        >>> def step(ids, state, memory):
        ...     return tf.tile(logits, [len(ids), 1]), None, state
        >>> greedy_search(step, (), max_lengths=[3]).ids.numpy().tolist()  # a a, then the end is forced
        [[[4, 4, 3]]]
    """
    check_limits(min_length, length_penalty)
    max_lengths = tf.convert_to_tensor(max_lengths, tf.int32)

    def choose(position, sentences, log_probs, lengths, logits):
        """The next token of every sentence in the batch; log-probabilities and lengths of all (B,) after it."""
        ends, words, ids, _ = next_tokens(
            logits,
            tf.zeros_like(logits[:, 0], tf.float32)[:, tf.newaxis],  # sized by the logits: see there
            may_end=position + 1 >= min_length,
            must_end=position + 1 >= tf.gather(max_lengths, sentences),
            special_ids=special_ids,
        )
        ids = tf.where(ends >= words, special_ids.eos, ids)  # where both are equal the end wins, as in beam search
        chosen = ids[:, 0], tf.maximum(ends, words)[:, 0]
        return add_tokens(chosen, position, sentences, log_probs, lengths, special_ids)

    def some_live(fixed, batch):
        _, log_probs, lengths, _ = fixed
        return tf.reduce_any(is_live(log_probs, lengths))

    def advance(fixed, batch):
        position, log_probs, lengths, history = fixed
        sentences, ids, state, memory = batch
        logits, attention, state = step(ids, state, memory)
        ids, log_probs, lengths = choose(position, sentences, log_probs, lengths, logits)
        history = write(history, position, spread(make_row(attention, ids=ids), sentences, tf.size(lengths)))
        live = is_live(*gather((log_probs, lengths), sentences))
        stay = leave(live, (sentences, ids, state, memory))
        return (position + 1, log_probs, lengths, history), keep_shapes(stay, batch)

    # The first step stands before the loop: it shows the shapes of the state, and whether there is attention.
    logits, attention, state = step(tf.fill(tf.shape(max_lengths), special_ids.bos), state, memory)
    sentences = tf.range(tf.size(max_lengths))
    ids, *totals = choose(0, sentences, tf.zeros(tf.shape(max_lengths)), tf.zeros_like(max_lengths), logits)
    history = open_history(tf.reduce_max(max_lengths), make_row(attention, ids=ids))
    fixed, batch = (tf.constant(1), *totals, history), (sentences, ids, state, memory)
    (steps, log_probs, lengths, history), _ = tf.while_loop(
        some_live, advance, (fixed, batch), shape_invariants=shapes_of(fixed, batch)
    )
    return _hypotheses(steps, log_probs, lengths, history, length_penalty, special_ids)


def is_live(log_probs, lengths):
    """Whether a sentence goes on: it has not ended, and the model's numbers are still numbers."""
    return (lengths == 0) & (log_probs > NOWHERE)


def add_tokens(chosen, position, rows, log_probs, lengths, special_ids):
    """Adds the chosen tokens to the rows that still go on.

    Args:
        chosen: their ids, int32 (R,), and log-probabilities, float32 (R,).
        position: int. How many tokens these rows had.
        rows: int32 (R,). Which rows of all they are.
        log_probs: float32 (all,). Sums over the tokens of each row before this.
        lengths: int32 (all,). Tokens of the rows that have ended, 0 for others.
        special_ids: `SpecialIds`.

    Returns:
        The ids, padding in rows that do not go on; `log_probs` and `lengths` after it.
    """
    ids, token_log_probs = chosen
    before, unfinished = gather((log_probs, lengths), rows)  # (R,)
    live = is_live(before, unfinished)
    ids = tf.where(live, ids, special_ids.pad)
    after = tf.where(live, before + token_log_probs, before)
    finished = tf.where(is_live(after, unfinished) & (ids == special_ids.eos), position + 1, unfinished)
    return ids, *scatter((log_probs, lengths), rows, (after, finished))


def _hypotheses(steps, log_probs, lengths, history, length_penalty, special_ids):
    within = tf.range(steps) < lengths[:, tf.newaxis]  # (B, T); false throughout where the numbers failed
    ids = tf.transpose(history["ids"].gather(tf.range(steps)))  # (T, B) -> (B, T)
    ids = tf.where(within, ids, special_ids.pad)
    attention = None
    if "attention" in history:
        attention = tf.transpose(history["attention"].gather(tf.range(steps)), [1, 0, 2])  # (T, B, S) -> (B, T, S)
        attention = tf.where(within[:, :, tf.newaxis], attention, 0.0)[:, tf.newaxis]
    scores = log_probs / penalty_of(lengths, length_penalty)
    return Hypotheses(
        ids[:, tf.newaxis], lengths[:, tf.newaxis], scores[:, tf.newaxis], log_probs[:, tf.newaxis], attention
    )


def check_limits(min_length, length_penalty):
    """Raises ValueError for limits that no search understands."""
    if min_length < 1:
        raise ValueError(f"min_length counts the end token, so it is at least 1; got {min_length}.")
    if length_penalty < 0:
        raise ValueError(
            f"length_penalty must be 0 (off) or more, usually 0.6 to 1; got {length_penalty}. "
            "A negative one would favour short hypotheses."
        )
