"""The course as a zip for learners; with its solutions, the same bytes for the same course."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

# What a learner's copy holds; tests, benchmarks and what git and editors keep stay behind.
_PARTS = (
    *("notebooks", "course_utils", "data", "docs"),
    *(
        "README.md",
        "CONTRIBUTING.md",
        "LICENSE",
        "CHANGELOG.md",
        "Makefile",
        "Containerfile",
        "bootstrap.py",
        "pyproject.toml",
    ),
    *("requirements.txt", "requirements-dev.txt", "constraints.txt", "environment.yml"),
)
_NEEDED = ("notebooks", "course_utils", "bootstrap.py", "requirements.txt")
_LEFT_OUT = ("__pycache__", ".ipynb_checkpoints")
_PRIVATE = (".sqlite", ".sqlite-wal", ".sqlite-shm", ".pyc")  # grades, progress, and Python's own
_EXERCISES = "course_utils/exercises"
_FROZEN_MODULE = '''"""The exercises of this copy of the course, which ships without solutions."""

from __future__ import annotations

from pathlib import Path

from course_utils.grading.release.frozen import thaw

EXERCISES = thaw(Path(__file__).with_name("frozen.msgpack").read_bytes())
'''
_DATE = (2026, 1, 1, 0, 0, 0)  # of every file, so that a zip depends on nothing but the course


def write_bundle(root: Path, target: Path, solutions: bool = True) -> list[str]:
    """Write the learners' zip; an older file is replaced once the new one is whole.

    Parameters
    ----------
    root : Path
        A checkout of the course.
    target : Path
        The zip. What is in it lies in a folder of the zip's name.
    solutions : bool
        Whether reference answers and wrong answers come along; otherwise their frozen results do.

    Returns
    -------
    list of str
        The files in the zip, sorted.

    Raises
    ------
    ValueError
        If `root` is no checkout of the course, or an exercise cannot be frozen.
    """
    missing = [name for name in _NEEDED if not (root / name).exists()]
    if missing:
        raise ValueError(f"expected a checkout of the course in {root}, but {', '.join(missing)} is missing")
    files = {place.relative_to(root).as_posix(): place.read_bytes() for place in _files(root, target)}
    if not solutions:
        files = _without_solutions(files)
    half = target.with_name(f".{target.name}.half")
    try:
        with zipfile.ZipFile(half, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for name, content in sorted(files.items()):
                archive.writestr(_entry(f"{target.stem}/{name}"), content)
        os.replace(half, target)
    finally:
        half.unlink(missing_ok=True)
    return sorted(files)


def _files(root: Path, target: Path) -> Iterator[Path]:
    for part in _PARTS:
        places = [root / part] if (root / part).is_file() else sorted((root / part).rglob("*"))
        for place in places:
            inside = place.relative_to(root).parts
            hidden = any(name in _LEFT_OUT or name.startswith(".") for name in inside)
            private = place.name.endswith(_PRIVATE) or place == target
            if place.is_file() and not place.is_symlink() and not hidden and not private:
                yield place


def _without_solutions(files: dict[str, bytes]) -> dict[str, bytes]:
    """Put frozen exercises of the chapters that come along in the place of the modules that define them."""
    from course_utils.chapters import CHAPTERS
    from course_utils.grading.exercise import registry
    from course_utils.grading.release.frozen import freeze

    kept = {
        name: content
        for name, content in files.items()
        if not name.startswith(f"{_EXERCISES}/") or name == f"{_EXERCISES}/__init__.py"
    }
    kept[f"{_EXERCISES}/frozen.py"] = _FROZEN_MODULE.encode()
    shipped = {chapter.number for chapter in CHAPTERS if f"notebooks/{chapter.file}" in files}
    tasks = [task for task in registry().values() if task.chapter in shipped]
    kept[f"{_EXERCISES}/frozen.msgpack"] = freeze(tasks)
    return kept


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _DATE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o100644 << 16  # an ordinary file, readable by all
    return entry
