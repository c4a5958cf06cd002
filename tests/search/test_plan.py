import re

import numpy as np
import pytest
from letters import SPELLING, count, run, sequences

from seq2seq.search import Constraints, SearchOptions, SpecialIds, check_constraints, plan_search

EOS, A, B, C = 3, 4, 5, 6


def plan(max_lengths=(6,), constraints=None, places=None, **options):
    return plan_search(
        SearchOptions(**options),
        np.array(max_lengths),
        constraints=constraints,
        places=places,
        spelling=SPELLING,
        special_ids=SpecialIds(),
    )


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({}, "Beam"),
        ({"beam_size": 1}, "Greedy"),
        ({"beam_size": 1, "early_stop": False}, "Beam"),
        ({"search": "sample", "n_best": 9}, "Sampling"),
        ({"constraints": [Constraints(required=[[A]])]}, "RequiredPhrases"),
        ({"constraints": [Constraints(forbidden=[bytes([A])], prefix=[B])]}, "Beam"),
        ({"constraints": [Constraints()]}, "Beam"),
    ],
)
def test_the_options_name_the_chooser(options, name):
    assert type(plan(**options)[0]).__name__ == name


def test_rules_cost_nothing_where_nobody_wants_them():
    assert plan()[1] == plan(constraints=[Constraints()])[1] == plan(constraints=[Constraints(required=[[A]])])[1] == []
    assert len(plan(no_repeat_ngram=3)[1]) == len(plan(constraints=[Constraints(prefix=[A])])[1]) == 1


@pytest.mark.parametrize("options", [{}, {"beam_size": 1}, {"search": "sample", "seed": 3}])
def test_constraints_are_those_of_their_sentence(letter_model, options):
    model = letter_model(seed=1, num_sentences=3, spread=0.5)
    constraints = [Constraints(prefix=[B, A]), Constraints(forbidden=[bytes([A]), bytes([B, C])]), Constraints()]
    first, second, third = (
        sequences(run(model.engine(), *plan([7] * 3, some, no_repeat_ngram=2, **options)), sentence)[0]
        for sentence, some in enumerate([constraints, constraints, None])
    )
    assert first[:2] == (B, A)
    assert A not in second and not count(second, (B, C))
    assert third == sequences(run(model.engine(), *plan([7] * 3, constraints, no_repeat_ngram=2, **options)), 2)[0]


def test_all_constraints_at_once(letter_model):
    constraints = [Constraints(prefix=[B], required=[[A, C], [A, C]], forbidden=[bytes([C, A])])]
    for seed in range(20):
        found = run(letter_model(seed).engine(), *plan([9], constraints, n_best=1))
        (ids,) = sequences(found)
        assert ids[0] == B and count(ids, (A, C)) >= 2 and not count(ids, (C, A))


def test_the_prefix_makes_room_for_the_phrases(letter_model):
    constraints = [Constraints(prefix=[B, B, C], required=[[A, C]])]
    check_constraints(constraints, [2], SpecialIds(), SPELLING)
    found = run(letter_model(0).engine(), *plan([2], constraints))
    assert sequences(found) == [(B, B, C, A, C, EOS)]


def test_a_draw_follows_the_place_of_a_sentence_in_the_text(letter_model):
    model = letter_model(seed=6, num_sentences=3)
    options = {"search": "sample", "n_best": 5}
    whole = run(model.engine(), *plan([6] * 3, **options))
    part = run(model.engine([2, 0]), *plan([6] * 2, places=[2, 0], **options))
    np.testing.assert_array_equal(part.log_probs, whole.log_probs[[2, 0]])


def test_equal_sentences_draw_differently(constant_model):
    engine = constant_model({EOS: 0.1, A: 0.4, B: 0.5})
    found = run(engine, *plan([9, 9], search="sample", n_best=5))
    assert sequences(found, 0) != sequences(found, 1)


def test_required_phrases_are_no_matter_of_sampling():
    with pytest.raises(ValueError, match="Required phrases need search beam"):
        plan(constraints=[Constraints(required=[[A]])], search="sample")


@pytest.mark.parametrize(
    ("constraints", "message"),
    [
        (Constraints(prefix=[A, EOS]), "The prefix of sentence 2, [4, 3], contains 3, which is the id of no word."),
        (Constraints(prefix=[1]), "The prefix of sentence 2, [1], contains 1, which is the id of no word."),
        (Constraints(required=[[A], [A, 0]]), "A required phrase of sentence 2, [4, 0], contains 0, which is"),
        (Constraints(required=[[A], [-7]]), "A required phrase of sentence 2, [-7], contains -7, which is"),
        (Constraints(required=[[A], []]), "A required phrase of sentence 2 is empty."),
        (Constraints(forbidden=[bytes([A]), b""]), "A forbidden phrase of sentence 2 is empty."),
        (
            Constraints(prefix=[C, A, B], forbidden=[bytes([A, B])]),
            "The prefix of sentence 2, [6, 4, 5], contains the forb",
        ),
        (
            Constraints(required=[[A]], forbidden=[bytes([A])]),
            "A required phrase of sentence 2, [4], contains the forbidden",
        ),
        (Constraints(prefix=[A] * 5), "The prefix of sentence 2 has 5 tokens, but its translation may have only 5"),
    ],
)
def test_constraints_that_no_translation_can_fulfil_are_refused(constraints, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        check_constraints([Constraints(), constraints], np.array([5, 5]), SpecialIds(), SPELLING)


def test_constraints_for_other_sentences_are_refused():
    with pytest.raises(ValueError, match="There are 1 constraints for 2 sentences"):
        check_constraints([Constraints()], np.array([5, 5]), SpecialIds(), SPELLING)


def test_constraints_that_can_be_fulfilled_pass():
    constraints = [
        Constraints(prefix=[A] * 4, forbidden=[bytes([B]), bytes([A, B])]),
        Constraints(required=[[A], [A]]),
    ]
    check_constraints(constraints, np.array([5, 1]), SpecialIds(), SPELLING)


def first_allowed(rules, sentence=0):
    """The lengths that the rules allow as the first token, of a vocabulary of 12 ids."""
    allowed = np.ones((1, 12), bool)
    for rule in rules:
        rule(allowed, np.zeros((1, 0), np.int32), np.array([sentence]))
    return (np.flatnonzero(allowed[0]) - 4).tolist()


def test_a_predicted_length_needs_no_limit_but_those_that_are_given():
    """The longest target is the length, seven words and the end; limits count the end, but not the length."""

    def planned(max_lengths=(5, 9), constraints=None, **options):
        limits = {"special_ids": SpecialIds(), "spelling": SPELLING, "num_lengths": 8}
        return plan_search(SearchOptions(**options), np.array(max_lengths), constraints=constraints, **limits)

    chooser, rules = planned()
    assert chooser.max_lengths.tolist() == [9, 9] and rules == [] and chooser.min_length == 1
    _, rules = planned(max_length_factor=1.5, min_length=3)
    assert [first_allowed(rules, sentence) for sentence in (0, 1)] == [[2, 3, 4], [2, 3, 4, 5, 6, 7]]
    _, rules = planned(constraints=[Constraints(prefix=[A, B, C]), Constraints()], no_repeat_ngram=1)
    assert first_allowed(rules) == [3, 4, 5, 6, 7] and first_allowed(rules, 1) == list(range(-4, 8))[4:]
    allowed = np.ones((1, 12), bool)
    for rule in rules:
        rule(allowed, np.array([[A + 7]]), np.array([0]))  # the prefix begins after the length
    assert np.flatnonzero(allowed).tolist() == [A]


@pytest.mark.parametrize(
    ("constraints", "message"),
    [
        (Constraints(required=[[A]]), "Required phrases do not fit a model that predicts its lengths"),
        (Constraints(prefix=[A] * 3), "A prefix has 3 tokens, but the model predicts lengths of at most 2"),
    ],
)
def test_constraints_that_no_predicted_length_can_fulfil_are_named(constraints, message):
    with pytest.raises(ValueError, match=message):
        plan_search(SearchOptions(), np.array([9]), constraints=[constraints], special_ids=SpecialIds(), num_lengths=3)
