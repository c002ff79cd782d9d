"""Optimizers in NumPy, with torch's names and rules."""

from course_utils.optim.sgd import SGD

__all__ = ["SGD"]
