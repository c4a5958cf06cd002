"""Prompts and how they go on: the search of translation with a language model as the engine."""

from collections.abc import Sequence

import numpy as np

from seq2seq.search import SearchOptions, plan_search, search
from seq2seq.text.translation import Translation
from seq2seq.translator.batches import pad_sources
from seq2seq.translator.engine import TextEngine
from seq2seq.translator.hypotheses import read_hypotheses

__all__ = ["continue_texts"]


def continue_texts(
    engine: TextEngine, prompts: Sequence[str], *, length: int, options: SearchOptions, first: int = 0
) -> list[list[Translation]]:
    """What a language model writes after each prompt.

    Args:
        engine: of a `LanguageModel`.
        prompts: texts; an empty one is the beginning of a text.
        length: most characters to write, at least 1. A text ends earlier where the model ends it.
        options: how to choose them; `n_best` texts for each prompt.
        first: number of the first prompt among all prompts of a command: random draws follow it.

    Returns:
        For each prompt up to n_best texts without the prompt, as they were drawn, or the best first from a beam.

    Raises:
        ValueError: the model's numbers are not finite.
    """
    sources = engine.source_tokenizer.encode(prompts)
    chooser, rules = plan_search(
        options,
        np.full(len(sources), length + 1),  # 1: the end, which is forced after the last character
        places=range(first, first + len(sources)),
        special_ids=engine.special_ids,
    )
    found = search(engine, pad_sources(sources), chooser, rules=rules, alignments=False)
    continued = read_hypotheses(found, sources, engine.source_tokenizer, engine.target_tokenizer)
    for prompt, texts in zip(prompts, continued, strict=True):
        if not texts:
            raise ValueError(
                f"{engine.name} gives no probabilities after {prompt[-60:]!r}: its numbers are not finite."
            )
    return continued
