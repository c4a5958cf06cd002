import keras
import numpy as np
from tiny import tiny_batch, tiny_model
from trainers import NextToken, batch, compiled_bigram

from seq2seq.model.objectives import TeacherForcing
from seq2seq.tasks.pipeline import BATCH_SIGNATURE
from seq2seq.training.updates import Updates


def halves(batch):
    return [{name: ids[row : row + 1] for name, ids in batch.items()} for row in (0, 1)]


def test_accumulated_batches_count_as_one_large_batch():
    """A long pair and a short one: the mean over tokens is not the mean of the two means."""
    sums, weights = [], []
    for batches in ([tiny_batch()], halves(tiny_batch())):
        model = tiny_model()
        model.compile(keras.optimizers.SGD(0.5))
        sums.append(Updates(model, BATCH_SIGNATURE)(TeacherForcing(), batches))
        weights.append([weight.numpy() for weight in model.weights])
    whole, parts = sums
    assert whole["tokens"] == parts["tokens"] == 7 and parts["finite"]
    np.testing.assert_allclose(parts["loss_sum"], whole["loss_sum"], rtol=1e-12)
    np.testing.assert_allclose(parts["gradient_norm"], whole["gradient_norm"], rtol=1e-12)
    for ours, theirs in zip(*weights, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-14)


def test_each_micro_batch_has_dropout_of_its_own():
    """Bigram drops by the seed: the same batch twice would else have the same gradient twice."""
    model = compiled_bigram()
    updates = Updates(model, BATCH_SIGNATURE)
    before = model.optimizer.iterations.numpy()
    once = updates(NextToken(), [batch(1)])["loss_sum"]
    model.optimizer.iterations.assign(before)
    twice = updates(NextToken(), [batch(1), batch(1)])["loss_sum"]
    assert twice != 2 * once


def test_an_objective_is_traced_once():
    updates, objective = Updates(compiled_bigram(), BATCH_SIGNATURE), NextToken()
    assert updates._whole(objective) is updates._whole(objective)
