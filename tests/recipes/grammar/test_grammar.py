"""The embedded English-German corpus: correct, distinct, deterministic, and not word for word.

How the German was reviewed. Samples, each with a seed of its own, were read one sentence at a time: gender,
case, adjective endings, plural, verb position, separable prefix, auxiliary, preposition, and whether one would
say it at all. After each sample the grammar was mended and a new one drawn: seed 1 (170 and 120 pairs), seed 7
(280), seeds 2025, 2026, 2027 and 2028 (300 each), and last 2029. In its 300 pairs the German was right; two
that made no sense (`dass du nicht auf dem Sofa liegen wirst`, `Ich reiste nach Köln, während ich einen Ring
kaufte`) were barred, and the 24 pairs that came in their wake were read too. They are `grammar_reviewed.tsv`:
English, German, and, where a rule that came of the review decides the sentence, which rule and what it first
said.

What the review corrected (said first -> now):

- inflection: `zeichnt` -> `zeichnet` (e between -chn and -t).
- order: `Heute folgen einige Damen ihr` -> `Heute folgen ihr einige Damen`; `Konnte er Reis in Wien essen` -> `in Wien
  Reis essen`; `hören nie ihrem Vater zu` -> `hören ihrem Vater nie zu`; `verkaufte er nicht Annas alten Schal` ->
  `verkaufte er Annas alten Schal nicht`; `dankt einem reichen Bauern nicht`: nothing vague beside a negation any more.
- words: `Was kennt der Arzt?` for `What does the doctor know?` (it is `weiß`): not asked any more; `eine Mütze
  anziehen`, `einen Hut ausziehen`: only coats, shirts, jackets and suits are put on and taken off.
- a missing complement: `Wir hofften, zu sitzen`.
- sentences nobody would say: `Stand jedes Pferd nie in der Küche?`, `Ich kannte immer meinen Bahnhof`, `seine Mütter`,
  `Trifft sie sie?`, `Ich hole jeden Morgen Paul nicht ab`, `Will das Schiff abfahren?`, `Warum werden meine Tanten eine
  Ente lieben?`, `Wie viele alte Zeitungen will Robert schreiben?`, `Sie trank Milch, während sie Saft trank`, `Alle
  Schweine spielen mit einigen Lehrern`, `um Käse zu kaufen` after `Schokolade kaufen`, `Jeder Bus fuhr immer ab`.
- English: `Why cannot the teachers ...` -> `Why can the teachers not ...`; `The man asked whether the horse has stood`.
"""

import random
from collections import Counter
from pathlib import Path

import pytest

from grammar import as_line, corpus, draw, sentence_pairs
from grammar import words as lexis
from grammar.clauses import (
    ACCUSATIVE,
    OBJECT,
    Clause,
    Phrase,
    english_clause,
    german_infinitive,
    german_last,
    german_second,
)
from grammar.measure import alignment, figures, lemma_counts, lemmas, reordered
from grammar.morphology import (
    english_comparative,
    english_past,
    english_plural,
    english_progressive,
    english_third,
    german_noun,
    german_past,
    german_present,
)
from grammar.phrases import (
    Preposition,
    Word,
    name_phrase,
    noun_phrase,
    prepositional_phrase,
    pronoun_phrase,
)
from grammar.sentences import Sentences

REVIEWED = Path(__file__).with_name("grammar_reviewed.tsv")
REVIEWED_SEED = 2029
NOUN = {noun.german: noun for noun in lexis.NOUNS}
ADJECTIVE = {adjective.german: adjective for adjective in lexis.ADJECTIVES}
VERB = {verb.prefix + verb.infinitive: verb for verb in lexis.VERBS}


def text(words):
    return " ".join(word.text for word in words)


@pytest.fixture(scope="module")
def pairs():
    return list(draw(30_000, seed=1))


@pytest.fixture(scope="module")
def measured():
    return figures(5_000, seed=1)


# --- the corpus ---


def test_the_reviewed_sentences_are_still_what_the_grammar_says():
    rows = [line.split("\t") for line in REVIEWED.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 300
    assert sentence_pairs(300, seed=REVIEWED_SEED) == [(english, german) for english, german, _ in rows]
    assert all(german not in note for _, german, note in rows)


def test_pairs_are_distinct_on_both_sides(pairs):
    assert len({pair.english for pair in pairs}) == len({pair.german for pair in pairs}) == 30_000


@pytest.mark.slow
def test_two_hundred_thousand_distinct_pairs_can_be_drawn():
    assert sum(1 for _ in draw(200_000, seed=5)) == 200_000


def test_same_seed_same_pairs_and_a_larger_count_only_adds(pairs):
    again = sentence_pairs(500, seed=1)
    assert again == [(pair.english, pair.german) for pair in pairs[:500]]
    assert sentence_pairs(500, seed=2) != again


def test_each_english_sentence_has_one_translation():
    sentences, translation = Sentences(random.Random(3)), {}
    for _ in range(10_000):
        drawn = sentences.sentence()
        if drawn is not None:
            english, german, end = drawn
            line = as_line(german, end)
            assert translation.setdefault(as_line(english, end), line) == line


def test_held_out_lines_are_never_seen_in_training():
    splits = corpus(seed=4, train=3000, valid=300, test=200)
    assert [len(split.source_lines) for split in splits.values()] == [3000, 300, 200]
    for side in (0, 1):
        train, valid, test = (set(split[side]) for split in splits.values())
        assert not train & (valid | test) and not valid & test


def test_the_test_set_does_not_depend_on_the_size_of_the_training_set():
    small, large = corpus(train=10, valid=5, test=5), corpus(train=50, valid=5, test=5)
    assert small["test"] == large["test"] and small["valid"] == large["valid"]


def test_lines_look_like_sentences(pairs):
    for pair in pairs[:3000]:
        for line in (pair.english, pair.german):
            assert line[0].isupper() and line[-1] in ".?" and "  " not in line and " ," not in line
        assert (pair.english[-1] == "?") == (pair.german[-1] == "?")


def test_too_many_pairs_are_refused_with_the_number_found(monkeypatch):
    cat = [Word("cats", ())], [Word("Katzen", ())], "."
    monkeypatch.setattr(Sentences, "sentence", lambda self: cat)
    with pytest.raises(ValueError, match="found 1 distinct pairs, 2 were asked for"):
        sentence_pairs(2, seed=1)


# --- the figures ---


def test_figures_of_the_language(measured):
    assert measured.english_lemmas >= 300 and measured.german_lemmas >= 300
    assert 8.3 <= measured.english_length <= 10
    assert measured.reordered >= 30
    assert measured.word_for_word_bleu < 40
    assert "BLEU" in str(measured)


def test_every_lemma_occurs_often_enough_to_be_learnt(pairs):
    for side, words in zip(lemmas(), (2, 3), strict=True):
        counts = lemma_counts(([word.text for word in pair[words]] for pair in pairs), side)
        assert min(counts.values()) >= 50, counts.most_common()[-5:]


def test_crossing_links_are_what_is_called_reordered():
    assert not reordered([(0, 0), (1, 1), (1, 2)])
    assert reordered([(0, 1), (1, 0)])


def test_a_separable_verb_is_aligned_with_both_its_parts():
    clause = calling("present")
    english, german = english_clause(clause), german_second(clause)
    assert text(german) == "sie ruft den Lehrer an"
    assert alignment(english, german) == [(0, 0), (1, 1), (1, 4), (2, 2), (3, 3)]


# --- clauses ---


def calling(tense, negated=False):
    """She calls the teacher."""
    she = pronoun_phrase(lexis.PRONOUNS["she"], 1)
    teacher = noun_phrase(NOUN["Lehrer"], False, "the", None, 2)
    phrases = [Phrase(teacher.english, teacher.german("a"), ACCUSATIVE, OBJECT)]
    return Clause(she, VERB["anrufen"], tense, 10, phrases, negated)


@pytest.mark.parametrize(
    ("tense", "negated", "english", "main", "subordinate"),
    [
        ("present", False, "she calls the teacher", "sie ruft den Lehrer an", "sie den Lehrer anruft"),
        ("progressive", False, "she is calling the teacher", "sie ruft den Lehrer an", "sie den Lehrer anruft"),
        ("past", True, "she did not call the teacher", "sie rief den Lehrer nicht an",
         "sie den Lehrer nicht anrief"),
        ("perfect", False, "she has called the teacher", "sie hat den Lehrer angerufen",
         "sie den Lehrer angerufen hat"),
        ("pluperfect", False, "she had called the teacher", "sie hatte den Lehrer angerufen",
         "sie den Lehrer angerufen hatte"),
        ("future", True, "she will not call the teacher", "sie wird den Lehrer nicht anrufen",
         "sie den Lehrer nicht anrufen wird"),
        ("can", True, "she cannot call the teacher", "sie kann den Lehrer nicht anrufen",
         "sie den Lehrer nicht anrufen kann"),
        ("must", True, "she does not have to call the teacher", "sie muss den Lehrer nicht anrufen",
         "sie den Lehrer nicht anrufen muss"),
        ("wanted to", False, "she wanted to call the teacher", "sie wollte den Lehrer anrufen",
         "sie den Lehrer anrufen wollte"),
    ],
)  # fmt: skip
def test_a_separable_verb_in_main_and_subordinate_clauses(tense, negated, english, main, subordinate):
    clause = calling(tense, negated)
    assert text(english_clause(clause)) == english
    assert text(german_second(clause)) == main
    assert text(german_last(clause)) == subordinate


def test_questions_and_infinitives():
    assert text(english_clause(calling("past"), question=True)) == "did she call the teacher"
    assert text(german_second(calling("past"), front=[])) == "rief sie den Lehrer an"
    assert text(english_clause(calling("can", True), question=True)) == "can she not call the teacher"
    assert text(german_infinitive(calling("present"), (9,))) == "den Lehrer anzurufen"


def test_verb_second_with_a_fronted_phrase():
    clause = calling("present")
    front = [Word("heute", (20,))]
    assert text(german_second(clause, front=front)) == "heute ruft sie den Lehrer an"


# --- morphology ---


@pytest.mark.parametrize(
    ("determiner", "noun", "plural", "forms"),
    [
        ("the", "Hund", False, "der alte Hund|den alten Hund|dem alten Hund|des alten Hundes"),
        ("the", "Katze", False, "die alte Katze|die alte Katze|der alten Katze|der alten Katze"),
        ("the", "Pferd", False, "das alte Pferd|das alte Pferd|dem alten Pferd|des alten Pferdes"),
        ("the", "Hund", True, "die alten Hunde|die alten Hunde|den alten Hunden|der alten Hunde"),
        ("a", "Hund", False, "ein alter Hund|einen alten Hund|einem alten Hund|eines alten Hundes"),
        ("a", "Katze", False, "eine alte Katze|eine alte Katze|einer alten Katze|einer alten Katze"),
        ("a", "Pferd", False, "ein altes Pferd|ein altes Pferd|einem alten Pferd|eines alten Pferdes"),
        ("no", "Hund", True, "keine alten Hunde|keine alten Hunde|keinen alten Hunden|keiner alten Hunde"),
        ("we", "Pferd", False, "unser altes Pferd|unser altes Pferd|unserem alten Pferd|unseres alten Pferdes"),
        ("this", "Hund", False, "dieser alte Hund|diesen alten Hund|diesem alten Hund|dieses alten Hundes"),
        ("two", "Katze", True, "zwei alte Katzen|zwei alte Katzen|zwei alten Katzen|zwei alter Katzen"),
        ("many", "Pferd", True, "viele alte Pferde|viele alte Pferde|vielen alten Pferden|vieler alter Pferde"),
        ("all", "Pferd", True, "alle alten Pferde|alle alten Pferde|allen alten Pferden|aller alten Pferde"),
        ("bare", "Bier", False, "altes Bier|altes Bier|altem Bier|alten Bieres"),
        ("bare", "Milch", False, "alte Milch|alte Milch|alter Milch|alter Milch"),
    ],
)
def test_determiners_and_adjectives_agree_in_all_cases(determiner, noun, plural, forms):
    phrase = noun_phrase(NOUN[noun], plural, determiner, ADJECTIVE["alt"], 0)
    assert [text(phrase.german(case)) for case in "nadg"] == forms.split("|")


def test_weak_nouns_and_dative_plurals():
    assert [german_noun(NOUN["Student"], case, False) for case in "nadg"] == ["Student"] + 3 * ["Studenten"]
    assert german_noun(NOUN["Nachbar"], "a", False) == "Nachbarn"
    assert [german_noun(NOUN[noun], "d", True) for noun in ("Kind", "Auto", "Frau", "Apfel")] == [
        "Kindern", "Autos", "Frauen", "Äpfeln",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="Milch is a mass noun"):
        german_noun(NOUN["Milch"], "n", True)


def test_adjectives_that_change_before_an_ending():
    phrase = noun_phrase(NOUN["Auto"], False, "a", ADJECTIVE["teuer"], 0)
    assert text(phrase.german("n")) == "ein teures Auto" and text(phrase.english) == "an expensive car"


@pytest.mark.parametrize(
    ("german", "noun", "case", "phrase"),
    [
        ("in", "Garten", "d", "im Garten"), ("in", "Kino", "a", "ins Kino"), ("an", "See", "d", "am See"),
        ("zu", "Bahnhof", "d", "zum Bahnhof"), ("zu", "Universität", "d", "zur Universität"),
        ("von", "Park", "d", "vom Park"), ("bei", "Arzt", "d", "beim Arzt"), ("in", "Küche", "a", "in die Küche"),
        ("während", "Film", "g", "während des Films"),
    ],
)  # fmt: skip
def test_prepositions_contract_with_the_article(german, noun, case, phrase):
    article_and_noun = noun_phrase(NOUN[noun], False, "the", None, 0)
    assert text(prepositional_phrase(Preposition("in", german, case), article_and_noun, 9)[1]) == phrase
    this = noun_phrase(NOUN[noun], False, "this", None, 0)
    assert text(prepositional_phrase(Preposition("in", german, case), this, 9)[1]).startswith(f"{german} dies")


@pytest.mark.parametrize(
    ("verb", "forms"),
    [
        ("lesen", "lese liest liest lesen las lasen"),
        ("arbeiten", "arbeite arbeitest arbeitet arbeiten arbeitete arbeiteten"),
        ("zeichnen", "zeichne zeichnest zeichnet zeichnen zeichnete zeichneten"),
        ("fahren", "fahre fährst fährt fahren fuhr fuhren"),
        ("reisen", "reise reist reist reisen reiste reisten"),
        ("haben", "habe hast hat haben hatte hatten"),
        ("einladen", "lade lädst lädt laden lud luden"),
        ("tanzen", "tanze tanzt tanzt tanzen tanzte tanzten"),
    ],
)
def test_german_verbs(verb, forms):
    present = [german_present(VERB[verb], person) for person in ("1s", "2s", "3s", "3p")]
    past = [german_past(VERB[verb], person) for person in ("3s", "3p")]
    assert present + past == forms.split()


def test_english_inflection():
    assert [english_plural(word) for word in ("story", "boy", "church", "potato", "bus")] == [
        "stories", "boys", "churches", "potatoes", "buses",
    ]  # fmt: skip
    assert [english_third(verb) for verb in ("have", "go", "cry", "wash", "fall asleep")] == [
        "has", "goes", "cries", "washes", "falls asleep",
    ]  # fmt: skip
    assert [english_progressive(verb) for verb in ("sit", "write", "lie", "forget", "get up", "draw")] == [
        "sitting", "writing", "lying", "forgetting", "getting up", "drawing",
    ]  # fmt: skip
    assert [english_past(verb) for verb in ("work", "love", "cry", "travel")] == [
        "worked",
        "loved",
        "cried",
        "travelled",
    ]
    assert [english_comparative(word) for word in ("big", "friendly", "rich", "polite")] == [
        "bigger", "friendlier", "richer", "more polite",
    ]  # fmt: skip
    phrase = noun_phrase(NOUN["Universität"], False, "a", None, 0)
    assert text(phrase.english) == "a university"
    assert text(noun_phrase(NOUN["Apfel"], False, "a", None, 0).english) == "an apple"


def test_names_of_both_languages():
    assert text(name_phrase("Vienna", "Wien", None, 0).german("d")) == "Wien"


def test_the_lexicon_has_no_word_twice():
    for words in ([noun.english for noun in lexis.NOUNS], [noun.german for noun in lexis.NOUNS]):
        assert [word for word, count in Counter(words).items() if count > 1] == []
