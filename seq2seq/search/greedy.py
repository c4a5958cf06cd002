"""Greedy search: always the most probable next token."""

import tensorflow as tf

from seq2seq.search.history import keep_shapes, make_row, open_history, write
from seq2seq.search.hypotheses import NOWHERE, Hypotheses, SpecialIds, next_tokens
from seq2seq.search.hypotheses import length_penalty as penalty_of
from seq2seq.search.options import SearchOptions


def greedy_search(
    step,
    state,
    *,
    max_lengths,
    min_length=SearchOptions.min_length,
    length_penalty=SearchOptions.length_penalty,
    special_ids=SpecialIds(),  # noqa: B008
):
    """Extends every sentence by its most probable token until all have ended.

    Works in a `tf.function` and eagerly. Equals `beam_search` with a beam of one.

    Args:
        step: function `(ids (B,) int32, state) -> (logits (B, V), attention (B, S) or None, state)`.
        state: any nest of tensors, batch first: (B, ...).
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
        >>> def step(ids, state):
        ...     return tf.tile(logits, [len(ids), 1]), None, state
        >>> greedy_search(step, (), max_lengths=[3]).ids.numpy().tolist()  # a a, then the end is forced
        [[[4, 4, 3]]]
    """
    check_limits(min_length, length_penalty)
    max_lengths = tf.convert_to_tensor(max_lengths, tf.int32)

    def choose(position, log_probs, lengths, logits):
        """The next token of every sentence that is still without a length, padding for the others."""
        end, tokens, token_ids = next_tokens(
            logits,
            1,
            may_end=position + 1 >= min_length,
            must_end=position + 1 >= max_lengths,
            special_ids=special_ids,
        )
        ends = end >= tokens[:, 0]  # where both are equal the end wins, as in beam search
        live = is_live(log_probs, lengths)
        ids = tf.where(live, tf.where(ends, special_ids.eos, token_ids[:, 0]), special_ids.pad)
        log_probs = tf.where(live, log_probs + tf.maximum(end, tokens[:, 0]), log_probs)
        lengths = tf.where(is_live(log_probs, lengths) & ends, position + 1, lengths)
        return ids, log_probs, lengths

    def some_live(position, ids, log_probs, lengths, history, state):
        return tf.reduce_any(is_live(log_probs, lengths))

    def advance(position, ids, log_probs, lengths, history, state):
        logits, attention, new_state = step(ids, state)
        chosen = choose(position, log_probs, lengths, logits)
        history = write(history, position, make_row(attention, ids=chosen[0]))
        chosen = keep_shapes(chosen, (ids, log_probs, lengths))
        return position + 1, *chosen, history, keep_shapes(new_state, state)

    # The first step stands before the loop: it shows the shapes of the state, and whether there is attention.
    logits, attention, state = step(tf.fill(tf.shape(max_lengths), special_ids.bos), state)
    chosen = choose(0, tf.zeros(tf.shape(max_lengths)), tf.zeros_like(max_lengths), logits)
    history = open_history(tf.reduce_max(max_lengths), make_row(attention, ids=chosen[0]))
    steps, _, log_probs, lengths, history, _ = tf.while_loop(
        some_live, advance, (tf.constant(1), *chosen, history, state)
    )
    return _hypotheses(steps, log_probs, lengths, history, length_penalty, special_ids)


def is_live(log_probs, lengths):
    """Whether a sentence goes on: it has not ended, and the model's numbers are still numbers."""
    return (lengths == 0) & (log_probs > NOWHERE)


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
