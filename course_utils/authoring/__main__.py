"""The command ``python -m course_utils.authoring``, which ``make notebooks`` calls."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

from course_utils.authoring.execution import NOTEBOOKS, CellFailure, execute, kernel_environment, with_seed
from course_utils.authoring.normal_form import deviations, normalize, parse, serialize
from course_utils.chapters import CHAPTERS, Chapter

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


def chosen_chapters(numbers: list[str]) -> list[Chapter]:
    """Return the chapters whose number starts with one of the given ones; all finished ones if none is given.

    Raises
    ------
    ValueError
        If a number fits no chapter that has a notebook.

    Examples
    --------
    >>> [chapter.number for chapter in chosen_chapters(["01"])]
    ['01a', '01b']
    """
    finished = [chapter for chapter in CHAPTERS if chapter.file]
    for number in numbers:
        if not any(chapter.number.startswith(number) for chapter in finished):
            known = ", ".join(chapter.number for chapter in finished)
            raise ValueError(f"expected the number of a chapter with a notebook ({known}), got {number!r}")
    wanted = tuple(numbers) or ("",)
    return [chapter for chapter in finished if chapter.number.startswith(wanted)]


def author(path: Path, *, seed: int | None = None) -> str:
    """Execute one notebook and store it in normal form; with a seed, only try it and store nothing.

    Parameters
    ----------
    path : Path
        The notebook; its folder becomes the kernel's working directory.
    seed : int, optional
        A value for ``SEED`` other than the stored one.

    Returns
    -------
    str
        One line: seconds, cells, kilobytes, file.

    Raises
    ------
    CellFailure
        If a cell fails. The file is left as it was.
    """
    notebook = parse(path.read_text(encoding="utf-8"))
    n_cells = len(notebook.cells)
    if seed is not None:
        notebook = with_seed(notebook, seed)
    start = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="authoring-") as private:
        execute(notebook, environment=kernel_environment(Path(private)), cwd=path.parent)
    seconds = time.perf_counter() - start
    text = serialize(normalize(notebook))
    if seed is None:
        _replace(path, text)
    fate = "" if seed is None else f"  tried with SEED = {seed}, not stored"
    size = len(text.encode()) / 1000
    return f"{seconds:7.1f} s  {n_cells:3d} cells  {size:6.0f} kB  {path.name}{fate}"


@app.command()
def main(
    chapters: Annotated[list[str] | None, typer.Argument(metavar="[CH]...", help="such as 00 or 01")] = None,
    check: Annotated[bool, typer.Option("--check", help="compare with the normal form, run nothing")] = False,
    seed: Annotated[int | None, typer.Option(help="try another SEED without storing anything")] = None,
) -> None:
    """Execute the notebooks of the course and store them in one normal form."""
    try:
        paths = [NOTEBOOKS / str(chapter.file) for chapter in chosen_chapters(chapters or [])]
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    failures = [path for path in paths if not _handle(path, check=check, seed=seed)]
    if failures:
        raise typer.Exit(1)


def _handle(path: Path, *, check: bool, seed: int | None) -> bool:
    """Check or author one notebook, print the outcome and say whether it went well."""
    if not path.is_file():
        typer.echo(f"{path.name}: listed in course_utils/chapters.py, but missing in {path.parent}")
        return False
    if check:
        found = deviations(path.read_text(encoding="utf-8"))
        for sentence in found:
            typer.echo(f"{path.name}: {sentence}")
        if not found:
            typer.echo(f"{path.name}: in normal form")
        return not found
    try:
        typer.echo(author(path, seed=seed))
    except (CellFailure, ValueError) as error:
        typer.echo(f"{path.name}: {error}\n{path.name} was left as it was.", err=True)
        return False
    return True


def _replace(path: Path, text: str) -> None:
    """Write beside the file and move over it, so that an interruption never leaves half a notebook."""
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(text, encoding="utf-8", newline="\n")
    os.replace(beside, path)


if __name__ == "__main__":
    app()
