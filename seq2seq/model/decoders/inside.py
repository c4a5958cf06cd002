"""Base of the decoders with attention inside the recurrence, where the context enters the next state.

Teacher forcing needs a loop over target positions. What does not depend on the state is computed before the loop.
"""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from seq2seq.layers.cells import Cell
from seq2seq.layers.cells.cell import Product
from seq2seq.layers.cells.cell import State as CellState
from seq2seq.layers.dropout import fold, masked
from seq2seq.layers.probes import probed_scan
from seq2seq.layers.recurrent import recurrent_masks
from seq2seq.model.decoders.attending import attend
from seq2seq.model.decoders.decoder import Decoder, Memory, Recurrence, State
from seq2seq.model.decoders.dropout_masks import DropoutMasks

Transition = tuple[tuple[tf.Tensor, tf.Tensor, tf.Tensor], State]
"""(Outputs (N, output_size), context (N, M), attention weights (N, S)), and the new state."""


class InsideDecoder(Decoder):
    """Base of the decoders with attention inside the recurrence.

    Subclasses create `cells` in `build_recurrence`, the first of which reads the embeddings, and implement
    `transition`, one step.
    """

    cells: list[Cell]

    def __init__(self, vocab_size: int, embedding_dim: int, cell: Cell, attention: Any = None, **kwargs: Any) -> None:
        if attention is None:
            raise ValueError(
                f"{type(self).__name__} needs an attention layer, such as AdditiveAttention(units); "
                "without one, use RNNDecoder (--model.decoder rnn)."
            )
        super().__init__(vocab_size, embedding_dim, cell, attention, **kwargs)

    def transition(
        self,
        projected: tf.Tensor,
        between: Sequence[tf.Tensor | None],
        state: State,
        memory: Memory,
        product: Product,
        t: tf.Tensor,
    ) -> Transition:
        """One step of the recurrence.

        Args:
            projected: float (N, P), what the first cell reads.
            between: dropout masks float (N, output_size) or None, one for each layer above the first.
            state: as for `call`, without "t".
            memory: as for `call`.
            product: function (x, kernel) -> x @ kernel.
            t: int32 (N,). Number of the step.
        """
        raise NotImplementedError(f"{type(self).__name__} has no transition.")

    @property
    def extra_kernels(self) -> list[keras.Variable]:
        """Weights that `transition` multiplies by, beside those of the cells and of attention."""
        return []

    def recur(self, embedded: tf.Tensor, state: State, memory: Memory, dropout_masks: DropoutMasks) -> Recurrence:
        projected = self.cells[0].project(embedded)  # (N, T, P)
        kernels, product_masks = self._loop_kernels(tf.shape(projected)[0], memory, dropout_masks.seed)
        nothing = [None] * (self.num_layers - 1)

        def step(inputs: Any, state: State, product: Product, t: tf.Tensor) -> Transition:
            projected, *between = inputs
            return self.transition(projected, between or nothing, state, memory, product, t)

        inputs = [projected, *(mask for mask in dropout_masks.between if mask is not None)]
        first_step = state["t"]
        state = {name: part for name, part in state.items() if name != "t"}
        (outputs, context, weights), state = probed_scan(
            self,
            step,
            inputs,
            state,
            kernels=kernels,
            product_masks=product_masks,
            first_step=first_step,
            truncate=self.truncate,
        )
        return outputs, context, weights, state

    def upper_layers(
        self,
        outputs: tf.Tensor,
        context: tf.Tensor | None,
        cells: Sequence[Cell],
        states: Sequence[CellState],
        between: Sequence[tf.Tensor | None],
        product: Product,
        t: tf.Tensor,
    ) -> tuple[tf.Tensor, list[CellState]]:
        """One step of the layers above the first.

        Args:
            outputs: float (N, output_size), of the layer below.
            context: float (N, M), which each layer reads beside that; or None.

        Returns:
            Tuple (outputs of the top layer, states of these layers).
        """
        new_states = []
        for cell, state, mask in zip(cells, states, between, strict=True):
            below = masked(outputs, mask)
            inputs = below if context is None else tf.concat([below, context], axis=-1)
            outputs, new_state = cell.step(cell.project(inputs, product), state, product, t)
            outputs = outputs + below if self.residual else outputs
            new_states.append(new_state)
        return outputs, new_states

    def attend_once(
        self, query: tf.Tensor, memory: Memory, state: Any, product: Product
    ) -> tuple[tf.Tensor, tf.Tensor, Any]:
        """Attention for one position: query (N, D) -> (context (N, M), weights (N, S), state)."""
        context, weights, state = attend(self.attention, tf.expand_dims(query, 1), memory, state, product)
        return tf.squeeze(context, 1), tf.squeeze(weights, 1), state

    def _loop_kernels(self, num_rows: tf.Tensor, memory: Memory, seed: tf.Tensor | None) -> tuple[list, list]:
        """All that `transition` multiplies by, and for each its recurrent dropout mask, or None."""
        kernels, masks = [], []
        for index, cell in enumerate(self.cells):
            kernels += cell.recurrent_kernels
            masks += recurrent_masks(cell, num_rows, self.recurrent_dropout, fold(seed, index, 1))
        others = [kernel for cell in self.cells[1:] for kernel in cell.input_kernels] + self.extra_kernels
        others += [*self.attention.kernels, memory["values"]]
        return kernels + others, masks + [None] * len(others)
