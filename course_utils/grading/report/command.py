"""The command `course report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def report(
    folder: Annotated[Path, typer.Argument(help="Folder to write to; made if it does not exist.")] = Path(
        "report"
    ),
    gradebook: Annotated[Path, typer.Option(help="The gradebook.")] = Path("grades.sqlite"),
    canvas_export: Annotated[
        Path | None, typer.Option(help="Canvas's own gradebook export: canvas.csv names students as it does.")
    ] = None,
) -> None:
    """Write grades as CSV (plain, Canvas, nbgrader), a page for each student, and one for you."""
    from course_utils.grading.classroom.gradebook import Gradebook, GradebookError
    from course_utils.grading.report.writing import write_report

    try:
        with Gradebook(gradebook, create=False) as book:
            n_pages = write_report(book, folder, canvas_export)
    except (GradebookError, ValueError) as error:
        message = f"{str(error)[:1].upper()}{str(error)[1:]}"
        typer.echo(message if message.endswith(".") else f"{message}.", err=True)
        raise typer.Exit(2) from error
    except OSError as error:
        typer.echo(f"{error.filename or folder} could not be read or written: {error.strerror}.", err=True)
        raise typer.Exit(2) from error
    typer.echo(f"Wrote {folder / 'index.html'}, three tables and the feedback for {n_pages} students.")
