"""One `course grade`: options checked, files taken in, what is to do graded, the summary printed."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from course_utils.grading.classroom.archives import files_of
from course_utils.grading.classroom.chapters_of import chapter_of, chapters_with_exercises, wanted
from course_utils.grading.classroom.cluster import ClusterError, check_address, on_cluster
from course_utils.grading.classroom.gradebook import Gradebook, GradebookError
from course_utils.grading.classroom.gradebook_file import one_run_at_a_time
from course_utils.grading.classroom.grading_one import (
    TRUSTED,
    Settings,
    forget_judge,
    grade_one,
    judge_of,
)
from course_utils.grading.classroom.identity import Identifier, compile_pattern
from course_utils.grading.classroom.intake import Submission, take_in
from course_utils.grading.classroom.progress_bar import progress_of
from course_utils.grading.classroom.roster import Person, read_roster
from course_utils.grading.classroom.run import AnotherVersionError, WorkersFailedError, grade_class, to_do
from course_utils.grading.classroom.tables import plain, print_summary, print_trial
from course_utils.grading.classroom.workers import Executor, on_this_machine
from course_utils.grading.exercise import find
from course_utils.grading.sandbox.servers import SandboxError

_TRIAL_SEED = 1  # not the notebook's, and not a class's secret one
_LEVELS = {
    "full": "Isolation: full.",
    "kernel": "Isolation: kernel. The package bubblewrap would add namespaces around it.",
    TRUSTED: "Isolation: none, answers are trusted.",
}
EXPECTED = (
    *(ValueError, OSError, GradebookError, SandboxError),
    *(WorkersFailedError, AnotherVersionError, ClusterError),
)


@dataclass(frozen=True)
class Options:
    """Options of `course grade`; see there.

    Raises
    ------
    ValueError
        If one makes no sense.
    """

    gradebook: Path
    roster: Path | None = None
    pattern: str | None = None
    attempts: str | None = None
    only: tuple[str, ...] = ()
    chapter: str = ""
    jobs: int = 0
    seed_file: Path | None = None
    time_limit: float = 5.0
    trust: bool = False
    regrade: bool = False
    dask: str = ""

    def check(self) -> None:
        """Refuse what makes no sense, before anything is read or written."""
        ready = chapters_with_exercises()
        if self.chapter and self.chapter not in ready:
            raise ValueError(f"Expected a chapter of {', '.join(ready)}, got {self.chapter!r}.")
        if self.attempts not in (None, "latest", "best"):
            raise ValueError(f"Expected latest or best for --attempts, got {self.attempts!r}.")
        if not 0 < self.time_limit <= 3600:
            raise ValueError(f"Expected a time limit above 0 and up to 3600 s, got {self.time_limit:g}.")
        if self.jobs < 0:
            raise ValueError(f"Expected a number of processes, or 0 for all cores, got {self.jobs}.")
        if self.dask:
            check_address(self.dask)
            if self.jobs:
                raise ValueError(f"Expected --jobs or --dask, got both: {self.jobs} and {self.dask}.")
        for id in self.only:
            task = find(id)
            if self.chapter and task.chapter != self.chapter:
                raise ValueError(f"Expected exercises of chapter {self.chapter}, got {id} of {task.chapter}.")

    @property
    def settings(self) -> Settings:
        """How answers are run."""
        return Settings(self.trust, self.time_limit)


def grade_submissions(
    arguments: Sequence[Path], options: Options, console: Console, executor: Executor | None = None
) -> None:
    """Grade what is to do of all that was handed in, and print the summary."""
    options.check()
    if executor is None and options.dask:
        executor = functools.partial(on_cluster, address=options.dask, say=console.print)
    kept, pattern = _remembered(options)
    people = read_roster(options.roster) if options.roster else kept
    identifier = Identifier(people, compile_pattern(pattern) if pattern else None)
    submissions = take_in(arguments, identifier, options.chapter)
    if executor is None:
        console.print(_LEVELS[judge_of(options.settings).isolation])  # refuses what cannot be isolated here
        forget_judge()
    with one_run_at_a_time(options.gradebook, console.print), Gradebook(options.gradebook) as book:
        title = "New gradebook" if book.is_new else "Gradebook"
        console.print(plain(f"{title}: {book.place.resolve()}"), soft_wrap=True)
        seed = book.seed(options.seed_file)
        if options.roster:
            book.note_class(people)
        if options.pattern is not None:
            book.note_pattern(options.pattern)
        if options.attempts is not None:
            book.note_attempts(options.attempts)
        _say_who(submissions, people, pattern, "" if options.roster else " as before", console)
        numbered = book.add(submissions)
        settings = options.settings
        work = to_do(book, numbered, settings, options.only, options.regrade)
        aside = sum(bool(one.problem) for one in submissions)
        before = len(submissions) - len(work) - aside
        parts = [(len(work), "to grade"), (before, "graded before"), (aside, "set aside (see below)")]
        counts = ", ".join(f"{count} {what}" for count, what in parts if count or what == "to grade")
        console.print(f"{len(submissions)} file{'s' * (len(submissions) != 1)}: {counts}.")
        if work:
            with progress_of(len(work), console) as step:
                grade_class(book, work, seed, settings, executor or _local(options.jobs), step)
        print_summary(book, console)


def _remembered(options: Options) -> tuple[list[Person], str]:
    """Return the roster and the pattern to use: a gradebook keeps those of the run before."""
    if not options.gradebook.exists():
        return [], options.pattern or ""
    with Gradebook(options.gradebook) as book:
        return book.people, book.pattern if options.pattern is None else options.pattern


def _say_who(
    submissions: Sequence[Submission], people: Sequence[Person], pattern: str, again: str, console: Console
) -> None:
    """Say which roster and pattern find the students, and whether they find any."""
    if pattern:
        console.print(plain(f"Students by the pattern {pattern}"), soft_wrap=True)
    if not people:
        return
    found = {one.student for one in submissions if one.matched}
    console.print(f"Roster of {len(people)} students{again}: files of {len(found)} of them.")
    if not found:
        names = ", ".join(sorted({one.student for one in submissions})[:3])
        console.print(
            plain(
                "None of these files belongs to anybody in the roster, so its ids, names or emails are not "
                f"those of the files, which are of: {names} ..."
            )
        )


def _local(jobs: int) -> Executor:
    from joblib import cpu_count

    return functools.partial(on_this_machine, n_jobs=jobs or cpu_count())


def show_trial(notebook: Path, options: Options, console: Console) -> None:
    """Print what one notebook would get, and write nothing."""
    options.check()
    found = list(files_of(notebook))
    if len(found) != 1 or notebook.is_dir():
        raise ValueError(f"Expected one notebook after --try, got {notebook} with {len(found)} files.")
    if found[0].problem:
        raise ValueError(
            f"Expected a notebook in {notebook}, got a file that is not read: {found[0].problem}."
        )
    data = found[0].read()
    chapter = options.chapter or (find(options.only[0]).chapter if options.only else chapter_of(data))
    if not chapter:
        raise ValueError(
            f"Expected a notebook of a chapter in {notebook}, found no exercise of the course in it: name "
            "the chapter with --chapter."
        )
    ids = wanted(chapter, options.only)
    print_trial(grade_one(found[0].label, data, ids, _TRIAL_SEED, options.settings), console)
