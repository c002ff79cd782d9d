"""Datasets that need no network."""

from course_utils.data.digits import Split, load_digits

__all__ = ["Split", "load_digits"]
