"""What a shortlist does to the log-probabilities of an engine."""

import numpy as np

__all__ = ["whole_vocabulary"]


def whole_vocabulary(log_probs: np.ndarray, shortlist: np.ndarray, vocab_size: int) -> np.ndarray:
    """Log-probabilities (N, V), minus infinity outside the shortlist, from those of its tokens; (N, V) stay as they
    are."""
    if not len(shortlist):
        return log_probs
    whole = np.full((len(log_probs), vocab_size), -np.inf, np.float32)
    whole[:, shortlist] = log_probs
    return whole
