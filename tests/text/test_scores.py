import dataclasses
import json

import pytest

from seq2seq.text.scores import bleu, bleu_and_chrf, chrf, compare_systems, sentence_scores, ter

REFERENCES = [
    f"The {animal} sleeps on the {place} ." for animal in ("cat", "dog", "cow") for place in ("mat", "sofa", "roof")
]
GOOD = [line.replace("sofa", "couch") for line in REFERENCES]
BAD = [line.replace("sleeps on", "is at").replace("The", "the") for line in REFERENCES]


def test_perfect_translations_have_the_best_scores():
    assert bleu(REFERENCES, REFERENCES).value == pytest.approx(100)
    assert chrf(REFERENCES, REFERENCES).value == pytest.approx(100)
    assert ter(REFERENCES, REFERENCES).value == 0


def test_bleu_by_hand():
    # 4 of 5 words, 3 of 4 pairs, 2 of 3 triples, 1 of 2 quadruples; no brevity penalty
    value = bleu(["a b c d x"], ["a b c d e"]).value
    assert value == pytest.approx(100 * (4 / 5 * 3 / 4 * 2 / 3 * 1 / 2) ** 0.25)


def test_ter_by_hand():
    assert ter(["a b x d"], ["a b c d"]).value == pytest.approx(25)


def test_the_signature_names_the_settings():
    assert "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:" in bleu(GOOD, REFERENCES).signature
    assert "case:lc|eff:no|tok:none" in bleu(GOOD, REFERENCES, tokenize="none", lowercase=True).signature
    assert "nc:6|nw:0" in chrf(GOOD, REFERENCES).signature
    assert "case:mixed|tok:tercom" in ter(GOOD, REFERENCES).signature
    assert chrf(GOOD, REFERENCES).name == "chrF2"


@pytest.mark.parametrize("metric", [bleu, chrf, ter])
def test_case_counts_unless_lowercase_is_asked_for(metric):
    upper = [line.upper() for line in REFERENCES]
    best = metric(REFERENCES, REFERENCES).value
    assert metric(upper, REFERENCES).value != pytest.approx(best)
    assert metric(upper, REFERENCES, lowercase=True).value == pytest.approx(best)


@pytest.mark.parametrize("metric", [bleu, chrf, ter])
def test_the_best_of_several_references_counts(metric):
    both = metric(BAD, [REFERENCES, BAD])
    assert both.value == pytest.approx(metric(BAD, BAD).value)
    assert "nrefs:2" in both.signature


@pytest.mark.parametrize("metric", [bleu, chrf, ter])
def test_the_bootstrap_interval(metric):
    plain = metric(GOOD, REFERENCES)
    assert plain.low is None and plain.high is None
    score = metric(GOOD, REFERENCES, confidence=True)
    assert score.value == plain.value
    assert score.low < score.value < score.high
    assert "bs:1000|seed:12345" in score.signature
    assert metric(GOOD, REFERENCES, confidence=True) == score
    assert f"{score.value:.2f} (95 %: {score.low:.2f} to {score.high:.2f})  nrefs:1" in str(score)
    assert str(plain) == f"{plain.name} = {plain.value:.2f}  {plain.signature}"
    json.dumps(dataclasses.asdict(score))


def test_the_interval_of_translations_with_nothing_right():
    score = bleu(["x", "y"], ["a", "b"], confidence=True)
    assert (score.value, score.low, score.high) == (0, 0, 0)


@pytest.mark.parametrize("test", ["bootstrap", "randomization"])
def test_systems_are_compared_with_the_first(test):
    references, systems = REFERENCES * 5, {"base": GOOD * 5, "bad": BAD * 5, "same": GOOD * 5}
    comparisons = compare_systems(references, systems, test=test, samples=200)
    assert [(c.system, c.metric) for c in comparisons] == [
        (system, metric) for system in ("bad", "same") for metric in ("BLEU", "chrF2", "TER")
    ]
    for comparison in comparisons:
        assert comparison.baseline == "base"
        assert (comparison.p_value < 0.05) == (comparison.system == "bad")
        assert comparison.difference == pytest.approx(comparison.value - comparison.baseline_value)
        json.dumps(dataclasses.asdict(comparison))
    assert comparisons[0].value == pytest.approx(bleu(systems["bad"], references).value)
    assert comparisons[5].difference == 0
    assert ("bs:200" if test == "bootstrap" else "ar:200") in comparisons[0].signature
    assert "bad against base: BLEU" in str(comparisons[0])
    assert f", significant at 0.05, on only {len(references)} lines)" in str(comparisons[0])
    assert "only" not in dataclasses.replace(comparisons[0], num_lines=100).verdict


CHINESE = ["两只狗在公园里跑", "一个男人骑着马", "她在海边唱歌"]
WORSE = ["两只猫在公园里跑", "一个女人骑着马", "他在海边唱歌"]


def test_the_tokenizer_follows_the_references_and_the_signature_names_it():
    score = bleu(WORSE, CHINESE)
    assert "|tok:zh|" in score.signature and 30 < score.value < 90
    assert score == bleu(WORSE, CHINESE, tokenize="zh") and bleu(WORSE, CHINESE, tokenize="13a").value == 0
    assert "|tok:13a|" in bleu(CHINESE, GOOD[:3]).signature  # the translations decide nothing
    assert "|tok:zh|" in bleu(WORSE, [CHINESE, ["", "", "OK"]]).signature  # all sets decide together
    assert bleu_and_chrf(WORSE, CHINESE) == {"bleu": score, "chrf": chrf(WORSE, CHINESE)}
    (change,) = compare_systems(CHINESE, {"a": WORSE, "b": CHINESE}, metrics=["BLEU"], samples=20)
    assert "|tok:zh|" in change.signature and change.value == pytest.approx(100)


def test_a_sentence_without_spaces_is_scored_by_characters():
    (score,) = sentence_scores(WORSE[:1], CHINESE[:1])
    assert 30 < score < 90 and sentence_scores(WORSE[:1], CHINESE[:1], tokenize="13a") == [0]


def test_wrong_input_is_refused():
    with pytest.raises(ValueError, match="the hypotheses: 1 lines, but 2 references"):
        bleu(["a"], ["a", "b"])
    with pytest.raises(ValueError, match="no line to score"):
        chrf([], [])
    with pytest.raises(ValueError, match="Unknown tokenizer 'moses'.*13a"):
        bleu(["a"], ["a"], tokenize="moses")
    with pytest.raises(TypeError, match="one string"):
        ter("a", ["a"])
    with pytest.raises(ValueError, match="Got 1 system"):
        compare_systems(["a"], {"x": ["a"]})
    with pytest.raises(ValueError, match="b: 2 lines, but 1 references"):
        compare_systems(["a"], {"a": ["a"], "b": ["a", "b"]})
    with pytest.raises(ValueError, match="Unknown test 't'"):
        compare_systems(["a"], {"a": ["a"], "b": ["a"]}, test="t")
    with pytest.raises(ValueError, match="Unknown metric 'METEOR'"):
        compare_systems(["a"], {"a": ["a"], "b": ["a"]}, metrics=["METEOR"])


def test_a_nearly_blank_set_is_scored_without_an_interval(caplog):
    """Among a thousand samples of four lines some draw the blank one four times, which sacreBLEU cannot average."""
    lines = ["a b c d e", "f g h i j", "k l m n o", ""]
    score = chrf(lines, lines, confidence=True)
    assert (score.value, score.low, score.high) == (100.0, None, None)
    assert "no CHRF interval for these 4 lines: too few of them have text" in caplog.text


def test_scores_of_single_sentences():
    """BLEU of "the cat sat" beside "the cat slept": 2 of 3 words, 1 of 2 pairs, no triple, for which half of one of 1
    is taken; there are no four words to count."""
    score, same, other = sentence_scores(["the cat sat", "yes", "no"], ["the cat slept", "yes", "yes"])
    assert score == pytest.approx(100 * (2 / 3 * 1 / 2 * 0.5 / 1) ** (1 / 3))
    assert same == pytest.approx(100) and other == 0
    assert sentence_scores(["the cat"], ["the cat"], metric="chrF") == pytest.approx([100])
    with pytest.raises(ValueError, match="2 lines, but 1 references"):
        sentence_scores(["a", "b"], ["a"])
