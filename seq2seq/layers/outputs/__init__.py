"""Output layers: from the decoder's features to logits and losses. `OUTPUTS` has them by how a target ends.

An output layer has three methods. `logits` serves search and sampling. `loss_sums` serves training and `losses`
validation: they take whole targets, pick the real tokens, and never build the logits of all of them at once. Attention
weights and memory are arguments too, for an output layer that copies source tokens.

A target ends by an end token among the other tokens ("end_symbol": Linear), by a unit that says at each step whether to
halt ("halt": Halting), or after a number of words that is predicted first ("length": PredictedLength).
"""

from typing import Any

from seq2seq.layers.outputs.halting import Halting
from seq2seq.layers.outputs.linear import Linear
from seq2seq.layers.outputs.predicted_length import PredictedLength

OUTPUTS = {"end_symbol": Linear, "halt": Halting, "length": PredictedLength}

__all__ = ["OUTPUTS", "Halting", "Linear", "PredictedLength", "output_layer"]


def output_layer(ending: str, vocab_size: int, num_lengths: int, **options: Any) -> Linear:
    """The output layer for targets that end in a way of `OUTPUTS`; `num_lengths` is for "length" alone.

    Raises:
        ValueError: there is no such way.
    """
    if ending not in OUTPUTS:
        raise ValueError(f"A target ends by one of {', '.join(OUTPUTS)}, not {ending!r}.")
    lengths = {"num_lengths": num_lengths} if ending == "length" else {}
    return OUTPUTS[ending](vocab_size, **lengths, **options)
