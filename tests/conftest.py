"""Settings of the process that runs the tests, made before TensorFlow or matplotlib is imported."""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["MPLBACKEND"] = "agg"  # pictures are drawn into files, also where there is no screen
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
