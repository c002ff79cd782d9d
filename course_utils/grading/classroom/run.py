"""Grading a class: what is still to do, and saving each result as it comes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Mapping

from course_utils.grading.classroom.chapters_of import wanted
from course_utils.grading.classroom.checks import checks_hash
from course_utils.grading.classroom.gradebook import Gradebook
from course_utils.grading.classroom.grading_one import TRUSTED, UNFINISHED, Settings
from course_utils.grading.classroom.intake import Submission
from course_utils.grading.classroom.workers import Executor, Work

_HOPELESS = 5  # submissions in a row that cannot be judged: then it is not the submissions


class WorkersFailedError(RuntimeError):
    """Nothing can be judged any more, whatever the submission."""


class AnotherVersionError(RuntimeError):
    """A process that grades has another version of the course."""


def to_do(
    gradebook: Gradebook,
    submissions: Mapping[int, Submission],
    settings: Settings,
    only: Collection[str] = (),
    regrade: bool = False,
) -> list[Work]:
    """List what has to be graded: what is new, and what another version of its checks has graded.

    Parameters
    ----------
    gradebook : Gradebook
        Holds what was graded before.
    submissions : mapping
        Submissions by their numbers in the gradebook.
    settings : Settings
        How answers are run. Untrusting runs repeat what ran in trust, longer ones what was timed out.
    only : collection of str
        Exercises to grade; all, if empty.
    regrade : bool
        Grade anew what is graded already.
    """
    work = []
    for number, submission in submissions.items():
        ids = wanted(submission.chapter, only) if submission.chapter else ()
        done = {} if regrade else gradebook.finished(number)
        ids = tuple(id for id in ids if not _is_done(id, done.get(id), settings))
        if ids:
            work.append(Work(number, submission.file, ids, lambda one=submission: one.data))  # type: ignore[misc]
    return work


def _is_done(id: str, result: sqlite3.Row | None, settings: Settings) -> bool:
    if result is None or result["checks"] != checks_hash(id):
        return False
    if result["isolation"] == TRUSTED and not settings.trust:
        return False
    return not (result["status"] == "timed out" and result["time_limit"] < settings.time_limit)


def grade_class(
    gradebook: Gradebook,
    work: list[Work],
    seed: int,
    settings: Settings,
    executor: Executor,
    on_saved: Callable[[], object] = lambda: None,
) -> None:
    """Grade and save, one transaction a submission; stop it at any moment, and it goes on from there.

    Parameters
    ----------
    gradebook, work, seed, settings
        As `to_do` gave them; the secret seed of the gradebook.
    executor : callable
        Runs `grade_one` on the work, and yields numbers with outcomes in any order.
    on_saved : callable
        Called after each submission.

    Raises
    ------
    AnotherVersionError
        If a result was made by other code than this process has.
    WorkersFailedError
        If five submissions in a row cannot be judged.
    """
    in_a_row = 0
    for number, outcome in executor(work, seed, settings):
        for result in outcome["results"]:
            if result["checks"] not in (UNFINISHED, checks_hash(result["id"])):
                raise AnotherVersionError(
                    f"The process that graded {outcome['name']} has another version of the course than this "
                    "one: a file of the course changed meanwhile, or machines have different versions. What "
                    "was graded is kept; run the same command again."
                )
        gradebook.save(number, outcome, settings.time_limit)
        on_saved()
        is_lost = all(result["checks"] == UNFINISHED for result in outcome["results"])
        in_a_row = in_a_row + 1 if is_lost else 0
        if in_a_row >= _HOPELESS:
            raise WorkersFailedError(
                f"{in_a_row} submissions in a row could not be judged; the last: "
                f"{outcome['results'][-1]['hint']} What was graded is kept, and the same command goes on "
                "from there. Is there enough memory? Fewer processes (--jobs 1) need less."
            )
