"""The risk is that of the paper, and so is its gradient, although it is taken from a cross-entropy."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from tiny import BOS, EOS, PAD, rows, tiny_batch, tiny_model

from seq2seq.model import ConditionalDecoder, InputFeedingDecoder, MinimumRisk, RNNDecoder
from seq2seq.model.minimum_risk import distinct, minimum_risk

SHARPNESS = 0.4
CANDIDATES = [  # of two sentences; gold first
    [[BOS, 5, 4, 8, 6, EOS], [BOS, 5, 4, EOS], [BOS, 7, EOS], [BOS, 5, 4, EOS], [BOS, 8, 8, 8, EOS]],
    [[BOS, 6, EOS], [BOS, 6, EOS], [BOS, EOS], [PAD], [BOS, 6, 6, EOS]],
]
COSTS = np.array([[0.0, 0.3, 0.9, 0.3, 0.8], [0.0, 0.0, 1.0, 1.0, 0.5]])
COUNTED = {  # a repeated candidate counts once, one that does not exist never
    True: np.array([[1, 1, 1, 0, 1], [1, 0, 1, 0, 1]], bool),
    False: np.array([[0, 1, 1, 0, 1], [0, 1, 1, 0, 1]], bool),
}
decoders = pytest.mark.parametrize("decoder", [RNNDecoder, InputFeedingDecoder, ConditionalDecoder])


def risk_model(decoder=RNNDecoder, **risk):
    model = tiny_model(decoder)
    model.compile(keras.optimizers.SGD(1.0), clip=None, risk=MinimumRisk(**{"sharpness": SHARPNESS, **risk}))
    return model


def candidate_ids():
    return tf.stack([rows(*sentence, length=6) for sentence in CANDIDATES])


def risk_batch():
    return {"source_ids": tiny_batch()["source_ids"], "candidate_ids": candidate_ids(), "costs": COSTS}


def log_prob(model, sentence, ids):
    """Of one candidate, alone and differentiable."""
    batch = {"source_ids": tiny_batch()["source_ids"][sentence : sentence + 1], "target_ids": tf.constant([ids])}
    return -tf.reduce_sum(tf.nn.sparse_softmax_cross_entropy_with_logits(ids[1:], model(batch)[0]))


def equation(model, gold):
    """The mean risk of a batch by section 3 of Shen et al. (2016), and the cross-entropy of a gold token."""
    risks = []
    for sentence, (candidates, costs) in enumerate(zip(CANDIDATES, COSTS, strict=True)):
        counted = np.flatnonzero(COUNTED[gold][sentence])
        powers = tf.stack([tf.exp(SHARPNESS * log_prob(model, sentence, candidates[i])) for i in counted])
        risks.append(tf.tensordot(powers / tf.reduce_sum(powers), costs[counted], 1))
    nll = -tf.add_n([log_prob(model, sentence, candidates[0]) for sentence, candidates in enumerate(CANDIDATES)])
    return tf.reduce_mean(risks), nll / 7  # tokens


@decoders
@pytest.mark.parametrize("gold, likelihood", [(True, 0.0), (False, 0.0), (True, 0.3)])
def test_risk_and_gradient_are_those_of_the_equations(decoder, gold, likelihood):
    model = risk_model(decoder, gold=gold, likelihood=likelihood)
    variables = [variable.value for variable in model.trainable_variables]
    with tf.GradientTape() as tape:
        risk, nll = equation(model, gold)
        scaled = (1 - likelihood) * risk / SHARPNESS + likelihood * nll
    gradients = tape.gradient(scaled, variables, unconnected_gradients="zero")
    before = [variable.numpy() for variable in model.trainable_variables]
    sums = model.update(risk_batch(), objective=minimum_risk)
    assert sums["tokens"] == 7
    np.testing.assert_allclose(sums["loss_sum"] / 7, (1 - likelihood) * risk + likelihood * nll, rtol=1e-12)
    np.testing.assert_allclose(sums["nll_sum"] / 7, nll, rtol=1e-12)
    for old, variable, gradient in zip(before, model.trainable_variables, gradients, strict=True):
        np.testing.assert_allclose(old - variable.numpy(), tf.convert_to_tensor(gradient), atol=1e-12)


@pytest.mark.parametrize("gold", [True, False])
def test_each_candidate_counts_once(gold):
    np.testing.assert_array_equal(distinct(candidate_ids(), gold), COUNTED[gold])


def test_a_candidate_of_no_probability_does_not_spoil_the_rest():
    """The log-probability of a very bad one, times any sharpness, is far from 0; the risk stays a number."""
    model = risk_model(sharpness=1e6)
    sums = model.update(risk_batch(), objective=minimum_risk)
    assert sums["finite"] and 0 <= sums["loss_sum"] / 7 <= 1


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"metric": "ter"}, "`metric` is one of 'BLEU', 'chrF', not 'ter'"),
        ({"candidates": 1}, "`candidates` is 1; it has to be between 2 and 1,000"),
        ({"search": "beam"}, "`search` is one of 'sample', 'n_best', not 'beam'"),
        ({"temperature": 0.0}, "`temperature` is 0.0; it has to be above 0 and at most 1,000,000"),
        ({"search": "n_best", "temperature": 0.7}, "`temperature` is 0.7, but n_best draws nothing"),
        ({"sharpness": 0.0}, "`sharpness` is 0.0; it has to be above 0 and at most 1,000,000"),
        ({"sharpness": float("inf")}, "`sharpness` is inf; it has to be above 0 and at most 1,000,000"),
        ({"likelihood": 1.0}, "`likelihood` is 1.0; it has to be at least 0 and below 1"),
    ],
)
def test_a_wrong_setting_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        MinimumRisk(**wrong)


@pytest.mark.parametrize(
    "risk, words",
    [
        ({}, "8 candidates of each sentence drawn at temperature 0.5; risk = expected 1 - sentence BLEU"),
        (
            {"search": "n_best", "candidates": 4, "gold": True, "metric": "chrF", "likelihood": 0.2},
            "4 candidates of each sentence from a beam search, and gold; "
            "risk = 0.8 * (expected 1 - sentence chrF) + 0.2 * cross-entropy of a gold token",
        ),
    ],
)
def test_what_is_risked_is_said_in_a_line(risk, words):
    assert MinimumRisk(**risk).in_words() == f"minimum risk: {words}"
