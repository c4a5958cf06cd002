"""What the hypotheses of a sentence can do next: end, or go on with a word."""

import tensorflow as tf

from seq2seq.search.hypotheses import LOG_ZERO, NOWHERE

_GROUP = 32  # logits side by side, of which at first only the largest is looked at


def next_tokens(logits, log_probs, *, may_end, must_end, special_ids):
    """The end of every hypothesis, and the K best continuations of the K hypotheses of a sentence.

    Log-probabilities are normalised over the whole vocabulary, before any token is ruled out: they
    remain the model's own.

    TensorFlow's `top_k` keeps a sorted list while it walks along a row, which would take longer than the products of a
    small model. Here the logits are cut into groups of 32, and only the K groups of a sentence with the largest
    maxima are looked at, for the K best continuations are in them. Sizes are taken from the logits: inside a loop
    TensorFlow's rewriting may take the size of other tensors for that before the loop.

    Args:
        logits: float (B * K, V). The K hypotheses of a sentence adjacent.
        log_probs: float32 (B, K). Of the hypotheses so far.
        may_end: bool scalar tensor. False below the minimum length.
        must_end: bool (B,). True at the maximum length: no continuation is possible. Overrules `may_end`.
        special_ids: `SpecialIds`.

    Returns:
        (ends (B, K): log-probabilities of the hypotheses if they end here;
        tokens (B, K): log-probabilities of the best continuations, best first;
        ids int32 (B, K): their last tokens;
        parents int32 (B, K): which hypotheses they continue).
        What is impossible is minus infinity, and so is everything of a hypothesis whose logits are no distribution.
        Equal continuations come in the order of the hypotheses, then of the ids.
    """
    num_hypotheses, vocab_size = log_probs.shape[1], tf.shape(logits)[-1]
    logits = _whole_groups(tf.cast(logits, tf.float32))
    num_groups = tf.shape(logits)[-1] // _GROUP
    groups = tf.reshape(logits, [-1, num_hypotheses, num_groups, _GROUP])  # (B, K, G, 32)
    maxima = tf.reduce_max(groups, axis=-1)  # (B, K, G)
    log_total = _log_total(logits, groups, maxima)  # (B, K): log p = logit - log_total
    log_probs = tf.where(tf.math.is_nan(log_total), NOWHERE, log_probs)

    must_end = must_end[:, tf.newaxis]
    end = tf.reshape(logits[:, special_ids.eos], [-1, num_hypotheses]) - log_total
    end = tf.where(must_end, tf.maximum(end, LOG_ZERO), tf.where(may_end, end, NOWHERE))
    may_go_on = tf.where(must_end, NOWHERE, log_probs)
    tokens, ids, parents = _best_words(groups, maxima, log_total, may_go_on, special_ids)
    return _sum(log_probs, end), tokens, tf.minimum(ids, vocab_size - 1), parents  # the impossible has an id too


def _whole_groups(logits):
    """Logits (N, V) with minus infinity after them up to a multiple of 32."""
    if logits.shape[-1] is not None and logits.shape[-1] % _GROUP == 0:
        return logits
    return tf.pad(logits, [[0, 0], [0, -tf.shape(logits)[-1] % _GROUP]], constant_values=NOWHERE)


def _log_total(logits, groups, maxima):
    """The logarithm of the sum of exp(logit), (B, K), from the probability of the largest logit, which is never too
    small for a logarithm."""
    probabilities = tf.reshape(tf.nn.softmax(logits), tf.shape(groups))
    theirs = tf.gather(probabilities, tf.argmax(maxima, axis=-1), batch_dims=2)
    return tf.reduce_max(maxima, axis=-1) - tf.math.log(tf.reduce_max(theirs, axis=-1))


def _best_words(groups, maxima, log_total, log_probs, special_ids):
    """The K best words after K hypotheses.

    Returns:
        (log-probabilities, ids, hypotheses), each (B, K), best first.
    """
    num_hypotheses, num_groups = maxima.shape[1], tf.shape(maxima)[-1]
    for number in {special_id // _GROUP for special_id in special_ids}:  # whose maximum may hide that of words
        ids = number * _GROUP + tf.range(_GROUP)
        of_words = tf.reduce_max(tf.where(_is_among(ids, special_ids), NOWHERE, groups[:, :, number]), axis=-1)
        maxima = tf.where(tf.range(num_groups) == number, of_words[:, :, tf.newaxis], maxima)
    maxima = _sum(log_probs[:, :, tf.newaxis], maxima - log_total[:, :, tf.newaxis])

    _, best = tf.math.top_k(tf.reshape(maxima, [-1, num_hypotheses * num_groups]), num_hypotheses)
    best = tf.sort(best, axis=-1)  # (B, K) of the K * G groups, so that of equal words the first still stands first
    theirs = tf.gather(tf.reshape(groups, [-1, num_hypotheses * num_groups, _GROUP]), best, batch_dims=1)
    ids = (best % num_groups * _GROUP)[:, :, tf.newaxis] + tf.range(_GROUP)  # (B, K, 32)
    log_total, log_probs = (
        tf.gather(values, best // num_groups, batch_dims=1)[:, :, tf.newaxis] for values in (log_total, log_probs)
    )
    words = tf.where(_is_among(ids, special_ids), NOWHERE, _sum(log_probs, theirs - log_total))

    words, choice = tf.math.top_k(tf.reshape(words, [-1, num_hypotheses * _GROUP]), num_hypotheses)
    chosen = tf.gather(best, choice // _GROUP, batch_dims=1)
    return words, chosen % num_groups * _GROUP + choice % _GROUP, chosen // num_groups


def _is_among(ids, special_ids):
    return tf.reduce_any(ids[..., tf.newaxis] == tf.constant(special_ids), axis=-1)


def _sum(log_probs, more):
    """Their sum; minus infinity for a hypothesis that does not exist, whatever is added."""
    return tf.where(log_probs > NOWHERE, log_probs + more, NOWHERE)
