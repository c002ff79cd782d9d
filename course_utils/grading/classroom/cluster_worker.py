"""What a worker of a Dask cluster does: it tests its own walls, compares versions, and grades."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from course_utils.grading.classroom.checks import checks_hash
from course_utils.grading.classroom.grading_one import Settings, judge_of
from course_utils.grading.classroom.workers import Outcome, work_on
from course_utils.grading.exercise import registry
from course_utils.grading.sandbox.servers import SandboxError

if TYPE_CHECKING:  # the extra `cluster`
    from distributed import Worker

_one_at_a_time = ThreadPoolExecutor(1, "judge")  # a judge has one sandbox, and patches stdout


async def ready(settings: Settings, checks: dict[str, str], dask_worker: Worker) -> str:
    """Say why a worker must not grade, if it must not; Dask calls it outside of any task."""
    asked = _one_at_a_time.submit(_refusal, dask_worker.name, settings, checks)
    return await asyncio.wrap_future(asked)


def grade_here(
    name: str, data: bytes, ids: Sequence[str], seed: int, settings: Settings, checks: dict[str, str]
) -> tuple[str, Outcome]:
    """Grade one notebook on the worker that this is called on.

    Returns
    -------
    refusal : str
        Why this worker must not grade, or "".
    outcome : dict
        Of `grade_one`.
    """
    from distributed import get_worker

    given = (get_worker().name, name, data, ids, seed, settings, checks)
    return _one_at_a_time.submit(_graded, *given).result()


def _graded(worker: object, name: str, data: bytes, ids: Sequence[str], *rest: Any) -> tuple[str, Outcome]:
    seed, settings, checks = rest
    refusal = _refusal(worker, settings, checks)  # a worker that joined late has not been asked before
    return refusal, {} if refusal else work_on(name, data, ids, seed, settings)


def _refusal(worker: object, settings: Settings, checks: dict[str, str]) -> str:
    """Start this worker's judge, which tests the walls once; nothing if it may grade."""
    known = registry()
    others = [id for id, digest in checks.items() if id not in known or checks_hash(id) != digest]
    if others:
        return (
            f"The worker {worker} has another version of the course than this machine (the checks of "
            f"{others[0]} differ): give all machines the same version."
        )
    try:
        judge_of(settings)
    except SandboxError as error:
        return f"The worker {worker} refuses to grade. {error}"
    return ""
