"""Recurrent cells, one recurrence per file; `CELLS` has them by name."""

from seq2seq.layers.cells.cell import Cell, StatePart
from seq2seq.layers.cells.clockwork import Clockwork
from seq2seq.layers.cells.deep import Deep
from seq2seq.layers.cells.delayed import Delayed
from seq2seq.layers.cells.elman import Elman
from seq2seq.layers.cells.gru import GRU
from seq2seq.layers.cells.hgrn import HGRN
from seq2seq.layers.cells.jordan import Jordan
from seq2seq.layers.cells.layer_norm_gru import LayerNormGRU
from seq2seq.layers.cells.layer_norm_lstm import LayerNormLSTM
from seq2seq.layers.cells.leaky import Leaky
from seq2seq.layers.cells.linear import LinearCell
from seq2seq.layers.cells.lstm import LSTM
from seq2seq.layers.cells.min_gru import MinGRU
from seq2seq.layers.cells.min_lstm import MinLSTM
from seq2seq.layers.cells.peephole_lstm import PeepholeLSTM
from seq2seq.layers.cells.rg_lru import RGLRU
from seq2seq.layers.cells.simple_gru import SimpleGRU
from seq2seq.layers.cells.slstm import SLSTM
from seq2seq.layers.cells.ssru import SSRU
from seq2seq.registry import CELLS

__all__ = [
    "Cell",
    "CELLS",
    "Clockwork",
    "Deep",
    "Delayed",
    "Elman",
    "GRU",
    "HGRN",
    "Jordan",
    "LayerNormGRU",
    "LayerNormLSTM",
    "Leaky",
    "LinearCell",
    "LSTM",
    "MinGRU",
    "MinLSTM",
    "PeepholeLSTM",
    "RGLRU",
    "SimpleGRU",
    "SLSTM",
    "SSRU",
    "StatePart",
]
