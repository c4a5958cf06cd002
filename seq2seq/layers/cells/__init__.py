"""Recurrent cells, one recurrence per file; `CELLS` has them by name."""

from seq2seq.layers.cells.cell import Cell, StatePart
from seq2seq.layers.cells.elman import Elman
from seq2seq.layers.cells.gru import GRU
from seq2seq.layers.cells.linear import LinearCell
from seq2seq.layers.cells.lstm import LSTM
from seq2seq.layers.cells.peephole_lstm import PeepholeLSTM
from seq2seq.layers.cells.simple_gru import SimpleGRU
from seq2seq.registry import CELLS

__all__ = [
    "Cell",
    "CELLS",
    "Elman",
    "GRU",
    "LinearCell",
    "LSTM",
    "PeepholeLSTM",
    "SimpleGRU",
    "StatePart",
]
