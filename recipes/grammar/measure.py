"""Figures of the embedded corpus: how large its language is and how far from word for word."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from grammar import as_line, draw
from grammar import words as lexis
from grammar.clauses import BE, MODAL, english_group, german_group
from grammar.morphology import Verb, german_adjective, german_noun
from grammar.phrases import DETERMINERS, Words

PERSONS = ("1s", "2s", "3s", "1p", "3p")
# Lemmas of one side: each with the forms that show it, and what must stand in the sentence beside them.
Lemmas = dict[str, set[tuple[str, frozenset[str]]]]


def alignment(english: Words, german: Words) -> list[tuple[int, int]]:
    """Pairs (English position, German position) of words that share a link."""
    at: dict[int, list[int]] = defaultdict(list)
    for i, word in enumerate(english):
        for link in word.links:
            at[link].append(i)
    return sorted({(i, j) for j, word in enumerate(german) for link in word.links for i in at[link]})


def reordered(links: Sequence[tuple[int, int]]) -> bool:
    """Whether two links cross: what stands first in English stands second in German."""
    return any(i < k and j > m for i, j in links for k, m in links)


def glosses(pairs: Iterable[tuple[Words, Words]]) -> dict[str, str]:
    """The German word that each English word is aligned to most often."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for english, german in pairs:
        for i, j in alignment(english, german):
            counts[english[i].text][german[j].text] += 1
    return {word: counter.most_common(1)[0][0] for word, counter in counts.items()}


def word_for_word(english: Words, gloss: dict[str, str]) -> Words:
    """The sentence with each word replaced by its gloss, in the same order."""
    return [word._replace(text=gloss.get(word.text, word.text)) for word in english]


# --- lemmas ---


def _verb_forms(verb: Verb) -> tuple[set[tuple[str, frozenset[str]]], set[tuple[str, frozenset[str]]]]:
    """English and German forms of a verb; `ruft` shows anrufen only beside `an`."""
    tenses = ("present", "past", "progressive", "perfect", "future")
    english, german = set(), set()
    particle = frozenset(verb.english.split()[1:])
    prefix = frozenset({verb.prefix} - {""})
    for person in PERSONS:
        for tense in tenses:
            first = english_group(verb, tense, person, False, False)[1]
            english.add((first[0] if first else english_group(verb, tense, person, False, False)[0], particle))
            finite, bracket = german_group(verb, tense, person)
            if tense in ("present", "past"):
                german |= {(finite, prefix), (verb.prefix + finite, frozenset())}
            else:
                german.add(
                    (
                        bracket if tense != "progressive" else finite,
                        prefix if tense == "progressive" else frozenset(),
                    )
                )
    if verb.prefix:
        german.add((f"{verb.prefix}zu{verb.infinitive}", frozenset()))
    return english, german


def _plain(*forms: str) -> set[tuple[str, frozenset[str]]]:
    """Forms that need nothing beside them; of several words, the last with the others beside it."""
    return {(form.split()[-1], frozenset(form.split()[:-1])) for form in forms if form}


def lemmas() -> tuple[Lemmas, Lemmas]:
    """All lemmas of English and of German with their forms."""
    english: Lemmas = defaultdict(set)
    german: Lemmas = defaultdict(set)
    for noun in lexis.NOUNS:
        english[noun.english] |= _plain(noun.english, noun.english_plural)
        plurals = (False, True) if noun.german_plural else (False,)
        german[noun.german] |= _plain(*(german_noun(noun, case, plural) for case in "nadg" for plural in plurals))
    for adjective in lexis.ADJECTIVES:
        english[adjective.english] |= _plain(adjective.english)
        endings = ("", "e", "en", "em", "er", "es")
        german[adjective.german] |= _plain(*(german_adjective(adjective.german, ending) for ending in endings))
    for verb in [*lexis.VERBS, *lexis.CLAUSE_VERBS, *lexis.WEATHER, BE]:
        english_forms, german_forms = _verb_forms(verb)
        name = verb.english.split()[0] if ">" in verb.frame else f"to {verb.english}"
        english[name if name.startswith("to ") else f"to {name}"] |= english_forms
        german[verb.prefix + verb.infinitive] |= german_forms
    for name, modal in MODAL.items():
        english[name] |= _plain((modal.auxiliary or modal.verb).split()[0])
        german[modal.german_plural] |= _plain(modal.german, modal.german_plural)
    for word, wort, *_ in [*lexis.NAMES, *lexis.CITIES, *lexis.CONJUNCTIONS, *lexis.TIMES, *lexis.FREQUENCY]:
        english[word] |= _plain(word, f"{word}'s")
        german[wort] |= _plain(wort, f"{wort}s")
    for word, wort in [*lexis.WEEKDAYS, *lexis.MONTHS, *lexis.SEASONS, *lexis.NUMBERS]:
        english[word] |= _plain(word)
        german[wort] |= _plain(wort)
    for pronoun in [*lexis.PRONOUNS.values(), lexis.WHO, lexis.WHAT]:
        english[pronoun.english] |= _plain(pronoun.english, pronoun.english_object)
        german[pronoun.german["n"]] |= _plain(*pronoun.german.values())
    for determiner in DETERMINERS.values():
        if determiner.german and determiner.endings:
            forms = (determiner.german + ending for ending in ("", "e", "en", "em", "er", "es"))
            german[determiner.german] |= _plain(*forms)
        text = determiner.english or determiner.english_plural
        english[text] |= _plain(determiner.english, determiner.english_plural)
    return ({name: forms for name, forms in side.items() if name} for side in (english, german))


def lemma_counts(sentences: Iterable[Iterable[str]], side: Lemmas) -> Counter[str]:
    """In how many sentences each lemma occurs; a form that two lemmas share counts for both."""
    index: dict[str, list[tuple[str, frozenset[str]]]] = defaultdict(list)
    for lemma, forms in side.items():
        for form, beside in forms:
            index[form].append((lemma, beside))
    counts = Counter(dict.fromkeys(side, 0))
    for sentence in sentences:
        words = set(sentence)
        counts.update({lemma for word in words for lemma, beside in index.get(word, ()) if beside <= words})
    return counts


# --- all figures ---


class Figures(NamedTuple):
    """Figures of a corpus. Lengths are in words, `reordered` is in percent."""

    pairs: int
    drawn: int
    english_lemmas: int
    german_lemmas: int
    rarest_english: tuple[str, int]
    rarest_german: tuple[str, int]
    english_words: int
    german_words: int
    english_length: float
    german_length: float
    reordered: float
    word_for_word_bleu: float

    def __str__(self) -> str:
        rarest, seltenste = self.rarest_english, self.rarest_german
        return (
            f"{self.drawn} distinct pairs drawn, {self.pairs} of them measured\n"
            f"lemmas      English {self.english_lemmas} (rarest: {rarest[0]}, {rarest[1]} sentences), "
            f"German {self.german_lemmas} (rarest: {seltenste[0]}, {seltenste[1]})\n"
            f"word forms  English {self.english_words}, German {self.german_words}\n"
            f"mean length English {self.english_length:.2f} words, German {self.german_length:.2f}\n"
            f"reordered   {self.reordered:.1f} % of the pairs (their alignment has crossing links)\n"
            f"word for word, best gloss of each word: BLEU {self.word_for_word_bleu:.1f}"
        )


def figures(pairs: int = 30_000, *, seed: int = 1, draw_also: int = 0) -> Figures:
    """Measures the grammar on `pairs` pairs; draws `draw_also` distinct ones to show that there are so many."""
    from sacrebleu.metrics import BLEU  # heavy, and needed here only

    drawn = list(draw(pairs, seed))
    words = [(pair.english_words, pair.german_words) for pair in drawn]
    gloss = glosses(words)
    hypotheses = [as_line(word_for_word(pair.english_words, gloss), pair.english[-1]) for pair in drawn]
    bleu = BLEU().corpus_score(hypotheses, [[pair.german for pair in drawn]])
    sides = lemmas()
    counts = [lemma_counts(([w.text for w in pair[i]] for pair in words), side) for i, side in enumerate(sides)]
    rarest = [min(count.items(), key=lambda item: (item[1], item[0])) for count in counts]
    texts = [[line.split() for line in lines] for lines in zip(*((p.english, p.german) for p in drawn), strict=True)]
    return Figures(
        pairs=pairs,
        drawn=max(pairs, sum(1 for _ in draw(draw_also, seed))),
        english_lemmas=len(counts[0]),
        german_lemmas=len(counts[1]),
        rarest_english=rarest[0],
        rarest_german=rarest[1],
        english_words=len({word.text for english, _ in words for word in english}),
        german_words=len({word.text for _, german in words for word in german}),
        english_length=sum(map(len, texts[0])) / pairs,
        german_length=sum(map(len, texts[1])) / pairs,
        reordered=100 * sum(reordered(alignment(*pair)) for pair in words) / pairs,
        word_for_word_bleu=bleu.score,
    )
