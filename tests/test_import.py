"""`import course_utils` is light, and its exports are what they say."""

import subprocess
import sys

import pytest

import course_utils

HEAVY = ("torch", "matplotlib", "sklearn", "IPython", "ipywidgets", "numpy", "pandas", "scipy")


def modules_after(statement):
    code = f"{statement}\nimport sys\nprint(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_import_is_light():
    assert not modules_after("import course_utils") & set(HEAVY)


def test_check_needs_no_plotting_and_no_torch():
    loaded = modules_after(
        "from course_utils import check, solution, question, claim, show, style, progress, predict"
    )
    assert not loaded & {"torch", "sklearn", "scipy", "matplotlib.pyplot", "anywidget"}


def test_exports():
    expected = {
        *(
            "check",
            "predict",
            "settle",
            "solution",
            "claim",
            "show",
            "style",
            "overview",
            "progress",
            "question",
            "hint",
            "review",
            "calibration",
        ),
    }
    assert expected == set(course_utils.__all__)
    assert expected <= set(dir(course_utils))
    for name in expected:
        assert callable(getattr(course_utils, name))
        assert getattr(course_utils, name).__name__ == name


def test_an_unknown_name():
    with pytest.raises(AttributeError, match="module 'course_utils' has no attribute 'chek'"):
        course_utils.chek  # noqa: B018
