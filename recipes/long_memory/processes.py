"""Runs trainings, in processes side by side or in this one."""

import concurrent.futures
import multiprocessing
import signal
from collections.abc import Iterator, Sequence

from long_memory.results import Row, Trial

__all__ = ["results"]


def results(trials: Sequence[Trial], jobs: int) -> Iterator[Row]:
    """The results of trainings, as they end: in processes side by side, or in this one if a single job is asked for."""
    if jobs == 1:
        _start()
        yield from map(_learnt, trials)
        return
    spawn = multiprocessing.get_context("spawn")  # a fork of a process that runs TensorFlow would hang
    pool = concurrent.futures.ProcessPoolExecutor(jobs, spawn, initializer=_start)
    try:
        for done in concurrent.futures.as_completed([pool.submit(_learnt, trial) for trial in trials]):
            yield done.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in multiprocessing.active_children():
            process.terminate()


def _start() -> None:
    """Prepares a process for trainings."""
    from seq2seq.startup import set_threads

    if multiprocessing.parent_process():
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # after Ctrl-C the first process ends the others
    set_threads(1)


def _learnt(trial: Trial) -> Row:
    """The result of a training."""
    from long_memory.learning import learn

    return learn(trial)
