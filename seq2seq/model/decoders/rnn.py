"""Decoder with attention outside the recurrence, or without attention."""

from typing import Any

import keras
import tensorflow as tf

from seq2seq.layers.dropout import fold, masked
from seq2seq.layers.recurrent import Recurrent
from seq2seq.layers.scan import scan
from seq2seq.model.decoders.attending import attend
from seq2seq.model.decoders.decoder import Decoder, Memory, Recurrence, State
from seq2seq.model.decoders.dropout_masks import DropoutMasks


@keras.saving.register_keras_serializable(package="seq2seq")
class RNNDecoder(Decoder):
    """Decoder with attention outside the recurrence, or without attention.

    The bottom layer reads embeddings alone, so in teacher forcing each layer runs over the whole target, and attention
    is one product for all positions (Luong et al., 2015, without input feeding). Attention with a state looks at the
    positions one after the other. Without attention the encoder's last state may also be an input of each step of every
    layer and of the read-out (`context`; Cho et al., 2014). Arguments: see `Decoder`.
    """

    def build_recurrence(self) -> None:
        self.layers = [
            Recurrent(
                cell,
                recurrent_dropout=self.recurrent_dropout,
                truncate=self.truncate,
                name=f"layer_{layer}",
                dtype=self.dtype_policy,
            )
            for layer, cell in enumerate(self.copies(self.num_layers))
        ]
        at_each_step = 0 if self.attention is not None else self.context_size
        self.layers[0].build((None, None, self.embedding_dim + at_each_step))
        for layer in self.layers[1:]:
            layer.build((None, None, self.cell.output_size + self.context_size))

    def recur(self, embedded: tf.Tensor, state: State, memory: Memory, dropout_masks: DropoutMasks) -> Recurrence:
        seed, t = dropout_masks.seed, state["t"]
        given = _at_each_step(memory["context"], embedded) if "context" in memory else None
        inputs = embedded if given is None else tf.concat([embedded, given], axis=-1)
        outputs, bottom = self.layers[0](inputs, state=state["layers"][0], seed=fold(seed, 0), first_step=t)
        context, weights, attention = self._attend_to_all(outputs, memory, state["attention"])
        context = given if context is None else context
        layers = [bottom]
        for index, layer in enumerate(self.layers[1:], start=1):
            below = masked(outputs, dropout_masks.between[index - 1])
            inputs = below if context is None else tf.concat([below, context], axis=-1)
            layer_seed = fold(seed, index, 1)
            outputs, new_state = layer(inputs, state=state["layers"][index], seed=layer_seed, first_step=t)
            outputs = outputs + below if self.residual else outputs
            layers.append(new_state)
        return outputs, context, weights, {"layers": tuple(layers), "attention": attention}

    def _attend_to_all(
        self, query: tf.Tensor, memory: Memory, state: Any
    ) -> tuple[tf.Tensor | None, tf.Tensor | None, Any]:
        """Attention of all target positions (N, T, D): context (N, T, M), weights (N, T, S), state."""
        if self.attention is None:
            return None, None, state
        if not tf.nest.flatten(state):
            return attend(self.attention, query, memory, state)

        def step(query: tf.Tensor, state: Any, product: Any, t: tf.Tensor) -> tuple[Any, Any]:
            context, weights, state = attend(self.attention, query[:, tf.newaxis], memory, state, product)
            return (context[:, 0], weights[:, 0]), state

        kernels = [*self.attention.kernels, memory["values"]]
        (context, weights), state = scan(step, query, state, kernels=kernels, truncate=self.truncate)
        return context, weights, state


def _at_each_step(context: tf.Tensor, embedded: tf.Tensor) -> tf.Tensor:
    """(B, C) -> (N, T, C), for embeddings (N, T, E), N = B * K with the beams of a sentence adjacent."""
    num_rows, num_steps = tf.unstack(tf.shape(embedded)[:2])
    context = tf.repeat(context, num_rows // tf.shape(context)[0], axis=0)
    return tf.repeat(context[:, tf.newaxis], num_steps, axis=1)
