"""Fixtures for tests in a real JupyterLab: `lab(root)` starts one, `page` is a page of Chromium.

`show(*cells)` runs cells in a notebook that many tests share: a page of JupyterLab takes seconds to load.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.jupyterlab import (
    PATIENCE,
    VIEWPORT,
    chromium,
    find_chromium,
    open_notebook,
    run_all,
    running_lab,
)

SCENE = Path(__file__).parent / "scene.py"
NOTEBOOK = "cells.ipynb"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; without one a person's tests are skipped and those of CI fail."""
    path = find_chromium()
    if path is None and os.environ.get("CI", "").lower() in ("true", "1"):
        pytest.fail("no Chromium found: install the system's package `chromium` (.ci/run does)")
    if path is None:
        pytest.skip("no Chromium found: install the system's package `chromium` to run the browser tests")
    expect.set_options(timeout=1000 * PATIENCE)  # ms; the default of 5 s is short for a busy machine
    with chromium(path) as started:
        yield started


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a fresh profile; an uncaught error of a script in it fails the test."""
    context = browser.new_context(viewport=VIEWPORT)
    fresh = context.new_page()
    errors: list[str] = []
    fresh.on("pageerror", lambda error: errors.append(str(error)))
    yield fresh
    context.close()
    assert not errors, f"uncaught errors in the page: {errors}"


@pytest.fixture
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Path], str]]:
    """A function that starts a JupyterLab on a folder (give it a temporary copy) and returns its address."""
    with contextlib.ExitStack() as started:

        def start(root: Path) -> str:
            return started.enter_context(running_lab(root, tmp_path_factory.mktemp("lab")))

        yield start


@pytest.fixture(scope="session")
def shared_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A folder with the scene of the tests, and the address of a JupyterLab on it."""
    root = tmp_path_factory.mktemp("notebooks")
    shutil.copy(SCENE, root)
    with running_lab(root, tmp_path_factory.mktemp("lab")) as url:
        yield root, url


@pytest.fixture(scope="session")
def shared_page(browser: Browser, shared_lab: tuple[Path, str]) -> Iterator[Page]:
    """A page with a notebook of that folder; it stays open, since loading JupyterLab anew takes seconds."""
    root, url = shared_lab
    notebook = nbformat.v4.new_notebook()
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, root / NOTEBOOK)
    context = browser.new_context(viewport=VIEWPORT)
    page = context.new_page()
    open_notebook(page, url, NOTEBOOK)
    yield page
    context.close()


@pytest.fixture
def show(shared_lab: tuple[Path, str], shared_page: Page) -> Iterator[Callable[..., Page]]:
    """A function that puts the given cells into the open notebook, runs them and returns the page."""
    errors: list[str] = []
    note = lambda error: errors.append(str(error))  # noqa: E731

    def run(*cells: str) -> Page:
        shared_page.evaluate(
            """cells => {
                const shared = jupyterapp.shell.currentWidget.content.model.sharedModel;
                const code = source => ({ cell_type: 'code', source, metadata: {}, outputs: [] });
                shared.deleteCellRange(0, shared.cells.length);
                shared.insertCells(0, cells.map(code));
            }""",
            list(cells),
        )
        run_all(shared_page)
        return shared_page

    shared_page.on("pageerror", note)
    yield run
    shared_page.remove_listener("pageerror", note)
    shared_page.set_viewport_size(VIEWPORT)
    assert not errors, f"uncaught errors in the page: {errors}"
