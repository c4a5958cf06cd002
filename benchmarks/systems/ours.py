"""This project's model for the comparison."""

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
    attention = AdditiveAttention(units)
    return Seq2Seq(
        Encoder(vocab_size, embedding_dim, GRU(units)),
        decoder_class(vocab_size, embedding_dim, GRU(units), attention, readout_dim=units),
        source_tokenizer=tokenizer,
        target_tokenizer=tokenizer,
        label_smoothing=options["label_smoothing"],
    )


def main(options):
    """Serve rounds of updates."""
    set_threads(options["threads"])
    import keras
    import numpy as np
    import tensorflow as tf

    from seq2seq.model import Adam
    from seq2seq.training.pipeline import BATCH_SIGNATURE

    keras.utils.set_random_seed(options["seed"])
    model = build_model(options)
    model.compile(Adam(options["learning_rate"]), clip_limit=1.0, precision=options["precision"])
    update = tf.function(model.update, input_signature=[BATCH_SIGNATURE], autograph=False)
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


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
