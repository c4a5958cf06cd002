"""Search: from log-probabilities to the best target sequences. Plain NumPy; of a model it knows only the engine."""

from seq2seq.search.beam import Beam
from seq2seq.search.engine import Engine
from seq2seq.search.greedy import Greedy
from seq2seq.search.hypotheses import Hypotheses, SpecialIds, length_penalty
from seq2seq.search.loop import Chooser, Rule, search
from seq2seq.search.options import SearchOptions
from seq2seq.search.plan import Constraints, check_constraints, plan_search
from seq2seq.search.predicted_length import length_ids, without_lengths
from seq2seq.search.proposals import Proposals, best_words
from seq2seq.search.required import RequiredPhrases
from seq2seq.search.rules import Phrase, forbid_repeats, forbid_texts, force_prefixes
from seq2seq.search.sampling import Sampling
from seq2seq.search.spelling import Spelling

__all__ = [
    "Beam",
    "Chooser",
    "Constraints",
    "Engine",
    "Greedy",
    "Hypotheses",
    "Phrase",
    "Proposals",
    "RequiredPhrases",
    "Rule",
    "Sampling",
    "SearchOptions",
    "SpecialIds",
    "Spelling",
    "best_words",
    "check_constraints",
    "forbid_repeats",
    "forbid_texts",
    "force_prefixes",
    "length_ids",
    "length_penalty",
    "plan_search",
    "search",
    "without_lengths",
]
