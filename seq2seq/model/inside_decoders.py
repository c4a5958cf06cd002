"""Decoders whose attention stands inside the recurrence: the context enters the next state.

- `InputFeedingDecoder`: the attentional vector of a step enters the next one (Luong et al., 2015, section
  3.3).
- `ConditionalDecoder`: two transitions a step with attention between them (conditional GRU; Sennrich et al.,
  2017).

Teacher forcing needs a loop over target positions; all that does not depend on the state is taken out of it.
"""

import math

import keras
import tensorflow as tf

from seq2seq.layers.dropout import fold
from seq2seq.layers.precision import matmul
from seq2seq.layers.recurrent import recurrent_masks, scan
from seq2seq.model.decoders import Decoder, times


class InsideDecoder(Decoder):
    """Base of the decoders with attention inside the recurrence.

    Subclasses make `cells`, the first of which reads the embeddings, and implement `transition`, one step.
    """

    def build_recurrence(self):
        if self.attention is None:
            raise ValueError(
                f"{type(self).__name__} needs an attention layer, such as AdditiveAttention(units); "
                f"without one, use RNNDecoder."
            )
        self.build_cells()

    def token_features(self, ids, factors=None):
        """As for `Decoder`, and "projected": what the first cell reads, of P features."""
        features = super().token_features(ids, factors)
        return {**features, "projected": self.cells[0].project(features["embedded"])}

    def recur(self, token_features, state, memory, noise):
        projected = token_features["projected"]  # (N, T, P)
        kernels, masks = self._loop_kernels(tf.shape(projected)[0], memory, noise.seed)

        def step(inputs, state, product):
            projected, *between = inputs
            return self.transition(projected, between or nothing, state, memory, product)

        nothing = [None] * (self.num_layers - 1)
        inputs = [projected, *(factors for factors in noise.between if factors is not None)]
        (outputs, context, weights), state = scan(step, inputs, state, kernels=kernels, product_masks=masks)
        return outputs, context, weights, state

    def build_cells(self):
        """Create `cells` and the weights beside them."""
        raise NotImplementedError(f"{type(self).__name__} has no build_cells.")

    def transition(self, projected, between, state, memory, product):
        """One step of the recurrence.

        Args:
            projected: float (N, P), what the first cell reads.
            between: tuple of dropout factors (N, units) or None, one a layer above the first.
            state, memory: as for `call`.
            product: function (x, kernel) -> x @ kernel.

        Returns:
            Tuple ((outputs (N, units), context (N, M), weights (N, S)), state).
        """
        raise NotImplementedError(f"{type(self).__name__} has no transition.")

    def climb(self, outputs, context, cells, states, between, product):
        """The layers above the first: outputs (N, units) of the one below -> (outputs of the top, their
        states)."""
        new_states = []
        for cell, state, kept in zip(cells, states, between, strict=True):
            below = times(outputs, kept)
            inputs = below if context is None else tf.concat([below, context], axis=-1)
            outputs, new_state = cell.step(cell.project(inputs, product), state, product)
            outputs = outputs + below if self.residual else outputs
            new_states.append(new_state)
        return outputs, new_states

    def attend_one(self, query, memory, product):
        """Attention for one position: query (N, D) -> (context (N, M), weights (N, S))."""
        context, weights = self.attend(tf.expand_dims(query, 1), memory, product)
        return tf.squeeze(context, 1), tf.squeeze(weights, 1)

    @property
    def extra_kernels(self):
        """Weights that `transition` multiplies by, beside those of the cells."""
        return []

    def _loop_kernels(self, num_rows, memory, seed):
        """All that `transition` multiplies by, and for each its recurrent dropout mask, or None."""
        kernels, masks = [], []
        for index, cell in enumerate(self.cells):
            kernels += cell.recurrent_kernels
            masks += recurrent_masks(cell, num_rows, self.recurrent_dropout, fold(seed, index, 1))
        others = [cell.kernel for cell in self.cells[1:]] + self.extra_kernels
        others += [*self.attention.query_kernels, memory["values"]]
        return kernels + others, masks + [None] * len(others)


@keras.saving.register_keras_serializable(package="seq2seq")
class InputFeedingDecoder(InsideDecoder):
    """Decoder with input feeding (Luong et al., 2015, section 3.3).

    The stack reads [y_(t-1); a_(t-1)], its top state s_t asks for the context c_t, and the attentional vector
    a_t = tanh(W [s_t; c_t]) is both what the output layer reads and what the next step is fed. The half of W for the
    context is applied to the encoder's outputs instead, once a sentence: attention then sums up the products.
    Arguments: see `Decoder`; `attention` is required.
    """

    def build_cells(self):
        self.cells = self.copies(self.num_layers)
        self.cells[0].build((None, None, self.embedding_dim))
        for cell in self.cells[1:]:
            cell.build((None, None, self.cell.units))
        shape = (self.readout_dim, self.cells[0].bias.shape[0])
        self.feed_kernel = self.add_weight(name="feed_kernel", shape=shape, initializer="glorot_uniform")

    def build_readout(self):
        sizes = {"attentional_kernel": self.cell.units, "context_kernel": self.context_size}
        limit = math.sqrt(6 / (sum(sizes.values()) + self.readout_dim))  # of both together (Glorot & Bengio, 2010)
        self.attentional_kernel, self.context_kernel = (
            self.add_weight(
                name=name,
                shape=(size, self.readout_dim),
                initializer=keras.initializers.RandomUniform(-limit, limit),
            )
            for name, size in sizes.items()
        )

    def values(self, outputs):
        return matmul(outputs, self.context_kernel)

    @property
    def extra_kernels(self):
        return [self.feed_kernel, self.attentional_kernel]

    def start(self, memory):
        memory, state = super().start(memory)
        num_rows = tf.shape(memory["mask"])[0]
        return memory, {"layers": state, "fed": tf.zeros((num_rows, self.readout_dim), self.compute_dtype)}

    def transition(self, projected, between, state, memory, product):
        first, *upper = self.cells
        projected = projected + product(state["fed"], self.feed_kernel)
        outputs, bottom = first.step(projected, state["layers"][0], product)
        outputs, states = self.climb(outputs, None, upper, state["layers"][1:], between, product)
        context, weights = self.attend_one(outputs, memory, product)
        attentional = tf.tanh(product(outputs, self.attentional_kernel) + context)
        return (attentional, context, weights), {"layers": (bottom, *states), "fed": attentional}

    def readout(self, outputs, context, embedded):
        return outputs  # the attentional vectors


@keras.saving.register_keras_serializable(package="seq2seq")
class ConditionalDecoder(InsideDecoder):
    """Decoder of two transitions a step with attention between them (conditional GRU; Sennrich et al., 2017).

    s'_t = cell_1(y_(t-1), s_(t-1)); c_t = attention(s'_t); s_t = cell_2(c_t, s'_t). Any cell will do. Layers
    above the first read [s_t; c_t]. Arguments: see `Decoder`; `attention` is required.
    """

    def build_cells(self):
        self.cells = self.copies(self.num_layers + 1)  # the first layer has two
        self.cells[0].build((None, None, self.embedding_dim))
        self.cells[1].build((None, None, self.context_size))
        for cell in self.cells[2:]:
            cell.build((None, None, self.cell.units + self.context_size))

    def transition(self, projected, between, state, memory, product):
        first, second, *upper = self.cells
        query, middle = first.step(projected, state[0], product)
        context, weights = self.attend_one(query, memory, product)
        outputs, bottom = second.step(second.project(context, product), middle, product)
        outputs, states = self.climb(outputs, context, upper, state[1:], between, product)
        return (outputs, context, weights), (bottom, *states)
