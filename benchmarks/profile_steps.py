"""Where the time goes: TensorFlow's own profile of training updates and of a beam search, by kind of operation.

    python benchmarks/profile_steps.py --run RUN --data-dir data/multi30k

RUN is a run folder whose Keras model translates 1 000 lines of test_2016_flickr; the updates are those of the model of
train_speed.py, whose batches are made if they are missing. Milliseconds are of threads at work: two threads at work for
one millisecond count as two. What an operation divides among more threads counts once, as the thread that waits for it.
"""

import collections
import dataclasses
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the package, when it is not installed

import numpy as np
import tyro
from systems.ours import build_model
from train_speed import MODEL, prepare
from turns import timed, where

KINDS = {  # part of an operation's name -> what the table calls it
    "MatMul": "products",
    "TopK": "choice of tokens",
    "Softmax": "softmax and exponentials",
    "Exp": "softmax and exponentials",
    "ResourceApply": "optimizer",
    "TensorList": "lists of the loops",
    "Gather": "gather and scatter",
    "Scatter": "gather and scatter",
    "Segment": "gather and scatter",
    "Concat": "copies: concat, split, transpose, zeros",
    "Split": "copies: concat, split, transpose, zeros",
    "Transpose": "copies: concat, split, transpose, zeros",
    "ZerosLike": "copies: concat, split, transpose, zeros",
    "Tile": "copies: concat, split, transpose, zeros",
    "Fill": "copies: concat, split, transpose, zeros",
}
REST = "arithmetic of gates, attention and sums"


@dataclasses.dataclass(frozen=True)
class Options:
    """What to profile."""

    run: Path
    """Run folder to translate with."""
    data_dir: Path = Path("data/multi30k")
    """Folder of Multi30k."""
    folder: Path = Path("runs/speed")
    """Folder for vocabulary and batches."""
    updates: int = 20
    """Training updates to profile, after as many that are not."""
    output: Path | None = None
    """File for the tables."""


def main(options: Options) -> None:
    """Profile both, print."""
    from seq2seq.startup import start_tensorflow

    start_tensorflow()  # with its settings
    options.folder.mkdir(parents=True, exist_ok=True)
    lines = [where()]
    for title, work in (
        ("One training update, attention inside", training(options)),
        ("Beam search (5) over 1 000 lines", translation(options)),
    ):
        repeats = work()  # traces the graph and grows the memory
        spent, seconds = profiled(work)
        lines += ["", *table(title, spent, repeats, 1000 * seconds / repeats)]
    print("\n".join(lines))
    if options.output:
        options.output.write_text("\n".join(lines) + "\n", encoding="utf-8")


def training(options: Options) -> Callable[[], int]:
    """A function that makes updates of the model of train_speed.py and says how many."""
    import tensorflow as tf

    from seq2seq.model import Adam, TeacherForcing
    from seq2seq.tasks.pipeline import BATCH_SIGNATURE
    from seq2seq.training.updates import Updates

    data = np.load(prepare(options))
    model = build_model({**MODEL, "attention": "inside"})
    model.compile(Adam(MODEL["learning_rate"]), clip_limit=1.0)
    update, objective = Updates(model, BATCH_SIGNATURE), TeacherForcing()
    sides = ("source", "target")
    batches = [
        {f"{side}_ids": tf.constant(data[f"{side}_{number}"]) for side in sides} for number in range(options.updates)
    ]

    def work() -> int:
        for batch in batches:
            update(objective, [batch])
        return len(batches)

    return work


def translation(options: Options) -> Callable[[], int]:
    """A function that translates the test set once."""
    from seq2seq.translator import Translator

    translator = Translator.load(options.run / "translator.keras")  # by TensorFlow, as in validation
    lines = (options.data_dir / "test_2016_flickr.en").read_text(encoding="utf-8").split("\n")[:-1]

    def work() -> int:
        translator.translate(lines)
        return 1

    return work


def profiled(work: Callable[[], int]) -> tuple[collections.Counter, float]:
    """Milliseconds that threads spent on each kind of operation, and the seconds of the whole."""
    import tensorflow as tf
    from tensorflow.tsl.profiler.protobuf.xplane_pb2 import XSpace

    spent = collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        with tf.profiler.experimental.Profile(folder):
            seconds, _ = timed(work)
        (path,) = Path(folder).rglob("*.xplane.pb")
        space = XSpace.FromString(path.read_bytes())
    for plane in space.planes:
        names = {key: value.name for key, value in plane.event_metadata.items()}
        for event in (event for line in plane.lines for event in line.events):
            operation, _, kind = names[event.metadata_id].rpartition(":")  # such as gradient/MatMul:_MklMatMul
            if operation and "#" not in operation and kind not in ("Process", "Run") and "inference" not in kind:
                spent[kind_of(kind)] += event.duration_ps / 1e9
    return spent, seconds


def kind_of(operation: str) -> str:
    """What the table calls an operation."""
    return next((kind for part, kind in KINDS.items() if part in operation), REST)


def table(title: str, spent: collections.Counter, repeats: int, milliseconds: float) -> list[str]:
    """A Markdown table, the largest first."""
    total = sum(spent.values())
    lines = [
        f"{title}: {milliseconds:,.0f} ms, while it is profiled.",
        "",
        "| operations | ms of threads | share |",
        "|---|---|---|",
    ]
    return lines + [f"| {kind} | {ms / repeats:,.0f} | {ms / total:.0%} |" for kind, ms in spent.most_common()]


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
