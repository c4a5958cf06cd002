"""Several models as one."""

import numpy as np
import pytest
from copying import CopyEngine
from letters import constant_engine

from seq2seq.search import Greedy, search
from seq2seq.text.tokenizer import Tokenizer
from seq2seq.translator import Translator
from seq2seq.translator.ensemble import Ensemble

EOS, A, B = 3, 4, 5


def text_engine(probabilities, **attributes):
    """A letter engine that always gives the same probabilities, with what an ensemble reads of an engine."""
    engine = constant_engine(probabilities)
    fixed = {"name": "x", "source_tokenizer": None, "target_tokenizer": None, "precision": "float32", "num_workers": 1}
    fixed |= {"num_lengths": 0}
    for name, value in (fixed | {"max_source_length": 9, "attends": False} | attributes).items():
        setattr(engine, name, value)
    return engine


def test_probabilities_are_the_mean_of_those_of_the_models():
    engines = [text_engine({EOS: 0.1, A: 0.9}), text_engine({EOS: 0.5, B: 0.5}, max_source_length=7)]
    ensemble = Ensemble(engines)
    found = search(ensemble, np.array([[A, EOS]], np.int32), Greedy([3]))  # 0.45 for "a", 0.25 for "b", 0.3 for the end
    assert found.ids.tolist() == [[[A, A, EOS]]] and found.attention is None
    assert np.exp(found.log_probs[0, 0]) == pytest.approx(0.45 * 0.45 * 0.3)
    assert (ensemble.name, ensemble.max_source_length, ensemble.attends) == ("x + x", 7, False)


def test_attention_is_the_mean_over_the_models_that_have_attention(tokenizer):
    engines = [CopyEngine(tokenizer), CopyEngine(tokenizer, attends=False), CopyEngine(tokenizer)]
    ((translation,),) = Translator(Ensemble(engines)).search(["ja"], alignments=True)
    assert translation.text == "ja"
    np.testing.assert_array_equal(translation.alignment, np.eye(4))


def test_an_ensemble_of_one_model_is_that_model(run_folder):
    one, twice = Translator.load(run_folder), Translator.load(run_folder, run_folder / "translator.zip")
    expected, found = (each.search(["ein Hund", "", "ja"], n_best=2, max_length_factor=0.5) for each in (one, twice))
    for mine, others in zip(found, expected, strict=True):
        assert [each.text for each in mine] == [each.text for each in others]
        assert [each.score for each in mine] == pytest.approx([each.score for each in others], abs=1e-4)


def test_an_ensemble_needs_one_vocabulary(tokenizer):
    other = Tokenizer.train(["zwei Hunde"] * 4, kind="char", vocab_size=270)
    with pytest.raises(ValueError, match="copy.zip and copy.zip have different source vocabularies"):
        Ensemble([CopyEngine(tokenizer), CopyEngine(other)])


def test_models_that_end_in_other_ways_are_no_ensemble():
    engines = [text_engine({EOS: 1.0}, num_lengths=number) for number in (0, 7)]
    with pytest.raises(ValueError, match="x predicts no lengths, x predicts 7 lengths. Leave some out"):
        Ensemble(engines)
