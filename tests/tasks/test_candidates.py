import keras
import numpy as np
import pytest
from tiny import BOS, EOS, PAD, VOCAB_SIZE, tiny_batch, tiny_model

from seq2seq.layers.outputs import OUTPUTS
from seq2seq.model import Adam, ConditionalDecoder, MinimumRisk, RiskOptions
from seq2seq.search import Beam, Greedy, search
from seq2seq.tasks.candidates import MOST_EXTRA, Candidates, costs_of, make_candidates
from seq2seq.text import Tokenizer
from seq2seq.text.scores import sentence_scores
from seq2seq.translator.tensorflow_engine import TensorFlowEngine

LINES = ["der Hund sieht die Katze", "die Katze", "der Hund sieht den Vogel"]


@pytest.mark.parametrize("metric", ["BLEU", "chrF"])
def test_costs_are_what_the_metric_lacks_of_the_text(metric):
    tokenizer = Tokenizer.train(LINES * 20, kind="word", vocab_size=12)
    ids = np.zeros((2, 3, 8), np.int32)  # the last candidate of the second sentence does not exist
    for sentence, lines in enumerate([LINES, [LINES[1], LINES[0]]]):
        for candidate, line in enumerate(lines):
            encoded = [2, *tokenizer.encode([line])[0], 3]
            ids[sentence, candidate, : len(encoded)] = encoded
    found = costs_of(ids, tokenizer, metric)
    beside_first = sentence_scores(LINES[1:], [LINES[0]] * 2, metric=metric)
    (beside_second,) = sentence_scores([LINES[0]], [LINES[1]], metric=metric)
    expected = [[0, *(1 - np.array(beside_first) / 100)], [0, 1 - beside_second / 100, 1]]
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert 0 < found[0, 2] < found[0, 1] < 1  # what shares more words costs less


@pytest.mark.parametrize(("tokenize", "between"), [("auto", (0.1, 0.9)), ("char", (0.1, 0.9)), ("13a", (1, 1))])
def test_text_without_spaces_costs_by_its_characters(tokenize, between):
    lines = ["两只狗在公园里跑", "两只猫在公园里跑"]
    tokenizer = Tokenizer.train(lines * 20, kind="word", vocab_size=6)
    ids = np.array([[[2, *tokenizer.encode([line])[0], 3] for line in lines]], np.int32)
    ((gold, other),) = costs_of(ids, tokenizer, "BLEU", tokenize)
    assert gold == pytest.approx(0, abs=1e-6) and between[0] <= other <= between[1]


def made(ending="end_symbol", **risk):
    model = tiny_model(options={"ending": ending, "num_lengths": 5})
    options = RiskOptions(metric="bleu", **risk)
    return model, make_candidates(TensorFlowEngine(model), tiny_batch(), options, seed=(0, 0))


@pytest.mark.parametrize("ending", OUTPUTS)
def test_gold_comes_first_and_drawn_candidates_after_it(ending):
    """A predicted length is no token of a candidate."""
    _, ids = made(ending, candidates=5)
    gold = tiny_batch()["target_ids"].numpy()
    assert ids.shape[:2] == (2, 6)
    np.testing.assert_array_equal(ids[:, 0, :6], gold)
    assert not ids[:, 0, 6:].any()
    for longest, sentence in zip((5, 2), ids, strict=True):
        for candidate in sentence:
            length = np.count_nonzero(candidate)
            assert candidate[0] == BOS and candidate[length - 1] == EOS and not candidate[length:].any()
            assert length - 1 <= longest + MOST_EXTRA
    assert len({tuple(candidate) for candidate in ids[0]}) > 2


def searched(chooser, model, **options):
    """What a search finds that may go as far as candidates do."""
    max_lengths = np.array([5 + MOST_EXTRA, 2 + MOST_EXTRA])
    source_ids = tiny_batch()["source_ids"].numpy()
    return search(TensorFlowEngine(model), source_ids, chooser(max_lengths, length_penalty=0.0, **options))


def test_drawn_at_a_low_temperature_all_candidates_are_the_greedy_translation():
    model, ids = made(temperature=1e-4, candidates=3)
    greedy = searched(Greedy, model).ids  # (B, 1, T)
    np.testing.assert_array_equal(ids[:, 1:, 1 : greedy.shape[2] + 1], np.repeat(greedy, 3, axis=1))
    assert not ids[:, 1:, greedy.shape[2] + 1 :].any()


def test_n_best_candidates_are_those_of_a_beam_search():
    model, ids = made(search="n_best", candidates=4)
    found = searched(Beam, model, beam_size=4, n_best=4)
    for candidate, best, length in zip(
        ids[:, 1:].reshape(8, -1), found.ids.reshape(8, -1), found.lengths.ravel(), strict=True
    ):
        assert candidate[1 : length + 1].tolist() == best[:length].tolist()
        assert candidate[0] == (BOS if length else PAD)


def updates_of(model, **options):
    """A function that makes an update by minimum risk from a batch."""
    options = RiskOptions(metric="bleu", **options)
    objective = MinimumRisk(options, Candidates(TensorFlowEngine(model), options, tokenize="auto"))
    return lambda batch: model.update(objective.inputs(model, batch), objective)


def test_updates_make_cheap_translations_likelier(monkeypatch):
    """The cost: whether token 5 is missing. A model that learns from its own draws comes to say it nearly always."""
    model = tiny_model(ConditionalDecoder, dtype="float32")
    model.compile(keras.optimizers.SGD(2.0), clip=None)
    costs = []

    def missing(candidate_ids, tokenizer, metric, tokenize):
        costs.append(np.all(candidate_ids != 5, axis=2).astype(np.float32))
        return costs[-1]

    monkeypatch.setattr("seq2seq.tasks.candidates.costs_of", missing)
    update = updates_of(model, sharpness=1.0)
    for _ in range(60):
        update(tiny_batch())
    first, last = (np.mean([cost[:, 1:] for cost in part]) for part in (costs[:5], costs[-5:]))
    assert first > 0.3 and last < 0.1


def test_an_update_follows_from_the_weights_and_the_update_number():
    """One that goes on from the weights and the optimizer of another makes the same draws, and learns the same."""

    def update_of(model):
        model.target_tokenizer = Tokenizer.train(["a b c d e"], kind="word", vocab_size=VOCAB_SIZE)
        model.compile(Adam(0.1))
        return model, updates_of(model, sharpness=0.5, candidates=3)

    options = {"dtype": "float32", "options": {"dropout": 0.3}}
    (whole, update), (other, go_on) = (update_of(tiny_model(**options, seed=seed)) for seed in (0, 1))
    losses = [float(update(tiny_batch())["loss_sum"])]
    for mine, its in zip(
        other.weights + other.optimizer.variables, whole.weights + whole.optimizer.variables, strict=True
    ):
        mine.assign(its)
    for _ in range(2):
        losses.append(float(update(tiny_batch())["loss_sum"]))
        assert float(go_on(tiny_batch())["loss_sum"]) == losses[-1]
    assert len(set(losses)) == 3
    for mine, its in zip(other.weights, whole.weights, strict=True):
        np.testing.assert_array_equal(mine.numpy(), its.numpy())
