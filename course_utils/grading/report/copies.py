"""Answers that several students handed in word for word, and those that are the course's own solution.

Equal text is a reason to look, and no proof: short answers agree by themselves, and are left out.
"""

from __future__ import annotations

import textwrap
from collections import defaultdict
from functools import cache

from course_utils.grading.classroom.scores import Finding
from course_utils.grading.exercise import Exercise, function_source, registry
from course_utils.grading.report.grades import Grades

_LONG_ENOUGH = 240  # characters of code: shorter answers agree by chance


def equal_answers(grades: Grades) -> list[Finding]:
    """List groups of students whose answers to an exercise are the same text."""
    findings = []
    for chapter in grades.chapters:
        for id in grades.exercises(chapter):
            groups: dict[str, list[str]] = defaultdict(list)
            for score in grades.scores(id):
                result = grades.result(score)
                text = _bare(result["source"]) if result else ""
                if len(text) >= _LONG_ENOUGH:
                    groups[text].append(score.student)
            findings += [
                Finding(", ".join(sorted(students)), "", f"{id}: {what}")
                for text, students in groups.items()
                if (what := _what(id, text, students))
            ]
    return findings


def _what(id: str, text: str, students: list[str]) -> str:
    if text in _solutions(id):
        return "the course's own solution, word for word"
    return "the same answer, word for word" if len(students) > 1 else ""


@cache
def _solutions(id: str) -> frozenset[str]:
    task = registry().get(id)
    if not isinstance(task, Exercise) or task.is_frozen:
        return frozenset()
    return frozenset(_bare(function_source(function)) for function in (task.reference, *task.alternatives))


def _bare(source: str) -> str:
    r"""Leave out what editors add: blank lines, spaces at the ends, imports in front.

    >>> _bare("import math\n\n\ndef f(x): \n\n    return x")
    'def f(x):\n    return x'
    """
    lines = [line.rstrip() for line in textwrap.dedent(source).splitlines()]
    kept = [line for line in lines if line and not line.startswith(("import ", "from "))]
    return "\n".join(kept)
