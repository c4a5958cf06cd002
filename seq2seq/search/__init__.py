"""Search: from a step function to the best target sequences. Knows nothing else about a model."""

from seq2seq.search.beam import beam_search
from seq2seq.search.greedy import greedy_search
from seq2seq.search.hypotheses import Hypotheses, SpecialIds, length_penalty

__all__ = ["Hypotheses", "SpecialIds", "beam_search", "greedy_search", "length_penalty"]
