"""Scores of translations: sacreBLEU's BLEU, chrF and TER, each with its signature.

sacreBLEU: Post, 2018 (https://aclanthology.org/W18-6319). BLEU: Papineni et al., 2002. chrF: Popović, 2015.
TER: Snover et al., 2006. Bootstrap intervals and significance: Koehn, 2004; approximate randomization:
Riezler and Maxwell, 2005.
"""

import dataclasses
import itertools
import json
import logging
from collections.abc import Mapping, Sequence

from sacrebleu.metrics import CHRF, TER
from sacrebleu.metrics.base import Metric
from sacrebleu.significance import PairedTest, Result

from seq2seq.text.bleu_tokenizers import AUTO, bleu_metric

logger = logging.getLogger("seq2seq")

BOOTSTRAP_SAMPLES = 1000
METRICS = ("BLEU", "chrF", "TER")
TESTS = {"bootstrap": "bs", "randomization": "ar"}
FEW_LINES = 100  # a verdict on fewer lines says so; our choice

References = Sequence[str] | Sequence[Sequence[str]]


@dataclasses.dataclass(frozen=True)
class Score:
    """A score of a whole test set.

    Attributes:
        name: "BLEU", "chrF2" or "TER".
        value: in percent. Higher is better, except for TER.
        signature: sacreBLEU's settings, by which anybody can repeat the number.
        low, high: the 95 % bootstrap interval; None unless it was asked for.
    """

    name: str
    value: float
    signature: str
    low: float | None = None
    high: float | None = None

    def __str__(self) -> str:
        interval = "" if self.low is None else f" (95 %: {self.low:.2f} to {self.high:.2f})"
        return f"{self.name} = {self.value:.2f}{interval}  {self.signature}"


@dataclasses.dataclass(frozen=True)
class Comparison:
    """A system compared with the baseline, in one metric.

    Attributes:
        system, baseline: their names.
        metric: "BLEU", "chrF2" or "TER".
        value, baseline_value: their scores, in percent.
        difference: value - baseline_value.
        p_value: probability of at least this difference between two systems that are equally good.
        num_lines: lines of the test set.
        signature: sacreBLEU's settings, by which anybody can repeat the test.
    """

    system: str
    baseline: str
    metric: str
    value: float
    baseline_value: float
    difference: float
    p_value: float
    num_lines: int
    signature: str

    @property
    def verdict(self) -> str:
        """The p-value in words, with a caution if the test set has few lines."""
        few = f", on only {self.num_lines} lines" if self.num_lines < FEW_LINES else ""
        return f"p = {self.p_value:.4f}, {'' if self.p_value < 0.05 else 'not '}significant at 0.05{few}"

    def __str__(self) -> str:
        return (
            f"{self.system} against {self.baseline}: {self.metric} {self.value:.2f} - "
            f"{self.baseline_value:.2f} = {self.difference:+.2f} ({self.verdict})  {self.signature}"
        )


def bleu(
    hypotheses: Sequence[str],
    references: References,
    *,
    tokenize: str = AUTO,
    lowercase: bool = False,
    confidence: bool = False,
) -> Score:
    """BLEU: precision of the hypotheses' 1- to 4-grams, with a penalty for brevity.

    Args:
        hypotheses: translations, one a line, detokenized.
        references: as many lines; or several lists of as many lines, one list for each set of references.
        tokenize: "auto", which follows the script of the references; or the name of a tokenizer of sacreBLEU, such as
            "none" for text that is tokenized already.
        lowercase: ignore the case of letters.
        confidence: add the 95 % interval of a bootstrap over `BOOTSTRAP_SAMPLES` resampled test sets.

    Raises:
        ValueError: there is no line to score, the numbers of lines differ, or the tokenizer is unknown.

    Example:
        >>> round(bleu(["the cat is here"], ["the cat is here"]).value, 2)
        100.0
    """
    return _score(_metric("BLEU", _sets(references), tokenize, lowercase), hypotheses, references, confidence)


def chrf(
    hypotheses: Sequence[str], references: References, *, lowercase: bool = False, confidence: bool = False
) -> Score:
    """chrF: F-score of character n-grams, n = 1 to 6. Arguments as for `bleu`."""
    return _score(_metric("chrF", [], AUTO, lowercase), hypotheses, references, confidence)


def ter(
    hypotheses: Sequence[str], references: References, *, lowercase: bool = False, confidence: bool = False
) -> Score:
    """TER: edits per hundred words of the reference, shifts included. Arguments as for `bleu`.

    Case counts by default. sacreBLEU's own command ignores it, as `lowercase=True` does.
    """
    return _score(_metric("TER", [], AUTO, lowercase), hypotheses, references, confidence)


def bleu_and_chrf(hypotheses: Sequence[str], references: References, *, tokenize: str = AUTO) -> dict[str, Score]:
    """The two scores that training reports, {"bleu": ..., "chrf": ...}. Arguments as for `bleu`."""
    return {"bleu": bleu(hypotheses, references, tokenize=tokenize), "chrf": chrf(hypotheses, references)}


def sentence_scores(
    hypotheses: Sequence[str], references: Sequence[str], *, metric: str = "BLEU", tokenize: str = AUTO
) -> list[float]:
    """BLEU or chrF of each line, in percent, for training and inspection. Papers report the score of a whole test set.

    A sentence has few 4-grams or none. BLEU therefore counts only the orders of n-grams that the sentence has, and
    smooths those without a match (Chen and Cherry, 2014, method 3).

    Args:
        hypotheses, references: equally many lines.
        metric: "BLEU" or "chrF".
        tokenize: as for `bleu`; "auto" chooses one tokenizer for all lines.

    Raises:
        ValueError: the numbers of lines differ or are 0, or the tokenizer is unknown.

    Example:
        >>> [round(score) for score in sentence_scores(["the cat", "a"], ["the cat", "the dog"])]
        [100, 0]
    """
    _check_lines(hypotheses, [references], "the hypotheses")
    if metric == "BLEU":
        scorer = bleu_metric(tokenize, references, effective_order=True)
    else:
        scorer = _metric(metric, [], AUTO, lowercase=False)
    pairs = zip(hypotheses, references, strict=True)
    return [float(scorer.sentence_score(hypothesis, [reference]).score) for hypothesis, reference in pairs]


def compare_systems(
    references: References,
    systems: Mapping[str, Sequence[str]],
    *,
    metrics: Sequence[str] = METRICS,
    test: str = "bootstrap",
    samples: int | None = None,
    tokenize: str = AUTO,
    lowercase: bool = False,
) -> list[Comparison]:
    """sacreBLEU's paired test: do systems differ from the first one by more than chance?

    Args:
        references: as for `bleu`.
        systems: name -> translations; the first system is the baseline.
        metrics: some of "BLEU", "chrF", "TER".
        test: "bootstrap" (paired bootstrap resampling) or "randomization" (paired approximate
            randomization).
        samples: resampled test sets. Default: sacreBLEU's, 1000 or 10 000.
        tokenize, lowercase: as for `bleu`.

    Returns:
        For each system but the first, one comparison for each metric.

    Raises:
        ValueError: there are fewer than two systems, the numbers of lines differ, or an option is unknown.
    """
    if len(systems) < 2:
        raise ValueError(f"Got {len(systems)} system to compare; expected a baseline and at least one other.")
    if test not in TESTS:
        raise ValueError(f"Unknown test {test!r}; choose {' or '.join(TESTS)}.")
    sets = _sets(references)
    for name, hypotheses in systems.items():
        _check_lines(hypotheses, sets, name)
    signatures, results = PairedTest(
        list(systems.items()),
        {name: _metric(name, sets, tokenize, lowercase) for name in metrics},
        sets,
        test_type=TESTS[test],
        n_samples=samples or 0,
    )()
    baseline, *others = results.pop("System")
    num_lines = len(systems[baseline])
    return [
        _comparison(system, baseline, metric, row[number], row[0], num_lines, str(signatures[metric]))
        for number, system in enumerate(others, 1)
        for metric, row in results.items()
    ]


def _comparison(
    system: str, baseline: str, metric: str, found: Result, of_baseline: Result, num_lines: int, signature: str
) -> Comparison:
    """A row of sacreBLEU's paired test."""
    # sacreBLEU counts only larger differences, so it would find two identical systems significantly different.
    p_value = float(found.p_value) if found.score != of_baseline.score else 1.0
    return Comparison(
        system=system,
        baseline=baseline,
        metric=metric,
        value=float(found.score),
        baseline_value=float(of_baseline.score),
        difference=float(found.score - of_baseline.score),
        p_value=p_value,
        num_lines=num_lines,
        signature=signature,
    )


def _metric(name: str, sets: Sequence[Sequence[str]], tokenize: str, lowercase: bool) -> Metric:
    if name == "BLEU":
        return bleu_metric(tokenize, itertools.chain(*sets), lowercase=lowercase)
    if name == "chrF":
        return CHRF(lowercase=lowercase)
    if name == "TER":
        return TER(case_sensitive=not lowercase)
    raise ValueError(f"Unknown metric {name!r}; choose from {', '.join(METRICS)}.")


def _score(metric: Metric, hypotheses: Sequence[str], references: References, confidence: bool) -> Score:
    sets = _sets(references)
    _check_lines(hypotheses, sets, "the hypotheses")
    try:
        result = metric.corpus_score(hypotheses, sets, n_bootstrap=BOOTSTRAP_SAMPLES if confidence else 1)
    except TypeError:  # sacreBLEU 2.6 cannot average resampled test sets if one of them is blank throughout
        if not confidence:
            raise
        logger.warning(
            f"there is no {metric.__class__.__name__} interval for these {len(hypotheses)} lines: too few of them "
            "have text"
        )
        return _score(metric, hypotheses, references, confidence=False)
    signature, low, high = str(metric.get_signature()), None, None
    if confidence:
        # sacreBLEU gives mean and half width only in its JSON, and leaves them out if all samples score zero.
        numbers = json.loads(result.format(width=6, is_json=True, signature=signature))
        mean, half = numbers.get("confidence_mean", 0.0), numbers.get("confidence_var", 0.0)
        low, high = mean - half, mean + half
    return Score(result.name, float(result.score), signature, low, high)


def _sets(references: References) -> list[list[str]]:
    """The references as a list of sets, as sacreBLEU takes them."""
    sets = [references] if not len(references) or isinstance(references[0], str) else references
    return [list(lines) for lines in sets]


def _check_lines(hypotheses: Sequence[str], sets: Sequence[Sequence[str]], name: str) -> None:
    if isinstance(hypotheses, str):
        raise TypeError(f"Expected a list of lines for {name}, got one string. Put it in a list.")
    for lines in sets:
        if len(hypotheses) != len(lines):
            raise ValueError(f"{name}: {len(hypotheses)} lines, but {len(lines)} references. Give as many of both.")
    if not len(hypotheses):
        raise ValueError(f"{name}: there is no line to score.")
