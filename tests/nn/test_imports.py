"""What importing the engine brings along: NumPy, and nothing heavy."""

import importlib
import pkgutil
import subprocess
import sys

import pytest

PACKAGES = ["course_utils.nn", "course_utils.optim", "course_utils.data"]
PROBE = """
import importlib, sys
for name in {names}:
    importlib.import_module(name)
    heavy = {{"torch", "matplotlib", "sklearn", "scipy", "IPython", "ipywidgets", "pooch"}} & set(sys.modules)
    own = [m for m in sys.modules if m.startswith(("course_utils.grading", "course_utils.explorers"))]
    assert not heavy, f"{{name}} imports {{sorted(heavy)}}"
    assert not own, f"{{name}} imports {{own}}"
    {more}
print("light")
"""


def modules_of(package):
    """Return a package and all modules under it, the new ones too."""
    path = importlib.import_module(package).__path__
    return [package, *sorted(info.name for info in pkgutil.walk_packages(path, f"{package}."))]


def probe(names, more=""):
    code = PROBE.format(names=names, more=more)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_module_of_a_package_is_light(package):
    names = modules_of(package)
    assert len(names) > 1
    result = probe(names)
    assert result.stdout.strip() == "light", result.stderr


@pytest.mark.parametrize(
    "module", [*PACKAGES, "course_utils.metrics", "course_utils.models", "course_utils.models.perceptron"]
)
def test_a_fresh_process_imports_nothing_heavy(module):
    result = probe([module])
    assert result.stdout.strip() == "light", result.stderr


def test_the_probe_sees_what_is_heavy():
    assert "scipy imports ['scipy']" in probe(["scipy"]).stderr
    assert "course_utils.grading imports ['course_utils.grading'" in probe(["course_utils.grading"]).stderr


def test_imports_go_one_way():
    """The engine knows nothing of optimizers, data and models, which build on it."""
    outside = (
        "assert not {m for m in sys.modules if m.startswith(('course_utils.optim', 'course_utils.data', "
    )
    outside += "'course_utils.models'))}, name"
    result = probe(modules_of("course_utils.nn"), more=outside)
    assert result.stdout.strip() == "light", result.stderr
