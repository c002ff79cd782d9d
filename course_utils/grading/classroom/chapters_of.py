"""Which chapter a file answers, found in its bytes: nothing of it is parsed or run for that."""

from __future__ import annotations

import functools
import re
from collections.abc import Collection

from course_utils.grading.exercise import Task, registry

_CHECKED = re.compile(rb"check\(\s*\\?[\"']((?:ex|q)\d+_\d+)")
# each begins with a fixed text, which is ten times as fast as one expression for both
_DEFINED = re.compile(rb"def\s+(\w+)\s*\(")
_ANSWERED = re.compile(rb"q\d+_\d+(?=\s*=)")


def chapter_of(data: bytes) -> str:
    r"""Return the number of the chapter most of whose exercises a notebook checks or defines, or nothing.

    >>> chapter_of(b'"check(\\"ex01_4\\")"')
    '01a'
    >>> chapter_of(b"def softmax(logits):")
    '01a'
    """
    known = {text.encode() for task in registry().values() for text in (task.id, task.name)}
    checked = {match[1] for match in _CHECKED.finditer(data) if match[1] in known}
    defined = {match[1] for match in _DEFINED.finditer(data) if match[1] in known}
    defined |= {match[0] for match in _ANSWERED.finditer(data) if match[0] in known}
    hits: dict[str, int] = {}
    for task in registry().values():
        if task.id.encode() in checked or task.name.encode() in defined:
            hits[task.chapter] = hits.get(task.chapter, 0) + 1
    return max(sorted(hits), key=lambda chapter: hits[chapter]) if hits else ""


def chapter_tasks(chapter: str) -> list[Task]:
    """Exercises and questions of a chapter, in their order."""
    return [task for task in registry().values() if task.chapter == chapter]


def wanted(chapter: str, only: Collection[str] = ()) -> tuple[str, ...]:
    """Ids that a notebook of a chapter is graded on."""
    return tuple(task.id for task in chapter_tasks(chapter) if not only or task.id in only)


@functools.cache
def chapters_with_exercises() -> tuple[str, ...]:
    """Numbers of the chapters that can be graded."""
    return tuple(dict.fromkeys(task.chapter for task in registry().values()))
