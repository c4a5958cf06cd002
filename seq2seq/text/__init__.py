"""Strings, files and ids. Nothing here imports TensorFlow or Keras; a module is imported when it is first used."""

from seq2seq.startup import lazy_names

_HOMES = {
    "CharacterTokenizer": "characters",
    "Tokenizer": "tokenizer",
    "PAD_ID": "tokenizer",
    "UNK_ID": "tokenizer",
    "BOS_ID": "tokenizer",
    "EOS_ID": "tokenizer",
    "ParallelCorpus": "corpus",
    "EncodedCorpus": "encoding",
    "CorpusReport": "encoding",
    "encode_corpus": "encoding",
    "Batch": "batches",
    "BatchPlan": "batches",
    "Score": "scores",
    "bleu": "scores",
    "chrf": "scores",
    "ter": "scores",
    "compare_systems": "scores",
}

__all__ = list(_HOMES)
__getattr__, __dir__ = lazy_names(__name__, _HOMES, tensorflow=False)
