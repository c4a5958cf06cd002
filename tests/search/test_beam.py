import numpy as np
import pytest
from letters import LetterEngine, beam_search, greedy_search, ranked, reading_memory, sequences

from seq2seq.search import length_penalty

EOS, A, B = 3, 4, 5
EVERYTHING = 40  # sequences of at most 4 tokens over three letters: 1 + 3 + 9 + 27


@pytest.mark.parametrize("alpha", [0.0, 0.6, 1.5])
def test_a_beam_wide_enough_finds_every_sequence_in_order(letter_model, alpha):
    for seed in range(3):
        model = letter_model(seed)
        truth = model.every_sequence(4)
        found = beam_search(
            model.engine(),
            max_lengths=[4],
            beam_size=EVERYTHING,
            n_best=EVERYTHING,
            length_penalty=alpha,
        )
        assert sequences(found) == ranked(truth, alpha)
        np.testing.assert_allclose(found.log_probs[0], [truth[ids] for ids in sequences(found)], rtol=1e-5)


def test_closing_a_sentence_early_does_not_change_the_best(letter_model):
    for seed in range(10):
        # 27 live prefixes are all there are; only the bound under the length penalty closes the sentence.
        model = letter_model(seed, spread=3.0)
        truth = model.every_sequence(4)
        for alpha in (0.0, 1.0):
            found = beam_search(
                model.engine(),
                max_lengths=[4],
                beam_size=27,
                n_best=3,
                length_penalty=alpha,
                early_stop=False,
            )
            assert sequences(found) == ranked(truth, alpha)[:3]


def test_the_bound_closes_a_sentence_as_soon_as_nothing_can_beat_its_best():
    row = np.log(np.array([1e-9, 1e-9, 1e-9, 0.9, 0.06, 0.04], np.float32))

    def sizes(**options):
        engine = LetterEngine(lambda ids, state, memory: (np.tile(row, (len(ids), 1)), None, state))
        beam_search(engine, max_lengths=[50], beam_size=2, early_stop=False, **options)
        return engine.sizes

    assert sizes(length_penalty=0.0) == [1]  # 0.9 has ended, 0.06 lives: at most 0.06 can come of it
    # with the penalty log(0.06) / (55 / 6) = -0.31 is below log(0.9) = -0.11: closed at once as well
    assert sizes(length_penalty=1.0) == [1]
    assert len(sizes(n_best=2, length_penalty=0.0)) == 2  # the second best is known one step later: 0.06 * 0.9


def test_a_beam_of_one_is_greedy_search(letter_model):
    for seed in range(5):
        model = letter_model(seed, num_sentences=6)
        options = {"max_lengths": [1, 2, 3, 4, 5, 5], "min_length": 2, "length_penalty": 0.7}
        greedy = greedy_search(model.engine(), **options)
        beam = beam_search(model.engine(), beam_size=1, **options)
        width = greedy.ids.shape[-1]
        for name in ("lengths", "scores", "log_probs"):
            np.testing.assert_array_equal(getattr(beam, name), getattr(greedy, name))
        np.testing.assert_array_equal(beam.ids, greedy.ids[..., : beam.ids.shape[-1]])
        np.testing.assert_array_equal(beam.attention, greedy.attention[:, :, : beam.ids.shape[-1]])
        assert beam.ids.shape[-1] == width


@pytest.mark.parametrize("early_stop", [True, False])
def test_a_batch_equals_its_sentences_one_by_one(letter_model, early_stop):
    model = letter_model(seed=7, num_sentences=6, spread=2.0)
    max_lengths = [1, 2, 3, 5, 5, 4]
    options = {"beam_size": 3, "n_best": 3, "early_stop": early_stop}
    batch = beam_search(model.engine(), max_lengths=max_lengths, **options)
    for sentence, max_length in enumerate(max_lengths):
        alone = beam_search(model.engine([sentence]), max_lengths=[max_length], **options)
        assert sequences(batch, sentence) == sequences(alone)
        np.testing.assert_allclose(batch.log_probs[sentence], alone.log_probs[0], rtol=1e-6)
        np.testing.assert_allclose(batch.scores[sentence], alone.scores[0], rtol=1e-6)
        width = alone.ids.shape[-1]
        np.testing.assert_array_equal(batch.attention[sentence, :, :width], alone.attention[0])


def test_scores_and_attention_are_those_of_the_returned_ids(letter_model):
    for seed in range(5):
        model = letter_model(seed, num_sentences=4)
        found = beam_search(model.engine(), max_lengths=[3, 4, 5, 5], beam_size=4, n_best=4)
        for sentence in range(4):
            for rank, ids in enumerate(sequences(found, sentence)):
                if not ids:  # the first sentence may have fewer than four
                    continue
                log_prob, attention = model.read(ids, sentence)
                assert float(found.log_probs[sentence, rank]) == pytest.approx(log_prob, abs=1e-4)
                np.testing.assert_array_equal(found.attention[sentence, rank, : len(ids)], attention)
                assert not found.attention[sentence, rank, len(ids) :].any()
        np.testing.assert_allclose(
            found.scores,
            np.where(found.lengths > 0, found.log_probs / length_penalty(found.lengths, 1.0), -np.inf),
        )


def test_hypotheses_are_sorted_distinct_and_end_once(letter_model):
    model = letter_model(seed=3, num_sentences=8, spread=0.5)
    found = beam_search(model.engine(), max_lengths=[5] * 8, beam_size=6, n_best=5)
    assert (np.diff(found.scores) <= 0).all()
    for sentence in range(8):
        hypotheses = sequences(found, sentence)
        assert len(set(hypotheses)) == 5
        for ids in hypotheses:
            assert ids.count(EOS) == 1
            assert ids[-1] == EOS
            assert not set(ids) & {0, 1, 2}


def test_minimum_and_maximum_length_of_each_sentence(letter_model):
    model = letter_model(seed=2, num_sentences=3)
    found = beam_search(model.engine(), max_lengths=[1, 3, 5], min_length=3, beam_size=4, n_best=4)
    assert found.lengths[0].tolist() == [1, 0, 0, 0]  # one sequence has one token; the maximum holds
    assert found.lengths[1].tolist() == [3] * 4
    assert set(found.lengths[2]) <= {3, 4, 5}
    truth = model.every_sequence(3, sentence=1, min_length=3)
    wide = beam_search(model.engine(), max_lengths=[1, 3, 5], min_length=3, beam_size=9, n_best=9)
    assert sequences(wide, 1) == ranked(truth, 1.0)


def test_missing_hypotheses_have_length_0_and_score_minus_infinity(constant_model):
    found = beam_search(constant_model({EOS: 0.5, A: 0.5}), max_lengths=[1], beam_size=3, n_best=3)
    assert found.lengths.tolist() == [[1, 0, 0]]
    assert found.scores[0, 1:].tolist() == [-np.inf, -np.inf]
    assert found.ids.tolist() == [[[EOS], [0], [0]]]


def test_live_hypotheses_are_finished_at_the_maximum_though_the_model_forbids_it(constant_model):
    found = beam_search(constant_model({A: 0.75, B: 0.25}), max_lengths=[3], beam_size=2)
    assert found.ids.tolist() == [[[A, A, EOS]]]
    assert np.isfinite(found.log_probs).all()


def test_ties_are_settled_by_order(constant_model):
    step = constant_model({EOS: 0.25, A: 0.25, B: 0.25, 6: 0.25})
    found = beam_search(step, max_lengths=[2], beam_size=4, n_best=4, length_penalty=0.0)
    assert sequences(found) == [(EOS,), (A, EOS), (B, EOS), (6, EOS)]
    again = beam_search(step, max_lengths=[2], beam_size=4, n_best=4, length_penalty=0.0)
    assert sequences(again) == sequences(found)


def test_the_end_wins_over_an_equal_word(constant_model):
    found = beam_search(constant_model({EOS: 0.5, A: 0.5}), max_lengths=[3], beam_size=1, length_penalty=0.0)
    assert sequences(found) == [(EOS,)]


@pytest.mark.parametrize(("early_stop", "expected"), [(True, 3), (False, 4)])
def test_early_stop_closes_a_sentence_once_no_live_hypothesis_scores_higher(constant_model, early_stop, expected):
    # Scores with alpha 1. Ended: end -0.92, "a end" -1.22. Live: "a a" -0.88 looks better than the best,
    # "a a a" -1.15 does not. At the maximum of 8 tokens, free of charge, it could still come to
    # -1.53 / (13 / 6) = -0.71; four letters could not (-0.94).
    engine = constant_model({EOS: 0.4, A: 0.6})
    found = beam_search(engine, max_lengths=[8], beam_size=2, early_stop=early_stop)
    assert found.ids.tolist() == [[[EOS]]]
    assert len(engine.sizes) == expected


def test_improbable_early_ends_do_not_close_a_sentence(constant_model):
    # Ends are the second best proposal at each position, so among the best two, but a thousand times less
    # probable than the best.
    def step(ids, state, memory):
        position = state + 1
        logits = np.zeros((len(ids), 7))
        logits[:, EOS] += 0.1
        logits[np.arange(len(ids)), np.where(position == 5, EOS, A)] += 7.0
        return logits - np.log(np.exp(logits).sum(-1, keepdims=True)), None, position

    found = beam_search(LetterEngine(step), max_lengths=[20], beam_size=2, length_penalty=0.0)
    assert sequences(found) == [(A, A, A, A, EOS)]


def test_a_model_may_have_neither_attention_nor_state(constant_model):
    found = beam_search(constant_model({EOS: 0.6, A: 0.4}), max_lengths=[3, 3], beam_size=2)
    assert found.attention is None
    assert found.ids.tolist() == [[[EOS]], [[EOS]]]


def test_a_beam_wider_than_the_vocabulary(letter_model):
    model = letter_model(seed=0)
    found = beam_search(model.engine(), max_lengths=[2], beam_size=30, n_best=4)
    assert len(set(sequences(found))) == 4


def test_nan_from_the_model_gives_no_hypothesis():
    engine = LetterEngine(lambda ids, state, memory: (np.full((len(ids), 6), np.float32(np.nan)), None, state))
    found = beam_search(engine, max_lengths=[5], beam_size=2, n_best=2)
    assert found.lengths.tolist() == [[0, 0]]
    assert (found.scores == -np.inf).all()
    assert not found.ids.any()


def test_memory_is_that_of_the_sentence_also_when_others_have_left(letter_model):
    """The model reads from memory which sentence it is at; twelve short ones leave before the long ones end."""
    engine, model = reading_memory(letter_model), letter_model(seed=3, num_sentences=16)
    found = beam_search(engine, max_lengths=[1] * 12 + [7] * 4, beam_size=3)
    for sentence in range(16):
        (ids,) = sequences(found, sentence)
        assert float(found.log_probs[sentence, 0]) == pytest.approx(model.read(ids, sentence)[0], abs=1e-5)
    assert engine.sizes[0] == 16 and engine.sizes[-1] == 4 * 3
