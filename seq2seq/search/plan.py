"""Makes the chooser and the rules of a search from its options."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from seq2seq.search.beam import Beam
from seq2seq.search.greedy import Greedy
from seq2seq.search.hypotheses import SpecialIds
from seq2seq.search.loop import Chooser, Rule
from seq2seq.search.options import SearchOptions
from seq2seq.search.predicted_length import after_length, allow_lengths
from seq2seq.search.required import RequiredPhrases
from seq2seq.search.rules import Phrase, forbid_repeats, forbid_texts, force_prefixes
from seq2seq.search.sampling import Sampling
from seq2seq.search.spelling import Spelling

__all__ = ["Constraints", "check_constraints", "plan_search"]


class Constraints(NamedTuple):
    """Constraints on the translation of one sentence, in tokens."""

    prefix: Phrase = ()  # its first token ids
    required: Sequence[Phrase] = ()  # token ids that it must contain side by side
    forbidden: Sequence[bytes] = ()  # texts that it must not contain, as a `Spelling` spells them


def plan_search(
    options: SearchOptions,
    max_lengths: np.ndarray,
    *,
    constraints: Sequence[Constraints] | None = None,
    spelling: Spelling | None = None,
    places: Sequence[int] | None = None,
    special_ids: SpecialIds,
    num_lengths: int = 0,
) -> tuple[Chooser, list[Rule]]:
    """Makes the chooser and the rules that `search` takes for a batch of B sentences.

    Args:
        options: how to search.
        max_lengths: int (B,). Most tokens for each sentence, end token included; at least 1.
        constraints: of each sentence; None for no constraints. `check_constraints` checks them, best for a whole text.
        spelling: the text that tokens stand for; needed where something is forbidden.
        places: int (B,). The place of each sentence in the text, which random draws follow; None for 0, 1, ...
        special_ids: those of the engine.
        num_lengths: of the engine: it predicts lengths 0 .. num_lengths - 1 first; 0 if it predicts none.

    Returns:
        (the chooser, the rules).

    Raises:
        ValueError: phrases are required of a sampling search, or of a model that predicts lengths.
    """
    common = {"length_penalty": options.length_penalty, "min_length": 1 if num_lengths else options.min_length}
    required = [some.required for some in constraints or ()]
    prefixes = [some.prefix for some in constraints or ()]
    forbidden = [some.forbidden for some in constraints or ()]
    rules = [forbid_repeats(options.no_repeat_ngram)] if options.no_repeat_ngram else []
    rules += [forbid_texts(forbidden, spelling)] if any(map(len, forbidden)) else []
    rules += [force_prefixes(prefixes)] if any(map(len, prefixes)) else []
    if num_lengths:
        rules, max_lengths = _with_lengths(options, max_lengths, num_lengths, prefixes, required, rules)
    beam = {"beam_size": options.beam_size, "n_best": options.n_best, "early_stop": options.early_stop, **common}
    if options.search == "sample":
        if any(map(len, required)):
            raise ValueError("Required phrases need search beam. Choose it, or leave the phrases out.")
        draws = {name: getattr(options, name) for name in ("seed", "temperature", "top_k", "top_p")}
        chooser: Chooser = Sampling(max_lengths, num_samples=options.n_best, places=places, **draws, **common)
    elif any(map(len, required)):
        prefix_lengths = np.array([len(prefix) for prefix in prefixes])
        chooser = RequiredPhrases(max_lengths, required, prefix_lengths=prefix_lengths, special_ids=special_ids, **beam)
    elif options.beam_size == 1 and options.early_stop:
        chooser = Greedy(max_lengths, **common)
    else:
        chooser = Beam(max_lengths, **beam)
    return chooser, rules


def _with_lengths(
    options: SearchOptions,
    max_lengths: np.ndarray,
    num_lengths: int,
    prefixes: Sequence[Phrase],
    required: Sequence[Sequence[Phrase]],
    rules: Sequence[Rule],
) -> tuple[list[Rule], np.ndarray]:
    """Rules and limits for a model that predicts the length first; see `predicted_length`.

    Its translations end by themselves, so `max_lengths` limits them only when it comes from an option that was given.
    """
    if any(map(len, required)):
        raise ValueError(
            "Required phrases do not fit a model that predicts its lengths (--model.ending length). Leave them out."
        )
    rules = [after_length(rule) for rule in rules]
    most = np.full(len(max_lengths), num_lengths - 1)
    if options.max_length_factor != SearchOptions.max_length_factor:
        most = np.minimum(most, np.asarray(max_lengths) - 1)  # 1: the end token
    fewest = np.minimum(options.min_length - 1, most)
    if any(map(len, prefixes)):
        longest = np.array([len(prefix) for prefix in prefixes])
        if longest.max() >= num_lengths:
            raise ValueError(
                f"A prefix has {longest.max()} tokens, but the model predicts lengths of at most {num_lengths - 1}. "
                "Shorten the prefix."
            )
        fewest, most = np.maximum(fewest, longest), np.maximum(most, longest)
    if fewest.any() or (most < num_lengths - 1).any():
        rules.append(allow_lengths(fewest, most))
    return rules, np.full(len(max_lengths), num_lengths + 1)  # the length, the words and the end token


def check_constraints(
    constraints: Sequence[Constraints],
    max_lengths: np.ndarray,
    special_ids: SpecialIds,
    spelling: Spelling | None = None,
) -> None:
    """Refuses constraints that no translation can fulfil.

    Args:
        constraints: of each sentence. Messages count sentences from 1.
        max_lengths: int (B,). Most tokens for each sentence, end token included.
        special_ids: those of the engine.
        spelling: the text that tokens stand for; needed where something is forbidden.

    Raises:
        ValueError: a prefix leaves no room for the end; a phrase is empty; a prefix or required phrase contains a
            special id or a forbidden phrase.
    """
    if len(constraints) != len(max_lengths):
        raise ValueError(f"There are {len(constraints)} constraints for {len(max_lengths)} sentences. Give one each.")
    for number, (some, max_length) in enumerate(zip(constraints, max_lengths, strict=True), start=1):
        wanted = [(f"The prefix of sentence {number}", some.prefix)]
        wanted += [(f"A required phrase of sentence {number}", phrase) for phrase in some.required]
        for name, phrase in wanted:
            if words := [token for token in phrase if token in special_ids or token < 0]:
                raise ValueError(f"{name}, {list(phrase)}, contains {words[0]}, which is the id of no word.")
            for other in some.forbidden:
                if other and other in spelling.written(phrase):
                    raise ValueError(f"{name}, {list(phrase)}, contains the forbidden phrase {_shown(other)!r}.")
        if not all(map(len, some.required)):
            raise ValueError(f"A required phrase of sentence {number} is empty. Give it at least one word.")
        if not all(some.forbidden):
            raise ValueError(f"A forbidden phrase of sentence {number} is empty. Give it at least one word.")
        if len(some.prefix) >= max_length and not some.required:  # these raise the maximum
            raise ValueError(
                f"The prefix of sentence {number} has {len(some.prefix)} tokens, but its translation may have only "
                f"{max_length}, end token included. Shorten the prefix or raise max_length_factor."
            )


def _shown(text: bytes) -> str:
    """A text as a message shows it."""
    return text.decode("utf-8", "replace").replace("\u2581", " ").strip()
