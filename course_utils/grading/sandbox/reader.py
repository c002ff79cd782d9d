"""Reading a notebook that nobody trusts: a locked-down process parses its text, and runs nothing of it."""

from __future__ import annotations

import gc
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from course_utils.grading.resolver import Definitions, Resolved
from course_utils.grading.values import Uncrossable

MAX_BYTES = 20 * 2**20
_MAX_CELLS = 5_000
_MAX_SOURCE = 500_000  # characters of one answer
_MAX_ENTRIES = 40
_MAX_TEXT = 500  # characters of a name or a reason
_FIELDS: dict[str, type] = {
    **dict.fromkeys(("name", "source", "awaited", "alias", "problem", "magic"), str),
    **dict.fromkeys(("missing", "imports", "near"), tuple),
    **dict.fromkeys(("reasons", "origins"), dict),
    "stub": bool,
}


@dataclass(frozen=True)
class Reading:
    """What a notebook holds.

    Parameters
    ----------
    answers : dict
        For each name asked for, what travels of the notebook.
    defined : tuple of str
        Those of the names that the notebook binds or tries to bind.
    digest : str
        SHA-256 of the text of its code cells, empty if it cannot be read.
    problem : str
        Why it cannot be read: "not a notebook: ...", in plain words.
    """

    answers: dict[str, Resolved] = field(default_factory=dict)
    defined: tuple[str, ...] = ()
    digest: str = ""
    problem: str = ""


class NotebookError(ValueError):
    """A file that is no readable notebook."""


def code_cells(data: bytes) -> list[str]:
    """Text of the code cells of a notebook file, in the file's order.

    Raises
    ------
    NotebookError
        With what is wrong, in plain words.
    """
    try:
        notebook = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise NotebookError("the file is not text in UTF-8, as every notebook is") from None
    except RecursionError:
        raise NotebookError("the file is nested too deep for a notebook") from None
    except ValueError:
        raise NotebookError("the file is not JSON: it is damaged, or no notebook") from None
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if isinstance(notebook, dict) and "worksheets" in notebook:
        raise NotebookError("the notebook's format is too old: open it in JupyterLab and save it again")
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise NotebookError("the file is JSON, but no notebook: it has no list of cells")
    if len(cells) > _MAX_CELLS:
        raise NotebookError(f"the notebook has {len(cells)} cells, more than {_MAX_CELLS}")
    return [_source(cell) for cell in cells if cell.get("cell_type") == "code"]


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", "")
    lines = source if isinstance(source, list) else [source]
    if not all(isinstance(line, str) for line in lines):
        raise NotebookError("a cell of the notebook holds something else than text")
    return "".join(lines)


def warm(folder: Path, chapter: str) -> None:
    """Read a chapter as shipped, so that a child has only those cells to parse that a student changed."""
    for place in folder.glob(f"{chapter}_*.ipynb") if chapter else ():
        Definitions(code_cells(place.read_bytes()))


def read_notebook(data: np.ndarray, names: list[str]) -> dict[str, Any]:
    """Read a notebook in the child; the answers travel as plain values.

    Parameters
    ----------
    data : ndarray of uint8
        The file.
    names : list of str
        The answers to look for.
    """
    gc.disable()  # a quarter of the time; this process reads one notebook and ends
    try:
        sources = code_cells(data.tobytes())
    except NotebookError as error:
        return {"problem": str(error)}
    digest = hashlib.sha256("\0".join(sources).encode("utf-8", "surrogatepass")).hexdigest()
    definitions = Definitions(sources)
    answers = [definitions.resolve(name) for name in names]
    return {"digest": digest, "answers": [_plain(answer) for answer in answers]}


def _plain(answer: Resolved) -> dict[str, Any]:
    """Write an answer as plain values; what an answer does not need to say is left out."""
    if len(answer.source) > _MAX_SOURCE:
        answer = Resolved(answer.name, problem=f"`{answer.name}` is longer than {_MAX_SOURCE} characters.")
    plain = {}
    for name in _FIELDS:
        value = getattr(answer, name)
        if isinstance(value, tuple):
            value = tuple(value[:_MAX_ENTRIES])
        elif isinstance(value, dict):
            value = dict([*value.items()][:_MAX_ENTRIES])
        if value:
            plain[name] = value
    return plain


def as_reading(value: Any, names: list[str]) -> Reading:
    """Check, on the judge's side, what the reading child said.

    Raises
    ------
    ValueError
        If it is not what an honest child says.
    """
    if not isinstance(value, dict) or isinstance(value, Uncrossable):
        raise ValueError("no reading")
    if isinstance(value.get("problem"), str):
        return Reading(problem=value["problem"][:300])
    digest, answers = value.get("digest"), value.get("answers")
    if not (isinstance(digest, str) and isinstance(answers, list) and len(answers) == len(names)):
        raise ValueError("no reading")
    found = {name: _as_resolved(answer, name) for name, answer in zip(names, answers, strict=True)}
    defined = tuple(name for name, answer in found.items() if answer.source or answer.problem)
    return Reading(found, defined, digest[:64])


def _as_resolved(value: Any, name: str) -> Resolved:
    if not isinstance(value, dict) or not set(value) <= set(_FIELDS):
        raise ValueError("no answer")
    for key, part in value.items():
        entries = [*part, *part.values()] if isinstance(part, dict) else part
        well = type(part) is _FIELDS[key] and (
            isinstance(part, (str, bool)) or all(isinstance(entry, str) for entry in entries)
        )
        if not well:
            raise ValueError("no answer")
    return Resolved(
        **{key: part if key == "source" else _cut(part) for key, part in value.items()} | {"name": name}
    )


def _cut(part: Any) -> Any:
    """Cut names and reasons to a readable length: a notebook's own words are in them."""
    if isinstance(part, dict):
        return {_cut(key): _cut(entry) for key, entry in part.items()}
    return (
        tuple(map(_cut, part))
        if isinstance(part, tuple)
        else part[:_MAX_TEXT]
        if isinstance(part, str)
        else part
    )
