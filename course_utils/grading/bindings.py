"""What every top-level name of a notebook is bound to, and whether that travels to the class."""

from __future__ import annotations

import ast
import dataclasses
import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from course_utils.grading.cells import Cell, Statement
from course_utils.grading.changes import Changes
from course_utils.grading.names import PURE_BUILTINS, imported_modules

IMPORTS = (ast.Import, ast.ImportFrom)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
DEFINITIONS = (*FUNCTIONS, ast.ClassDef)
_CONTAINERS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.Call)

# Modules that a constant may call: they compute, and touch nothing else.
PURE_MODULES = {
    *("collections", "copy", "dataclasses", "functools", "itertools", "math", "numpy", "operator", "typing"),
}

# What to do about a name made by running code, if it is a name that the answer uses.
PASS_IT = "Pass it as an argument or define it inside."


@dataclass(frozen=True)
class Entry:
    """The last binding of a name: a statement that travels, or the reason why it does not."""

    statement: Statement | None = None
    text: str = ""
    reason: str = ""

    @property
    def node(self) -> ast.stmt | None:
        """Syntax tree of the statement."""
        return None if self.statement is None else self.statement.node


class Notebook:
    """Every top-level name of a notebook with its last binding."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        self.entries: dict[str, Entry] = {}
        self.aliases: dict[str, set[str]] = {}  # names that share their contents with a name
        self.future: list[str] = []
        self.stars: list[str] = []
        self.pure = set(PURE_BUILTINS)  # names that a constant may call, at this point of the notebook
        for cell in cells:
            for statement in cell.statements:
                self._add(statement)

    def near(self, name: str) -> tuple[str, ...]:
        """Names of definitions that look like `name`, the nearest first."""
        kinds = (*DEFINITIONS, ast.Assign)
        own = [
            other for other, entry in self.entries.items() if other != name and isinstance(entry.node, kinds)
        ]
        return tuple(difflib.get_close_matches(name, own, n=3, cutoff=0.85))

    def _add(self, statement: Statement) -> None:
        changes = statement.changes
        self._note_changes(changes)
        self._bind(statement)
        bound = statement.bound
        for aliases in self.aliases.values():
            aliases -= bound
        self.aliases |= {name: changes.aliases.get(name, set()) - {name} for name in bound}

    def _note_changes(self, changes: Changes) -> None:
        """Mark what a statement changes, and all that shares it, as made by running code."""
        todo, seen = [*changes.names, *filter(self._holds_entries, changes.augmented)], set[str]()
        while todo:
            name = todo.pop()
            if name in seen:
                continue
            seen.add(name)
            todo += [*self.aliases.get(name, ()), *changes.aliases.get(name, ())]
            statement = self.entries.get(name, Entry()).statement
            if statement is None or isinstance(statement.node, (*IMPORTS, *FUNCTIONS)):
                continue
            for other, entry in self.entries.items():
                if entry.statement is statement:  # `a, b = [], []` travels whole or not at all
                    self.entries[other] = dataclasses.replace(entry, reason=_experiment(other))

    def _holds_entries(self, name: str) -> bool:
        """Whether a name, or one that it shares its contents with, is a container and no number."""
        names = {name, *self.aliases.get(name, ())}
        nodes = [self.entries[other].node for other in names if other in self.entries]
        return any(isinstance(part, _CONTAINERS) for node in nodes if node for part in ast.walk(node))

    def _bind(self, statement: Statement) -> None:
        node = statement.node
        if isinstance(node, IMPORTS):
            self._add_import(statement, node)
        elif isinstance(node, ast.Delete):
            for name in statement.bound:
                self.entries[name] = Entry(reason=f"`{name}` was deleted by `{statement.text}`.")
        else:
            portable = statement.needs is not None and statement.needs <= self.pure
            for name in statement.bound:
                self.pure.discard(name)
                reason = "" if portable else _experiment(name)
                self.entries[name] = Entry(statement, statement.text, reason)

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
                self.entries[bound] = Entry(Statement(parsed, text), text)
                if imported_modules(parsed) <= PURE_MODULES:
                    self.pure.add(bound)
                else:
                    self.pure.discard(bound)


def _experiment(name: str) -> str:
    return (
        f"`{name}` is made by running code in a cell; in class only functions, classes, constants and "
        f"imports travel. {PASS_IT}"
    )
