"""A language model continues prompts by the search of translation, exported or not."""

import dataclasses

import keras
import numpy as np
import pytest

from seq2seq.layers import GRU
from seq2seq.model import LanguageModel
from seq2seq.search import SearchOptions
from seq2seq.text import CharacterTokenizer
from seq2seq.translator.archive import read_archive, write_archive
from seq2seq.translator.continuation import continue_texts
from seq2seq.translator.opening import exported, open_engine
from seq2seq.translator.tensorflow_engine import TensorFlowEngine

SAMPLE = SearchOptions(search="sample", n_best=3)
PROMPTS = ["", "hel", "lo\nh", "?"]


@pytest.fixture(scope="module")
def model():
    """Random weights: what it writes means nothing, but is always the same."""
    keras.utils.set_random_seed(1)
    tokenizer = CharacterTokenizer.train(["hello\n"])
    model = LanguageModel(tokenizer.vocab_size, 6, GRU(8), num_layers=2, tokenizer=tokenizer)
    for number, weight in enumerate(model.weights):
        weight.assign(np.random.default_rng(number).normal(scale=0.7, size=weight.shape))
    return model


@pytest.fixture(scope="module")
def run_folder(model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    model.save(folder / "language_model.keras")
    exported(folder, "float32", "language_model")
    return folder


@pytest.fixture(scope="module")
def engine(run_folder):
    return open_engine(run_folder / "language_model.zip", "language_model")


def texts(engine, prompts, length=20, options=SAMPLE, **others):
    found = continue_texts(engine, prompts, length=length, options=options, **others)
    return [[one.text for one in continued] for continued in found]


def test_the_exported_model_writes_what_the_keras_model_writes(model, engine):
    for options in (SAMPLE, SearchOptions(search="sample", temperature=0.5, top_k=3), SearchOptions(n_best=2)):
        written = texts(engine, PROMPTS, options=options)
        assert written == texts(TensorFlowEngine(model), PROMPTS, options=options)
        assert [len(continued) for continued in written] == [options.n_best] * len(PROMPTS)


def test_samples_follow_from_the_seed_and_the_number_of_the_prompt(engine):
    written = texts(engine, PROMPTS)
    assert [texts(engine, [prompt], first=number)[0] for number, prompt in enumerate(PROMPTS)] == written
    assert texts(engine, ["hel"], first=1, options=dataclasses.replace(SAMPLE, seed=2)) != written[1:2]
    assert len({tuple(continued) for continued in texts(engine, ["hel"] * 3)}) == 3


def test_a_text_has_at_most_so_many_characters(engine):
    lengths = [len(one) for continued in texts(engine, PROMPTS * 5, length=4) for one in continued]
    assert max(lengths) == 4 and min(lengths) < 4  # some end by themselves
    assert {len(one) for continued in texts(engine, [""] * 9, length=1) for one in continued} == {0, 1}


def test_numbers_that_are_not_finite_are_told(model):
    broken = keras.models.clone_model(model)
    broken.set_vocabularies(model.vocabularies())
    broken.output_layer.bias.assign(np.full(broken.vocab_size, np.nan))
    with pytest.raises(ValueError, match="the model gives no probabilities after 'hel': its numbers are not finite"):
        texts(TensorFlowEngine(broken), ["hel"])


def test_the_file_of_a_stranger_is_checked(run_folder, tmp_path):
    archive = read_archive(run_folder / "language_model.zip", "language_model")
    assert archive.kind == "language_model" and archive.source_tokenizer is archive.target_tokenizer
    with pytest.raises(ValueError, match="is a language model, not a translator. Use: seq2seq sample"):
        read_archive(run_folder / "language_model.zip")
    path = tmp_path / "language_model.zip"
    write_archive(dataclasses.replace(archive, vocabularies={"characters.json": b'{"characters": "aa"}'}), path)
    with pytest.raises(ValueError, match="list of characters has one twice"):
        open_engine(path, "language_model")
    write_archive(dataclasses.replace(archive, vocabularies={"characters.json": b'{"characters": "ab"}'}), path)
    with pytest.raises(ValueError, match="is not a language model, or a damaged one"):
        open_engine(path, "language_model")
