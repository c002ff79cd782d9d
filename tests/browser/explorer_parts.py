"""The parts of an explorer on a page of JupyterLab."""

from __future__ import annotations

import hashlib

from playwright.sync_api import Locator, Page, expect

EXPLORER = ".course-explorer"


def picture(page: Page) -> Locator:
    return page.locator(f"{EXPLORER} img")


def slider(page: Page, name: str) -> Locator:
    return page.get_by_role("slider", name=name, exact=True)


def settled(image: Locator) -> Locator:
    """Wait until a picture is as fine as the screen; returns it.

    The first picture is painted for the finest of screens. The one for this screen follows when the page has
    said how fine it is, which may be after the cell is done.
    """
    fineness = "Math.min(2, Math.max(1, Math.ceil(4 * devicePixelRatio) / 4))"
    width = image.evaluate(f"image => {fineness} * Number(image.getAttribute('width'))")
    expect(image).to_have_js_property("naturalWidth", width)
    return image


def pixels(image: Locator) -> str:
    """Return a digest of a picture's bytes, once it is as fine as the screen."""
    read = "async image => [...new Uint8Array(await (await fetch(image.src)).arrayBuffer())]"
    return digest(bytes(settled(image).evaluate(read)))


def digest(data: bytes) -> str:
    """Return what two files have in common only if they are equal; short, for the report of a failed test."""
    return hashlib.sha256(data).hexdigest()


def spoken(handle: Locator) -> str:
    return handle.get_attribute("aria-valuetext") or ""
