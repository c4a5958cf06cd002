"""Converts results for the tokens of a shortlist into results for the whole vocabulary.

A shortlist is int32 (v,), rising; an empty one stands for the whole vocabulary.
"""

import numpy as np

__all__ = ["target_ids", "whole_vocabulary"]


def target_ids(places: np.ndarray, shortlist: np.ndarray) -> np.ndarray:
    """The ids of the tokens at some places in the shortlist."""
    return shortlist[places] if len(shortlist) else places


def whole_vocabulary(log_probs: np.ndarray, shortlist: np.ndarray, vocab_size: int) -> np.ndarray:
    """Log-probabilities of all tokens, (N, V), from those of the shortlist, (N, v): minus infinity for the others."""
    if not len(shortlist):
        return log_probs
    whole = np.full((len(log_probs), vocab_size), -np.inf, np.float32)
    whole[:, shortlist] = log_probs
    return whole
