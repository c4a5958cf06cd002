"""sacreBLEU's tokenizers, which say what BLEU counts as a word, and the choice among them by the script of a text.

BLEU needs four tokens in a row. The usual tokenizer, 13a, cuts at spaces and punctuation. A sentence of Chinese or Thai
is then a single token, and BLEU is 0 whatever it says.
"""

import difflib
import logging
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from sacrebleu import SACREBLEU_DIR
from sacrebleu.metrics import BLEU
from sacrebleu.tokenizers.tokenizer_spm import SPM_MODELS

from seq2seq.text.scripts import is_han, is_unspaced

__all__ = ["AUTO", "bleu_metric", "check_tokenizer", "has_4_grams", "no_4_grams_warning", "tokenizer_for"]

logger = logging.getLogger("seq2seq")

AUTO = "auto"
# Share of unspaced letters from which a text counts as unspaced. If unspaced words have 2 letters and others 6, half of
# the words are unspaced then.
UNSPACED_SHARE = 0.25
# Share of Chinese letters among the unspaced from which a text counts as Chinese. About half of Japanese is kana.
HAN_SHARE = 0.9


def tokenizer_for(references: Iterable[str], tokenize: str = AUTO) -> str:
    """The name of the BLEU tokenizer for these references.

    Args:
        references: lines of all sets of references, whose letters are counted together.
        tokenize: "auto"; or the name of a tokenizer, which is then the result.

    Returns:
        "zh", which cuts off each Chinese character, for Chinese; "char" for other text without spaces between words
        (Japanese, Thai, ...); else "13a".

    Example:
        >>> tokenizer_for(["Der Hund bellt."]), tokenizer_for(["狗在叫。"]), tokenizer_for(["犬が吠えている。"])
        ('13a', 'zh', 'char')
    """
    if tokenize != AUTO:
        return tokenize
    characters = Counter()
    for line in references:
        characters.update(line)
    letters = {letter: count for letter, count in characters.items() if unicodedata.category(letter)[0] == "L"}
    unspaced = sum(count for letter, count in letters.items() if is_unspaced(letter))
    if not unspaced or unspaced < UNSPACED_SHARE * sum(letters.values()):
        return "13a"
    # sacreBLEU 2.6 leaves Chinese characters above U+FFFF as they are: its table writes \u20000 for \U00020000.
    han = sum(count for letter, count in letters.items() if is_han(letter) and letter <= "\uffff")
    return "zh" if han >= HAN_SHARE * unspaced else "char"


def check_tokenizer(name: str) -> None:
    """Refuses a name that is neither "auto" nor a tokenizer of the installed sacreBLEU.

    Raises:
        ValueError: the message lists the nearest name and all others.
    """
    known = [AUTO, *BLEU.TOKENIZERS]
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"Did you mean {near[0]}? " if near else ""
        raise ValueError(f"Unknown tokenizer {name!r} for BLEU. {hint}Choose one of {', '.join(known)}.")


def bleu_metric(tokenize: str, references: Iterable[str] = (), **options: bool) -> BLEU:
    """sacreBLEU's metric with the tokenizer loaded.

    Args:
        tokenize: as for `tokenizer_for`.
        references: lines whose script decides where `tokenize` is "auto".
        options: further arguments of sacreBLEU's `BLEU`.

    Raises:
        ValueError: the tokenizer is unknown, its package is not installed, or its model cannot be fetched.
    """
    check_tokenizer(tokenize)
    name = tokenizer_for(references, tokenize)
    if name in SPM_MODELS:
        url = SPM_MODELS[name]["url"]
        path = Path(SACREBLEU_DIR, "models", Path(url).name)
        if not path.exists():
            logger.warning(f"sacreBLEU fetches its tokenizer {name} from {url} to {path}")
    try:
        # `force` silences sacreBLEU's warning about tokenized text: "none" says that the text is tokenized.
        return BLEU(tokenize=name, force=name == "none", **options)
    except (ImportError, RuntimeError, OSError, AssertionError) as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"the tokenizer {name} of sacreBLEU cannot be loaded: {reason}") from error


def has_4_grams(lines: Iterable[str], tokenizer: str) -> bool:
    """Whether any line has four tokens. If none has, BLEU is 0 even for perfect translations."""
    cut = bleu_metric(tokenizer).tokenizer
    return any(len(cut(line).split()) >= 4 for line in lines)


def no_4_grams_warning(name: str, lines: Sequence[str], tokenizer: str) -> str | None:
    """A warning about a text without 4-grams, on which BLEU is no measure.

    Args:
        name: of the text, for the message.
        lines: references or translations.
        tokenizer: not "auto".

    Returns:
        One sentence or two; None if the text has 4-grams.
    """
    if has_4_grams(lines, tokenizer):
        return None
    return f"BLEU is no measure of {name}: no line has four tokens in a row (tokenizer {tokenizer}). Go by chrF."
