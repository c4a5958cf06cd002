"""Settings of the process that runs the tests, made before TensorFlow or matplotlib is imported."""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["MPLBACKEND"] = "agg"  # pictures are drawn into files, also where there is no screen
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# As in seq2seq.startup, for tests that import TensorFlow or Keras themselves: its sums differ in the last bit.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")


def pytest_addoption(parser):
    parser.addoption("--cells-table", metavar="FILE", help="write what each cell passed into this file, as a table")


def pytest_configure(config):
    if path := config.getoption("cells_table"):
        from cells_table import CellsTable

        config.pluginmanager.register(CellsTable(path))
