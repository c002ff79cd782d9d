"""The parts of an explorer on a page of JupyterLab."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

EXPLORER = ".course-explorer"


def picture(page: Page) -> Locator:
    return page.locator(f"{EXPLORER} img")


def slider(page: Page, name: str) -> Locator:
    return page.get_by_role("slider", name=name, exact=True)


def pixels(page: Page) -> str:
    """Return a digest of the picture's bytes."""
    return picture(page).evaluate(
        """async image => {
            const bytes = await (await fetch(image.src)).arrayBuffer();
            return String(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
        }"""
    )


def comes_to(page: Page, digest: str) -> bool:
    """Wait until the picture's bytes have this digest: the alt text may come a moment before them."""
    for _ in range(50):
        if pixels(page) == digest:
            return True
        page.wait_for_timeout(100)
    return False


def spoken(handle: Locator) -> str:
    return handle.get_attribute("aria-valuetext") or ""
