"""Conditional decoder: two transitions per step, with attention between them."""

from collections.abc import Sequence

import keras
import tensorflow as tf

from seq2seq.layers.cells.cell import Product
from seq2seq.model.decoders.decoder import Memory, State
from seq2seq.model.decoders.inside import InsideDecoder, Transition


@keras.saving.register_keras_serializable(package="seq2seq")
class ConditionalDecoder(InsideDecoder):
    """Decoder with two transitions per step and attention between them (conditional GRU; Sennrich et al., 2017).

    s'_t = cell_1(y_(t-1), s_(t-1)); c_t = attention(s'_t); s_t = cell_2(c_t, s'_t). Any cell will do. Layers above the
    first read [s_t; c_t]. Arguments: see `Decoder`; `attention` is required.
    """

    def build_recurrence(self) -> None:
        self.cells = self.copies(self.num_layers + 1)  # the first layer has two
        self.cells[0].build((None, None, self.embedding_dim))
        self.cells[1].build((None, None, self.context_size))
        for cell in self.cells[2:]:
            cell.build((None, None, self.cell.output_size + self.context_size))

    def transition(
        self,
        projected: tf.Tensor,
        between: Sequence[tf.Tensor | None],
        state: State,
        memory: Memory,
        product: Product,
        t: tf.Tensor,
    ) -> Transition:
        (first, second, *upper), layers = self.cells, state["layers"]
        query, middle = first.step(projected, layers[0], product, t)
        context, weights, attention = self.attend_once(query, memory, state["attention"], product)
        outputs, bottom = second.step(second.project(context, product), middle, product, t)
        outputs, states = self.upper_layers(outputs, context, upper, layers[1:], between, product, t)
        return (outputs, context, weights), {"layers": (bottom, *states), "attention": attention}
