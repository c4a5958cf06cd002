"""Encoders, decoders and the model that joins them.

The names are imported when they are first used: reading options loads no TensorFlow.
"""

from seq2seq.startup import lazy_names

_HOMES = {
    "Adam": "adam",
    "Classifier": "classifier",
    "ConditionalDecoder": "decoders.conditional",
    "Decoder": "decoders.decoder",
    "Encoder": "encoders",
    "InputFeedingDecoder": "decoders.input_feeding",
    "LanguageModel": "language_model",
    "LanguageModelOptions": "options",
    "MinimumRisk": "objectives.minimum_risk",
    "ModelOptions": "options",
    "NextToken": "objectives.next_token",
    "Objective": "objectives.objective",
    "RNNDecoder": "decoders.rnn",
    "RiskOptions": "objectives.options",
    "SamplingOptions": "objectives.options",
    "ScheduledSampling": "objectives.scheduled_sampling",
    "Seq2Seq": "seq2seq",
    "Tagger": "tagger",
    "TeacherForcing": "objectives.teacher_forcing",
    "Trainable": "trainable",
    "VectorEncoder": "vector_encoder",
    "check_fit": "composition",
    "compose": "composition",
    "load_model": "archive",
}

__all__ = list(_HOMES)
__getattr__, __dir__ = lazy_names(__name__, _HOMES, tensorflow=True)
