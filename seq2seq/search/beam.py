"""Beam search: K hypotheses of every sentence side by side, the finished ones kept apart from the live."""

from typing import NamedTuple

import tensorflow as tf

from seq2seq.search.greedy import check_limits
from seq2seq.search.history import make_row, open_history, spread, write
from seq2seq.search.hypotheses import NOWHERE, Hypotheses, SpecialIds
from seq2seq.search.hypotheses import length_penalty as penalty_of
from seq2seq.search.leaving import gather, keep_shapes, leave, scatter, shapes_of
from seq2seq.search.next_tokens import next_tokens
from seq2seq.search.options import SearchOptions


class Live(NamedTuple):
    """The K hypotheses of each sentence in the batch that can still grow, best first. A closed sentence has none,
    and leaves.

    A hypothesis that does not exist has a log-probability of minus infinity.
    """

    log_probs: tf.Tensor  # float32 (R, K)
    ids: tf.Tensor  # int32 (R, K), the last token
    parents: tf.Tensor  # int32 (R, K), the beam at the position before that this one continues


class Finished(NamedTuple):
    """The best K ended hypotheses of each sentence, best first; scores of minus infinity where fewer."""

    scores: tf.Tensor  # float32 (B, K)
    log_probs: tf.Tensor  # float32 (B, K)
    lengths: tf.Tensor  # int32 (B, K), end token included
    beams: tf.Tensor  # int32 (B, K), the live beam that ended: where to begin when going back


def beam_search(
    step,
    state,
    memory=(),
    *,
    max_lengths,
    beam_size,
    n_best=1,
    length_penalty=SearchOptions.length_penalty,
    min_length=SearchOptions.min_length,
    early_stop=SearchOptions.early_stop,
    special_ids=SpecialIds(),  # noqa: B008
):
    """Finds the n best target sequences of every sentence (Wu et al., 2016, section 7).

    At each position the K live hypotheses propose their end and their best continuations. An end among
    the K best proposals joins the finished hypotheses; the K best continuations live on, so that an end
    never costs a beam. A sentence is closed as soon as no live hypothesis could still enter its n best
    under the length penalty, even if all that follows cost nothing: this never changes the result.

    Works in a `tf.function` and eagerly. On equal scores the hypothesis that finished earlier wins, then
    the end, then the better beam, then the smaller id. A beam of one is greedy search, but for words that
    float32 cannot tell apart.

    Args:
        step: function `(ids (N,) int32, state, memory) -> (logits (N, V), attention (N, S) or None, state)`. N is
            B at the first position and R * K after it, the beams of a sentence adjacent, R the sentences that
            are not closed.
        state: any nest of tensors, batch first: (B, ...).
        memory: any nest of tensors, batch first: what `step` reads of each sentence and nothing changes. It is
            not repeated for the beams.
        max_lengths: int (B,). Most tokens for each sentence, end token included; at least 1. A hypothesis
            that gets there ends there, and the probability of this end is counted.
        beam_size: int K, at least 1.
        n_best: int, 1 to `beam_size`. Hypotheses to return for each sentence.
        length_penalty: float, at least 0. See the function of this name.
        min_length: int, at least 1. Fewest tokens, end token included.
        early_stop: bool. Also close a sentence when K of its hypotheses have ended and no live one, at its
            present length, scores better than the n-th best of them: the usual compromise. (To count the
            ended ones alone would let K improbable early ends close a sentence.) False goes on until the n
            best are certain: slower, and a beam of one is not greedy search.
        special_ids: `SpecialIds`.

    Returns:
        `Hypotheses`, best first.

    Raises:
        ValueError: an option is out of range.

    Example:
        >>> logits = tf.constant([[-9.0, -9.0, -9.0, 0.0, 1.0]])  # pad unk bos eos "a"
        >>> def step(ids, state, memory):
        ...     return tf.repeat(logits, len(ids), axis=0), None, state
        >>> found = beam_search(step, (), max_lengths=[3], beam_size=2, n_best=2, length_penalty=0.0)
        >>> found.ids.numpy().tolist()  # the end at once; one "a", then the end
        [[[3, 0], [4, 3]]]
    """
    check_limits(min_length, length_penalty)
    if not 1 <= n_best <= beam_size:
        raise ValueError(f"n_best must lie between 1 and beam_size; got n_best {n_best}, beam_size {beam_size}.")
    max_lengths = tf.convert_to_tensor(max_lengths, tf.int32)
    highest_penalty = penalty_of(max_lengths, length_penalty)  # (B,)

    def select(position, sentences, live, finished, logits):
        """The live hypotheses of the sentences (R,) and the finished ones of all after one position."""
        length = position + 1
        longest, highest = gather((max_lengths, highest_penalty), sentences)  # (R,)
        ends, live = _propose(live.log_probs, logits, length >= min_length, length >= longest, special_ids)
        theirs = _finish(gather(finished, sentences), ends, length, length_penalty)
        best_live, n_th_score = live.log_probs[:, 0], theirs.scores[:, n_best - 1]
        is_open = best_live / highest > n_th_score
        if early_stop:
            is_promising = best_live / penalty_of(length, length_penalty) > n_th_score
            is_open &= is_promising | (theirs.scores[:, -1] == NOWHERE)
        log_probs = tf.where(is_open[:, tf.newaxis], live.log_probs, NOWHERE)
        return live._replace(log_probs=log_probs), scatter(finished, sentences, theirs)

    def some_live(fixed, batch):
        _, live, _, _ = batch
        return tf.reduce_any(live.log_probs > NOWHERE)

    def row_of(attention, live, sentences):
        if attention is not None:
            attention = tf.reshape(attention, [-1, beam_size, tf.shape(attention)[-1]])  # (R, K, S)
        return spread(make_row(attention, ids=live.ids, parents=live.parents), sentences, tf.size(max_lengths))

    def advance(fixed, batch):
        position, finished, history = fixed
        sentences, live, state, memory = batch
        logits, attention, state = step(tf.reshape(live.ids, [-1]), state, memory)
        live, finished = select(position, sentences, live, finished, logits)
        history = write(history, position, row_of(attention, live, sentences))
        is_open = tf.reduce_any(live.log_probs > NOWHERE, axis=1)
        stay = leave(is_open, (sentences, live, _follow(state, live.parents), memory))
        return (position + 1, finished, history), keep_shapes(stay, batch)

    # The first step stands before the loop: one row a sentence is enough for it, and it shows the shapes
    # of the state and whether there is attention.
    logits, attention, state = step(tf.fill(tf.shape(max_lengths), special_ids.bos), state, memory)
    sentences = tf.range(tf.size(max_lengths))
    live, finished = select(0, sentences, *_start(max_lengths, beam_size), tf.repeat(logits, beam_size, axis=0))
    attention = None if attention is None else tf.repeat(attention, beam_size, axis=0)
    history = open_history(tf.reduce_max(max_lengths), row_of(attention, live, sentences))
    state = tf.nest.map_structure(lambda leaf: tf.repeat(leaf, beam_size, axis=0), state)  # (B, ...) -> (N, ...)
    fixed, batch = (tf.constant(1), finished, history), (sentences, live, state, memory)
    (_, finished, history), _ = tf.while_loop(
        some_live, advance, (fixed, batch), shape_invariants=shapes_of(fixed, batch)
    )
    best = Finished(*(field[:, :n_best] for field in finished))
    ids, attention = _trace_back(history, best, special_ids)
    return Hypotheses(ids, best.lengths, best.scores, best.log_probs, attention)


def _start(max_lengths, beam_size):
    """One empty live hypothesis a sentence, in the first beam, and nothing finished."""
    shape = [tf.shape(max_lengths)[0], beam_size]
    nobody, zeros = tf.fill(shape, NOWHERE), tf.zeros(shape, tf.int32)
    first = tf.where(tf.range(beam_size) == 0, 0.0, nobody)
    return Live(first, zeros, zeros), Finished(nobody, nobody, zeros, zeros)


def _propose(live_log_probs, logits, may_end, must_end, special_ids):
    """Every live hypothesis proposes its end and its continuations, and the best are chosen.

    Returns:
        (log-probabilities of the ends (B, K), minus infinity unless among the K best proposals;
        `Live`, the K best continuations).
    """
    beam_size = live_log_probs.shape[1]
    ends, log_probs, ids, parents = next_tokens(
        logits, live_log_probs, may_end=may_end, must_end=must_end, special_ids=special_ids
    )
    _, best = tf.math.top_k(tf.concat([ends, log_probs], axis=1), beam_size)  # of (B, 2 * K), the ends first
    admitted = tf.reduce_any(best[:, :, tf.newaxis] == tf.range(beam_size), axis=1)  # (B, K)
    return tf.where(admitted, ends, NOWHERE), Live(log_probs, ids, parents)


def _finish(finished, end_log_probs, length, length_penalty):
    """The best K of what had finished before and what ends now."""
    beam_size = end_log_probs.shape[1]
    lengths = tf.fill(tf.shape(end_log_probs), length)
    beams = tf.broadcast_to(tf.range(beam_size), tf.shape(end_log_probs))
    ended = Finished(end_log_probs / penalty_of(lengths, length_penalty), end_log_probs, lengths, beams)
    both = [tf.concat([before, now], axis=1) for before, now in zip(finished, ended, strict=True)]  # (B, 2 * K)
    scores, choice = tf.math.top_k(both[0], beam_size)  # of equal scores the first: the one finished before
    log_probs, lengths, beams = (tf.gather(field, choice, batch_dims=1) for field in both[1:])
    return Finished(scores, log_probs, tf.where(scores > NOWHERE, lengths, 0), beams)


def _follow(state, parents):
    """Gives each live hypothesis the state of the one that it continues. Leaves (N, ...) stay (N, ...)."""
    batch_size, beam_size = tf.shape(parents)[0], tf.shape(parents)[1]
    rows = tf.reshape(tf.range(batch_size)[:, tf.newaxis] * beam_size + parents, [-1])  # (B, K) -> (N,)
    return tf.nest.map_structure(lambda leaf: tf.gather(leaf, rows), state)


def _trace_back(history, best, special_ids):
    """Reads the returned hypotheses from the history, from their ends back to their first tokens.

    Returns:
        (ids (B, n, T), attention (B, n, T, S) or None), T the longest of them.
    """
    num_positions = tf.maximum(tf.reduce_max(best.lengths), 1)  # 1 if the numbers failed and nothing was found

    def go_back(position, beams, found):
        ends, within = position + 1 == best.lengths, position + 1 < best.lengths  # (B, n)
        ids = tf.gather(history["ids"].read(position), beams, batch_dims=1)
        ids = tf.where(within, ids, tf.where(ends, special_ids.eos, special_ids.pad))
        parents = tf.gather(history["parents"].read(position), beams, batch_dims=1)
        beams = tf.where(within, parents, beams)  # the beam that chose its token here
        attention = None
        if "attention" in history:
            attention = tf.gather(history["attention"].read(position), beams, batch_dims=1)  # (B, K, S) -> (B, n, S)
            attention = tf.where((ends | within)[:, :, tf.newaxis], attention, 0.0)
        return position - 1, beams, write(found, position, make_row(attention, ids=ids))

    ranks = {"ids": 2, "attention": 3}
    found = {
        name: tf.TensorArray(dtype, num_positions, element_shape=[None] * ranks[name])
        for name, dtype in (("ids", tf.int32), ("attention", tf.float32))
        if name in history
    }
    _, _, found = tf.while_loop(lambda position, *_: position >= 0, go_back, (num_positions - 1, best.beams, found))
    ids = tf.transpose(found["ids"].stack(), [1, 2, 0])  # (T, B, n) -> (B, n, T)
    attention = tf.transpose(found["attention"].stack(), [1, 2, 0, 3]) if "attention" in found else None
    return ids, attention
