"""The command `course release`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

_ROOT = Path(__file__).resolve().parents[3]


def release(
    target: Annotated[Path, typer.Argument(help="The zip to write, such as deep-learning.zip.")],
    no_solutions: Annotated[
        bool, typer.Option("--no-solutions", help="Leave reference answers and wrong answers out.")
    ] = False,
    root: Annotated[Path, typer.Option(help="The course's folder.", hidden=True)] = _ROOT,
) -> None:
    """Write the course as a zip for learners: no grades, no seeds; its notebooks check as these do."""
    from course_utils.grading.release.bundle import write_bundle

    if target.suffix.lower() != ".zip" or not target.parent.is_dir():
        raise _stop(f"Expected a file ending in .zip in a folder that exists, got {target}.")
    try:
        files = write_bundle(root, target, solutions=not no_solutions)
    except ValueError as error:
        raise _stop(f"{str(error)[:1].upper()}{str(error)[1:]}.") from error
    except OSError as error:
        raise _stop(f"{target} could not be written: {error.strerror or error}.") from error
    size = target.stat().st_size / 1e6
    without = ", without solutions," if no_solutions else ""
    typer.echo(f"Wrote {len(files)} files{without} to {target} ({size:.1f} MB).")


def _stop(message: str) -> typer.Exit:
    typer.echo(message, err=True)
    return typer.Exit(2)
