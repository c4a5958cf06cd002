"""Recurrent cells, one recurrence a file."""

from .cell import Cell
from .elman import Elman
from .gru import GRU
from .lstm import LSTM

__all__ = ["Cell", "Elman", "GRU", "LSTM"]
