"""The risk is that of the paper, and so is its gradient, although it is taken from a cross-entropy."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from tiny import BOS, EOS, PAD, rows, tiny_batch, tiny_model

from seq2seq.model import ConditionalDecoder, InputFeedingDecoder, MinimumRisk, RiskOptions, RNNDecoder
from seq2seq.model.objectives.minimum_risk import distinct

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


def risk_model(decoder=RNNDecoder):
    model = tiny_model(decoder)
    model.compile(keras.optimizers.SGD(1.0), clip=None)
    return model


def minimum_risk(**options):
    """The objective, for candidates that are there already."""
    options = RiskOptions(metric="bleu", **{"sharpness": SHARPNESS, **options})
    return MinimumRisk(options, candidates=lambda batch, part: batch)


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


@pytest.mark.parametrize(
    "decoder, gold, likelihood",
    [(RNNDecoder, True, 0.0), (InputFeedingDecoder, False, 0.0), (ConditionalDecoder, True, 0.3)],
)
def test_risk_and_gradient_are_those_of_the_equations(decoder, gold, likelihood):
    model = risk_model(decoder)
    variables = [variable.value for variable in model.trainable_variables]
    with tf.GradientTape() as tape:
        risk, nll = equation(model, gold)
        scaled = (1 - likelihood) * risk / SHARPNESS + likelihood * nll
    gradients = tape.gradient(scaled, variables, unconnected_gradients="zero")
    before = [variable.numpy() for variable in model.trainable_variables]
    sums = model.update(risk_batch(), minimum_risk(gold=gold, likelihood=likelihood))
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
    sums = risk_model().update(risk_batch(), minimum_risk(sharpness=1e6))
    assert sums["finite"] and 0 <= sums["loss_sum"] / 7 <= 1


def test_its_inputs_are_made_of_a_batch_by_the_candidates():
    objective = MinimumRisk(RiskOptions(metric="bleu"), candidates=lambda batch, part: {"made of": (batch, part)})
    assert objective.inputs(None, {"source_ids": 1}, part=2) == {"made of": ({"source_ids": 1}, 2)}
    assert set(objective.signature({"source_ids": None, "target_ids": None})) == set(risk_batch())


def test_it_reports_risk_and_plain_loss_of_a_token():
    figures = minimum_risk().report({"loss_sum": 3.0, "nll_sum": 20.0, "tokens": 10, "replaced": 0})
    assert figures == {"replaced": 0.0, "train_loss": 2.0, "train_risk": 0.3}
    assert minimum_risk().summary(figures) == ["train risk 0.300"]
