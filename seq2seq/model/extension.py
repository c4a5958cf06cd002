"""Extends the vocabulary of a model, which goes on translating as before until training begins."""

import keras
import numpy as np

from seq2seq.model.seq2seq import Seq2Seq
from seq2seq.text.tokenizer import Tokenizer

SPACE = "\u2581"  # as SentencePiece writes it
_BELOW = 20.0  # logits: the biases of new pieces are this far below the least of the others, out of reach of search


def extended_model(model: Seq2Seq, source_tokenizer: Tokenizer, target_tokenizer: Tokenizer) -> Seq2Seq:
    """The model with the additional pieces of these tokenizers.

    In embeddings and output layer, a new piece starts as the mean of the old pieces that used to write it. Its bias is
    so low that it is never predicted, until `raise_new_biases`.

    Args:
        model: Seq2Seq with its tokenizers.
        source_tokenizer, target_tokenizer: from `Tokenizer.extended`; the same object for a joint
            vocabulary.

    Returns:
        A new Seq2Seq.
    """
    config = model.get_config()
    config["encoder"]["config"]["vocab_size"] = source_tokenizer.vocab_size
    config["decoder"]["config"]["vocab_size"] = target_tokenizer.vocab_size
    new = Seq2Seq.from_config(config)
    new.source_tokenizer, new.target_tokenizer = source_tokenizer, target_tokenizer
    source = _old_ids(model.source_tokenizer, source_tokenizer)
    target = _old_ids(model.target_tokenizer, target_tokenizer)
    tables = {id(new.encoder.embedding.table): source}
    tables |= {id(table): target for table in (new.decoder.embedding.table, new.decoder.output_layer.kernel)}
    for weight, old in zip(new.weights, model.weights, strict=True):
        values = keras.ops.convert_to_numpy(old)
        if weight is new.decoder.output_layer.bias:
            values = np.concatenate([values, np.full(len(target), values.min() - _BELOW, values.dtype)])
        elif id(weight) in tables:
            values = np.stack([*values, *(values[ids].mean(axis=0) for ids in tables[id(weight)])])
        weight.assign(values)
    return new


def raise_new_biases(model: Seq2Seq, old_vocab_size: int) -> None:
    """Raises the biases of new target pieces to the least of the old ones. Call it just before training.

    Otherwise training would first have to close the large distance, at the cost of what the model already knows.

    Args:
        model: from `extended_model`.
        old_vocab_size: int. Target pieces that are not new.
    """
    bias = model.decoder.output_layer.bias.numpy()
    bias[old_vocab_size:] = bias[:old_vocab_size].min()
    model.decoder.output_layer.bias.assign(bias)


def _old_ids(old: Tokenizer, new: Tokenizer) -> list[list[int]]:
    """For each new piece, the ids of the old pieces that used to write it."""
    found = []
    for piece in new.pieces(range(old.vocab_size, new.vocab_size)):
        (ids,) = old.encode([piece.removeprefix(SPACE)])
        begins_a_word = piece.startswith(SPACE)
        found.append(ids if begins_a_word or old.pieces(ids[:1]) != [SPACE] else ids[1:])
    return found
