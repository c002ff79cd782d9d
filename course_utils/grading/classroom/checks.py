"""A hash for each exercise of all code that decides its score: a grade is kept until that changes.

It covers the exercise's module, the judging code, and every module of the course that these import.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib
import importlib.util
import pkgutil
from pathlib import Path

_PACKAGE = "course_utils"
_JUDGING = ("course_utils.grading.grade", "course_utils.grading.running", "course_utils.grading.imports")


@functools.cache
def checks_hash(id: str) -> str:
    """Return 16 hexadecimal digits that change with whatever decides the score of an exercise.

    >>> checks_hash("ex01_7") == checks_hash("ex01_7") != checks_hash("ex01_8")
    True
    """
    digest = hashlib.sha256(id.encode())
    for module in sorted(_closure((_modules()[id], *_JUDGING))):
        digest.update(f"\n{module}\n{_source(module)}".encode())
    return digest.hexdigest()[:16]


@functools.cache
def _modules() -> dict[str, str]:
    """Name of the module that defines each exercise."""
    import course_utils.exercises as package

    names = [f"{package.__name__}.{info.name}" for info in pkgutil.iter_modules(package.__path__)]
    return {task.id: name for name in names for task in importlib.import_module(name).EXERCISES}


def _closure(roots: tuple[str, ...]) -> set[str]:
    """Return modules of the course that the roots import, directly or not, and the roots."""
    seen: set[str] = set()
    todo = list(roots)
    while todo:
        module = todo.pop()
        if module not in seen:
            seen.add(module)
            todo += _imported(module)
    return seen


@functools.cache
def _imported(module: str) -> tuple[str, ...]:
    """Modules of the course that a module imports anywhere in its source."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(_source(module))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            origin = importlib.util.resolve_name("." * node.level + (node.module or ""), _parent(module))
            names |= {origin, *(f"{origin}.{alias.name}" for alias in node.names)}
    own = {name for name in names if name.split(".")[0] == _PACKAGE}
    return tuple(sorted(name for name in own if _place(name) is not None))


def _parent(module: str) -> str:
    place = _place(module)
    return module if place is not None and place.name == "__init__.py" else module.rpartition(".")[0]


@functools.cache
def _source(module: str) -> str:
    place = _place(module)
    return "" if place is None else place.read_text(encoding="utf-8")  # universal newlines


def _place(module: str) -> Path | None:
    """Return a module's file; None if the name is that of something in a module."""
    package = importlib.util.find_spec(_PACKAGE)
    locations = package.submodule_search_locations if package is not None else None
    for root in locations or ():
        base = Path(root, *module.split(".")[1:])
        for place in (base.with_suffix(".py"), base / "__init__.py"):
            if place.is_file():
                return place
    return None
