import math

import pytest

from seq2seq.tasks.options import CurriculumOptions, DataOptions, TranslationOptions, TranslationValidation


def test_competence_grows_with_the_square_root_of_updates():
    by_number = CurriculumOptions(by="length", updates=100, start=0.1)
    assert [by_number.competence(update) for update in (0, 25, 100, 500)] == pytest.approx(
        [0.1, math.sqrt(0.25 * 0.99 + 0.01), 1.0, 1.0]
    )
    by_share = CurriculumOptions(by="length", updates=0.2, start=0.1).with_plan(500)
    assert by_share.competence(25) == pytest.approx(by_number.competence(25))


def test_the_log_describes_the_curriculum():
    curriculum = CurriculumOptions(by="rarity", start=0.05, updates=300)
    assert curriculum.describe() == "curriculum by rarity: the easiest 5% of the pairs at first, all from update 300"


def test_an_unknown_bleu_tokenizer_names_the_nearest():
    with pytest.raises(ValueError, match="Unknown tokenizer 'ja_mecab' for BLEU. Did you mean ja-mecab"):
        TranslationValidation(bleu_tokenizer="ja_mecab")


def test_subword_sampling_needs_pieces_that_can_be_sampled():
    options = TranslationOptions(data=DataOptions(subword_sampling=0.1))
    options.check_subword_sampling("bpe")
    with pytest.raises(ValueError, match="char pieces cannot be sampled"):
        options.check_subword_sampling("char")
