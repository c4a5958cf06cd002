"""Decoder with input feeding."""

import math
from collections.abc import Sequence

import keras
import tensorflow as tf

from seq2seq.layers.cells.cell import Product
from seq2seq.layers.precision import matmul
from seq2seq.model.decoders.decoder import Memory, State
from seq2seq.model.decoders.inside import InsideDecoder, Transition


@keras.saving.register_keras_serializable(package="seq2seq")
class InputFeedingDecoder(InsideDecoder):
    """Decoder with input feeding (Luong et al., 2015, section 3.3).

    The stack reads [y_(t-1); a_(t-1)], and its top state s_t asks for the context c_t. The attentional vector
    a_t = tanh(W [s_t; c_t]) is both what the output layer reads and what the next step is fed. The half of W for the
    context is applied to the encoder's outputs instead, once per sentence: attention then sums the products.
    Arguments: see `Decoder`; `attention` is required.
    """

    def build_recurrence(self) -> None:
        self.cells = self.copies(self.num_layers)
        self.cells[0].build((None, None, self.embedding_dim))
        for cell in self.cells[1:]:
            cell.build((None, None, self.cell.output_size))
        shape = (self.readout_dim, self.cell.projected_size)
        self.feed_kernel = self.add_weight(name="feed_kernel", shape=shape, initializer="glorot_uniform")

    def build_readout(self) -> None:
        sizes = {"attentional_kernel": self.cell.output_size, "context_kernel": self.context_size}
        limit = math.sqrt(6 / (sum(sizes.values()) + self.readout_dim))  # of both together (Glorot & Bengio, 2010)
        self.attentional_kernel, self.context_kernel = (
            self.add_weight(
                name=name,
                shape=(size, self.readout_dim),
                initializer=keras.initializers.RandomUniform(-limit, limit),
            )
            for name, size in sizes.items()
        )

    def values(self, outputs: tf.Tensor) -> tf.Tensor:
        return matmul(outputs, self.context_kernel)

    @property
    def extra_kernels(self) -> list[keras.Variable]:
        return [self.feed_kernel, self.attentional_kernel]

    def start(self, memory: Memory) -> tuple[Memory, State]:
        memory, state = super().start(memory)
        num_rows = tf.shape(memory["mask"])[0]
        return memory, {**state, "fed": tf.zeros((num_rows, self.readout_dim), self.compute_dtype)}

    def transition(
        self,
        projected: tf.Tensor,
        between: Sequence[tf.Tensor | None],
        state: State,
        memory: Memory,
        product: Product,
        t: tf.Tensor,
    ) -> Transition:
        (first, *upper), layers = self.cells, state["layers"]
        projected = projected + product(state["fed"], self.feed_kernel)
        outputs, bottom = first.step(projected, layers[0], product, t)
        outputs, states = self.upper_layers(outputs, None, upper, layers[1:], between, product, t)
        context, weights, attention = self.attend_once(outputs, memory, state["attention"], product)
        attentional = tf.tanh(product(outputs, self.attentional_kernel) + context)
        state = {"layers": (bottom, *states), "attention": attention, "fed": attentional}
        return (attentional, context, weights), state

    def readout(self, outputs: tf.Tensor, context: tf.Tensor | None, embedded: tf.Tensor) -> tf.Tensor:
        return outputs  # the attentional vectors
