"""The tool that compares notebooks with their stored outputs sees a changed number and an error."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from course_utils.authoring import __main__ as command
from course_utils.authoring import deviations, parse, serialize
from course_utils.authoring.execution import REPOSITORY
from tests.notebooks.notebook_builder import code, text, write_raw

PROGRESS = """\
from IPython.display import display
handle = display({"text/plain": ""}, raw=True, display_id=True)
for step in range(3):
    handle.update({"text/plain": f"step {step}"}, raw=True)
handle.update({"text/plain": ""}, raw=True)"""
CELLS = [
    text("# A small notebook"),
    code("import ipywidgets\nimport matplotlib.pyplot as plt\nvalue = 41"),
    code("print(f'{value + 1:.4g}')\nprint('done')"),
    code("_ = plt.plot([value, 0])"),
    code("ipywidgets.IntSlider(value)"),
    code(PROGRESS),
    code("value / 3"),
]


def nbval(path, *flags: str) -> subprocess.CompletedProcess[str]:
    """Run pytest with nbval on one file, with nothing of this project's configuration but the flags."""
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "-q", *flags]
    command += ["-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", str(path.parent), str(path)]
    return subprocess.run(
        command,
        cwd=path.parent,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def authored(tmp_path_factory):
    path = write_raw(tmp_path_factory.mktemp("authored") / "small.ipynb", CELLS)
    command.author(path)
    return path.read_text()


@pytest.fixture
def executed(authored, tmp_path):
    path = tmp_path / "small.ipynb"
    path.write_text(authored)
    return path


def test_an_authored_notebook_passes(executed):
    result = nbval(executed)
    assert result.returncode == 0, result.stdout
    assert "6 passed" in result.stdout


@pytest.mark.parametrize(
    ("number", "other"), [("42", "43"), ("13.666666666666666", "13.7"), ("done", "dine")]
)
def test_a_changed_output_fails(executed, number, other):
    content = executed.read_text()
    assert content.count(f'"{number}') == 1
    executed.write_text(content.replace(f'"{number}', f'"{other}'))
    result = nbval(executed)
    assert result.returncode == 1
    assert "1 failed" in result.stdout
    assert other in result.stdout


def test_a_cell_never_executed_passes_nbval_and_breaks_hygiene(executed):
    """Why the hygiene rules look at execution counts."""
    notebook = parse(executed.read_text())
    notebook.cells[2].update(execution_count=None, outputs=[])
    executed.write_text(serialize(notebook))
    assert nbval(executed).returncode == 0
    found = deviations(executed.read_text())
    assert any("code cell 2 was never executed" in sentence for sentence in found)


def test_the_kernel_remembers_its_cells_under_our_nbval(tmp_path):
    """`check` reads the cells that were run; nbval by itself would switch that memory off."""
    cells = [code("first = 1"), code("from course_utils.grading.check import history\nprint(history()[0])")]
    path = write_raw(tmp_path / "memory.ipynb", cells)
    command.author(path)
    assert nbval(path, "-p", "conftest").returncode == 0
    assert nbval(path).returncode == 1
