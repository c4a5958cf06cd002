"""Objectives: what an update minimises, one per file, each with its options, its schedule and the figures it reports.

The names are imported when they are first used: reading options loads no TensorFlow.
"""

from seq2seq.startup import lazy_names

_HOMES = {
    "MinimumRisk": "minimum_risk",
    "Objective": "objective",
    "RiskOptions": "options",
    "SamplingOptions": "options",
    "ScheduledSampling": "scheduled_sampling",
    "TeacherForcing": "teacher_forcing",
}

__all__ = list(_HOMES)
__getattr__, __dir__ = lazy_names(__name__, _HOMES, tensorflow=True)
