"""The commands `course grade`, `course mark` and `course grades`."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console

if TYPE_CHECKING:
    from course_utils.grading.classroom.gradebook import Gradebook

GRADEBOOK = Path("grades.sqlite")
GradebookOption = Annotated[Path, typer.Option(help="The gradebook.")]


def grade(
    submissions: Annotated[
        list[Path] | None, typer.Argument(help="Folders, zip downloads of Canvas or Moodle, and notebooks.")
    ] = None,
    gradebook: Annotated[Path, typer.Option(help="The gradebook; created if it does not exist.")] = GRADEBOOK,
    roster: Annotated[
        Path | None,
        typer.Option(help="CSV with the columns id, name, email, or an export of Canvas or Moodle. Kept."),
    ] = None,
    pattern: Annotated[
        str | None,
        typer.Option(help="Regular expression on a file's path with a group (?P<student>...). Kept."),
    ] = None,
    attempts: Annotated[
        str | None,
        typer.Option(help="Which of several attempts counts: latest (at first) or best. Kept."),
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="Grade this exercise alone; may be repeated.")
    ] = None,
    chapter: Annotated[str, typer.Option(help="The chapter of all files; else each one's own.")] = "",
    jobs: Annotated[int, typer.Option(help="Processes; 0 means one for each core.")] = 0,
    dask: Annotated[
        str, typer.Option(help="Grade on a Dask cluster: tcp://127.0.0.1:8786, or tls://HOST:8786.")
    ] = "",
    seed_file: Annotated[
        Path | None, typer.Option(help="Keep the secret seed in this file instead of the gradebook.")
    ] = None,
    time_limit: Annotated[float, typer.Option(help="Seconds for an exercise of a submission.")] = 5.0,
    trust: Annotated[
        bool, typer.Option("--trust", help="Run answers without isolation: only for files of your own.")
    ] = False,
    regrade: Annotated[bool, typer.Option("--regrade", help="Grade anew what is graded already.")] = False,
    trial: Annotated[
        Path | None, typer.Option("--try", help="Show what this one notebook would get; writes nothing.")
    ] = None,
) -> None:
    """Grade a class: only what is new or changed; stop it at any moment and run it again to go on."""
    from course_utils.grading.classroom import session

    console = Console()
    options = session.Options(
        gradebook=gradebook,
        roster=roster,
        pattern=pattern,
        attempts=attempts,
        only=tuple(only or ()),
        chapter=chapter,
        jobs=jobs,
        seed_file=seed_file,
        time_limit=time_limit,
        trust=trust,
        regrade=regrade,
        dask=dask,
    )
    if trial is None and not submissions:
        _stop("Expected submissions to grade: folders, zip archives or notebooks; or --try NOTEBOOK.")
    if trial is not None and submissions:
        _stop(f"Expected either --try or submissions, got --try {trial} and {submissions[0]}.")
    if trial is not None and dask:
        _stop(f"Expected --try without --dask: one notebook is graded on this machine, got {dask}.")
    try:
        if trial is not None:
            session.show_trial(trial, options, console)
        else:
            session.grade_submissions(submissions or [], options, console)
    except session.EXPECTED as error:
        _stop(str(error))
    except KeyboardInterrupt:
        typer.echo("Stopped. What was graded is kept; the same command goes on from there.", err=True)
        raise typer.Exit(130) from None


def mark(
    student: Annotated[str, typer.Argument(help="The student's id, as in grades.csv.")],
    exercise: Annotated[str, typer.Argument(help="The exercise, such as ex01_2.")],
    points: Annotated[float | None, typer.Argument(help="The points that shall count.")] = None,
    comment: Annotated[str, typer.Option(help="Why; the student sees it.")] = "",
    remove: Annotated[bool, typer.Option("--remove", help="Let the automatic points count again.")] = False,
    gradebook: GradebookOption = GRADEBOOK,
) -> None:
    """Mark an exercise by hand; the mark counts whatever is graded later."""
    from course_utils.grading.classroom.gradebook import Gradebook, GradebookError
    from course_utils.grading.exercise import find

    try:
        task = find(exercise)
        with Gradebook(gradebook, create=False) as book:
            if student not in book.known_students():
                _stop(_unknown(student, book))
            if remove:
                removed = book.unmark(student, exercise)
                typer.echo(
                    f"{'Removed the' if removed else 'There was no'} mark of {student} for {exercise}."
                )
                return
            if points is None:
                _stop(f"Expected points from 0 to {task.points} after {exercise}, got none.")
            if not 0 <= points <= task.points:
                _stop(f"Expected points from 0 to {task.points} for {exercise}, got {points}.")
            book.mark(student, exercise, points or 0.0, comment)
    except (ValueError, GradebookError) as error:
        _stop(str(error))
    typer.echo(f"{student} gets {points:g} of {task.points} for {exercise}, whatever is graded later.")


def grades(
    student: Annotated[
        str, typer.Argument(help="A student's id or name: show this one's grades, each with its reason.")
    ] = "",
    gradebook: GradebookOption = GRADEBOOK,
) -> None:
    """Show where the class stands, or one student: each exercise, its cases, and what was found."""
    from course_utils.grading.classroom.gradebook import Gradebook, GradebookError
    from course_utils.grading.classroom.one_student import print_student
    from course_utils.grading.classroom.tables import print_summary

    try:
        with Gradebook(gradebook, create=False) as book:
            if not student:
                print_summary(book, Console())
                return
            known = book.known_students()
            named = {row["id"] for row in book.rows("students") if row["name"] == student}
            found = {student} & known or named
            if len(found) != 1:
                _stop(_unknown(student, book))
            print_student(book, found.pop(), Console())
    except GradebookError as error:
        _stop(str(error))


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    for command in (grade, mark, grades):
        app.command()(command)


def _unknown(student: str, book: Gradebook) -> str:
    """Say that there is no such student, and who may be meant: by name, by leading zeros, or nearly."""
    known = book.known_students()
    words = student.casefold()
    named = [row["id"] for row in book.rows("students") if words in row["name"].casefold()]
    zeros = [id for id in known if id.lstrip("0") == student.lstrip("0")]
    near = named or zeros or difflib.get_close_matches(student, known, n=3, cutoff=0.5) or sorted(known)
    meant = ", ".join(near[:3])
    return f"Expected a student of {book.place}, got {student!r}; did you mean {meant}?"


def _stop(message: str) -> NoReturn:
    message = f"{message[:1].upper()}{message[1:]}"
    typer.echo(message if message.endswith((".", "?")) else f"{message}.", err=True)
    raise typer.Exit(2)
