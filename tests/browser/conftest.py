"""Fixtures for tests in a real JupyterLab: `lab(root)` starts one, `page` is a page of Chromium."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.jupyterlab import VIEWPORT, chromium, find_chromium, running_lab


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; without one a person's tests are skipped and those of CI fail."""
    path = find_chromium()
    if path is None and os.environ.get("CI", "").lower() in ("true", "1"):
        pytest.fail("no Chromium found: install the system's package `chromium` (.ci/run does)")
    if path is None:
        pytest.skip("no Chromium found: install the system's package `chromium` to run the browser tests")
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
