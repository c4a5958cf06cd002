"""Hints for options that a command does not have: those of other toolkits, former spellings, and misspellings."""

import difflib
import re
from collections.abc import Mapping, Sequence

from seq2seq.command_line.options import Option

__all__ = ["unknown_option"]

_EPOCHS = "Training is counted in updates; the log says how many updates an epoch has."
_TOKENS = "A batch is counted in tokens (sentences x padded length), not in sentences."
_UPDATES = "It counts updates."
_VALIDATIONS = "It counts validations."
_NO_CONFIG = "There are no configuration files: give options on the command line, or write a recipe with your defaults."
_CONTINUE = "The same command continues a stopped run; `seq2seq finetune RUN` continues a finished one."
_DEVICE = "TensorFlow uses the GPU that it finds."

# Spellings in Marian, JoeyNMT, OpenNMT, Sockeye and fairseq, and former ones of this package -> names of our options,
# of which the first that the command has is meant; and a remark, where the value differs or there is no such option.
_OTHERS: dict[str, tuple[str, str]] = {
    # files
    "src train-src features-file train-features-file": ("train.source source input", ""),
    "tgt trg train-tgt labels-file train-labels-file": ("train.target target references", ""),
    "train-sets": ("train.source", "--train.target names the other side."),
    "valid-sets": ("valid.source", "--valid.target names the other side."),
    "validation-source valid-src eval-features-file": ("valid.source", ""),
    "validation-target valid-tgt eval-labels-file": ("valid.target", ""),
    "r ref reference": ("references target", ""),
    "hypotheses": ("", "Name the files without an option: seq2seq score --references REFERENCES FILE ..."),
    "i": ("input source", ""),
    "o output-path predictions-file": ("output", ""),
    "save-dir save-model model-dir": ("run_dir", "The folder holds everything of the run."),
    "m model models path checkpoint checkpoint-path": ("run parent run_dir", "It is the folder of a run."),
    "train-from pretrained-model load-model restore-file params resume resume-from": ("", _CONTINUE),
    "c config config-file": ("", _NO_CONFIG),
    # limits
    "epochs after-epochs max-epoch max-num-epochs min-num-epochs": ("max_updates", _EPOCHS),
    "after": ("max_updates", "It is a number without a unit."),
    "after-batches train-steps max-update max-step max-steps updates": ("max_updates", ""),
    "stop-time-hours": ("max_minutes", "It is in minutes."),
    "early-stopping patience max-num-checkpoint-not-improved": ("validation.patience", _VALIDATIONS),
    "early-stopping-metric early-stopping-criteria optimized-metric valid-metrics best-checkpoint-metric eval-metric": (
        "validation.stop_on",
        "",
    ),
    "validate-every valid-freq valid-steps validation-freq checkpoint-interval checkpoint-frequency": (
        "validation.every",
        _UPDATES,
    ),
    "validate-interval": ("validation.every", _UPDATES),
    "validate-interval-updates": ("validation.every", ""),
    # training
    "optim optimizer": ("", "The optimizer is Adam; the options --optimizer.... set it."),
    "lr learn-rate initial-learning-rate": ("optimizer.learning_rate", ""),
    "warmup warmup-steps lr-warmup learning-rate-warmup": ("optimizer.warmup_updates", ""),
    "lr-scheduler lr-decay-inv-sqrt decay-method decay-type scheduling learning-rate-scheduler-type": (
        "optimizer.schedule",
        "",
    ),
    "lr-decay lr-shrink decrease-factor learning-rate-decay learning-rate-reduce-factor": (
        "optimizer.plateau_factor",
        "",
    ),
    "learning-rate-reduce-num-not-improved": ("optimizer.plateau_patience", _VALIDATIONS),
    "clip-norm max-grad-norm clip-grad-norm gradient-clipping-threshold": ("optimizer.clip_limit", ""),
    "gradient-clipping-type": ("optimizer.clip", ""),
    "exponential-smoothing moving-average-decay": ("optimizer.average_decay", "It is near 1, such as 0.999."),
    "average-last-checkpoints keep-best-ckpts": ("optimizer.average_decay", "Weights are averaged while training."),
    "batch-size mini-batch mini-batch-fit max-sentences": ("data.batch_tokens", _TOKENS),
    "max-tokens mini-batch-words": ("data.batch_tokens", ""),
    "batch-type": ("data.batch_tokens", _TOKENS),
    "accum-count update-freq optimizer-delay batch-multiplier update-interval": ("accumulate", ""),
    "max-seq-len src-seq-length maximum-features-length": ("data.max_length", ""),
    "sentencepiece-alphas src-subword-alpha tgt-subword-alpha": ("data.subword_sampling", ""),
    "scheduled-sampling-type": ("sampling.way", "--sampling.schedule is the type of the decay."),
    "sampling scheduled-sampling": ("sampling.way", ""),
    "scheduled-sampling-read-probability": ("sampling.floor", ""),
    "fp16 amp mixed-precision model-dtype": ("precision", "Its values are auto, float32 and bfloat16."),
    "cpu-threads num-threads": ("threads", ""),
    "devices device device-ids gpuid gpu gpu-ranks num-gpus use-cpu use-cuda": ("", _DEVICE),
    "checkpoint-every save-freq save-checkpoint-steps save-checkpoints-steps save-interval-updates": (
        "checkpoints.every",
        "",
    ),
    "keep-checkpoint keep-checkpoint-max keep-last-params keep-last-epochs": ("checkpoints.keep_last", ""),
    # model and vocabulary
    "vocab-size dim-vocabs src-vocab-size tgt-vocab-size num-words voc-limit": ("vocab.size", ""),
    "share-vocab shared-vocab share-embeddings joined-dictionary tied-embeddings-src": ("vocab.joint", ""),
    "tokenizer tokenizer.type tokenizer-type level": ("vocab.kind", "Its values are unigram, bpe, char and word."),
    "bpe": ("vocab.kind", "Give --vocab.kind bpe."),
    "type arch model-type encoder decoder encoder-type decoder-type": ("model.cell", "Every model is recurrent."),
    "enc-cell dec-cell rnn-type rnn-cell-type": ("model.cell", ""),
    "rnn-size hidden-size dim-rnn rnn-num-hidden encoder-hidden-size decoder-hidden-size": ("model.units", ""),
    "word-vec-size dim-emb num-embed encoder-embed-dim decoder-embed-dim": ("model.embedding_dim", ""),
    "num-layers enc-depth dec-depth enc-layers dec-layers encoder-layers decoder-layers": ("model.layers", ""),
    "enc-type encoder-bidirectional brnn": ("model.bidirectional", "Its values are all, lower and none."),
    "global-attention rnn-attention-type": ("model.attention", ""),
    "input-feed input-feeding": ("model.decoder", "Give --model.decoder input_feeding."),
    "init-hidden rnn-decoder-state-init": ("model.bridge", ""),
    "skip rnn-residual-connections": ("model.residual", ""),
    "layer-normalization": ("model.layer_norm", ""),
    "dropout-rnn": ("model.dropout", "It drops between layers, --model.recurrent-dropout along time."),
    "rnn-dropout-inputs hidden-dropout": ("model.dropout", ""),
    "dropout-src dropout-trg": ("model.word_dropout", ""),
    "rnn-dropout-recurrent rnn-dropout-states": ("model.recurrent_dropout", ""),
    "tied-embeddings tied-softmax weight-tying share-decoder-embeddings share-decoder-input-output-embed": (
        "model.tied_output",
        "",
    ),
    "tied-embeddings-all share-all-embeddings weight-tying-type": (
        "model.tied_output",
        "With --vocab.joint one table serves all.",
    ),
    # search and scores
    "beam beam-width": ("beam_size", ""),
    "nbest nbest-size num-hypotheses": ("n_best", ""),
    "alpha normalize lenpen beam-alpha length-penalty-alpha": ("length_penalty", "It is the exponent of Wu et al."),
    "max-length maximum-decoding-length": ("max_length_factor data.max_length", ""),
    "max-output-length max-output-length-num-stds max-len-a": ("max_length_factor", ""),
    "block-ngram-repeat no-repeat-ngram-size": ("no_repeat_ngram", ""),
    "random-sampling-topk sampling-topk": ("top_k", "Give --search sample too."),
    "random-sampling-topp sampling-topp": ("top_p", "Give --search sample too."),
    "random-sampling-temp sampling-temperature": ("temperature", "Give --search sample too."),
    "sample output-sampling": ("search", "Give --search sample."),
    "restrict-lexicon": ("shortlist", "`seq2seq shortlist` writes the file."),
    "prefix-size tgt-file-prefix json-input": ("constraints", ""),
    "alignment attn-debug output-type": ("plot_attention", "--json has the attention weights as numbers."),
    "int8 gemm-type": ("precision", "Give --precision int8."),
    "tok": ("tokenize", ""),
    # former spellings
    "classes": ("imports", "It takes files or modules."),
    "curriculum": ("curriculum.by", ""),
    "pull": ("map_l2", ""),
    "risk": ("risk.metric", ""),
}
_HINTS = {spelling: hint for spellings, hint in _OTHERS.items() for spelling in spellings.split()}
# Group of options -> why a command lacks it.
_ABSENT_GROUPS = {
    "model": "The model keeps the parts and sizes with which a recipe trained it.",
    "vocab": "The model keeps the vocabulary that a recipe learnt.",
    "optimizer": "This is an option of training.",
}


def unknown_option(flag: str, options: Sequence[Option], prog: str) -> str:
    """The message about an option that is none of these: it names the one that is meant, or the nearest.

    Args:
        flag: as it was given.
        options: those of the command.
        prog: how the command is called.
    """
    names = {option.name: f"{prog} {option.value}" if option.positional else option.flag for option in options}
    return f"there is no option {flag}. {_hint(re.sub('^-+', '', flag).replace('_', '-'), names)}"


def _hint(spelling: str, names: Mapping[str, str]) -> str:
    """What to write instead, or where to look. `names` maps the names of the options to how they are given."""
    candidates, remark = _HINTS.get(spelling, ("", ""))
    if remark and not candidates:
        return remark
    for name in candidates.split():
        if meant := _same_words(name, names):
            return f"{_use(meant, names)} {remark}".rstrip()
    if meant := _same_words(spelling, names):
        return _use(meant, names)
    group = spelling.partition(".")[0]
    if group in _ABSENT_GROUPS and not any(name.startswith(f"{group}.") for name in names):
        return _ABSENT_GROUPS[group]
    near = _nearest(spelling, names)
    return f"Did you mean {names[near]}?" if near else "--help lists the options."


def _use(meant: Sequence[str], names: Mapping[str, str]) -> str:
    given = " or ".join(names[name] for name in meant)
    return f"Use {given}." if given.startswith("--") else f"Name it without an option: {given}."


def _same_words(spelling: str, names: Mapping[str, str]) -> list[str]:
    """Options that lack a group, have one too many, or have the words in another order."""
    words = _words(spelling)
    if spelling in names:
        return [spelling]
    return [
        name
        for name in names
        if words in (_words(name.rpartition(".")[2]), _words(name))
        or sorted(words) == sorted(_words(name))
        or _words(spelling.rpartition(".")[2]) == _words(name)
    ]


def _nearest(spelling: str, names: Mapping[str, str]) -> str | None:
    """The option whose name, with or without its group, is most like this one."""
    spelt = {name.rpartition(".")[2].replace("_", "-"): name for name in names}
    spelt |= {name.replace("_", "-"): name for name in names}
    near = difflib.get_close_matches(spelling, spelt, n=1, cutoff=0.7)
    return spelt[near[0]] if near else None


def _words(name: str) -> list[str]:
    return re.split("[-._]", name)
