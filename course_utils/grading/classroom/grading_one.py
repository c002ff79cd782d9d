"""`grade_one`: from a notebook's bytes to its results. Plain values in and out, so that it runs anywhere."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from course_utils.grading.classroom.checks import checks_hash
from course_utils.grading.exercise import Task, find
from course_utils.grading.grade import grade_resolved
from course_utils.grading.resolver import Definitions, Resolved
from course_utils.grading.result import CheckResult
from course_utils.grading.sandbox.layers import Layers, Limits
from course_utils.grading.sandbox.reader import NotebookError, Reading, code_cells
from course_utils.grading.sandbox.sandbox import Graded, Sandbox
from course_utils.grading.sandbox.servers import SandboxError

TRUSTED = "trusted"  # the isolation of answers that ran in the judge's own process
UNFINISHED = ""  # in the place of the hash of checks: the next run tries again
_CALL_SECONDS = 5.0
_LONGEST_SOURCE = 20_000  # characters of an answer that the gradebook keeps
_own = threading.local()  # the sandbox of this thread


@dataclass(frozen=True)
class Settings:
    """How answers are run.

    Parameters
    ----------
    trust : bool
        Run them in this process, without any isolation or time limit: for one's own files alone.
    time_limit : float
        Seconds that one exercise of one submission may take; a single call may take 5 of them.
    level : str
        The isolation required.
    layers : Layers
        The walls around answers; all, unless a test takes some away.
    """

    trust: bool = False
    time_limit: float = 5.0
    level: str = "kernel"
    layers: Layers = field(default_factory=Layers)


def grade_one(
    name: str, data: bytes, ids: Sequence[str], seed: int, settings: Settings | None = None
) -> dict[str, Any]:
    """Grade one notebook.

    Parameters
    ----------
    name : str
        Of the file, for messages.
    data : bytes
        The notebook.
    ids : sequence of str
        Exercises to grade it on.
    seed : int
        Draws the inputs, together with the file's content; secret.
    settings : Settings
        How answers are run.

    Returns
    -------
    dict
        ``name``; ``problem``, why the file is unreadable, or ""; ``results``, one dict an exercise with
        ``id``, ``status``, ``points``, ``max_points``, ``hint``, ``notes``, ``cases``, ``printed``,
        ``source``, ``checks`` and ``isolation``; ``seconds``, ``cpu`` (seconds) and ``peak`` (bytes) used.

    Raises
    ------
    SandboxError
        If answers cannot be isolated as the settings require.
    """
    settings = settings or Settings()
    seed = seed_of(data, seed)
    started = time.perf_counter()
    judge = judge_of(settings)
    try:
        outcome = _outcome(judge, data, [find(id) for id in ids], seed)
    except SandboxError:  # a server was lost, perhaps to a crowded machine: once more, with new ones
        forget_judge()
        outcome = _outcome(judge_of(settings), data, [find(id) for id in ids], seed)
    return {"name": name, **outcome, "seconds": round(time.perf_counter() - started, 4)}


def seed_of(data: bytes, seed: int) -> int:
    """Seed for one file: what an attempt finds out about its inputs is of no use to the next."""
    return int.from_bytes(hashlib.sha256(b"%d %b" % (seed, data)).digest()[:8], "big")


def _outcome(judge: Judge, data: bytes, tasks: Sequence[Task], seed: int) -> dict[str, Any]:
    reading = judge.read(data, [task.name for task in tasks], tasks[0].chapter if tasks else "")
    if reading.problem:
        hint = f"{reading.problem[0].upper()}{reading.problem[1:]}."
        unread = [_without_cases(task, "unreadable", hint) for task in tasks]
        return {
            "problem": reading.problem,
            "results": [
                result | {"checks": checks_hash(result["id"]), "isolation": judge.isolation}
                for result in unread
            ],
            "cpu": 0.0,
            "peak": 0,
        }
    results, cpu, peak = [], 0.0, 0
    for task in tasks:
        result, used = _result(judge, task, reading.answers[task.name], seed)
        cpu, peak = cpu + used.cpu, max(peak, used.peak)
        results.append(result)
    return {"problem": "", "results": results, "cpu": round(cpu, 4), "peak": peak}


def _result(judge: Judge, task: Task, resolved: Resolved, seed: int) -> tuple[dict[str, Any], Graded]:
    """Judge one answer; a defect of the exercise or of the grader costs this exercise and no other."""
    try:
        graded = judge.grade(task, resolved, seed)
    except SandboxError:
        raise
    except Exception as error:  # noqa: BLE001 - said in the gradebook, and tried again by the next run
        said = f"{type(error).__name__}: {error}"
        hint = f"The grader itself stopped at this exercise ({said:.200}): it has to be marked by hand."
        result = _without_cases(task, "crashed", hint)
        return result, Graded(CheckResult(task.id, task.name, "crashed", 0, task.points))
    found = graded.result
    if found.status == "missing":  # in a notebook one is told to run a cell; nobody runs it here
        hint = found.hint.replace("Run the cell that defines", "No cell of the notebook defines")
        found = replace(found, hint=hint.replace("` first.", "`."))
    finished = {"checks": checks_hash(task.id), "isolation": judge.isolation}
    said_and_done = {"printed": found.printed, "source": resolved.source[:_LONGEST_SOURCE]}
    return {**found.as_dict(), **said_and_done, **finished}, graded


def unjudged(name: str, ids: Sequence[str], hint: str) -> dict[str, Any]:
    """Return an outcome of a notebook that could not be judged; the next run tries it again."""
    results = [_without_cases(find(id), "crashed", hint) for id in ids]
    return {"name": name, "problem": "", "results": results, "seconds": 0.0, "cpu": 0.0, "peak": 0}


def _without_cases(task: Task, status: str, hint: str) -> dict[str, Any]:
    result = CheckResult(task.id, task.name, status, 0, task.points, hint=hint)
    return {**result.as_dict(), "printed": "", "source": "", "checks": UNFINISHED, "isolation": ""}


class Judge:
    """Reads notebooks and judges answers in this process, without isolation: for files that one trusts."""

    isolation = TRUSTED

    def read(self, data: bytes, names: Sequence[str], chapter: str = "") -> Reading:
        """Read a notebook."""
        try:
            definitions = Definitions(code_cells(data))
        except NotebookError as error:
            return Reading(problem=str(error))
        return Reading({name: definitions.resolve(name) for name in names})

    def grade(self, task: Task, resolved: Resolved, seed: int) -> Graded:
        """Judge an answer."""
        return Graded(grade_resolved(task, resolved, seed))

    def close(self) -> None:
        """End what belongs to it."""


class IsolatedJudge(Judge):
    """Reads and judges through a sandbox, after a test of its walls."""

    def __init__(self, settings: Settings) -> None:
        from course_utils.grading.sandbox.selftest import isolation, require

        limits = Limits(min(_CALL_SECONDS, settings.time_limit), settings.time_limit)
        self.sandbox = Sandbox(limits, settings.layers)
        try:
            found = isolation(self.sandbox)
            require(found, settings.level)
        except BaseException:
            self.sandbox.close()
            raise
        self.isolation = found.level

    def read(self, data: bytes, names: Sequence[str], chapter: str = "") -> Reading:
        """Read a notebook in a locked-down process."""
        return self.sandbox.read(data, names, chapter)

    def grade(self, task: Task, resolved: Resolved, seed: int) -> Graded:
        """Judge an answer that runs in a locked-down process."""
        return self.sandbox.grade(task, resolved, seed)

    def close(self) -> None:
        """End the sandbox."""
        self.sandbox.close()


def judge_of(settings: Settings) -> Judge:
    """Return this thread's judge, kept warm; SandboxError if it cannot isolate as required."""
    key = (os.getpid(), settings)
    if getattr(_own, "key", None) != key:
        forget_judge()
        _own.judge = Judge() if settings.trust else IsolatedJudge(settings)
        _own.key = key
    return _own.judge


def forget_judge() -> None:
    """End this thread's judge."""
    kept = getattr(_own, "key", None)
    if kept is not None:
        _own.key = None
        if kept[0] == os.getpid():  # after a fork it is the parent's
            _own.judge.close()
