"""The next token as the objective: the state is carried over windows, gradients are not."""

import numpy as np
import tensorflow as tf
from gradients import check_gradients, named
from tiny import CELLS, EOS, VOCAB_SIZE, randomise

from seq2seq.model import Adam, LanguageModel, NextToken

TEXT = tf.constant([[EOS, 4, 5, 6, 7, 8, 4], [EOS, 5, 5, 4, 8, EOS, 0]])  # two streams, the second one shorter


def language_model(dtype="float64", cell="lstm", num_layers=2, **options):
    cell = CELLS[cell](dtype=dtype)
    return randomise(LanguageModel(VOCAB_SIZE, 4, cell, num_layers=num_layers, dtype=dtype, **options))


def windows(size=3):
    return [{"target_ids": TEXT[:, start : start + size + 1]} for start in range(0, TEXT.shape[1] - 1, size)]


def test_windows_with_the_state_carried_add_up_to_the_whole_text():
    model = language_model()
    whole = NextToken()(model, {"target_ids": TEXT}, None)
    assert whole["tokens"] == 6 + 5 and NextToken().variables == ()
    carried = NextToken(model, num_streams=2)
    for _ in range(2):  # a second epoch begins with zeros again
        parts = [carried(model, window, None) for window in windows()]
        for name, total in whole.items():
            np.testing.assert_allclose(sum(float(part[name]) for part in parts), float(total), rtol=1e-13)
    np.testing.assert_allclose(whole["nll_sum"], model.evaluate_batch({"target_ids": TEXT})["nll_sum"], rtol=1e-13)


def test_gradients_end_at_the_beginning_of_a_window():
    model = language_model(cell="elman", residual=True, dropout=0.3, recurrent_dropout=0.3, word_dropout=0.3)
    first, second = windows()
    carried = NextToken(model, num_streams=2)
    carried(model, first, None)
    state = [variable.numpy() for variable in carried.variables]

    def loss():
        for variable, value in zip(carried.variables, state, strict=True):
            variable.assign(value)
        return carried(model, second, tf.constant([1, 2]))["loss_sum"]

    check_gradients(loss, named(model))  # finite differences with the state before it held fixed


def test_the_state_belongs_to_checkpoints_but_not_to_the_model():
    model = language_model()
    carried = NextToken(model, num_streams=2)
    assert [tuple(variable.shape) for variable in carried.variables] == [(2, 3)] * 4 + [(2,)]  # h and c twice, t
    assert not {id(variable) for variable in carried.variables} & {id(weight) for weight in model.weights}


def test_an_update_carries_the_state_on_and_nothing_that_is_not_finite():
    model = language_model("float32", cell="elman", num_layers=1)
    model.compile(Adam(0.01))
    carried = NextToken(model, num_streams=2)
    hidden = carried.state["layers"][0]["hidden"]
    for window in windows():
        before = hidden.numpy()
        assert model.update(window, carried)["finite"] and (hidden.numpy() != before).all()
    assert carried.state["t"].numpy().tolist() == [6, 6]
    model.embedding.table.assign(np.full(model.embedding.table.shape, np.nan))
    assert not model.update(windows()[1], carried)["finite"]
    assert not hidden.numpy().any()


def test_it_reports_the_mean():
    assert NextToken().report({"nll_sum": 20.0, "loss_sum": 20.0, "tokens": 10}) == {"train_loss": 2.0}
    assert NextToken().report({}) == {"train_loss": ""}
