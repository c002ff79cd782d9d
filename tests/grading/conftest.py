"""A fresh progress file for every test; a notebook's shell, and what it displays, for those that ask."""

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config


@pytest.fixture(autouse=True)
def progress_file(tmp_path, monkeypatch):
    path = tmp_path / "progress.sqlite"
    monkeypatch.setenv("COURSE_PROGRESS", str(path))
    return path


@pytest.fixture
def shown(monkeypatch):
    """Collect what is displayed."""
    bundles = []

    def display(item, raw=False):
        bundles.append(item if raw else item._repr_mimebundle_())

    monkeypatch.setattr("IPython.display.display", display)
    return bundles


@pytest.fixture
def shell():
    """Make an IPython shell that keeps its history in memory."""
    config = Config()
    config.HistoryManager.hist_file = ":memory:"
    InteractiveShell.clear_instance()
    yield InteractiveShell.instance(config=config)
    InteractiveShell.instance().history_manager.end_session()
    InteractiveShell.clear_instance()
