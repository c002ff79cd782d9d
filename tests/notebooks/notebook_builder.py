"""Small notebooks for the tests: from a list of cells, optionally executed by the course's own tool."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course_utils.authoring import normalize, serialize


def text(source: str) -> NotebookNode:
    return new_markdown_cell(source)


def code(source: str, *outputs: NotebookNode, tags: tuple[str, ...] = (), count: int | None = None):
    cell = new_code_cell(source, outputs=list(outputs), execution_count=count)
    if tags:
        cell.metadata["tags"] = list(tags)
    return cell


def stored(cells: list[NotebookNode]) -> NotebookNode:
    """Return a notebook in normal form that counts as executed, although no kernel saw it."""
    notebook = new_notebook()
    notebook.cells = [deepcopy(cell) for cell in cells]  # one by one: a cell may stand twice
    for count, cell in enumerate((c for c in notebook.cells if c.cell_type == "code"), start=1):
        cell.execution_count = count
    return normalize(notebook)


def write(path: Path, notebook: NotebookNode) -> Path:
    path.write_text(serialize(notebook), encoding="utf-8")
    return path


def write_raw(path: Path, cells: list[NotebookNode]) -> Path:
    """Write a notebook as an editor leaves it: random ids, no outputs, no counts."""
    nbformat.write(new_notebook(cells=cells), path)
    return path
