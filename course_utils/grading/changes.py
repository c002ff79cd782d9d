"""Which names a statement changes without binding them: entries set, lists filled, arrays shuffled."""

from __future__ import annotations

import ast

# Methods that change their own object, and functions that change their first argument.
_METHODS = frozenset(
    (
        *("add", "append", "appendleft", "clear", "difference_update", "discard", "extend", "extendleft"),
        *("fill", "insert", "intersection_update", "pop", "popitem", "popleft", "put", "remove", "resize"),
        *("reverse", "rotate", "setdefault", "setflags", "sort", "symmetric_difference_update", "update"),
    )
)
_FUNCTIONS = frozenset(
    (
        *("at", "copyto", "fill_diagonal", "heapify", "heappop", "heappush", "place", "put"),
        *("put_along_axis", "putmask", "setattr", "shuffle"),
    )
)


class Changes(ast.NodeVisitor):
    r"""What a statement changes at the notebook's own level, not inside functions and classes.

    Parameters
    ----------
    node : ast.stmt
        A top-level statement.

    Attributes
    ----------
    names : set of str
        Names whose contents change.
    augmented : set of str
        Names of an augmented assignment: an array or a list changes in place, a number does not.
    aliases : dict
        For a name, those that share their contents with it, as ``row`` does with ``table`` in a loop.

    Examples
    --------
    >>> sorted(Changes(ast.parse("for k in range(3):\n    a[k] = b.pop()").body[0]).names)
    ['a', 'b']
    """

    def __init__(self, node: ast.stmt) -> None:
        self.names: set[str] = set()
        self.augmented: set[str] = set()
        self.aliases: dict[str, set[str]] = {}
        self.visit(node)

    def _skip(self, node: ast.AST) -> None:
        """Leave out what stands in a function or class: it happens elsewhere."""

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = visit_Lambda = _skip

    def _target(self, node: ast.Subscript | ast.Attribute) -> None:
        if isinstance(node.ctx, (ast.Store, ast.Del)):
            self.names |= _root(node)
        self.generic_visit(node)

    visit_Subscript = visit_Attribute = _target

    def visit_Call(self, node: ast.Call) -> None:
        """Note a method that changes its object, or a function that changes an argument."""
        function = node.func
        called = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        if isinstance(function, ast.Attribute) and called in _METHODS:
            self.names |= _root(function.value)
        if called in _FUNCTIONS and node.args:
            self.names |= _root(node.args[0])
        for keyword in node.keywords:
            if keyword.arg == "out":
                self.names |= _root(keyword.value)
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        """Note `name += ...`."""
        if isinstance(node.target, ast.Name):
            self.augmented.add(node.target.id)
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        """Note another name for the same contents, such as `row = table[0]`."""
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.aliases.setdefault(target.id, set()).update(_root(node.value))
        self.generic_visit(node)

    def _loop(self, node: ast.For | ast.AsyncFor | ast.comprehension) -> None:
        read = {inner.id for inner in ast.walk(node.iter) if isinstance(inner, ast.Name)}
        for inner in ast.walk(node.target):
            if isinstance(inner, ast.Name):
                self.aliases.setdefault(inner.id, set()).update(read)
        self.generic_visit(node)

    visit_For = visit_AsyncFor = visit_comprehension = _loop


def _root(node: ast.expr) -> set[str]:
    """Return the name at the root of ``name[...].attribute``, if there is one."""
    while isinstance(node, (ast.Subscript, ast.Attribute, ast.Starred)):
        node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()
