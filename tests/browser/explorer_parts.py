"""The parts of an explorer on a page of JupyterLab."""

from __future__ import annotations

import hashlib

from playwright.sync_api import Locator, Page

EXPLORER = ".course-explorer"


def picture(page: Page) -> Locator:
    return page.locator(f"{EXPLORER} img")


def slider(page: Page, name: str) -> Locator:
    return page.get_by_role("slider", name=name, exact=True)


def pixels(page: Page) -> str:
    """Return a digest of the picture's bytes."""
    code = "async image => [...new Uint8Array(await (await fetch(image.src)).arrayBuffer())]"
    return hashlib.sha256(bytes(picture(page).evaluate(code))).hexdigest()


def spoken(handle: Locator) -> str:
    return handle.get_attribute("aria-valuetext") or ""
