"""JoeyNMT, run by its own training loop in an interpreter that has it: the peer of the comparison."""

import json
import os
import queue
import sys
import threading
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from turns import serve, timed

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
  model_dir: {folder}/model
  optimizer: adam
  scheduling: plateau
  learning_rate: {learning_rate}
  clip_grad_norm: 1.0
  loss: crossentropy
  label_smoothing: {label_smoothing}
  normalization: tokens
  batch_size: 80
  batch_type: sentence
  epochs: 1000
  updates: 1000000
  validation_freq: 1000000
  logging_freq: 1000000
  print_valid_sents: [0]
  keep_best_ckpts: 1
  overwrite: True
testing:
  beam_size: 1
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
    dropout: 0.0
  decoder:
    type: recurrent
    rnn_type: gru
    num_layers: 1
    hidden_size: {units}
    embeddings: {{embedding_dim: {embedding_dim}}}
    dropout: 0.0
    attention: bahdanau
    init_hidden: bridge
    input_feeding: True
"""


def mended_torch():
    """PyTorch, with an argument given back to it that JoeyNMT 2.3.0 still uses."""
    import torch

    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau
    original = plateau.__init__
    plateau.__init__ = lambda self, *args, verbose=None, **kwargs: original(self, *args, **kwargs)
    return torch


def main(options):
    """Serve rounds of updates: JoeyNMT's own loop, which waits before each update until it is asked for."""
    torch = mended_torch()
    torch.set_num_threads(options["threads"])
    from joeynmt import training
    from joeynmt.config import load_config
    from joeynmt.helpers import make_model_dir

    asked, reached, sizes = queue.Queue(), queue.Queue(), []
    train_step = training.TrainManager._train_step

    def waiting_train_step(manager, batch):
        reached.put(True)  # so the update before this one is complete
        asked.get()
        sizes.append((int(batch.ntokens), batch.trg.numel()))
        return train_step(manager, batch)

    training.TrainManager._train_step = waiting_train_step
    path = Path(options["folder"]) / "config.yaml"
    path.write_text(CONFIG.format(**options))
    make_model_dir(Path(options["folder"]) / "model", overwrite=True)

    def train():
        try:
            training.train(0, 1, load_config(path), skip_test=True)
        except BaseException:
            traceback.print_exc()
            os._exit(1)

    threading.Thread(target=train, daemon=True).start()
    reached.get()

    def one_update():
        asked.put(True)
        reached.get()

    def work(updates):
        sizes.clear()
        seconds = sum(timed(one_update)[0] for _ in range(updates))
        tokens, padded = (sum(column) for column in zip(*sizes, strict=True))
        return {"seconds": seconds, "tokens": tokens, "padded": padded}

    serve(work)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
