"""Settings of the process that runs the tests, made before TensorFlow or matplotlib is imported."""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["MPLBACKEND"] = "agg"  # pictures are drawn into files, also where there is no screen
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# As in seq2seq.startup, for tests that import TensorFlow or Keras themselves: its sums differ in the last bit.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
