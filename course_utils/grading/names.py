"""Which names a statement binds, and whether it may travel to the class."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Container

# Names that exist in a notebook, or wait for somebody, or open files: an answer in class has none of them.
NOTEBOOK_ONLY = frozenset(
    (
        "In",
        "Out",
        "_",
        "__",
        "___",
        "breakpoint",
        "display",
        "exit",
        "get_ipython",
        "help",
        "input",
        "open",
        "quit",
    )
)
BUILTINS = frozenset(name for name in dir(builtins) if name not in NOTEBOOK_ONLY and name != "__IPYTHON__")

# Builtins that a constant may call: they compute, and touch nothing else.
PURE_BUILTINS = frozenset(
    (
        *(
            "abs",
            "bool",
            "complex",
            "dict",
            "divmod",
            "enumerate",
            "float",
            "frozenset",
            "int",
            "len",
            "list",
        ),
        *(
            "max",
            "min",
            "pow",
            "range",
            "reversed",
            "round",
            "set",
            "slice",
            "sorted",
            "str",
            "sum",
            "tuple",
            "zip",
        ),
    )
)
# Functions of numpy that read or write files, which do not exist in class.
_FILE_FUNCTIONS = frozenset(
    ("fromfile", "genfromtxt", "load", "loadtxt", "memmap", "save", "savetxt", "savez", "tofile")
)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Pass)
_UNSAFE = (ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom)


def bound_names(node: ast.stmt) -> set[str]:
    """Names that a top-level statement binds or deletes in the notebook.

    >>> sorted(bound_names(ast.parse("a, (b, *c) = d").body[0]))
    ['a', 'b', 'c']
    """
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {alias.asname or alias.name.partition(".")[0] for alias in node.names}
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, ast.Delete):
        return {target.id for target in node.targets if isinstance(target, ast.Name)}
    if isinstance(node, ast.AnnAssign) and node.value is None:
        return set()  # `x: int` binds nothing
    finder = _Binder()
    finder.visit(node)
    return finder.names


class _Binder(ast.NodeVisitor):
    """Collects stores at the notebook's own level, not those inside functions and comprehensions."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, (ast.Store, ast.Del)):
            self.names.add(node.id)

    def _bind_name(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        self.names.add(node.name)

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = _bind_name

    def _bind_imports(self, node: ast.Import | ast.ImportFrom) -> None:
        self.names |= bound_names(node)

    visit_Import = visit_ImportFrom = _bind_imports

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        self.generic_visit(node)  # its own name is deleted again by Python

    def visit_Lambda(self, node: ast.Lambda) -> None:
        """Skip it: what a lambda stores is its own."""

    def _comprehension(self, node: ast.AST) -> None:
        self.names |= {
            inner.target.id for inner in ast.walk(node) if isinstance(inner, ast.NamedExpr)
        }  # := leaks out of a comprehension, the loop variable does not

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension

    def _pattern(self, node: ast.MatchAs | ast.MatchStar) -> None:
        self.names |= {node.name} if node.name else set()
        self.generic_visit(node)

    visit_MatchAs = visit_MatchStar = _pattern

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        self.names |= {node.rest} if node.rest else set()
        self.generic_visit(node)


def is_portable(node: ast.stmt, pure: Container[str]) -> bool:
    """Whether a statement is a definition that may run in class, and not experiment code.

    Parameters
    ----------
    node : ast.stmt
        A top-level statement.
    pure : container of str
        Imported names that a constant may call, such as ``np``.
    """
    if isinstance(node, _DEFINITIONS):
        return True
    if isinstance(node, ast.Assign):
        plain = all(_is_plain_target(target) for target in node.targets)
        return plain and _is_constant(node.value, pure)
    if isinstance(node, ast.AnnAssign):
        return isinstance(node.target, ast.Name) and node.value is not None and _is_constant(node.value, pure)
    if isinstance(node, ast.If):
        parts = [*node.body, *node.orelse]
        return _is_constant(node.test, pure) and all(is_portable(part, pure) for part in parts)
    if isinstance(node, ast.Try):
        handled = [part for handler in node.handlers for part in handler.body]
        parts = [*node.body, *handled, *node.orelse, *node.finalbody]
        return all(is_portable(part, pure) for part in parts)
    return isinstance(node, getattr(ast, "TypeAlias", ()))  # `type X = ...`, Python 3.12


def _is_plain_target(target: ast.expr) -> bool:
    if isinstance(target, (ast.Tuple, ast.List)):
        return all(_is_plain_target(element) for element in target.elts)
    if isinstance(target, ast.Starred):
        return _is_plain_target(target.value)
    return isinstance(target, ast.Name)


def _is_constant(value: ast.expr, pure: Container[str]) -> bool:
    """Whether evaluating an expression runs nothing but arithmetic and harmless calls."""
    if isinstance(value, _UNSAFE):
        return False
    if isinstance(value, ast.Lambda):
        return all(
            _is_constant(default, pure)
            for default in [*value.args.defaults, *value.args.kw_defaults]
            if default
        )
    if isinstance(value, ast.Call) and not _is_pure_call(value.func, pure):
        return False
    return all(_is_constant(part, pure) for part in _parts(value))


def _is_pure_call(function: ast.expr, pure: Container[str]) -> bool:
    """Whether a call is of a harmless builtin, or of a function of a module that only computes."""
    root = function
    while isinstance(root, ast.Attribute):
        if root.attr in _FILE_FUNCTIONS:
            return False
        root = root.value
    if isinstance(root, ast.Name):
        return root.id in pure
    return root is not function  # a method of a literal or of another harmless call


def _parts(value: ast.AST) -> list[ast.expr]:
    """Direct sub-expressions, those of comprehensions and keyword arguments included."""
    parts: list[ast.expr] = []
    for child in ast.iter_child_nodes(value):
        if isinstance(child, ast.expr):
            parts.append(child)
        elif isinstance(child, (ast.comprehension, ast.keyword)):
            parts += _parts(child)
    return parts


def imported_modules(node: ast.AST) -> set[str]:
    """Top-level packages that a statement imports, inside functions too; "." for a relative import."""
    modules = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Import):
            modules |= {alias.name.partition(".")[0] for alias in inner.names}
        elif isinstance(inner, ast.ImportFrom):
            modules.add("." if inner.level else (inner.module or "").partition(".")[0])
    return modules
