"""An explorer in a real JupyterLab: dragged by mouse, moved by keys, and readable without seeing it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.explorer_parts import EXPLORER, picture, pixels, slider, spoken
from tests.browser.jupyterlab import active_cell, n_cells, run_all


@pytest.fixture
def explorer(show: Callable[..., Page]) -> Page:
    """A page in which a notebook of three cells shows `GradientDescent` in the middle one."""
    page = show(
        "1 + 1",
        "from course_utils.explorers import GradientDescent\nexplorer = GradientDescent()\nexplorer",
        "2 + 2",
    )
    picture(page).scroll_into_view_if_needed()
    expect(slider(page, "learning rate")).to_be_visible()
    return page


def assert_text_matches_slider(page: Page) -> None:
    """The alternative text must come to speak of the very value that the slider shows."""
    value = f"{float(spoken(slider(page, 'learning rate'))):.4g}"
    expect(picture(page)).to_have_attribute("alt", re.compile(re.escape(f"learning rate {value},")))


def test_drag_by_mouse_changes_picture_and_text(explorer: Page) -> None:
    handle = slider(explorer, "learning rate")
    text, before, value = picture(explorer).get_attribute("alt"), pixels(picture(explorer)), spoken(handle)
    box = handle.bounding_box()
    assert text
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    explorer.mouse.move(x, y)
    explorer.mouse.down()
    explorer.mouse.move(x - 60, y, steps=12)
    explorer.mouse.up()
    expect(picture(explorer)).not_to_have_attribute("alt", text)
    assert_text_matches_slider(explorer)
    assert spoken(handle) != value
    assert pixels(picture(explorer)) != before
    # A step there and one back lead to where the hand has left the handle.
    value, dragged = spoken(handle), pixels(picture(explorer))
    for key in ("ArrowRight", "ArrowLeft"):
        text = picture(explorer).get_attribute("alt")
        assert text
        handle.press(key)
        expect(picture(explorer)).not_to_have_attribute("alt", text)
    assert (spoken(handle), pixels(picture(explorer))) == (value, dragged)


def test_keys_move_the_slider_and_nothing_else(explorer: Page) -> None:
    handle = slider(explorer, "momentum")
    handle.focus()
    cells, chosen = n_cells(explorer), active_cell(explorer)
    for key in ("ArrowRight", "ArrowUp", "PageUp", "End", "Home", "ArrowRight"):
        text, before = picture(explorer).get_attribute("alt"), pixels(picture(explorer))
        value = spoken(handle)
        assert text
        explorer.keyboard.press(key)
        expect(handle).not_to_have_attribute("aria-valuetext", value)
        expect(picture(explorer)).not_to_have_attribute("alt", text)
        assert pixels(picture(explorer)) != before, key
    for key in ("a", "b", "x", "j", "k", "m", "Enter"):  # one-letter shortcuts of the notebook
        explorer.keyboard.press(key)
    expect(handle).to_be_focused()
    assert (n_cells(explorer), active_cell(explorer)) == (cells, chosen)


def test_presets_and_spoken_message(explorer: Page) -> None:
    text = picture(explorer).get_attribute("alt")
    assert text
    explorer.get_by_role("button", name="diverges", exact=True).click()
    expect(picture(explorer)).to_have_attribute("alt", re.compile("Diverging"))
    expect(explorer.locator(f"{EXPLORER} [aria-live=polite]")).to_contain_text("Diverging")
    expect(slider(explorer, "learning rate")).to_have_attribute("aria-valuetext", "0.0850")


def test_names_and_no_accessibility_violation(explorer: Page) -> None:
    for name in ("steps", "learning rate", "momentum", "start x", "start y"):
        expect(slider(explorer, name)).to_have_attribute("aria-valuetext", re.compile(r"^[−-]?[\d.]+$"))
    expect(explorer.get_by_role("combobox", name="surface")).to_be_visible()
    expect(explorer.get_by_role("group", name="Gradient descent")).to_be_visible()
    results = Axe().run(explorer, context=EXPLORER)
    assert results.response["passes"], "axe found nothing to check"
    assert results.violations_count == 0, results.generate_report()


def test_run_all_twice_leaves_one_live_explorer_for_each_that_is_shown(show: Callable[..., Page]) -> None:
    page = show(
        "from scene import Ball\nfrom course_utils.explorers import ComputationalGraph\nBall()",
        "display(Ball(step=2))\nComputationalGraph(w=2.0)",
        "kept = Ball(step=9)\nkept",
        "kept",
    )
    pictures = picture(page)
    expect(pictures).to_have_count(5)
    for image in pictures.all():
        image.scroll_into_view_if_needed()
    n_before, sources = n_open_widgets(page), shown(page)
    for _ in range(2):
        run_all(page)
        expect(pictures).to_have_count(5)
        for image in pictures.all():
            image.scroll_into_view_if_needed()
        assert not sources & shown(page), "a picture of an earlier run is still there"
        assert n_open_widgets(page) == n_before
        sources = shown(page)
    slider(page, "weight w").press("Home")
    expect(pictures.nth(2)).to_have_attribute("alt", re.compile("w −4"))
    slider(page, "start x").last.press("Home")
    for view in (3, 4):
        expect(pictures.nth(view)).to_have_attribute("alt", re.compile(r"Step 9 from \(-2.00, "))


def shown(page: Page) -> set[str]:
    """Return the addresses of all pictures, which are new for each that is sent."""
    return {image.get_attribute("src") or "" for image in picture(page).all()}


def n_open_widgets(page: Page) -> int:
    """Return how many widgets and parts of widgets are open in the notebook's kernel."""
    return page.evaluate(
        """async () => {
            const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
            return Object.keys((await kernel.requestCommInfo({})).content.comms).length;
        }"""
    )
