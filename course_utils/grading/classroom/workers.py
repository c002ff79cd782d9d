"""The processes of this machine that grade: results as they come; a dead process costs a retry at most.

An executor is any function like `on_this_machine`: it takes work and yields each number with what `grade_one`
returned for it, in any order.
"""

from __future__ import annotations

import concurrent.futures as futures
import os
import signal
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from course_utils.grading.classroom.archives import RefusedError
from course_utils.grading.classroom.grading_one import Settings, grade_one, unjudged

Outcome: TypeAlias = dict[str, Any]
Finished: TypeAlias = Iterator[tuple[int, Outcome]]


@dataclass(frozen=True)
class Work:
    """One notebook to grade.

    Parameters
    ----------
    number : int
        Its number in the gradebook.
    name : str
        Of the file.
    ids : tuple of str
        Exercises to grade it on.
    read : callable
        Returns its content.
    """

    number: int
    name: str
    ids: tuple[str, ...]
    read: Callable[[], bytes]


Executor: TypeAlias = Callable[[Sequence[Work], int, Settings], Finished]


def on_this_machine(work: Sequence[Work], seed: int, settings: Settings, n_jobs: int) -> Finished:
    """Grade on `n_jobs` processes of this machine.

    If a process dies, what was under way is tried again, one notebook at a time, so that only the notebook
    that kills its process pays for it.
    """
    left = deque(work)
    while left:
        under_way: dict[int, Work] = {}
        try:
            yield from _together(left, under_way, seed, settings, n_jobs)
        except BrokenProcessPool:
            for item in under_way.values():
                yield item.number, _alone(item, seed, settings)


def _together(
    left: deque[Work], under_way: dict[int, Work], seed: int, settings: Settings, n_jobs: int
) -> Finished:
    """Take from `left` and yield results, with a few notebooks waiting for the next free process."""
    with _pool(n_jobs) as pool:
        running: dict[futures.Future[Outcome], Work] = {}
        while left or running:
            while left and len(running) < 2 * n_jobs:
                item = left.popleft()
                try:
                    data = item.read()
                except (RefusedError, OSError) as error:
                    yield item.number, unjudged(item.name, item.ids, f"The file could not be read: {error}")
                    continue
                under_way[item.number] = item
                running[pool.submit(work_on, item.name, data, item.ids, seed, settings)] = item
            done, _ = futures.wait(running, return_when=futures.FIRST_COMPLETED)
            for future in done:
                outcome = future.result()  # BrokenProcessPool if its process died
                item = running.pop(future)
                del under_way[item.number]
                yield item.number, outcome


def _alone(item: Work, seed: int, settings: Settings) -> Outcome:
    """Grade a notebook in a process of its own; if that dies, each of its exercises in one."""
    outcome = _in_own_process(item, seed, settings)
    if outcome is not None:
        return outcome
    outcome = unjudged(item.name, (), "")
    for id in item.ids:
        one = _in_own_process(replace(item, ids=(id,)), seed, settings)
        hint = "The process that graded this exercise died, twice: try it with `course grade --try`."
        outcome["results"] += (one or unjudged(item.name, (id,), hint))["results"]
    return outcome


def _in_own_process(item: Work, seed: int, settings: Settings) -> Outcome | None:
    with _pool(1) as pool:
        try:
            return pool.submit(work_on, item.name, item.read(), item.ids, seed, settings).result()
        except BrokenProcessPool:
            return None
        except (RefusedError, OSError) as error:
            return unjudged(item.name, item.ids, f"The file could not be read: {error}")


def work_on(name: str, data: bytes, ids: Sequence[str], seed: int, settings: Settings) -> Outcome:
    """Call `grade_one`; what it raises costs this notebook and no other."""
    try:
        return grade_one(name, data, ids, seed, settings)
    except Exception as error:  # noqa: BLE001 - said in the gradebook, and tried again by the next run
        said = f"{type(error).__name__}: {error}"
        return unjudged(name, ids, f"The grader itself stopped at this file ({said:.300}).")


class _pool:  # noqa: N801 - used like a function
    """A pool of processes that are gone when the block ends, however it ends."""

    def __init__(self, n_jobs: int) -> None:
        from joblib.externals.loky import ProcessPoolExecutor

        # A dead process is told by an exception; loky's own line about it says nothing more.
        warnings.filterwarnings("ignore", message="A worker stopped while some jobs were given")
        self._pool = ProcessPoolExecutor(
            n_jobs, initializer=_begin_work, initargs=(os.getpid(),), timeout=None
        )

    def __enter__(self) -> futures.Executor:
        return self._pool

    def __exit__(self, kind: object, *exception: object) -> None:
        if kind is not None:  # Ctrl-C, a dead process, a full disk: nobody waits for what is under way
            for process in list(self._pool._processes.values()):
                process.terminate()
        self._pool.shutdown(wait=True)


def _begin_work(parent: int) -> None:
    """Leave Ctrl-C to the process that started this one, and end when that is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
