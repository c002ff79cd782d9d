"""What to look at again: exercises that failed last, that took many attempts or all hints."""

from __future__ import annotations

from dataclasses import dataclass

from course_utils.grading import progress
from course_utils.grading.exercise import Task, registry

MANY_ATTEMPTS = 4
MOST = 5  # items shown


@dataclass(frozen=True)
class Revisit:
    """An exercise to look at again, and why."""

    id: str
    title: str
    reason: str


def exercises_to_revisit() -> list[Revisit]:
    """Return the exercises worth another look, the most urgent first.

    First those not solved whose last attempt failed, then those solved with a last attempt that failed, then
    those that took many attempts or every hint; within each group by attempts and hints. Hints are no
    fault: they only say where to look again.
    """
    best, hints = progress.best_results(), progress.hints_taken()
    found = []
    for task in registry().values():
        result = best.get(task.id)
        if result is None:
            continue
        group = _group(task, result, hints[task.id])
        if group is None:
            continue
        effort = result.attempts + hints[task.id]
        found.append(((group, -effort), Revisit(task.id, task.title, _reason(result, hints[task.id]))))
    return [item for _, item in sorted(found, key=lambda pair: pair[0])]


def _group(task: Task, result: progress.Best, n_hints: int) -> int | None:
    if result.last_status != "passed":
        return 1 if result.solved else 0
    all_hints = 1 < len(task.hints) <= n_hints
    return 2 if result.attempts >= MANY_ATTEMPTS or all_hints else None


def _reason(result: progress.Best, n_hints: int) -> str:
    """Say why, as in "not solved yet: 1 of 3 points, 4 attempts, 2 hints".

    >>> _reason(progress.Best("ex01_4", 1, 3, 4, "failed"), 1)
    'not solved yet: 1 of 3 points, 4 attempts, 1 hint'
    """
    if not result.solved:
        first = f"not solved yet: {result.points:g} of {result.max_points:g} points"
    elif result.last_status != "passed":
        first = "solved before, but the last attempt failed"
    else:
        first = "solved"
    attempts = "1 attempt" if result.attempts == 1 else f"{result.attempts} attempts"
    hints = [] if not n_hints else ["1 hint" if n_hints == 1 else f"{n_hints} hints"]
    return ", ".join([first, attempts, *hints])
