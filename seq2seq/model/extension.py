"""A model with room for more pieces, which translates as before until it has learnt something about them."""

import keras
import numpy as np

from seq2seq.model.seq2seq import Seq2Seq

SPACE = "\u2581"  # as SentencePiece writes it
_BELOW = 20.0  # logits: new pieces start so far below the least bias, out of reach of any search


def extended_model(model, source_tokenizer, target_tokenizer):
    """The model with the pieces that these tokenizers have beyond its own.

    A new piece starts as the mean of the old pieces that used to write it, in embeddings and output layer, and with a
    bias so low that it is never said, until it is `let_in`.

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
    tables |= {id(table): target for table in (new.decoder.embedding.table, new.decoder.output_kernel)}
    for weight, old in zip(new.weights, model.weights, strict=True):
        values = keras.ops.convert_to_numpy(old)
        if weight is new.decoder.output_bias:
            values = np.concatenate([values, np.full(len(target), values.min() - _BELOW, values.dtype)])
        elif id(weight) in tables:
            values = np.stack([*values, *(values[ids].mean(axis=0) for ids in tables[id(weight)])])
        weight.assign(values)
    return new


def let_in(model, old_vocab_size):
    """Raise the biases of new target pieces to the least of the old ones, when training is about to begin: to unlearn
    the whole distance would spoil what else the model knows.

    Args:
        model: from `extended_model`.
        old_vocab_size: int. Target pieces that are not new.
    """
    bias = model.decoder.output_bias.numpy()
    bias[old_vocab_size:] = bias[:old_vocab_size].min()
    model.decoder.output_bias.assign(bias)


def _old_ids(old, new):
    """For each new piece the old ids that wrote it."""
    found = []
    for piece in new.pieces(range(old.vocab_size, new.vocab_size)):
        (ids,) = old.encode([piece.removeprefix(SPACE)])
        begins_a_word = piece.startswith(SPACE)
        found.append(ids if begins_a_word or old.pieces(ids[:1]) != [SPACE] else ids[1:])
    return found
