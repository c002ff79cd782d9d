"""Run a chapter as an ideal learner: another seed, and the reference answer in the place of every stub."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path

import papermill
from nbformat import NotebookNode

from course_utils.authoring import ThisInterpreter

CHECK = re.compile(r'check\("(\w+)"\)')
WIDGET_STATE = "application/vnd.jupyter.widget-state+json"


def inject(notebook: NotebookNode, answers: Mapping[str, str]) -> NotebookNode:
    """Return a copy with sources in place of the stubs, the cells tagged `exercise` before their check."""
    copy = deepcopy(notebook)
    for stub, check in zip(copy.cells, copy.cells[1:], strict=False):
        called = CHECK.fullmatch(check.source.strip()) if check.cell_type == "code" else None
        if called and "exercise" in stub.metadata.get("tags", []) and called[1] in answers:
            stub.source = answers[called[1]]
    return copy


def run(notebook: NotebookNode, output: Path, *, seed: int, cwd: Path) -> NotebookNode:
    """Execute with papermill; raises its PapermillExecutionError where a cell, a claim above all, raises."""
    has_parameters = any("parameters" in cell.metadata.get("tags", []) for cell in notebook.cells)
    return papermill.execute_notebook(
        deepcopy(notebook),
        str(output),
        parameters={"SEED": seed} if has_parameters else None,
        kernel_name="python3",
        kernel_manager_class=ThisInterpreter,
        cwd=str(cwd),
        progress_bar=False,
    )


def widget_errors(notebook: NotebookNode) -> list[str]:
    """Return what callbacks wrote into Output widgets as errors, where papermill does not look."""
    return [
        output["ename"] for output in _widget_outputs(notebook) if output.get("output_type") == "error"
    ] + [output["text"] for output in _widget_outputs(notebook) if output.get("name") == "stderr"]


def _widget_outputs(notebook: NotebookNode) -> Iterator[dict]:
    stored = notebook.metadata.get("widgets", {}).get(WIDGET_STATE, {}).get("state", {})
    for model in stored.values():
        yield from model.get("state", {}).get("outputs", [])
