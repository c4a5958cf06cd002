"""JoeyNMT, run by its own code in an interpreter that has it: the peer of the comparison."""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from turns import serve, timed

NEVER = 1_000_000
CONFIG = """
name: comparison
joeynmt_version: 2.3.0

use_cuda: False
random_seed: 1
data:
  train: {folder}/train
  dev: {folder}/dev
  dataset_type: plain
  src: &side
    lang: {source}
    level: bpe
    voc_file: {folder}/vocabulary
    tokenizer_type: sentencepiece
    tokenizer_cfg: {{model_file: {folder}/joint.model}}
  trg:
    <<: *side
    lang: {target}
training:
  model_dir: {model_dir}
  optimizer: adam
  scheduling: plateau
  learning_rate: {learning_rate}
  clip_grad_norm: 1.0
  loss: crossentropy
  label_smoothing: {label_smoothing}
  normalization: tokens
  batch_size: 80
  batch_type: sentence
  epochs: {epochs}
  updates: {updates}
  validation_freq: {validation_freq}
  logging_freq: {logging_freq}
  print_valid_sents: [0]
  keep_best_ckpts: 1
  overwrite: True
testing:
  beam_size: {beam_size}
  beam_alpha: 1.0
  max_output_length: {max_output_length}
  batch_size: 80
  batch_type: sentence
  eval_metrics: [bleu]
model:
  initializer: xavier_uniform
  encoder:
    type: recurrent
    rnn_type: gru
    bidirectional: True
    num_layers: 1
    hidden_size: {units}
    embeddings: {{embedding_dim: {embedding_dim}}}
    dropout: {dropout}
  decoder:
    type: recurrent
    rnn_type: gru
    num_layers: 1
    hidden_size: {units}
    embeddings: {{embedding_dim: {embedding_dim}}}
    dropout: {dropout}
    attention: bahdanau
    init_hidden: bridge
    input_feeding: True
"""
DEFAULTS = {
    "epochs": NEVER,
    "validation_freq": NEVER,
    "logging_freq": NEVER,
    "dropout": 0.0,
    "beam_size": 1,
    "updates": NEVER,
    "max_output_length": -1,  # half as long again as the longest source of the batch, as JoeyNMT comes
}


def mended_torch() -> Any:
    """PyTorch, with an argument given back to it that JoeyNMT 2.3.0 still uses."""
    import torch

    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau
    original = plateau.__init__
    plateau.__init__ = lambda self, *args, verbose=None, **kwargs: original(self, *args, **kwargs)
    return torch


def load_config(options: dict[str, Any]) -> Any:
    """JoeyNMT's configuration of the comparison model."""
    from joeynmt.config import load_config

    path = Path(options["model_dir"]).with_suffix(".yaml")
    path.write_text(CONFIG.format(**{**DEFAULTS, **options}), encoding="utf-8")
    return load_config(path)


def learn(options: dict[str, Any]) -> None:
    """JoeyNMT's own training, from the beginning."""
    from joeynmt.helpers import make_model_dir
    from joeynmt.training import train

    make_model_dir(Path(options["model_dir"]), overwrite=True)
    train(0, 1, load_config(options), skip_test=True)


def training_updates(options: dict[str, Any]) -> None:
    """Serve rounds of updates: JoeyNMT's own loop, which waits before each update until it is asked for."""
    from joeynmt import training

    asked, reached, sizes = queue.Queue(), queue.Queue(), []
    train_step = training.TrainManager._train_step

    def waiting_train_step(manager: Any, batch: Any) -> Any:
        reached.put(True)  # so the update before this one is complete
        asked.get()
        sizes.append((int(batch.ntokens), batch.trg.numel()))
        return train_step(manager, batch)

    training.TrainManager._train_step = waiting_train_step

    def train() -> None:
        try:
            learn(options)
        except BaseException:
            traceback.print_exc()
            os._exit(1)

    threading.Thread(target=train, daemon=True).start()
    reached.get()

    def one_update() -> None:
        asked.put(True)
        reached.get()

    def work(updates: int) -> dict[str, Any]:
        sizes.clear()
        seconds = sum(timed(one_update)[0] for _ in range(updates))
        tokens, padded = (sum(column) for column in zip(*sizes, strict=True))
        return {"seconds": seconds, "tokens": tokens, "padded": padded}

    serve(work)


def translations(options: dict[str, Any]) -> None:
    """Serve rounds of translation: the first so many lines of a file, from text to text, with the weights of ours."""
    import numpy as np
    from joeynmt.config import parse_global_args
    from joeynmt.data import load_data
    from joeynmt.model import build_model
    from joeynmt.prediction import predict

    Path(options["model_dir"]).mkdir(exist_ok=True)
    args = parse_global_args(load_config(options), rank=0, mode="translate")
    source_vocab, target_vocab, _, _, data = load_data(args.data, datasets=["stream"])
    model = build_model(args.model, source_vocab, target_vocab)
    vocabulary = Path(options["folder"]) / "vocabulary"
    take_over(model, np.load(options["weights"]), vocabulary.read_text(encoding="utf-8").split("\n"))
    lines = Path(options["input"]).read_text(encoding="utf-8").split("\n")[:-1]

    def translate(lines: Sequence[str]) -> tuple[Any, Any]:
        for line in lines:
            data.set_item(line)
        _, _, hypotheses, pieces, _, _ = predict(
            model=model, data=data, device=args.device, n_gpu=0, normalization="none", args=args.test,
            autocast=args.autocast,
        )  # fmt: skip
        data.reset_cache()
        return hypotheses, pieces

    def work(count: int) -> dict[str, Any]:
        seconds, (hypotheses, pieces) = timed(translate, lines[:count])
        num_pieces = sum(map(len, pieces))
        return {"seconds": seconds, "sentences": len(hypotheses), "pieces": num_pieces, "hypotheses": hypotheses}

    serve(work)


def take_over(model: Any, weights: Mapping[str, Any], pieces: Sequence[str]) -> None:
    """Give JoeyNMT's model the weights of ours, which is alike but for two biases; these are added to it.

    A unit of PyTorch's GRU keeps the share z of its state, one of ours replaces the share u = 1 - z: the weights of u
    change their sign.

    Args:
        model: JoeyNMT's.
        weights: ours, arrays by path.
        pieces: list of str, the vocabulary in the order of our ids.
    """
    import numpy as np
    import torch

    def gates(columns: np.ndarray) -> np.ndarray:
        update, reset, candidate = np.split(columns, 3, axis=-1)
        return np.concatenate([reset, -update, candidate], axis=-1)

    def gru(cell: str, *fed: np.ndarray) -> list[np.ndarray]:
        kernels = [np.concatenate([weights[f"{cell}/kernel"], *fed]), weights[f"{cell}/recurrent_kernel"]]
        candidate_bias = weights[f"{cell}/candidate_bias"]
        recurrent_bias = np.concatenate([np.zeros(2 * len(candidate_bias)), candidate_bias])
        return [*(gates(kernel).T for kernel in kernels), gates(weights[f"{cell}/bias"]), recurrent_bias]

    ids = {piece: number for number, piece in enumerate(pieces)}
    rows = [ids[piece] for piece in model.trg_vocab._itos]  # the same vocabulary on both sides
    decoder = {name: weights[f"input_feeding_decoder/{name}_kernel"] for name in ("feed", "attentional", "context")}
    attention = {name: weights[f"additive_attention/{name}"] for name in ("query_kernel", "key_kernel", "bias")}
    layers = {
        model.src_embed.lut: [weights["encoder/embedding/table"][rows]],
        model.encoder.rnn: [*gru("encoder/forward_0/cell"), *gru("encoder/backward_0/cell")],
        model.decoder.bridge_layer: [weights["bridge/kernel"].T, weights["bridge/bias"]],
        model.trg_embed.lut: [weights["embedding/table"][rows]],
        model.decoder.rnn: gru("cell_0", decoder["feed"]),
        model.decoder.attention.query_layer: [attention["query_kernel"].T],
        model.decoder.attention.key_layer: [attention["key_kernel"].T, attention["bias"]],
        model.decoder.attention.energy_layer: [weights["additive_attention/score_vector"][None]],
        model.decoder.att_vector_layer: [np.concatenate([decoder["attentional"], decoder["context"]]).T, 0],
        model.decoder.output_layer: [weights["output/table"][rows], weights["output/bias"][rows]],
    }
    with torch.no_grad():
        for layer, values in layers.items():
            if len(values) > len(list(layer.parameters())):
                layer.bias = torch.nn.Parameter(torch.zeros(layer.out_features))
            for parameter, value in zip(layer.parameters(), values, strict=True):
                parameter.copy_(torch.tensor(np.broadcast_to(value, parameter.shape).copy()))


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    mended_torch().set_num_threads(given["threads"])
    {"train": training_updates, "translate": translations}[given["job"]](given)
