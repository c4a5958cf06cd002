"""Settings of the process that runs the tests, made before TensorFlow or matplotlib is imported."""

import gc
import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["MPLBACKEND"] = "agg"  # pictures are drawn into files, also where there is no screen
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# As in seq2seq.startup, for tests that import TensorFlow or Keras themselves: its sums differ in the last bit.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
# One thread for each process of tests: tiny products wait longer for other threads than they compute.
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
# tf2onnx 1.17 copies a graph before each of 70 passes, to undo a pass that fails. If this is set to anything, it makes
# no copies, and a failure is an error. An export then takes 40 % less time.
os.environ.setdefault("TF2ONNX_CATCH_ERRORS", "FALSE")


def pytest_collection_finish():
    """Lets the garbage collector pass over what was imported: else it takes a tenth of the time."""
    gc.freeze()


def pytest_addoption(parser):
    parser.addoption("--cells-table", metavar="FILE", help="write what each cell passed into this file, as a table")


def pytest_configure(config):
    if path := config.getoption("cells_table"):
        from cells_table import CellsTable

        config.pluginmanager.register(CellsTable(path))
