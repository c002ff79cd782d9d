"""A stored chapter as the hygiene rules see it: its cells, headings, calls and outputs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode

from course_utils.authoring import parse
from course_utils.chapters import Chapter

HEADING = re.compile(r"^(#{1,6}) +(.+?) *$", re.MULTILINE)
FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
# The first chapter shows how the course works and argues nothing: it may be short and need no seed.
GUIDES = ("00",)


@dataclass(frozen=True)
class Page:
    """One notebook file together with what the course's tables say that it holds.

    `claims` are the ids it must put to the test; `answers` maps each exercise id to the name it asks for,
    `questions` that of a quiz question to its text.
    """

    path: Path
    content: str
    chapter: Chapter
    claims: frozenset[str]
    answers: dict[str, str]
    questions: dict[str, str]

    @property
    def is_guide(self) -> bool:
        return self.chapter.number in GUIDES

    @cached_property
    def notebook(self) -> NotebookNode:
        return parse(self.content)

    @cached_property
    def code(self) -> list[NotebookNode]:
        return [cell for cell in self.notebook.cells if cell.cell_type == "code"]

    @cached_property
    def prose(self) -> list[str]:
        """Return the Markdown cells without their fenced code."""
        return [FENCED.sub("", cell.source) for cell in self.notebook.cells if cell.cell_type == "markdown"]

    @cached_property
    def headings(self) -> list[str]:
        return [text for source in self.prose for _, text in HEADING.findall(source)]

    @cached_property
    def trees(self) -> list[ast.Module]:
        """Return the syntax tree of every code cell, with magics turned into calls as IPython does."""
        return [ast.parse(TransformerManager().transform_cell(cell.source)) for cell in self.code]

    def calls(self, function: str) -> list[tuple[int, str]]:
        """Return (index among the code cells, first argument) of every call of a course function by name."""
        return [
            (index, _first_argument(node))
            for index, tree in enumerate(self.trees)
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == function
        ]

    def outputs(self) -> Iterator[tuple[int, NotebookNode]]:
        """Yield (number of the code cell, output)."""
        for number, cell in enumerate(self.code, start=1):
            for output in cell.outputs:
                yield number, output


def tags(cell: NotebookNode) -> list[str]:
    return list(cell.metadata.get("tags", []))


def names(tree: ast.AST) -> set[str]:
    """Return every plain name that code reads, assigns, defines or imports; attributes do not count."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.alias):
            found.add(node.asname or node.name.partition(".")[0])
    return found


def _first_argument(call: ast.Call) -> str:
    first = call.args[0] if call.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else "?"
