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
from course_utils.grading.classroom.grading_one import Settings, forget_judge, grade_one, judge_of
from course_utils.grading.classroom.identity import Identifier, compile_pattern, read_roster
from course_utils.grading.classroom.intake import take_in
from course_utils.grading.classroom.progress_bar import progress_of
from course_utils.grading.classroom.run import AnotherVersionError, WorkersFailedError, grade_class, to_do
from course_utils.grading.classroom.tables import plain, print_summary, print_trial
from course_utils.grading.classroom.workers import Executor, on_this_machine
from course_utils.grading.exercise import find
from course_utils.grading.sandbox.servers import SandboxError

_TRIAL_SEED = 1  # not the notebook's, and not a class's secret one
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
    pattern: str = ""
    attempts: str = "latest"
    only: tuple[str, ...] = ()
    chapter: str = ""
    jobs: int = 0
    seed_file: Path | None = None
    time_limit: float = 10.0
    trust: bool = False
    regrade: bool = False
    dask: str = ""

    def check(self) -> None:
        """Refuse what makes no sense, before anything is read or written."""
        ready = chapters_with_exercises()
        if self.chapter and self.chapter not in ready:
            raise ValueError(f"Expected a chapter of {', '.join(ready)}, got {self.chapter!r}.")
        if self.attempts not in ("latest", "best"):
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
    people = read_roster(options.roster) if options.roster else []
    if executor is None and options.dask:
        executor = functools.partial(on_cluster, address=options.dask, say=console.print)
    if executor is None:
        judge_of(options.settings)  # refuses here and now what this machine cannot isolate
        forget_judge()
    identifier = Identifier(people, compile_pattern(options.pattern) if options.pattern else None)
    submissions = take_in(arguments, identifier, options.chapter)
    with one_run_at_a_time(options.gradebook, console.print), Gradebook(options.gradebook) as book:
        title = "New gradebook" if book.is_new else "Gradebook"
        console.print(plain(f"{title}: {book.place.resolve()}"), soft_wrap=True)
        seed = book.seed(options.seed_file)
        book.note_class(people)
        book.note_attempts(options.attempts)
        numbered = book.add(submissions)
        settings = options.settings
        work = to_do(book, numbered, settings, options.only, options.regrade)
        files = f"{len(submissions)} file{'s' * (len(submissions) != 1)}"
        console.print(
            f"{files}, {len(work)} to grade, {len(submissions) - len(work)} graded before or set aside."
        )
        if work:
            with progress_of(len(work), console) as step:
                grade_class(book, work, seed, settings, executor or _local(options.jobs), step)
        print_summary(book, console)


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
