"""Sampling: sequences drawn from the model's own distribution."""

import tensorflow as tf

from seq2seq.search.greedy import add_tokens, check_limits, is_live
from seq2seq.search.history import make_row, open_history, spread, write
from seq2seq.search.hypotheses import LOG_ZERO, NOWHERE, Hypotheses, SpecialIds
from seq2seq.search.hypotheses import length_penalty as penalty_of
from seq2seq.search.leaving import gather, keep_shapes, leave, shapes_of
from seq2seq.search.options import SearchOptions


def sample_search(
    step,
    state,
    memory=(),
    *,
    max_lengths,
    num_samples,
    seed,
    temperature=1.0,
    length_penalty=SearchOptions.length_penalty,
    special_ids=SpecialIds(),  # noqa: B008
):
    """Draws sequences of every sentence, token by token (ancestral sampling). The same one may come twice.

    Works in a `tf.function` and eagerly.

    Args:
        step: function `(ids (N,) int32, state, memory) -> (logits (N, V), attention (N, S) or None, state)`. N is
            B at the first position and R * K after it, the K samples of a sentence adjacent, R the sentences of
            which some sample has not ended.
        state: any nest of tensors, batch first: (B, ...).
        memory: any nest of tensors, batch first: what `step` reads of each sentence and nothing changes. It is
            not repeated for the samples.
        max_lengths: int (B,). Most tokens for each sentence, end token included; at least 1. A sample that gets
            there ends there, and the probability of this end is counted.
        num_samples: int K, at least 1.
        seed: int32 (2,). The same draws for the same batch.
        temperature: float above 0. Logits are divided by it: below 1, likely tokens become likelier.
        length_penalty: float, at least 0. Turns `log_probs` into `scores`; the draws ignore it.
        special_ids: `SpecialIds`.

    Returns:
        `Hypotheses` of n = K, in the order of the draws. Log-probabilities are those of the model, without the
        temperature. They have no attention.

    Raises:
        ValueError: an option is out of range.

    Example:
        >>> logits = tf.constant([[-9.0, -9.0, -9.0, 0.0, 30.0]])  # pad unk bos eos "a"
        >>> def step(ids, state, memory):
        ...     return tf.repeat(logits, len(ids), axis=0), None, state
        >>> sample_search(step, (), max_lengths=[3], num_samples=2, seed=(1, 2)).ids.numpy().tolist()
        [[[4, 4, 3], [4, 4, 3]]]
    """
    check_limits(1, length_penalty)
    if num_samples < 1:
        raise ValueError(f"num_samples is {num_samples}; it has to be 1 or more.")
    if not temperature > 0:
        raise ValueError(f"temperature is {temperature}; it has to be above 0.")
    max_lengths = tf.repeat(tf.convert_to_tensor(max_lengths, tf.int32), num_samples)  # (B * K,), as all totals
    num_rows = tf.size(max_lengths)

    def rows_of(sentences):
        return tf.reshape(sentences[:, tf.newaxis] * num_samples + tf.range(num_samples), [-1])  # (R,) -> (R * K,)

    def draw(position, rows, log_probs, lengths, logits):
        """The next token of every row in the batch; log-probabilities and lengths of all after it."""
        drawn = _draw(
            tf.cast(logits, tf.float32),
            position + 1 >= tf.gather(max_lengths, rows),
            tf.random.experimental.stateless_fold_in(tf.convert_to_tensor(seed, tf.int32), position),
            temperature,
            special_ids,
        )
        return add_tokens(drawn, position, rows, log_probs, lengths, special_ids)

    def some_live(fixed, batch):
        _, log_probs, lengths, _ = fixed
        return tf.reduce_any(is_live(log_probs, lengths))

    def advance(fixed, batch):
        position, log_probs, lengths, history = fixed
        sentences, ids, state, memory = batch
        rows = rows_of(sentences)
        logits, _, state = step(ids, state, memory)
        ids, log_probs, lengths = draw(position, rows, log_probs, lengths, logits)
        history = write(history, position, spread(make_row(None, ids=ids), rows, num_rows))
        live = tf.reshape(is_live(*gather((log_probs, lengths), rows)), [-1, num_samples])
        stay = leave(tf.reduce_any(live, axis=1), (sentences, ids, state, memory))
        return (position + 1, log_probs, lengths, history), keep_shapes(stay, batch)

    # The first step stands before the loop: one row a sentence is enough for it, and it shows the shapes of the state.
    sentences = tf.range(num_rows // num_samples)
    logits, _, state = step(tf.fill(tf.shape(sentences), special_ids.bos), state, memory)
    logits, state = tf.nest.map_structure(lambda leaf: tf.repeat(leaf, num_samples, axis=0), (logits, state))
    ids, *totals = draw(0, tf.range(num_rows), tf.zeros([num_rows]), tf.zeros([num_rows], tf.int32), logits)
    history = open_history(tf.reduce_max(max_lengths), make_row(None, ids=ids))
    fixed, batch = (tf.constant(1), *totals, history), (sentences, ids, state, memory)
    (steps, log_probs, lengths, history), _ = tf.while_loop(
        some_live, advance, (fixed, batch), shape_invariants=shapes_of(fixed, batch)
    )
    ids = tf.transpose(history["ids"].gather(tf.range(steps)))  # (T, B * K) -> (B * K, T)
    ids = tf.where(tf.range(steps) < lengths[:, tf.newaxis], ids, special_ids.pad)
    found = (lengths, log_probs / penalty_of(lengths, length_penalty), log_probs)
    by_sentence = [tf.reshape(field, [-1, num_samples]) for field in found]
    return Hypotheses(tf.reshape(ids, [-1, num_samples, steps]), *by_sentence, attention=None)


def _draw(logits, must_end, seed, temperature, special_ids):
    """A token of each row and its log-probability: logits (N, V), must_end bool (N,) -> int32 (N,), float32 (N,)."""
    never = tf.constant([special_ids.pad, special_ids.unk, special_ids.bos])
    vocab_size = tf.shape(logits)[1]
    ruled_out = tf.reduce_any(tf.range(vocab_size) == never[:, tf.newaxis], axis=0)  # (V,)
    allowed = tf.where(ruled_out, NOWHERE, logits / temperature)
    ids = tf.random.stateless_categorical(allowed, 1, seed, dtype=tf.int32)[:, 0]
    ids = tf.minimum(ids, vocab_size - 1)  # from logits that are no numbers it draws the id V
    ids = tf.where(must_end, special_ids.eos, ids)
    log_probs = -tf.nn.sparse_softmax_cross_entropy_with_logits(ids, logits)
    log_probs = tf.where(must_end, tf.maximum(log_probs, LOG_ZERO), log_probs)
    return ids, tf.where(tf.math.is_nan(log_probs), NOWHERE, log_probs)
