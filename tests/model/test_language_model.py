"""The language model against its equations, in float64, and as the engine of a search."""

import equations
import numpy as np
import pytest
import tensorflow as tf
from tiny import BOS, CELLS, EOS, UNITS, VOCAB_SIZE, randomise, rebuilt, rows

from seq2seq.layers import GRU
from seq2seq.model import LanguageModel, load_model
from seq2seq.text import CharacterTokenizer

DROPOUT = {"dropout": 0.3, "recurrent_dropout": 0.3, "word_dropout": 0.3}
SOME = ["gru_after", "slow_units", "min_gru"]  # two parts and a count of steps; linear. The others: test_recurrent.py
IDS = tf.constant([[EOS, 4, 5, 6, 7], [8, 7, 6, EOS, 4]])


def language_model(cell="gru_after", *, dtype="float64", embedding_dim=4, **options):
    model = LanguageModel(VOCAB_SIZE, embedding_dim, CELLS[cell](dtype=dtype), dtype=dtype, **options)
    return randomise(model)


def assert_equal(one, other, tolerance=1e-13):
    tf.nest.map_structure(lambda x, y: np.testing.assert_allclose(x, y, atol=tolerance, rtol=0), one, other)


@pytest.mark.parametrize(
    "options", [{"num_layers": 2}, {"num_layers": 3, "residual": True}, {"embedding_dim": UNITS, "tied_output": True}]
)
def test_logits_are_those_of_the_equations(options):
    model = language_model(**options)
    table = model.embedding.table.numpy()
    output = equations.weights_of(model.output_layer)
    kernel = table if model.tied_output else output["table"]
    for row in range(2):
        x = table[IDS[row, :-1].numpy()]
        for layer in model.recurrent:
            outputs, _ = equations.run(layer.cell, x)
            x = outputs + x if model.residual and outputs.shape == x.shape else outputs
        expected = x @ kernel.T + output["bias"]
        np.testing.assert_allclose(model(IDS)[row], expected, atol=1e-12)


@pytest.mark.parametrize("cell", SOME)
def test_a_text_read_at_once_equals_windows_and_single_steps(cell):
    model = language_model(cell, num_layers=2)
    whole, last = model.features(IDS, model.start(2))
    for sizes in ([2, 3], [1] * 5):
        parts, state = [], model.start(2)
        for part in tf.split(IDS, sizes, axis=1):
            features, state = model.features(part, state)
            parts.append(features)
        assert_equal(tf.concat(parts, axis=1), whole)
        assert_equal(state, last)


def test_dropout_follows_from_the_seed():
    model, seed = language_model(**DROPOUT), tf.constant([1, 2])
    assert_equal(model(IDS, seed=seed), model(IDS, seed=seed), 0)
    assert np.abs(model(IDS, seed=seed) - model(IDS)).max() > 0.1


@pytest.mark.parametrize("cell", SOME)
def test_a_search_goes_on_where_the_prompt_ends(cell):
    """Prompts of two, one and no characters, padded; the first step of a search reads BOS."""
    model = language_model(cell)
    prompts = [[4, 5], [6], []]
    for end in ([], [EOS]):  # with and without the end that translation puts behind a source
        memory, state = model.memory(rows(*([*prompt, *end] for prompt in prompts), length=4))
        assert memory == {}
        for ids, next_ids in ((tf.fill((3,), BOS), None), (tf.constant([7, 8, 4]), [7, 8, 4])):
            features, attention, state = model.step(ids, state, memory)
            prompts_read = [
                [EOS, *prompt, *([token] if next_ids else [])]
                for prompt, token in zip(prompts, next_ids or [0] * 3, strict=True)
            ]
            expected = [model.features(tf.constant([read]), model.start(1))[0][0, -1] for read in prompts_read]
            assert attention is None
            assert_equal(features, tf.stack(expected))


def test_validation_sums_are_those_of_a_log_softmax():
    model, ids = language_model(), rows([EOS, 4, 5, 6], [8, 7], length=5)
    labels = ids[:, 1:].numpy()
    log_probs = equations.log_softmax(model(ids).numpy())
    nll = -np.take_along_axis(log_probs, labels[:, :, np.newaxis], 2)[:, :, 0][labels != 0].sum()
    sums = model.evaluate_batch({"target_ids": ids})
    np.testing.assert_allclose([sums["nll_sum"], sums["loss_sum"]], nll, rtol=1e-13)
    assert sums["tokens"] == 4
    state, total = model.start(2), 0.0
    for part in (ids[:, :3], ids[:, 2:]):
        sums, state = model.evaluate_window(part, state)
        total += sums["nll_sum"]
    np.testing.assert_allclose(total, nll, rtol=1e-13)


def test_rebuilt_and_loaded_models_are_equal(tmp_path):
    tokenizer = CharacterTokenizer.train(["hello"])
    options = {"num_layers": 2, "residual": True, "tied_output": True, **DROPOUT}
    model = LanguageModel(tokenizer.vocab_size, 3, GRU(3, reset="before"), tokenizer=tokenizer, **options)
    model.save(tmp_path / "language_model.keras")
    loaded = load_model(tmp_path, "language_model")
    assert loaded.tokenizer == tokenizer and loaded.get_config() == model.get_config()
    ids = IDS % tokenizer.vocab_size
    np.testing.assert_array_equal(loaded(ids), model(ids))
    assert rebuilt(language_model()).dtype == "float64" and rebuilt(model).tokenizer is None
    with pytest.raises(ValueError, match="is a language model, not a translator. Use: seq2seq sample"):
        load_model(tmp_path / "language_model.keras", "translator")


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="at least 1 layer, not 0"):
        LanguageModel(9, 4, GRU(3), num_layers=0)
    with pytest.raises(ValueError, match="reads 4 features.* cell gives 3. Give embedding_dim=3"):
        LanguageModel(9, 4, GRU(3), tied_output=True)
    with pytest.raises(ValueError, match="has 9 ids, but its tokenizer has 8"):
        LanguageModel(9, 4, GRU(3), tokenizer=CharacterTokenizer.train(["hello"]))
