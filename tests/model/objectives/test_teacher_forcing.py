"""The cross-entropy of each gold token, by NumPy."""

import equations
import numpy as np
import pytest
from tiny import pair, tiny_batch, tiny_model

from seq2seq.model import TeacherForcing


def log_probs_of(model, batch):
    """Sums over real target tokens of -log p, and of the mean over all ids of -log p; and the number of tokens."""
    labels = batch["target_ids"][:, 1:].numpy()
    log_probs = equations.log_softmax(model(batch).numpy())
    real = labels != 0
    chosen = np.take_along_axis(log_probs, labels[:, :, np.newaxis], 2)[:, :, 0]
    return -chosen[real].sum(), -log_probs.mean(-1)[real].sum(), real.sum()


@pytest.mark.parametrize("label_smoothing", [0.0, 0.2])
def test_sums_are_those_of_a_log_softmax_over_real_tokens(label_smoothing):
    """In training and in validation, for a batch and for its pairs one by one."""
    model, batch = tiny_model(label_smoothing=label_smoothing), tiny_batch()
    nll, uniform, tokens = log_probs_of(model, batch)
    smoothed = (1 - label_smoothing) * nll + label_smoothing * uniform
    alone = [model.evaluate_batch(pair(batch, number)) for number in range(2)]
    added = {name: sum(float(sums[name]) for sums in alone) for name in ("loss_sum", "nll_sum", "tokens")}
    for sums in (TeacherForcing()(model, batch, None), model.evaluate_batch(batch), added):
        np.testing.assert_allclose(sums["nll_sum"], nll, rtol=1e-13)
        np.testing.assert_allclose(sums["loss_sum"], smoothed, rtol=1e-13)
        assert sums["tokens"] == tokens == 5 + 2


def test_it_replaces_nothing_and_reports_means():
    sums = TeacherForcing()(tiny_model(), tiny_batch(), None)
    assert sums["replaced"] == 0 and TeacherForcing().schedule(5) == {"gold_probability": 1.0}
    figures = TeacherForcing().report({"loss_sum": 30.0, "nll_sum": 20.0, "tokens": 10, "replaced": 0})
    assert figures == {"replaced": 0.0, "train_loss": 2.0, "train_smoothed_loss": 3.0}
    nothing = TeacherForcing().report({})
    assert set(nothing.values()) == {""} and TeacherForcing().summary(nothing) == []
