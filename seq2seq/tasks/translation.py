"""Translation as a task: a parallel corpus, a `Seq2Seq` model, validation by loss, BLEU and chrF, test sets."""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path

import keras
import tensorflow as tf

from seq2seq.model.objectives.minimum_risk import MinimumRisk
from seq2seq.model.objectives.objective import Objective
from seq2seq.model.objectives.options import RiskOptions
from seq2seq.model.objectives.scheduled_sampling import ScheduledSampling
from seq2seq.model.objectives.teacher_forcing import TeacherForcing
from seq2seq.model.seq2seq import Seq2Seq
from seq2seq.tasks import vocabularies
from seq2seq.tasks.candidates import Candidates
from seq2seq.tasks.corpora import Corpora, choose_corpora
from seq2seq.tasks.options import TranslationOptions
from seq2seq.tasks.pipeline import BATCH_SIGNATURE, SubwordSampler, training_dataset
from seq2seq.tasks.scoring import SCORES, TestScore, score_tests
from seq2seq.tasks.task import Figures, Folder, Layout, Task
from seq2seq.tasks.validation import Validation
from seq2seq.text.batches import BatchPlan
from seq2seq.text.bleu_tokenizers import bleu_metric, no_4_grams_warning, tokenizer_for
from seq2seq.text.corpus import ParallelCorpus
from seq2seq.text.encoding import EncodedCorpus, encode_corpus
from seq2seq.text.tokenizer import Tokenizer
from seq2seq.translator import Translator
from seq2seq.translator.tensorflow_engine import TensorFlowEngine

__all__ = ["BuildModel", "Translation"]

logger = logging.getLogger("seq2seq")

BuildModel = Callable[[Tokenizer, Tokenizer], Seq2Seq]


class Translation(Task):
    """Learning to translate.

    Args:
        options: TranslationOptions. Subclasses may have the groups `risk` and `vocab` as well.
        seed: int. Of initial weights, batches and sampling.
        corpora: the corpora of the run; or a function that opens those used where `options` names none.
        build_model: function (source tokenizer, target tokenizer) -> Seq2Seq, called once the vocabularies are learnt.
        model: Seq2Seq with its tokenizers, in place of `build_model`.
        objective: Objective, in place of the one that the options describe.
        accumulate: int. Batches per update.
    """

    layout = Layout(
        model="translator.keras",
        files=(
            *("translator.zip", "translator.int8.zip", SCORES, "attention.png"),
            *("*.hyp.txt", "*.source.txt", "*.target.txt"),
        ),
        kept=vocabularies.FILES,
    )
    signature = BATCH_SIGNATURE

    def __init__(
        self,
        options: TranslationOptions,
        *,
        seed: int,
        corpora: Corpora | Callable[[], Corpora] | None = None,
        build_model: BuildModel | None = None,
        model: Seq2Seq | None = None,
        objective: Objective | None = None,
        accumulate: int = 1,
    ):
        bleu_metric(options.validation.bleu_tokenizer)  # refuses one that cannot be loaded, before anything is written
        self.options = options
        self.risk = getattr(options, "risk", RiskOptions())
        self.seed = seed
        self.corpora = corpora
        self.build_model = build_model
        self.model = model
        self.objective = objective
        self.accumulate = accumulate

    def read(self, cache: Path) -> dict[str, str]:
        self.corpora = choose_corpora(self.options, self.corpora, cache)
        return self.corpora.fingerprints()

    def prepare(self, folder: Folder, precision: str) -> tuple[Seq2Seq, Objective]:
        folder.add_to_record({"tests": self.corpora.store(folder.path)})
        # Shares of the updates planned at the first start, so that a longer run keeps its schedules.
        self.options = self.options.with_plan(folder.record()["planned_updates"])
        if not folder.has_begun:
            self._warn()
        tokenizers = self._tokenizers(folder)
        train_ids, valid_ids = (
            self._encoded(folder, corpus, tokenizers) for corpus in (self.corpora.train, self.corpora.valid)
        )
        keras.utils.set_random_seed(self.seed)  # for the initial weights; nothing later draws from it
        if self.model is None:
            self.model = self.build_model(*tokenizers)
        engine = TensorFlowEngine(self.model, precision)
        self._plan_batches(train_ids, tokenizers)
        self._validation = self._validate_by(Translator(engine), valid_ids)
        logger.info(vocabularies.describe(*tokenizers))
        return self.model, self.objective or self._objective(engine)

    def _validate_by(self, translator: Translator, valid_ids: EncodedCorpus) -> Validation:
        limits = {"batch_tokens": self.options.data.batch_tokens, "seed": self.seed}
        return Validation(self.model, translator, self.corpora.valid, valid_ids, self.options.validation, **limits)

    def batches(self, start: int) -> tf.data.Dataset:
        return training_dataset(self._train_ids, self._plan, start=start, sampler=self._sampler)

    def validate(self, interrupted: Callable[[], bool] = lambda: False) -> Figures:
        return self._validation(interrupted)

    def finish(self, folder: Folder, best_update: int) -> dict[str, TestScore]:
        """Translates and scores the test sets. Returns name -> TestScore."""
        return score_tests(
            folder,
            self.corpora,
            best_update=best_update,
            beam_size=self.options.test.beam_size,
            bleu_tokenizer=self.options.validation.bleu_tokenizer,
        )

    def describe(self) -> list[str]:
        curriculum = self.options.curriculum
        return [curriculum.describe()] if curriculum.is_on else []

    def progress(self, update: int) -> list[str]:
        curriculum = self.options.curriculum
        return [f"pairs {curriculum.competence(update):.0%}"] if curriculum.is_on else []

    def _tokenizers(self, folder: Folder) -> tuple[Tokenizer, Tokenizer]:
        if self.model is not None:
            return self.model.source_tokenizer, self.model.target_tokenizer
        return vocabularies.run_tokenizers(folder, self.options.vocab, self.corpora.train)

    def _encoded(
        self, folder: Folder, corpus: ParallelCorpus, tokenizers: tuple[Tokenizer, Tokenizer]
    ) -> EncodedCorpus:
        encoded = encode_corpus(corpus, *tokenizers, max_length=self._max_length(), cache_dir=folder.cache)
        logger.info(str(encoded.report))
        return encoded

    def _max_length(self) -> int:
        """Longest side of a pair: a given model has a limit of its own."""
        limit = self.options.data.max_length
        return limit if self.model is None else min(limit, self.model.max_source_length)

    def _plan_batches(self, train_ids: EncodedCorpus, tokenizers: tuple[Tokenizer, Tokenizer]) -> None:
        data, curriculum = self.options.data, self.options.curriculum
        batch_tokens = data.batch_tokens
        if self.risk.is_on:
            batch_tokens = max(1, batch_tokens // (1 + self.risk.candidates))  # they are read beside the gold targets
        order = None
        if curriculum.is_on:
            difficulty = train_ids.source_lengths if curriculum.by == "length" else train_ids.source_rarity()
            order = difficulty, lambda batch: curriculum.competence(batch // self.accumulate)
        self._train_ids = train_ids
        self._plan = BatchPlan(
            train_ids.source_lengths,
            train_ids.target_lengths,
            batch_tokens=batch_tokens,
            seed=self.seed,
            weights=self.corpora.pair_weights(train_ids.lines),
            curriculum=order,
        )
        self.batches_per_epoch = self._plan.batches_per_epoch
        batches = "batch" if self.batches_per_epoch == 1 else "batches"
        logger.info(f"an epoch has {self.batches_per_epoch:,} {batches} of up to {batch_tokens:,} tokens")
        self._sampler = None
        if data.subword_sampling:
            self._sampler = SubwordSampler(self.corpora.train, *tokenizers, alpha=data.subword_sampling, seed=self.seed)

    def _objective(self, engine: TensorFlowEngine) -> Objective:
        if self.risk.is_on:
            tokenize = self.options.validation.bleu_tokenizer
            return MinimumRisk(self.risk, Candidates(engine, self.risk, tokenize))
        return ScheduledSampling(self.options.sampling) if self.options.sampling.is_on else TeacherForcing()

    def _warn(self) -> None:
        """Warns of validation and test text on which BLEU would mean little."""
        for name, count in self.corpora.shared_pairs().items():
            logger.warning(
                f"{count:,} pairs of the {name} text are in the training text too: its BLEU says little about new text"
            )
        held_out: Mapping[str, ParallelCorpus] = {"valid": self.corpora.valid, **self.corpora.tests}
        for name, corpus in held_out.items():
            references = list(corpus.target)
            tokenizer = tokenizer_for(references, self.options.validation.bleu_tokenizer)
            trouble = no_4_grams_warning(f"the {name} text", references, tokenizer)
            if trouble and corpus is self.corpora.valid and self.options.validation.stop_on == "bleu":
                trouble += (
                    " The loss will choose the best weights, as with --validation.stop-on loss. Give "
                    "--validation.stop-on chrf to let chrF choose them."
                )
            if trouble:
                logger.warning(trouble)
