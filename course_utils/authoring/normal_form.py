"""The one form in which a notebook is stored: executed in order, and nothing in it differs between two runs.

Each step below changes a notebook in place. `normalize` takes them all; `deviations` names the steps that a
stored file would still need, so that the two can never disagree about what normal is.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from copy import deepcopy

import nbformat
from nbformat import NotebookNode

METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {
        "codemirror_mode": {"name": "ipython", "version": 3},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
    },
}
WIDGET_MIMETYPES = (
    "application/vnd.jupyter.widget-view+json",
    "application/vnd.jupyter.widget-state+json",
)
CELL_ID = re.compile(r"(code|text)-[0-9a-f]{8}(-\d+)?")


def normalize(notebook: NotebookNode) -> NotebookNode:
    """Return a copy of an executed notebook in normal form.

    Parameters
    ----------
    notebook : NotebookNode
        A notebook of format 4.

    Returns
    -------
    NotebookNode
        A notebook that `serialize` always writes with the same bytes.
    """
    normal = deepcopy(notebook)
    for _, step in STEPS:
        step(normal)
    return normal


def parse(text: str) -> NotebookNode:
    """Read the text of a notebook's file as it stands, without repairing or validating it.

    Raises
    ------
    ValueError
        If the text is no notebook of format 4.
    """
    try:
        version = json.loads(text).get("nbformat")
    except (json.JSONDecodeError, AttributeError) as error:
        raise ValueError(f"expected the text of a notebook, got {text[:30]!r}...: {error}") from error
    if version != 4:
        raise ValueError(f"expected a notebook of format 4, got {version!r}: open and save it in JupyterLab")
    return nbformat.v4.reads(text)


def serialize(notebook: NotebookNode) -> str:
    """Return the text of a notebook's file: keys sorted, indented by one, ending in one newline."""
    nbformat.validate(notebook)
    return nbformat.writes(notebook, version=nbformat.NO_CONVERT).rstrip("\n") + "\n"


def deviations(text: str) -> list[str]:
    """Say where a stored notebook leaves the normal form, without executing it.

    Parameters
    ----------
    text : str
        The file's content.

    Returns
    -------
    list of str
        One sentence a deviation; empty for a notebook in normal form.

    Raises
    ------
    ValueError
        If the text is no notebook.
    """
    notebook = parse(text)
    found = unexecuted(notebook)
    for sentence, step in STEPS:
        before = json.dumps(notebook, sort_keys=True)
        step(notebook)
        if json.dumps(notebook, sort_keys=True) != before:
            found.append(sentence)
    if not found and serialize(notebook) != text:
        found.append("the file is laid out differently (key order, indentation or final newline)")
    return found


def unexecuted(notebook: NotebookNode) -> list[str]:
    """Say which code cells do not carry the counts 1, 2, ..., n of one run from top to bottom."""
    found = []
    for expected, cell in enumerate(_code_cells(notebook), start=1):
        count = cell.get("execution_count")
        if count != expected:
            state = "was never executed" if count is None else f"carries the count {count}"
            found.append(f"code cell {expected} {state}, expected {expected}: {_first_line(cell)!r}")
    return found


def _set_metadata(notebook: NotebookNode) -> None:
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5


def _keep_only_tags(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        cell.metadata = nbformat.from_dict({"tags": sorted(set(tags))} if tags else {})


def _strip_sources(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        cell.source = cell.source.strip("\n")


def _name_cells(notebook: NotebookNode) -> None:
    """Keep ids given here before; name the others after their content, so that a second conversion agrees."""
    taken: set[str] = set()
    for cell in notebook.cells:
        if not CELL_ID.fullmatch(cell.get("id", "")) or cell["id"] in taken:
            kind = "code" if cell.cell_type == "code" else "text"
            name = f"{kind}-{hashlib.sha256(cell.source.encode()).hexdigest()[:8]}"
            candidates = [name, *(f"{name}-{n}" for n in range(2, len(notebook.cells) + 2))]
            cell["id"] = next(candidate for candidate in candidates if candidate not in taken)
        taken.add(cell["id"])


def _drop_live_widgets(notebook: NotebookNode) -> None:
    for output in _outputs(notebook):
        for part in (output.get("data", {}), output.get("metadata", {})):
            for mimetype in WIDGET_MIMETYPES:
                part.pop(mimetype, None)


def _drop_empty_outputs(notebook: NotebookNode) -> None:
    for cell in _code_cells(notebook):
        cell.outputs = [
            output for output in cell.outputs if output.output_type == "error" or _has_content(output)
        ]


def _merge_streams(notebook: NotebookNode) -> None:
    for cell in _code_cells(notebook):
        merged: list[NotebookNode] = []
        for output in cell.outputs:
            if merged and _is_continued(merged[-1], output):
                merged[-1].text += output.text
            else:
                merged.append(output)
        cell.outputs = merged


def _number_results(notebook: NotebookNode) -> None:
    for cell in _code_cells(notebook):
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = cell.execution_count


STEPS: tuple[tuple[str, Callable[[NotebookNode], None]], ...] = (
    ("the notebook's metadata is not the course's (kernel, language, widget state, version)", _set_metadata),
    ("a cell carries metadata besides its tags (timings, editor state)", _keep_only_tags),
    ("a cell's source starts or ends with an empty line", _strip_sources),
    ("a cell's id is missing, taken twice or not of the form code-0123abcd", _name_cells),
    ("an output stores the view of a live widget", _drop_live_widgets),
    ("an output is empty", _drop_empty_outputs),
    ("one stream is stored in several pieces", _merge_streams),
    ("a result carries another count than its cell", _number_results),
)


def _code_cells(notebook: NotebookNode) -> Iterator[NotebookNode]:
    return (cell for cell in notebook.cells if cell.cell_type == "code")


def _outputs(notebook: NotebookNode) -> Iterator[NotebookNode]:
    return (output for cell in _code_cells(notebook) for output in cell.outputs)


def _has_content(output: NotebookNode) -> bool:
    # An empty text still counts: nbval, which runs the cell again, would miss it.
    return bool(output.get("text") if output.output_type == "stream" else output.get("data"))


def _is_continued(output: NotebookNode, following: NotebookNode) -> bool:
    both_streams = output.output_type == following.output_type == "stream"
    return both_streams and output.name == following.name


def _first_line(cell: NotebookNode) -> str:
    return cell.source.strip().partition("\n")[0]
