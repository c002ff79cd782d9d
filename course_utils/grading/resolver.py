"""What travels of a notebook: one answer, and the notebook's own definitions that it uses.

From the cells' text, in the order in which they ran, `resolve` takes the answer by name and,
transitively, the functions, classes, constants and imports it uses. The last definition of a name wins.
Experiment code never travels: a name whose last binding is a loop, a file read or a call of notebook
code is reported as missing, with the reason. The same function serves the notebook and the class.

Decisions. An assignment is a constant if its right side is made of literals, containers, names, arithmetic,
comprehensions and lambdas, and calls nothing but harmless builtins and modules such as numpy. A top-level
``if`` or ``try`` travels whole if it holds nothing but definitions of that kind. A name that is deleted
(``del``) is gone. ``from module import *`` does not travel.
"""

from __future__ import annotations

import ast
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from course_utils.grading.cells import Cell, Statement, broken_attempt, read_cells
from course_utils.grading.names import (
    BUILTINS,
    NOTEBOOK_ONLY,
    PURE_BUILTINS,
    bound_names,
    imported_modules,
    is_portable,
)
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
    node : ast.stmt or None
        The syntax tree of the statement that defines the answer.
    missing : tuple of str
        Names that the answer uses and that will not exist in class.
    reasons : dict
        For each missing name, one sentence: why, and what to do.
    imports : tuple of str
        Modules that the answer imports, sorted.
    problem : str
        Why there is no source: a syntax error, or the answer is made by experiment code.
    """

    name: str
    source: str = ""
    node: ast.stmt | None = None
    missing: tuple[str, ...] = ()
    reasons: dict[str, str] = field(default_factory=dict)
    imports: tuple[str, ...] = ()
    problem: str = ""


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
    name = unicodedata.normalize("NFKC", name)
    cells = read_cells(sources)
    notebook = _Notebook(cells)
    broken = broken_attempt(cells, name)
    if broken:
        return Resolved(name, problem=f"The cell that defines `{name}` has a syntax error: {broken}")
    entry = notebook.entries.get(name)
    if entry is None:
        return Resolved(name)
    if entry.reason:
        return Resolved(name, problem=entry.reason)
    return _Collector(notebook).collect(name)


@dataclass(frozen=True)
class _Entry:
    """The last binding of a name: a statement that travels, or the reason why it does not."""

    statement: Statement | None = None
    text: str = ""
    reason: str = ""

    @property
    def node(self) -> ast.stmt | None:
        return None if self.statement is None else self.statement.node


class _Notebook:
    """Every top-level name of a notebook with its last binding."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        self.entries: dict[str, _Entry] = {}
        self.future: list[str] = []
        self.stars: list[str] = []
        self.pure = set(PURE_BUILTINS)  # names that a constant may call, at this point of the notebook
        for cell in cells:
            for statement in cell.statements:
                self._add(statement)

    def _add(self, statement: Statement) -> None:
        node = statement.node
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            self._add_import(statement, node)
        elif isinstance(node, ast.Delete):
            for name in bound_names(node):
                self.entries[name] = _Entry(reason=f"`{name}` was deleted by `{statement.text}`.")
        else:
            portable = is_portable(node, self.pure)
            for name in bound_names(node):
                self.pure.discard(name)
                reason = "" if portable else _experiment(name)
                self.entries[name] = _Entry(statement, statement.text, reason)

    def _add_import(self, statement: Statement, node: ast.Import | ast.ImportFrom) -> None:
        """Split an import into one entry for each name that it binds."""
        for alias in node.names:
            if isinstance(node, ast.Import):
                head, bound = "import ", alias.asname or alias.name.partition(".")[0]
            else:
                head, bound = (
                    f"from {'.' * node.level}{node.module or ''} import ",
                    alias.asname or alias.name,
                )
            text = f"{head}{alias.name}" + (f" as {alias.asname}" if alias.asname else "")
            if head == "from __future__ import ":
                self.future.append(text)
            elif alias.name == "*":
                self.stars.append(text)
            else:
                parsed = ast.parse(text).body[0]
                self.entries[bound] = _Entry(Statement(parsed, text), text)
                if imported_modules(parsed) <= PURE_MODULES:
                    self.pure.add(bound)
                else:
                    self.pure.discard(bound)


class _Collector:
    """Walks from the answer to all it uses; what is used comes before its user."""

    def __init__(self, notebook: _Notebook) -> None:
        self.notebook = notebook
        self.imports: list[str] = []
        self.definitions: list[str] = []
        self.reasons: dict[str, str] = {}
        self.modules: set[str] = set()
        self.created: set[str] = set()  # by a `global` statement of a function that travels
        self.seen: set[str] = set()

    def collect(self, name: str) -> Resolved:
        self._visit(name)
        for created in self.created:
            self.reasons.pop(created, None)
        future = list(dict.fromkeys(self.notebook.future))
        blocks = ["\n".join(future + self.imports)] if future or self.imports else []
        return Resolved(
            name,
            source="\n\n".join(blocks + self.definitions),
            node=self.notebook.entries[name].node,
            missing=tuple(sorted(self.reasons)),
            reasons=self.reasons,
            imports=tuple(sorted(self.modules)),
        )

    def _visit(self, name: str, building: tuple[str, ...] = ()) -> None:
        """Take a name; `building` holds the definitions that wait for it before they can be executed."""
        entry = self.notebook.entries.get(name)
        if entry is None or entry.reason:
            self._note_missing(name, entry)
        elif entry.text in building:
            if not (entry.text == building[-1] and isinstance(entry.node, (ast.If, ast.Try))):
                self.reasons[name] = _circular(name)  # an `if` may use what it has defined itself
        elif entry.text not in self.seen and entry.statement is not None:
            self.seen.add(entry.text)
            used = used_names("\n".join([*self.notebook.future, entry.statement.text]))
            self.created |= used.created
            for other in used.at_definition:
                self._visit(other, (*building, entry.text))
            for other in used.later:
                self._visit(other)
            self.modules |= imported_modules(entry.statement.node)
            (self.imports if _is_import(entry) else self.definitions).append(entry.text)

    def _note_missing(self, name: str, entry: _Entry | None) -> None:
        if entry is not None:
            self.reasons[name] = entry.reason
        elif name in NOTEBOOK_ONLY:
            self.reasons[name] = (
                f"`{name}` does not exist in class: an answer gets all it needs as arguments."
            )
        elif name not in PREDEFINED and self.notebook.stars:
            star = self.notebook.stars[-1]
            explicit = star.replace("*", name)
            self.reasons[name] = (
                f"`{name}` may come from `{star}`, which does not travel: write `{explicit}`."
            )
        elif name not in PREDEFINED:
            self.reasons[name] = f"`{name}` is not defined in this notebook: is it a typing mistake?"


PREDEFINED = BUILTINS | {"__name__"}

# Modules that a constant may call: they compute, and touch nothing else.
PURE_MODULES = {"collections", "dataclasses", "functools", "itertools", "math", "numpy", "operator", "typing"}


def _experiment(name: str) -> str:
    return (
        f"`{name}` is made by running code in a cell; in class only functions, classes, constants and "
        "imports travel. Pass it as an argument or define it inside."
    )


def _circular(name: str) -> str:
    return (
        f"`{name}` is computed from its own earlier value; in class only its last definition exists. "
        "Write it in one step, or give each step its own name."
    )


def _is_import(entry: _Entry) -> bool:
    return isinstance(entry.node, (ast.Import, ast.ImportFrom))
