"""What travels of a notebook: one answer, and the notebook's own definitions that it uses.

From the cells' text, in the order in which they ran, `resolve` takes the answer by name and,
transitively, the functions, classes, constants and imports it uses. The last definition of a name wins.
Experiment code never travels: a name whose last binding is a loop, a file read or a call of notebook code,
or which a later statement changes, is reported as missing, with the reason. The same function serves the
notebook and the class.

Decisions. An assignment is a constant if its right side is made of literals, containers, names, arithmetic,
comprehensions and lambdas, and calls nothing but harmless builtins and modules such as numpy. A top-level
``if`` or ``try`` travels whole if it holds nothing but definitions of that kind. A name that is deleted
(``del``) is gone. A value that is computed from a missing name is missing, too. ``from module import *``
does not travel.
"""

from __future__ import annotations

import ast
import dataclasses
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from course_utils.grading.bindings import DEFINITIONS, IMPORTS, Entry, Notebook
from course_utils.grading.cells import broken_attempt, hiding_magic, read_cells
from course_utils.grading.names import BUILTINS, NOTEBOOK_ONLY, imported_modules
from course_utils.grading.scopes import used_names


@dataclass(frozen=True)
class Resolved:
    """An answer, ready to run in a fresh namespace.

    Parameters
    ----------
    name : str
        The name asked for.
    source : str
        Self-contained source, empty if the notebook does not define `name`.
    stub : bool
        Whether it is still the stub: a body without code, or the value None.
    awaited : str
        Name of an ``async def`` in the source, which nobody would await.
    alias : str
        The name that the answer equals, if it was written as ``answer = name``.
    missing : tuple of str
        Names that the answer uses and that will not exist in class.
    reasons : dict
        For each missing name, one sentence: why, and what to do.
    imports : tuple of str
        Modules that the answer imports, sorted.
    origins : dict
        For each of these modules, how the answer comes by it: "uses `F` from `course_utils`".
    near : tuple of str
        Names that the notebook defines and that look like `name`, mistyped, if there is no answer.
    problem : str
        Why there is no source: a syntax error, or the answer is made by experiment code.
    magic : str
        A cell magic such as "timeit" above a definition of `name`, which therefore does not count.
    """

    name: str
    source: str = ""
    stub: bool = False
    awaited: str = ""
    alias: str = ""
    missing: tuple[str, ...] = ()
    reasons: dict[str, str] = field(default_factory=dict)
    imports: tuple[str, ...] = ()
    origins: dict[str, str] = field(default_factory=dict)
    near: tuple[str, ...] = ()
    problem: str = ""
    magic: str = ""


def resolve(sources: Sequence[str], name: str) -> Resolved:
    r"""Take the answer `name` and what it uses from the cells of a notebook.

    Parameters
    ----------
    sources : sequence of str
        The cells' text, in the order in which they ran.
    name : str
        The function, class or value that answers the exercise.

    Examples
    --------
    >>> answer = resolve(["import numpy as np", "HALF = 0.5", "def f(x):\n    return HALF * np.abs(x)"], "f")
    >>> print(answer.source)
    import numpy as np
    <BLANKLINE>
    HALF = 0.5
    <BLANKLINE>
    def f(x):
        return HALF * np.abs(x)
    >>> resolve(["model = train()", "def g(x):\n    return model(x)"], "g").missing
    ('model',)
    """
    return Definitions(sources).resolve(name)


class Definitions:
    """The cells of a notebook, read once, from which any number of answers can be taken."""

    def __init__(self, sources: Sequence[str]) -> None:
        self._cells = read_cells(sources)
        self._notebook = Notebook(self._cells)

    def resolve(self, name: str) -> Resolved:
        """Take the answer `name` and what it uses."""
        name = unicodedata.normalize("NFKC", name)
        broken = broken_attempt(self._cells, name)
        entry = self._notebook.entries.get(name)
        if broken:
            resolved = Resolved(name, problem=f"The cell that defines `{name}` has a syntax error: {broken}")
        elif entry is None:
            resolved = Resolved(name)
        elif entry.reason:
            resolved = Resolved(name, problem=entry.reason)
        else:
            resolved = _Collector(self._notebook, name).collect()
        unanswered = resolved.stub or not resolved.source
        near = self._notebook.near(name) if unanswered else ()
        magic = hiding_magic(self._cells, name)
        return dataclasses.replace(resolved, near=near, magic=magic)


class _Collector:
    """Walks from the answer to all it uses; what is used comes before its user."""

    def __init__(self, notebook: Notebook, answer: str) -> None:
        self.notebook = notebook
        self.answer = answer
        self.imports: list[str] = []
        self.definitions: list[str] = []
        self.reasons: dict[str, str] = {}
        self.origins: dict[str, str] = {}
        self.created: set[str] = set()  # by a `global` statement of a function that travels
        self.seen: set[str] = set()
        self.lost: dict[str, str] = {}  # statements that cannot run in class, with the reason

    def collect(self) -> Resolved:
        self._visit(self.answer, (), ())
        for created in self.created:
            self.reasons.pop(created, None)
        future = list(dict.fromkeys(self.notebook.future))
        blocks = ["\n".join(future + self.imports)] if future or self.imports else []
        source = "\n\n".join(blocks + self.definitions)
        node = self.notebook.entries[self.answer].node
        return Resolved(
            self.answer,
            source=source,
            stub=is_stub(node),
            awaited=_awaited(source),
            alias=getattr(getattr(node, "value", None), "id", ""),
            missing=tuple(sorted(self.reasons)),
            reasons=self.reasons,
            imports=tuple(sorted(self.origins)),
            origins=self.origins,
        )

    def _visit(self, name: str, building: tuple[str, ...], way: tuple[str, ...]) -> str:
        """Take a name and what it uses; return the reason if it does not travel.

        `building` holds the definitions that wait for it before they can be executed, `way` the names that
        led from the answer to it.
        """
        entry = self.notebook.entries.get(name)
        if entry is None or entry.statement is None or entry.reason:
            return self._explain_missing(name, entry)
        if entry.text in building:
            own = entry.text == building[-1] and isinstance(entry.node, (ast.If, ast.Try))
            return "" if own else _circular(name)  # an `if` may use what it has defined itself
        if entry.text in self.seen:
            return self.lost.get(entry.text, "")
        self.seen.add(entry.text)
        used = used_names("\n".join([*self.notebook.future, entry.statement.text]))
        way = (*way, name)
        missing = self._visit_all(used.at_definition, (*building, entry.text), way)
        if missing and name != self.answer and not isinstance(entry.node, DEFINITIONS):
            self.lost[entry.text] = next(iter(missing.values()))
            return self.lost[entry.text]
        missing |= self._visit_all(used.later, (), way)
        for other, reason in missing.items():
            self.reasons[other] = reason if reason.startswith(f"`{other}`") else f"{rebuilt(other)}: {reason}"
        self.created |= used.created
        imported = isinstance(entry.node, IMPORTS)
        for module in imported_modules(entry.statement.node):
            self.origins.setdefault(module, _origin(way[1:], module, imported))
        (self.imports if imported else self.definitions).append(entry.text)
        return ""

    def _visit_all(
        self, names: Iterable[str], building: tuple[str, ...], way: tuple[str, ...]
    ) -> dict[str, str]:
        found = {name: self._visit(name, building, way) for name in names}
        return {name: reason for name, reason in found.items() if reason}

    def _explain_missing(self, name: str, entry: Entry | None) -> str:
        if entry is not None:
            return entry.reason
        if name in NOTEBOOK_ONLY:
            return f"`{name}` does not exist in class: an answer gets all it needs as arguments."
        if name in PREDEFINED:
            return ""
        if self.notebook.stars:
            star = self.notebook.stars[-1]
            explicit = star.replace("*", name)
            return f"`{name}` may come from `{star}`, which does not travel: write `{explicit}`."
        return f"`{name}` is not defined in this notebook: is it a typing mistake?"


PREDEFINED = BUILTINS | {"__name__"}


def is_stub(node: ast.stmt | None) -> bool:
    r"""Whether a definition is still the stub: a body without code, or the value None.

    >>> is_stub(ast.parse("def f(x):\n    '''Doc.'''\n    ...  # your code here").body[0])
    True
    """
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        return isinstance(node.value, ast.Constant) and node.value.value in (None, ...)
    if not isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return False
    return all(_is_empty(statement) for statement in node.body)


def _is_empty(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.FunctionDef):  # a method
        return is_stub(statement)
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)
    if isinstance(statement, ast.Raise):
        raised = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
        return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
    return isinstance(statement, ast.Pass)


def _awaited(source: str) -> str:
    nodes = ast.walk(ast.parse(source))
    return next((node.name for node in nodes if isinstance(node, ast.AsyncFunctionDef)), "")


def _circular(name: str) -> str:
    return (
        f"`{name}` is computed from its own earlier value; in class only its last definition exists. "
        "Write it in one step, or give each step its own name."
    )


def rebuilt(name: str) -> str:
    """Say that a value of the notebook does not exist in class.

    >>> rebuilt("share")
    '`share` comes from another cell and cannot be rebuilt in class'
    """
    return f"`{name}` comes from another cell and cannot be rebuilt in class"


def _origin(way: tuple[str, ...], module: str, imported: bool) -> str:
    """Say how an answer comes by a module; `way` leads from the answer to it."""
    helpers, last = (way[:-1], way[-1]) if imported and way else (way, "")
    source = "" if last == module else f" from `{module}`"
    end = f"uses `{last}`{source}" if last else f"imports `{module}`"
    return "".join(f"uses `{helper}`, which " for helper in helpers) + end
