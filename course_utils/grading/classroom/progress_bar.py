"""How far a run is: a bar with an honest estimate on a terminal, a line for each tenth elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

_QUIET = 2.0  # seconds between two plain lines, at least
_ENOUGH = 8  # submissions done before an estimate is worth anything


def remaining(done: int, total: int, seconds: float) -> str:
    """Say how long the rest will take if it goes on as it went so far.

    >>> remaining(20, 120, 10.0), remaining(3, 120, 1.0), remaining(120, 120, 60.0)
    ('about 50 s left', 'estimating', 'done')
    """
    if done >= total:
        return "done"
    if done < min(_ENOUGH, total):
        return "estimating"
    left = seconds * (total - done) / done
    return f"about {left / 60:.0f} min left" if left >= 90 else f"about {max(left, 1):.0f} s left"


@contextmanager
def progress_of(
    total: int, console: Console, clock: Callable[[], float] = time.monotonic
) -> Iterator[Callable]:
    """Yield a function to call after each submission."""
    first = last = clock()
    done = 0

    def left() -> str:
        """Estimate from the pace since the first result: what came before it was the start, which is over."""
        nonlocal first
        if done == 1:
            first = clock()
        return remaining(done, total, (clock() - first) * done / max(done - 1, 1))

    if not console.is_terminal:

        def step() -> None:
            nonlocal done, last
            done += 1
            said = left()
            is_tenth = done * 10 // total > (done - 1) * 10 // total
            if done == total or (is_tenth and clock() - last >= _QUIET):
                last = clock()
                console.print(f"graded {done} of {total}, {said}")

        yield step
        return
    columns = (TextColumn("Grading"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[left]}"))
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=total, left="estimating")

        def advance() -> None:
            nonlocal done
            done += 1
            bar.update(task, completed=done, left=left())

        yield advance
