import subprocess
import sys

import pytest
import tensorflow as tf

from seq2seq.native import is_available

RUN = """
import sys
import numpy as np
from concurrent.futures import ThreadPoolExecutor
from seq2seq.native import NativeGraph, is_available, tensorflow_version

assert is_available()
print(tensorflow_version())
names = ["x:0", "w:0"], ["sum:0", "long:0"]
graph = NativeGraph(open(sys.argv[1], "rb").read(), *names, [np.float32([[10, 20]])], threads=2)
print([array.tolist() for array in graph(np.float32([[1, 2], [3, 4]]))])
with ThreadPoolExecutor(4) as pool:
    print(sum(float(array.sum()) for array, _ in pool.map(graph, [np.ones((50, 2), "float32")] * 40)))
for names, arrays in ((["y:0"], []), (["x:0", "w:0"], [np.ones((2, 3), "float32")])):
    try:
        NativeGraph(open(sys.argv[1], "rb").read(), names, ["sum:0"], [np.float32([[1, 2]])])(*arrays)
    except ValueError as error:
        print(str(error).splitlines()[0])
try:
    NativeGraph(b"no graph", [], [])
except ValueError as error:
    print(error)
print("tensorflow" in sys.modules)
"""


def test_a_graph_runs_without_tensorflows_python(tmp_path):
    with tf.Graph().as_default() as graph:
        x = tf.compat.v1.placeholder(tf.float32, [None, 2], name="x")
        w = tf.compat.v1.placeholder(tf.float32, [1, 2], name="w")
        total = tf.add(x, w, name="sum")
        tf.greater(tf.reduce_sum(total, axis=1), 31.0, name="long")
    (tmp_path / "graph.pb").write_bytes(graph.as_graph_def().SerializeToString())
    done = subprocess.run(
        [sys.executable, "-c", RUN, tmp_path / "graph.pb"], capture_output=True, text=True, check=True
    )
    version, result, total, unknown, shapes, broken, imported = done.stdout.splitlines()
    assert version == tf.__version__
    assert result == "[[[11.0, 22.0], [13.0, 24.0]], [True, True]]"
    assert float(total) == 40 * 50 * (11 + 21)
    assert unknown == "The graph has no operation 'y'."
    assert shapes.startswith("TensorFlow: ")
    assert broken == "TensorFlow: Invalid GraphDef"
    assert imported == "False"


def test_not_beside_tensorflows_python():
    assert "tensorflow" in sys.modules
    assert not is_available()


@pytest.mark.parametrize("threads", [1, 300])
def test_the_configuration_is_the_one_tensorflow_reads(threads):
    from tensorflow.core.protobuf.config_pb2 import ConfigProto

    from seq2seq.native import _config

    config = ConfigProto.FromString(_config(threads))
    assert config.intra_op_parallelism_threads == 1
    assert config.inter_op_parallelism_threads == min(threads, 127)
    assert config.graph_options.rewrite_options.disable_meta_optimizer
