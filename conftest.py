"""The surroundings of every test: the shipped kernel environment, nothing of the developer's, no network.

It stands at the root, so that it also serves the notebooks (nbval) and the doctests. Kernels inherit the
variables.
"""

from __future__ import annotations

import importlib.util
import os
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from nbval.kernel import RunningKernel
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

from bootstrap import KERNEL_ENV
from tests import network_seal

settings.register_profile("course", deadline=None, derandomize=True, database=None)
settings.load_profile("course")

_FOLDER = tempfile.TemporaryDirectory(prefix="course-tests-", ignore_cleanup_errors=True)
PRIVATE = Path(_FOLDER.name)  # one a process: pytest-xdist's workers do not share it
_HOMES = ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
_LEAKS = ("MPLBACKEND", "JUPYTER_PATH", "JUPYTER_CONFIG_PATH", "JUPYTER_TOKEN", "JUPYTER_PREFER_ENV_PATH")


def _seal_every_python(folder: Path) -> None:
    """Have every Python started from here, kernels above all, install the seal before anything else."""
    folder.mkdir()
    code = f"exec(open({network_seal.__file__!r}).read(), {{'__name__': 'sitecustomize'}})\n"
    (folder / "sitecustomize.py").write_text(code, encoding="utf-8")
    os.environ["PYTHONPATH"] = str(folder)


def _shipped_matplotlibrc() -> Path:
    """Return matplotlib's own settings file; its font cache stays shared, for building it takes seconds."""
    spec = importlib.util.find_spec("matplotlib")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "mpl-data" / "matplotlibrc"


def _execute_with_history(self: RunningKernel, cell_input: str, allow_stdin: bool | None = None) -> str:
    """Run a cell for nbval, and have the kernel remember it.

    nbval switches the input history off, which no front end does; `check` finds a learner's answer there.
    """
    return self.kc.execute(cell_input, store_history=True, allow_stdin=allow_stdin, stop_on_error=False)


def pytest_configure() -> None:
    """Set the environment before the first kernel starts."""
    RunningKernel.execute_cell_input = _execute_with_history
    os.environ.update(KERNEL_ENV)
    for name in _LEAKS:
        os.environ.pop(name, None)
    for name in _HOMES:
        folder = PRIVATE / name.lower()
        folder.mkdir(exist_ok=True)
        os.environ[name] = str(folder)
    os.environ["MATPLOTLIBRC"] = str(_shipped_matplotlibrc())
    os.environ["COURSE_PROGRESS"] = str(PRIVATE / "progress.sqlite")
    _seal_every_python(PRIVATE / "seal")
    network_seal.install()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Give each test file, and so each notebook, a learner who has done nothing yet."""
    name = re.sub(r"\W+", "-", item.nodeid.partition("::")[0]) + ".sqlite"
    os.environ["COURSE_PROGRESS"] = str(PRIVATE / name)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long tests to `make full`, and have whole chapters begin where several processes share."""
    if os.environ.get("COURSE_FULL") != "1":
        for item in items:
            if item.get_closest_marker("full"):
                item.add_marker(pytest.mark.skip(reason="a long test: make full"))
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: not _runs_a_chapter(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling:
    """Hand out whole files in the order of collection, but chapters, which take long, one by one."""
    config.option.loadscopereorder = False
    return _FilesAndChapters(config, log)


class _FilesAndChapters(LoadFileScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return nodeid if _runs_a_chapter(nodeid) else super()._split_scope(nodeid)


def _runs_a_chapter(nodeid: str) -> bool:
    return "/test_other_seed.py::" in nodeid
