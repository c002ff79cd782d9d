"""Execute the course's notebooks and store them in one normal form.

``python -m course_utils.authoring 01`` runs and stores, ``--check`` compares without running. `normal_form`
says what a stored notebook looks like; `execution` runs one in a kernel of the interpreter at hand.
"""

from course_utils.authoring.execution import CellFailure, ThisInterpreter, execute, kernel_environment
from course_utils.authoring.normal_form import deviations, normalize, parse, serialize

__all__ = [
    "CellFailure",
    "ThisInterpreter",
    "deviations",
    "execute",
    "kernel_environment",
    "normalize",
    "parse",
    "serialize",
]
