"""Deep Learning, Put to the Test: everything the notebooks import by name.

The names below are imported on first use, so that ``import course_utils`` stays fast and light.
"""

from __future__ import annotations

import importlib
from typing import Any

_EXPORTS = {
    "check": "course_utils.grading.check",
    "solution": "course_utils.grading.check",
    "hint": "course_utils.grading.graded_hints",
    "question": "course_utils.grading.quiz",
    "predict": "course_utils.grading.predict",
    "settle": "course_utils.grading.predict",
    "review": "course_utils.grading.review",
    "calibration": "course_utils.grading.calibration",
    "progress": "course_utils.grading.panels",
    "overview": "course_utils.grading.panels",
    "claim": "course_utils.claims",
    "show": "course_utils.figures",
    "style": "course_utils.figures",
}

__all__ = sorted(_EXPORTS)  # noqa: PLE0605 - the names are those of the table above


def __getattr__(name: str) -> Any:
    """Import an exported name on first use and remember it."""
    if name not in _EXPORTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(_EXPORTS[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_EXPORTS})
