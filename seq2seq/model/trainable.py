"""A Keras model with an update of its own: summed gradients are divided by the tokens, clipped and applied."""

import contextlib
import functools
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf

from seq2seq.layers import precision as precisions
from seq2seq.layers.dropout import fold
from seq2seq.layers.probes import Probe, state_probes
from seq2seq.layers.scan import deferred_gradients
from seq2seq.model.adam import averaged
from seq2seq.model.archived import ArchivedModel
from seq2seq.model.finetuning import MapL2
from seq2seq.model.objectives.objective import Objective, Sums
from seq2seq.model.vanishing import VanishingPenalty

CLIPS = ("global_norm", "norm", "value", None)

Batch = Mapping[str, tf.Tensor]


class Trainable(ArchivedModel):
    """Base of the models that this toolkit trains.

    Subclasses give `objective()`, what Keras' `fit` minimises, and `evaluate_batch`.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._loss_of_epoch = keras.metrics.Mean(name="loss")  # shown by Keras' fit

    def objective(self) -> Objective:
        """What Keras' `fit` minimises."""
        raise NotImplementedError(f"{type(self).__name__} has no objective.")

    def evaluate_batch(self, batch: Batch) -> Sums:
        """The sums "loss_sum", "nll_sum" and "tokens" of a batch, without dropout and without a change."""
        raise NotImplementedError(f"{type(self).__name__} has no evaluate_batch.")

    def compile(
        self,
        optimizer: keras.optimizers.Optimizer | str = "adam",
        *,
        clip: str | None = "global_norm",
        clip_limit: float = 1.0,
        seed: int = 0,
        precision: str = "float32",
        map_l2: float = 0.0,
        vanishing_penalty: float = 0.0,
    ) -> None:
        """Makes the model ready for `update` and Keras' `fit`. The loss belongs to the objective: none is given.

        Args:
            optimizer: keras optimizer or its name, without clipping or gradient accumulation of its own.
            clip: "global_norm" (of all gradients together), "norm" (of each variable's), "value" (of each entry), or
                None.
            clip_limit: float above 0. Applied to the gradient of the mean loss per target token.
            seed: int. Seed of all dropout masks, together with the update number.
            precision: "float32", "bfloat16" or "auto" (measured now).
            map_l2: float, 0 for none. Strength with which the weights are held near their present values, see `MapL2`.
            vanishing_penalty: float, 0 for none. Strength of the penalty against vanishing gradients of elman cells,
                see `VanishingPenalty`.

        Raises:
            ValueError: an argument is out of range, or the optimizer clips or accumulates itself.
        """
        if clip not in CLIPS:
            raise ValueError(f"clip is one of {', '.join(map(repr, CLIPS))}, not {clip!r}.")
        if clip and not clip_limit > 0:
            raise ValueError(f"clip_limit is {clip_limit}; it has to be above 0. clip=None turns clipping off.")
        # On a GPU Keras would choose XLA, which cannot pick out the real target tokens (their number is unknown).
        super().compile(optimizer=optimizer, loss=None, jit_compile=False)
        _check_optimizer(self.optimizer)
        self.clip = clip
        self.clip_limit = clip_limit
        self.run_seed = seed % 2**31  # seeds of the graph are int32
        self.precision = precisions.decide(precision)
        self.map_l2 = MapL2(self.trainable_variables, map_l2) if map_l2 else None
        self.vanishing = VanishingPenalty(self, vanishing_penalty) if vanishing_penalty else None
        self.optimizer.build(self.trainable_variables)

    def update_seed(self) -> tf.Tensor:
        """int32 (2,): all that is random in the next update follows from it."""
        return fold(tf.constant((self.run_seed, 0), tf.int32), tf.cast(self.optimizer.iterations, tf.int32))

    def update(self, inputs: Batch, objective: Objective | None = None) -> Sums:
        """One update: `gradients`, then `apply`.

        It is a function of weights, optimizer state, inputs, seed and update number, and of nothing else. Call it
        inside a tf.function.

        Args:
            inputs: from `objective.inputs`.
            objective: Objective; `self.objective()` by default. A traced graph keeps the one it was traced with.

        Returns:
            Dict of scalars: the sums of the objective, "gradient_norm" (global, before clipping) and "finite" (bool;
            False if the update was skipped and only counted).
        """
        sums, gradients = self.gradients(inputs, objective or self.objective(), self.update_seed())
        return {**sums, **self.apply(sums, gradients)}

    def gradients(self, inputs: Batch, objective: Objective, seed: tf.Tensor) -> tuple[Sums, list[tf.Tensor]]:
        """The sums of a batch and the gradient of "loss_sum", before anything is divided.

        Sums and gradients of several micro-batches or replicas may be added before `apply`.

        Args:
            inputs: from `objective.inputs`.
            objective: Objective.
            seed: int32 (2,).

        Returns:
            Tuple (sums, one dense gradient per trainable variable).
        """
        products = functools.partial(precisions.products, self.precision)
        with products(), deferred_gradients(), tf.GradientTape() as tape, self._probes(tape) as probes:
            sums = objective(self, inputs, seed)
        variables, zeros = self.trainable_variables, [probe.zeros for probe in probes]
        with products():
            gradients, of_states = _gradients(tape, sums["loss_sum"], variables, zeros)
            if self.vanishing:
                penalty, gradients = self.vanishing.added_to(gradients, variables, probes, of_states)
                sums = {**sums, **penalty}
        return sums, gradients

    def _probes(self, tape: tf.GradientTape) -> contextlib.AbstractContextManager[list[Probe]]:
        """Probes of all recurrent layers if the penalty needs them."""
        return state_probes(tape) if self.vanishing else contextlib.nullcontext([])

    def apply(self, sums: Sums, gradients: Sequence[tf.Tensor]) -> Sums:
        """Divides the summed gradients by the number of tokens, clips them and updates the weights.

        An update whose loss or gradient is not finite changes nothing but the update number.

        Returns:
            {"gradient_norm": float, of the mean before clipping; "finite": bool, False if the update was skipped}.
        """
        variables = self.trainable_variables
        tokens = tf.cast(sums["tokens"], sums["loss_sum"].dtype)
        if self.map_l2:
            gradients = self.map_l2.added_to(gradients, variables, tokens)
        norm = tf.linalg.global_norm(gradients) / tokens
        finite = tf.math.is_finite(norm) & tf.math.is_finite(sums["loss_sum"])
        gradients = self._clipped_mean(gradients, tokens, norm)

        def apply() -> tf.Tensor:
            self.optimizer.apply(gradients, variables)
            return tf.constant(True)

        def skip() -> tf.Tensor:
            self.optimizer.iterations.assign_add(1)
            return tf.constant(False)

        return {"gradient_norm": norm, "finite": tf.cond(finite, apply, skip)}

    def _clipped_mean(self, summed: Sequence[tf.Tensor], tokens: tf.Tensor, norm: tf.Tensor) -> list[tf.Tensor]:
        """Gradients of the loss sum -> of the mean loss, clipped; `norm` is the global norm of the mean."""
        if self.clip == "global_norm":  # in one pass over them
            scale = self.clip_limit / (tf.maximum(norm, self.clip_limit) * tokens)
            return [gradient * scale for gradient in summed]
        mean = [gradient / tokens for gradient in summed]
        if self.clip == "norm":
            return [tf.clip_by_norm(gradient, self.clip_limit) for gradient in mean]
        if self.clip == "value":
            return [tf.clip_by_value(gradient, -self.clip_limit, self.clip_limit) for gradient in mean]
        return mean

    def averaged_weights(self) -> contextlib.AbstractContextManager[None]:
        """Context manager: the optimizer's running averages, if it keeps any, in place of the weights."""
        return averaged(self.trainable_variables, self.optimizer)

    def train_step(self, batch: Batch) -> dict[str, tf.Tensor]:
        """`update` in the form of Keras' `fit`, which shows the mean loss per target token."""
        return self._loss_shown(self.update(batch), "loss_sum")

    def test_step(self, batch: Batch) -> dict[str, tf.Tensor]:
        """`evaluate_batch` in the form of Keras' `evaluate`: the plain negative log-likelihood per target token."""
        return self._loss_shown(self.evaluate_batch(batch), "nll_sum")

    def _loss_shown(self, sums: Sums, name: str) -> dict[str, tf.Tensor]:
        tokens = tf.cast(sums["tokens"], sums[name].dtype)
        self._loss_of_epoch.update_state(sums[name] / tokens, sample_weight=tokens)
        return {"loss": self._loss_of_epoch.result()}

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        return [self._loss_of_epoch] if self.compiled else []


def _gradients(
    tape: tf.GradientTape, loss_sum: tf.Tensor, variables: Sequence[keras.Variable], others: Any
) -> tuple[list[tf.Tensor], Any]:
    """Gradients of the loss sum, zero where it does not reach (a last norm that nothing attends to).

    Returns:
        Tuple (one dense gradient per variable, those of `others`, a nest of tensors that the tape watched).
    """
    values = [variable.value for variable in variables]
    zero = tf.UnconnectedGradients.ZERO
    gradients, of_others = tape.gradient(loss_sum, (values, others), unconnected_gradients=zero)
    return [tf.convert_to_tensor(gradient) for gradient in gradients], of_others


def _check_optimizer(optimizer: keras.optimizers.Optimizer) -> None:
    for option in ("clipnorm", "clipvalue", "global_clipnorm", "gradient_accumulation_steps"):
        value = getattr(optimizer, option, None)
        if value is not None:
            raise ValueError(
                f"The optimizer comes with {option}={value}, which would act beside the model's own update. "
                f"Leave it out; compile(clip=..., clip_limit=...) clips."
            )
