"""Output layers: from the decoder's features to logits and losses. `OUTPUTS` has them by how a sequence ends.

An output layer has three methods. `logits` serves search and sampling. `loss_sums` serves training and `losses`
validation: they take whole targets, pick the real tokens, and never build the logits of all of them at once. Attention
weights and memory are arguments too, for an output layer that copies source tokens.
"""

from seq2seq.layers.outputs.halting import Halting
from seq2seq.layers.outputs.linear import Linear

OUTPUTS = {"end_symbol": Linear, "halt": Halting}

__all__ = ["OUTPUTS", "Halting", "Linear"]
