"""What importing the engine brings along: NumPy, and nothing heavy."""

import subprocess
import sys

import pytest

PROBE = """
import sys
import {module}
heavy = {{"torch", "matplotlib", "sklearn", "scipy", "IPython", "ipywidgets"}} & set(sys.modules)
own = [name for name in sys.modules if name.startswith(("course_utils.grading", "course_utils.explorers"))]
print(sorted(heavy), own)
"""


@pytest.mark.parametrize(
    "module",
    [
        "course_utils.nn",
        "course_utils.optim",
        "course_utils.data",
        "course_utils.metrics",
        "course_utils.models.perceptron",
    ],
)
def test_a_fresh_process_imports_nothing_heavy(module):
    command = [sys.executable, "-c", PROBE.format(module=module)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[] []"
