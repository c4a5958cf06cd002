"""Encoders, decoders and the model that joins them.

The names are imported when they are first used: reading options loads no TensorFlow.
"""

from seq2seq.startup import lazy_names

_HOMES = {
    "Adam": "adam",
    "ConditionalDecoder": "inside_decoders",
    "Encoder": "encoders",
    "InputFeedingDecoder": "inside_decoders",
    "MinimumRisk": "objectives.minimum_risk",
    "Objective": "objectives.objective",
    "RNNDecoder": "decoders",
    "RiskOptions": "objectives.options",
    "SamplingOptions": "objectives.options",
    "ScheduledSampling": "objectives.scheduled_sampling",
    "Seq2Seq": "seq2seq",
    "TeacherForcing": "objectives.teacher_forcing",
    "Trainable": "trainable",
    "load_model": "archive",
}

__all__ = list(_HOMES)
__getattr__, __dir__ = lazy_names(__name__, _HOMES, tensorflow=True)
