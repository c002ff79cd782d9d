"""Which names a statement takes from the notebook: when it is executed, and when what it defines is called.

Scopes are Python's own: `symtable` knows about nested functions, lambdas, class bodies and ``global``.
"""

from __future__ import annotations

import ast
import symtable
from dataclasses import dataclass


@dataclass(frozen=True)
class Used:
    """Global names that a statement uses: when it is executed, and later, when it is called."""

    at_definition: tuple[str, ...]
    later: tuple[str, ...]
    created: frozenset[str]  # assigned by a function that declares them global


def used_names(text: str) -> Used:
    r"""Find the names that a top-level statement takes from the notebook.

    >>> used_names("def f(x, scale=SCALE):\n    return [g(a) for a in x]")
    Used(at_definition=('SCALE',), later=('g',), created=frozenset())
    """
    loads = _Loads()
    loads.visit(ast.parse(text))
    at_definition, later, created = loads.names, set[str](), set[str]()
    _collect(symtable.symtable(text, "<statement>", "exec"), later, created)
    return Used(tuple(sorted(at_definition)), tuple(sorted(later - at_definition)), frozenset(created))


class _Loads(ast.NodeVisitor):
    """Names read when a statement is executed; bodies of functions and classes are left to `symtable`.

    Since Python 3.12 `symtable` lists the loop variables of a comprehension with the names around it.
    """

    def __init__(self) -> None:
        self.names: set[str] = set()
        self._own: list[set[str]] = []  # loop variables of the comprehensions around
        self._lazy_annotations = False

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.module == "__future__":
            self._lazy_annotations |= any(alias.name == "annotations" for alias in node.names)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load) and not any(node.id in own for own in self._own):
            self.names.add(node.id)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for part in (*node.decorator_list, *node.args.defaults, *node.args.kw_defaults):
            self._visit_if(part)
        if not self._lazy_annotations:
            arguments = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
            for argument in (*arguments, node.args.vararg, node.args.kwarg):
                self._visit_if(argument and argument.annotation)
            self._visit_if(node.returns)

    visit_FunctionDef = visit_AsyncFunctionDef = _function

    def visit_Lambda(self, node: ast.Lambda) -> None:
        for part in (*node.args.defaults, *node.args.kw_defaults):
            self._visit_if(part)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for part in (*node.decorator_list, *node.bases, *node.keywords):
            self.visit(part)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self._visit_if(None if self._lazy_annotations else node.annotation)
        self._visit_if(node.value)

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> None:
        self.visit(node.generators[0].iter)  # read outside of the comprehension
        targets = [name for part in node.generators for name in ast.walk(part.target)]
        self._own.append({name.id for name in targets if isinstance(name, ast.Name)})
        for child in ast.iter_child_nodes(node):
            self.visit(child)
        self._own.pop()

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension

    def _visit_if(self, node: ast.AST | None) -> None:
        if node is not None:
            self.visit(node)


def _collect(table: symtable.SymbolTable, later: set[str], created: set[str]) -> None:
    """Gather the global names of all functions and classes inside a statement."""
    for child in table.get_children():
        for symbol in child.get_symbols():
            if symbol.is_global() and symbol.is_referenced():
                later.add(symbol.get_name())
            if symbol.is_declared_global() and symbol.is_assigned():
                created.add(symbol.get_name())
        _collect(child, later, created)
