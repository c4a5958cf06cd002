"""The test of a classifier or tagger: labelled by the exported model, scored, and compared with a baseline."""

import dataclasses
import json
import logging
from collections import Counter, defaultdict
from collections.abc import Sequence

from seq2seq.tasks.corpora import Corpora
from seq2seq.tasks.task import Folder
from seq2seq.text.corpus import ParallelCorpus
from seq2seq.text.files import write_text
from seq2seq.text.label_scores import LabelScores, label_scores
from seq2seq.text.labels import Labels
from seq2seq.translator.archive import ExportError
from seq2seq.translator.labeller import Labeller

__all__ = ["SCORES", "LabelTest", "majority_labels", "score_labels"]

logger = logging.getLogger("seq2seq")

SCORES = "scores.json"


@dataclasses.dataclass(frozen=True)
class LabelTest:
    """A test set as the best weights label it.

    Attributes:
        scores, baseline: of the model, and of the choice that needs no model, see `majority_labels`.
        labels: the names of the labels.
        lines, right, chosen: text, labels and the model's labels, line by line.
    """

    __test__ = False  # pytest would take the name for a test case

    scores: LabelScores
    baseline: LabelScores
    labels: Labels
    lines: list[str]
    right: list[str]
    chosen: list[str]

    def __str__(self) -> str:
        return (
            f"accuracy {100 * self.scores.accuracy:.2f} %, macro F1 {100 * self.scores.macro_f1:.2f} %; baseline "
            f"{100 * self.baseline.accuracy:.2f} % and {100 * self.baseline.macro_f1:.2f} %"
        )


def score_labels(run: Folder, kind: str, corpora: Corpora, *, best_update: int, per_word: bool) -> dict[str, LabelTest]:
    """Labels and scores each test set with the run folder's exported model.

    The labels go to NAME.labels.txt, the scores to scores.json, and the confusion matrix to NAME.confusion.png.

    Args:
        run: the run folder.
        kind: "classifier" or "tagger".
        corpora: the texts of the run.
        best_update: update of the model's weights.
        per_word: whether each word has a label.

    Returns:
        name -> LabelTest; empty, with a warning, if the model cannot be exported.
    """
    try:
        labeller = Labeller.load(run.path, kind)  # exports the best weights unless that is done
    except ExportError as error:
        logger.warning(f"there is no {kind}.zip, so the test is not scored: {error}")
        return {}
    results, stored = {}, {}
    for name, corpus in corpora.tests.items():
        lines, right = list(corpus.source), list(corpus.target)
        chosen = labeller.labels_of(lines)
        write_text(run.path / f"{name}.labels.txt", "".join(f"{line}\n" for line in chosen))
        guessed = majority_labels(corpora.train, lines, per_word=per_word)
        scores, baseline = (_scores(found, right, labeller.labels, per_word) for found in (chosen, guessed))
        results[name] = LabelTest(scores, baseline, labeller.labels, lines, right, chosen)
        logger.info(f"{name}: {results[name]}")
        f1 = dict(zip(labeller.labels, scores.f1.tolist(), strict=True))
        stored[name] = {
            "update": best_update,
            "accuracy": scores.accuracy,
            "macro_f1": scores.macro_f1,
            "f1": {label: value if value == value else None for label, value in f1.items()},  # NaN is no JSON
            "baseline": {"accuracy": baseline.accuracy, "macro_f1": baseline.macro_f1},
        }
        _draw(run, name, results[name])
    write_text(run.path / SCORES, json.dumps(stored, indent=2, ensure_ascii=False) + "\n")
    return results


def majority_labels(train: ParallelCorpus, lines: Sequence[str], *, per_word: bool) -> list[str]:
    """The labels that the training text alone suggests, without a model.

    Args:
        train: the training text.
        lines: the text to label.
        per_word: label each word by the most frequent label of this word, or, if the training text does not have it, of
            all words. Otherwise each line gets the most frequent label of all lines.
    """
    if not per_word:
        ((label, _),) = Counter(train.target).most_common(1)
        return [label] * len(lines)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for text, tags in zip(train.source, train.target, strict=True):
        for word, tag in zip(text.split(), tags.split(), strict=True):
            counts[word][tag] += 1
    best = {word: tags.most_common(1)[0][0] for word, tags in counts.items()}
    ((overall, _),) = sum(counts.values(), Counter()).most_common(1)
    return [" ".join(best.get(word, overall) for word in line.split()) for line in lines]


def _scores(chosen: Sequence[str], right: Sequence[str], labels: Labels, per_word: bool) -> LabelScores:
    ids = [
        [labels.id(label) for line in lines for label in (line.split() if per_word else [line])]
        for lines in (chosen, right)
    ]
    return label_scores(*ids, len(labels))


def _draw(run: Folder, name: str, test: LabelTest) -> None:
    from seq2seq.pictures import confusion_matrix  # loads matplotlib: only here

    confusion_matrix(test.scores.confusion, test.labels, run.path / f"{name}.confusion.png", title=f"{name}: {test}")
