"""This project's model for the comparison."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2]))
from turns import serve, timed

from seq2seq.startup import set_threads

if TYPE_CHECKING:
    from seq2seq.model import Seq2Seq
    from seq2seq.text.tokenizer import Tokenizer


def build_model(options: dict[str, Any], tokenizer: Tokenizer | None = None) -> Seq2Seq:
    """Bidirectional GRU, GRU decoder with additive attention inside (input feeding) or outside the recurrence."""
    from seq2seq.layers import GRU, AdditiveAttention
    from seq2seq.model import Encoder, InputFeedingDecoder, RNNDecoder, Seq2Seq

    decoder_class = {"inside": InputFeedingDecoder, "outside": RNNDecoder}[options["attention"]]
    vocab_size, embedding_dim, units = (options[name] for name in ("vocab_size", "embedding_dim", "units"))
    attention, dropout = AdditiveAttention(units), options.get("dropout", 0.0)
    return Seq2Seq(
        Encoder(vocab_size, embedding_dim, GRU(units), dropout=dropout),
        decoder_class(vocab_size, embedding_dim, GRU(units), attention, readout_dim=units, dropout=dropout),
        source_tokenizer=tokenizer,
        target_tokenizer=tokenizer,
        label_smoothing=options["label_smoothing"],
    )


def learn(options: dict[str, Any]) -> None:
    """Train a model to translate with, by the library's own loop."""
    from seq2seq.tasks.options import DataOptions, ParallelFiles, TranslationValidation, VocabularyOptions
    from seq2seq.text.tokenizer import Tokenizer
    from seq2seq.training import TrainingOptions, train
    from seq2seq.training.options import OptimizerOptions

    folder = Path(options["folder"])
    expected = Tokenizer.load(folder / "joint.model").fingerprint

    def files(name: str) -> ParallelFiles:
        return ParallelFiles(**{side: folder / f"{name}.{options[side]}" for side in ("source", "target")})

    def build(config: TrainingOptions, tokenizer: Tokenizer, _: Tokenizer) -> Seq2Seq:
        if tokenizer.fingerprint != expected:
            raise ValueError(f"The run's vocabulary is not that of {folder / 'joint.model'}, which JoeyNMT reads.")
        return build_model(options, tokenizer)

    config = TrainingOptions(
        run_dir=Path(options["run_dir"]),
        train=files("train"),
        valid=files("dev"),
        vocab=VocabularyOptions(size=options["vocab_size"], joint=True),
        data=DataOptions(batch_tokens=1400),  # about 80 sentences
        optimizer=OptimizerOptions(learning_rate=options["learning_rate"]),
        validation=TranslationValidation(every=500),
        max_updates=options["updates"],
    )
    train(config, build)


def training_updates(options: dict[str, Any]) -> None:
    """Serve rounds of updates."""
    import keras
    import numpy as np
    import tensorflow as tf

    from seq2seq.model import Adam, SamplingOptions, ScheduledSampling, TeacherForcing
    from seq2seq.tasks.pipeline import BATCH_SIGNATURE
    from seq2seq.training.updates import Updates

    keras.utils.set_random_seed(options["seed"])
    model = build_model(options)
    model.compile(Adam(options["learning_rate"]), clip_limit=1.0, precision=options["precision"])
    objective = TeacherForcing()
    if "sampling" in options:
        half = {"schedule": "constant", "warmup": 0.0, "floor": 0.5}
        objective = ScheduledSampling(SamplingOptions(way=options["sampling"], **half))
    update = Updates(model, BATCH_SIGNATURE)
    data = np.load(options["batches"])
    batches = [(data[f"source_{i}"], data[f"target_{i}"]) for i in range(len(data.files) // 2)]
    made = 0

    def one_update(source: np.ndarray, target: np.ndarray) -> tuple[float, int]:
        sums = update(objective, [{"source_ids": tf.constant(source), "target_ids": tf.constant(target)}])
        return sums["loss_sum"], sums["tokens"]

    def work(updates: int) -> dict[str, Any]:
        nonlocal made
        seconds = tokens = padded = 0
        for _ in range(updates):
            source, target = batches[made % len(batches)]
            made += 1
            took, (loss, real) = timed(one_update, source, target)
            seconds += took
            tokens += real
            padded += target[:, 1:].size
        said = {"seconds": seconds, "tokens": tokens, "padded": padded, "loss": loss / real}
        return {**said, "weights": model.count_params(), "precision": model.precision}

    serve(work)


def translations(options: dict[str, Any]) -> None:
    """Serve rounds of translation: the first so many lines of a file, from text to text."""
    from seq2seq.text.shortlist import Shortlist
    from seq2seq.translator import Translator

    translator = Translator.load(options["run_dir"], precision=options["precision"])
    shortlist = Shortlist.load(options["shortlist"]) if "shortlist" in options else None
    lines = Path(options["input"]).read_text(encoding="utf-8").split("\n")[:-1]

    def work(count: int) -> dict[str, Any]:
        seconds, found = timed(translator.search, lines[:count], shortlist=shortlist, **options["search"])
        best = [translations[0] for translations in found]
        return {
            "seconds": seconds,
            "sentences": len(best),
            "pieces": sum(len(one.target_pieces) for one in best),
            "hypotheses": [one.text for one in best],
        }

    serve(work)


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    set_threads(given["threads"], per_operation=1 if given["job"] == "translate" else None)
    {"learn": learn, "train": training_updates, "translate": translations}[given["job"]](given)
