"""The examples in docstrings."""

import doctest
import importlib
import pkgutil

import seq2seq

# What a reader of the documentation has imported: the public names.
NAMES = {name: getattr(seq2seq, name) for name in seq2seq.__all__}


def test_examples_do_what_they_say():
    finder, runner = doctest.DocTestFinder(exclude_empty=True), doctest.DocTestRunner()
    names = [name for _, name, _ in pkgutil.walk_packages(seq2seq.__path__, "seq2seq.") if "__main__" not in name]
    examples = [example for name in names for example in finder.find(importlib.import_module(name), extraglobs=NAMES)]
    assert [example.name for example in examples if runner.run(example).failed] == []


def test_what_a_model_is_made_of_has_an_example():
    cells_and_layers = ["Elman", "GRU", "LSTM", "AdditiveAttention", "MultiplicativeAttention", "DenseBridge"]
    for name in [*cells_and_layers, "Encoder", "Seq2Seq", "ParallelCorpus", "Tokenizer", "Translator", "train"]:
        assert ">>>" in NAMES[name].__doc__, name
