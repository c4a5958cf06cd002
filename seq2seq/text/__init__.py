"""Strings, files and ids. Nothing here imports TensorFlow or Keras; each module is imported when it is
first used."""

import importlib

_MODULE_OF = {
    "Tokenizer": "tokenizer",
    "PAD_ID": "tokenizer",
    "UNK_ID": "tokenizer",
    "BOS_ID": "tokenizer",
    "EOS_ID": "tokenizer",
    "ParallelCorpus": "corpus",
    "EncodedCorpus": "corpus",
    "CorpusReport": "corpus",
    "encode_corpus": "corpus",
    "Batch": "batches",
    "BatchPlan": "batches",
    "Score": "evaluation",
    "bleu": "evaluation",
    "chrf": "evaluation",
    "ter": "evaluation",
    "compare_systems": "evaluation",
    "fetch": "download",
}

__all__ = list(_MODULE_OF)


def __getattr__(name):
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULE_OF[name]}"), name)


def __dir__():
    return sorted([*globals(), *__all__])
