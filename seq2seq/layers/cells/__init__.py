"""Recurrent cells, one recurrence a file."""

from seq2seq.layers.cells.cell import Cell
from seq2seq.layers.cells.elman import Elman
from seq2seq.layers.cells.gru import GRU
from seq2seq.layers.cells.lstm import LSTM

__all__ = ["Cell", "Elman", "GRU", "LSTM"]
