"""This project's model for the comparison."""

import functools
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2]))
from turns import serve, timed

from seq2seq.startup import set_threads


def build_model(options, tokenizer=None):
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


def learn(options):
    """Train a model to translate with, by the library's own loop."""
    from seq2seq.text.tokenizer import Tokenizer
    from seq2seq.training import TrainingOptions, train

    folder = Path(options["folder"])
    sides = zip(("train", "valid"), ("train", "dev"), strict=True)
    files = {
        f"{part}_{side}": folder / f"{name}.{options[side]}" for part, name in sides for side in ("source", "target")
    }
    config = TrainingOptions(
        run_dir=Path(options["run_dir"]),
        learning_rate=options["learning_rate"],
        max_updates=options["updates"],
        validate_every=500,
        batch_tokens=1400,  # about 80 sentences
        **files,
    )
    tokenizer = Tokenizer.load(folder / "joint.model")
    train(config, lambda config, source, target: build_model(options, source), tokenizers=(tokenizer, tokenizer))


def training_updates(options):
    """Serve rounds of updates."""
    import keras
    import numpy as np
    import tensorflow as tf

    from seq2seq.model import Adam, ScheduledSampling
    from seq2seq.model.objectives import scheduled_sampling, teacher_forcing
    from seq2seq.training.pipeline import BATCH_SIGNATURE

    keras.utils.set_random_seed(options["seed"])
    model = build_model(options)
    sampled = "sampling" in options
    sampling = ScheduledSampling(way=options["sampling"]) if sampled else None
    model.compile(Adam(options["learning_rate"]), clip_limit=1.0, precision=options["precision"], sampling=sampling)
    model.gold_probability.assign(0.5)
    one_step = functools.partial(model.update, objective=scheduled_sampling if sampled else teacher_forcing)
    update = tf.function(one_step, input_signature=[BATCH_SIGNATURE], autograph=False)
    data = np.load(options["batches"])
    batches = [(data[f"source_{i}"], data[f"target_{i}"]) for i in range(len(data.files) // 2)]
    made = 0

    def one_update(source, target):
        sums = update({"source_ids": tf.constant(source), "target_ids": tf.constant(target)})
        return float(sums["loss_sum"]), int(sums["tokens"])

    def work(updates):
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


def translations(options):
    """Serve rounds of translation: the first so many lines of a file, from text to text."""
    from seq2seq.text.shortlist import Shortlist
    from seq2seq.translator import Translator

    translator = Translator.load(options["run_dir"], precision=options["precision"])
    shortlist = Shortlist.load(options["shortlist"]) if "shortlist" in options else None
    lines = Path(options["input"]).read_text(encoding="utf-8").split("\n")[:-1]

    def work(count):
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
