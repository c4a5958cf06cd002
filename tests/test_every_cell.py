"""What a model with each cell of the registry has to do: be saved, resumed and exported, and learn.

`layers/test_recurrent.py` checks the recurrence itself for all of `tiny.CELLS`. The results of both files, as a table:

    python -m pytest tests/layers/test_recurrent.py tests/test_every_cell.py -m "" --cells-table docs/recurrences.md
"""

from pathlib import Path

import equations
import keras
import numpy as np
import pytest
import tensorflow as tf
import tiny
from cells_table import HEADER
from tiny import BOS, EOS, Sized, tiny_batch

from seq2seq.layers import AdditiveAttention
from seq2seq.model import Adam, Encoder, RNNDecoder, Seq2Seq, load_model
from seq2seq.registry import CELLS
from seq2seq.search import Greedy, search
from seq2seq.training.checkpoints import Checkpoints
from seq2seq.translator.export import to_onnx
from seq2seq.translator.onnx_engine import OnnxEngine

FIRST_DIGIT, NUM_IDS = 4, 14

every_cell = pytest.mark.parametrize("cell", list(CELLS))


def model_with(cell, units=12):
    """A new model with this cell in the encoder, both ways, and in the decoder. The same each time."""
    keras.utils.set_random_seed(1)
    cell = CELLS[cell](units)
    return Seq2Seq(Encoder(NUM_IDS, 16, cell), RNNDecoder(NUM_IDS, 16, cell, AdditiveAttention(units)))


@every_cell
def test_has_an_equation_and_is_checked_against_it(cell):
    kind = CELLS[cell]
    assert kind.__name__ in equations.CELL_EQUATIONS, f"write the equation of {cell} in NumPy: see support/equations.py"
    tested = [type(make()) for make in tiny.CELLS.values()]
    assert kind in tested, f"add {cell} to CELLS in support/tiny.py, over which layers/test_recurrent.py runs"


def test_the_page_shows_what_every_cell_passed():
    page = (Path(__file__).parents[1] / "docs" / "recurrences.md").read_text("utf-8")
    rows = page.partition(HEADER)[2].partition("\n\n")[0].splitlines()[2:]
    assert rows == [f"| `{cell}` |" + " yes |" * (HEADER.count("|") - 2) for cell in CELLS], "run the command above"


@every_cell
def test_saved_and_loaded_it_gives_the_same_logits(cell, tmp_path):
    model = tiny.randomise(model_with(cell))
    model.save(tmp_path / "model.keras")
    loaded = load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(tiny_batch()), model(tiny_batch()))
    assert loaded.get_config() == model.get_config()


@pytest.mark.slow
@every_cell
def test_a_run_resumed_from_a_checkpoint_ends_with_the_same_weights(cell, tmp_path):
    def variables(model):
        return [*model.variables, *model.optimizer.variables]

    whole, resumed = model_with(cell), tiny.randomise(model_with(cell))
    for model in (whole, resumed):
        model.compile(Adam(0.01))
    whole.update(tiny_batch())
    Checkpoints(tmp_path, variables(whole), keep_last=1).save(1, {})
    whole.update(tiny_batch())
    Checkpoints(tmp_path, variables(resumed), keep_last=1).restore_newest()
    resumed.update(tiny_batch())
    for ours, theirs in zip(variables(resumed), variables(whole), strict=True):
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy(), err_msg=ours.path)


@pytest.mark.slow
@every_cell
def test_exported_it_translates_alike_without_tensorflow(cell):
    """It finds what is likeliest to the Keras model, token by token, with the same log-probabilities."""
    model, longest = tiny.randomise(model_with(cell)), 7
    engine = OnnxEngine(to_onnx(model), None, Sized(NUM_IDS), max_source_length=9)
    sources = tiny_batch()["source_ids"]
    found = search(engine, sources.numpy(), Greedy(np.full(len(sources), longest)))
    ids = found.ids[:, 0]
    read = np.concatenate([np.full((len(ids), 1), BOS), ids], axis=1)
    log_probs = tf.nn.log_softmax(model({"source_ids": sources, "target_ids": read})).numpy()
    is_token = ids != 0
    of_tokens = np.take_along_axis(log_probs, ids[..., np.newaxis], axis=-1)[..., 0]
    np.testing.assert_allclose(found.log_probs[:, 0], np.sum(of_tokens * is_token, axis=1), rtol=1e-5)
    likeliest = EOS + np.argmax(log_probs[..., EOS:], axis=-1)  # search never chooses the other special ids
    is_chosen = is_token & (np.arange(ids.shape[1]) < longest - 1)  # the last one has to be EOS
    np.testing.assert_array_equal(ids[is_chosen], likeliest[is_chosen])


@pytest.mark.slow
@every_cell
def test_learns_to_reverse_digits(cell):
    """Five of ten digits. At most one in ten test strings also occurs in training, and 95 % have to come out exact."""
    model, rng = model_with(cell, units=40), np.random.default_rng(1)

    def batch(size):
        digits = FIRST_DIGIT + rng.integers(10, size=(size, 5), dtype=np.int32)
        bos, eos = np.full((size, 1), BOS, np.int32), np.full((size, 1), EOS, np.int32)
        target = np.concatenate([bos, digits[:, ::-1], eos], axis=1)
        return {"source_ids": tf.constant(np.concatenate([digits, eos], axis=1)), "target_ids": tf.constant(target)}

    test = batch(200)
    model.compile(Adam(0.01))
    update = tf.function(model.update, autograph=False)
    for _ in range(200):
        update(batch(64))
    right = np.argmax(model(test), axis=-1) == test["target_ids"][:, 1:].numpy()
    exact = np.mean(np.all(right, axis=1))
    assert exact >= 0.95, f"{exact:.0%} of the strings"
