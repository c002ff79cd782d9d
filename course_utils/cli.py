"""The `course` command: progress, review, exercises, explorers, self-check, restoring a chapter."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from course_utils.chapters import CHAPTERS
from course_utils.grading.classroom import commands as classroom
from course_utils.grading.release.command import release
from course_utils.grading.report.command import report
from course_utils.workspace import learners_copy, note_handed_out

app = typer.Typer(
    name="course",
    help="Deep Learning, Put to the Test: your progress, and help with your copies of the chapters.",
    no_args_is_help=True,
    add_completion=False,
)
_ROOT = Path(__file__).resolve().parents[1]


@app.command()
def progress(
    export: Annotated[
        Path | None, typer.Option(help="Write everything that is recorded to this .csv or .json file.")
    ] = None,
) -> None:
    """Show exercises tried and solved, points, minutes left, what to look at again, and your predictions."""
    from course_utils.grading.panels import summary
    from course_utils.grading.review import askable, state
    from course_utils.grading.revisit import MOST, exercises_to_revisit

    if export is not None:
        _export(export)
        return
    table = _table("Your progress", "Chapter", "", "Tried", "Solved", "Points", "Minutes left")
    for row in summary():
        solved, points = f"{row.solved} of {row.exercises}", f"{row.points} of {row.max_points}"
        number = row.chapter.number
        table.add_row(number, row.chapter.topic, str(row.attempted), solved, points, str(row.minutes_left))
    Console().print(table)
    if again := exercises_to_revisit()[:MOST]:
        table = _table("To look at again", "Exercise", "", "Why")
        for item in again:
            table.add_row(item.id, item.title, item.reason)
        Console().print(table)
    _print_calibration()
    typer.echo(f"{state()} Type: course review" if askable() else state())


def _export(path: Path) -> None:
    from course_utils.grading.export import export

    try:
        n_records = export(path)
    except ValueError as error:
        _stop(f"{error}.")
    except OSError as error:
        _stop(f"{path} could not be written: {error.strerror or error}.")
    typer.echo(f"Wrote {n_records} records to {path}.")


def _print_calibration() -> None:
    from course_utils.grading.calibration import NONE_SETTLED, by_topic, in_bins, own_predictions

    rows = by_topic()
    if not rows:
        typer.echo(NONE_SETTLED)
        return
    table = _table("Your predictions", "Chapter", "Came true", "Mean confidence", "Brier score")
    for item in rows:
        came_true = f"{item.right} of {item.predictions} ({item.right / item.predictions:.0%})"
        table.add_row(item.topic, came_true, f"{item.confidence:.0%}", f"{item.brier:.2f}")
    Console().print(table)
    typer.echo("A Brier score of 0 is perfect; always saying 50 % gives 0.25.")
    headings = ("You said", "On average", "Came true", "Share", "95 % interval", "Verdict")
    table = _table("As sure as right?", *headings)
    for held in in_bins(*own_predictions()):
        low, high = held.interval
        came_true = f"{held.right} of {held.predictions}"
        row = (held.label, f"{held.confidence:.0%}", came_true, f"{held.share:.0%}")
        table.add_row(*row, f"{low:.0%} to {high:.0%}", held.verdict)
    Console().print(table)


def _table(title: str, *headings: str) -> Table:
    return Table(*headings, title=title, title_justify="left")


@app.command()
def review() -> None:
    """Ask again the predictions that did not come true, each after a day and then at growing distances."""
    from course_utils.grading import spacing
    from course_utils.grading.review import askable, asked_again, state

    for question in askable():
        typer.echo(asked_again(question))
        letters = "abcdefgh"[: len(question.options)]
        letter = _ask_letter(letters)
        if letter == "q":
            break
        if letter:
            typer.echo(f"{spacing.outcome(question.id, question.options[letters.index(letter)])}\n")
    typer.echo(state())


def _ask_letter(letters: str) -> str:
    """Ask until one of the letters is typed, or nothing (to pass), or q (to stop)."""
    choices = f"{', '.join(letters)}; Enter passes, q stops"
    while True:
        typed = typer.prompt(f"Your answer ({choices})", default="", show_default=False).strip().lower()
        if typed == "" or typed == "q" or (len(typed) == 1 and typed in letters):
            return typed
        typer.echo(f"Expected one of {', '.join(letters)}, got {typed!r}.")


@app.command()
def exercises() -> None:
    """List every exercise and question, with your best result."""
    from course_utils.grading.exercise import registry
    from course_utils.grading.progress import best_results, hints_taken

    best, hints = best_results(), hints_taken()
    table = Table("Exercise", "Chapter", "Title", "Points", "Attempts", "Hints")
    for task in registry().values():
        result = best.get(task.id)
        reached = f"{result.points:g} of {task.points}" if result else f"- of {task.points}"
        attempts = str(result.attempts if result else 0)
        table.add_row(task.id, task.chapter, task.title, reached, attempts, str(hints[task.id]))
    Console().print(table)


@app.command()
def explorers(
    sheet: Annotated[Path | None, typer.Option(help="Write thumbnails of all to this PNG.")] = None,
) -> None:
    """List every explorer, with what it shows; --sheet draws them all on one picture."""
    from course_utils.explorers import all_explorers
    from course_utils.explorers._gallery import first_line, write_sheet

    kinds = all_explorers()
    if sheet is not None and (sheet.suffix.lower() != ".png" or not sheet.parent.is_dir()):
        _stop(f"Expected a file ending in .png in a folder that exists, got {sheet}.")
    table = Table("Explorer", "Title", "What it shows")
    for kind in kinds:
        table.add_row(kind.__name__, kind.title, first_line(kind))
    Console().print(table)
    if sheet is not None:
        texts = write_sheet(sheet, kinds)
        typer.echo(f"Wrote {sheet}, and the pictures' texts to {texts}.")


@app.command("check-env")
def check_env() -> None:
    """Look at Python, packages, kernel and the folder that keeps your progress."""
    from course_utils.selfcheck import selfcheck

    report = selfcheck()
    typer.echo(repr(report))
    raise typer.Exit(0 if report.fine else 1)


@app.command()
def reset(
    chapter: Annotated[str, typer.Argument(help="The chapter, such as 01a.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    root: Annotated[Path, typer.Option(help="The course's folder.", hidden=True)] = _ROOT,
) -> None:
    """Restore your copy of a chapter; the old copy is kept beside it."""
    file = _file_of(chapter)
    shipped, copy = root / "notebooks" / file, root / "work" / file
    if not shipped.is_file():
        _stop(f"{shipped} does not exist: run this in a checkout of the course.")
    restored = learners_copy(shipped.read_text(encoding="utf-8")).encode()
    if copy.exists():
        kept = _free_name(copy)
        if not yes:
            typer.confirm(f"Restore {file}? Your copy will be kept as {kept.name}.", abort=True)
        copy.replace(kept)
        typer.echo(f"Kept your copy as work/{kept.name}.")
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_bytes(restored)
    note_handed_out(copy.parent, file, restored)
    typer.echo(f"Restored work/{file}.")


def _file_of(chapter: str) -> str:
    """Find a chapter's notebook by its number, or stop with a list of the numbers there are."""
    ready = {item.number: item.file for item in CHAPTERS if item.file}
    if chapter in ready:
        return str(ready[chapter])
    if any(item.number == chapter for item in CHAPTERS):
        _stop(f"Chapter {chapter} is in preparation. Ready are: {', '.join(ready)}.")
    parts = [number for number in ready if number.startswith(chapter)] if len(chapter) >= 2 else []
    if parts:
        _stop(f"Chapter {chapter} has parts: name one of {', '.join(parts)}.")
    raise _stop(f"There is no chapter {chapter!r}. Ready are: {', '.join(ready)}.")


def _stop(message: str) -> typer.Exit:
    typer.echo(message, err=True)
    raise typer.Exit(2)


def _free_name(copy: Path) -> Path:
    number = 1
    while (kept := copy.with_name(f"{copy.name}.bak-{number}")).exists():
        number += 1
    return kept


classroom.register(app)
for command in (report, release):
    app.command()(command)

if __name__ == "__main__":
    app()
