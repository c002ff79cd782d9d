"""The course's exercises: one or more modules a chapter, each with a tuple ``EXERCISES``."""

from __future__ import annotations

from course_utils.grading.exercise import find, reference_source, registry

__all__ = ["find", "reference_source", "registry"]
