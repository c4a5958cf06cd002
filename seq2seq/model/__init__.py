"""Encoders, decoders and the model that joins them."""

from ..startup import start_tensorflow

start_tensorflow()

from .adam import Adam  # noqa: E402
from .archive import load_model  # noqa: E402
from .decoders import RNNDecoder  # noqa: E402
from .encoders import Encoder  # noqa: E402
from .inside_decoders import ConditionalDecoder, InputFeedingDecoder  # noqa: E402
from .minimum_risk import MinimumRisk  # noqa: E402
from .scheduled_sampling import ScheduledSampling  # noqa: E402
from .seq2seq import Seq2Seq  # noqa: E402

__all__ = [
    "Adam",
    "ConditionalDecoder",
    "Encoder",
    "InputFeedingDecoder",
    "MinimumRisk",
    "RNNDecoder",
    "ScheduledSampling",
    "Seq2Seq",
    "load_model",
]
