"""An explorer in what surrounds it: two views, a dead kernel, a dark theme, a narrow window, a zoom."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from course_utils.explorers import all_explorers
from tests.browser.conftest import NOTEBOOK
from tests.browser.explorer_parts import EXPLORER, picture, pixels, slider, spoken
from tests.browser.jupyterlab import run_all, wait_idle

KERNEL = "jupyterapp.shell.currentWidget.sessionContext.session.kernel"
SETUP = "import scene\nfrom scene import Ball\nscene.pause = 0\nball = Ball()\nball"


@pytest.fixture
def ball(show: Callable[..., Page]) -> Page:
    page = show(SETUP, "2 + 2")
    expect(slider(page, "start x")).to_be_visible()
    return page


def assert_accessible(page: Page) -> None:
    results = Axe().run(page, context=EXPLORER)
    assert results.response["passes"], "axe found nothing to check"
    assert results.violations_count == 0, results.generate_report()


def test_two_views_stay_in_step(show: Callable[..., Page]) -> None:
    page = show(SETUP, "ball")
    pictures, sliders = picture(page), slider(page, "start x")
    expect(pictures).to_have_count(2)
    for moved, other in ((0, 1), (1, 0)):
        sliders.nth(moved).focus()
        for key in ("Home", "PageUp", "ArrowRight"):
            value = spoken(sliders.nth(moved))
            page.keyboard.press(key)
            expect(sliders.nth(moved)).not_to_have_attribute("aria-valuetext", value)
        expect(sliders.nth(other)).to_have_attribute("aria-valuetext", spoken(sliders.nth(moved)))
        start = spoken(sliders.nth(moved)).replace("−", "-")
        for view in (0, 1):
            expect(pictures.nth(view)).to_have_attribute("alt", re.compile(re.escape(f"from ({start}, ")))
        page.get_by_role("button", name="far away").nth(other).click()
        for view in (0, 1):
            expect(pictures.nth(view)).to_have_attribute("alt", re.compile(r"from \(2.00, -2.00\)"))
    page.get_by_role("button", name="Play: step").first.click()
    for view in (0, 1):
        expect(pictures.nth(view)).to_have_attribute("alt", re.compile(r"^Step 30 "))
    expect(page.get_by_role("button", name="Play: step")).to_have_count(2)


def test_after_a_restart_the_picture_stays_and_the_controls_rest(ball: Page) -> None:
    text, before = picture(ball).get_attribute("alt"), pixels(picture(ball))
    restart = "async () => { await jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart(); }"
    ball.evaluate(restart)
    wait_idle(ball)
    gone = ball.get_by_text("The kernel that drew this is gone: run the cell again.")
    expect(gone).to_be_visible()
    assert pixels(picture(ball)) == before
    assert picture(ball).get_attribute("alt") == text
    for part in (".course-controls", ".course-presets", ".course-reset"):
        expect(ball.locator(part)).to_have_attribute("inert", "")
    run_all(ball)
    expect(gone).to_have_count(0)
    slider(ball, "start x").press("Home")
    expect(picture(ball)).to_have_attribute("alt", re.compile(r"from \(-2.00, 1.00\)"))


def test_a_slider_moves_the_picture_while_a_long_cell_runs(show: Callable[..., Page]) -> None:
    wait = """
        import time
        seen, end = [], time.monotonic() + 60
        while "from (2.00, 2.00)" not in ball.alt and time.monotonic() < end:
            if ball.alt not in seen:
                seen.append(ball.alt)
            time.sleep(0.005)
        print(len(seen), "texts seen" if len(seen) < 5 else seen)
        """
    page = show(SETUP, "2 + 2")
    expect(slider(page, "start x")).to_be_visible()
    replace_cell(page, 1, textwrap.dedent(wait))
    page.evaluate(
        """() => {
            jupyterapp.shell.currentWidget.content.activeCellIndex = 1;
            jupyterapp.commands.execute('notebook:run-cell');
        }"""
    )
    running = page.locator(".jp-InputPrompt").get_by_text("[*]:")
    expect(running).to_be_visible()
    slider(page, "start x").press("Home")
    expect(picture(page)).to_have_attribute("alt", re.compile(r"from \(-2.00, 1.00\)"))
    page.get_by_role("button", name="far away").click()
    expect(picture(page)).to_have_attribute("alt", re.compile(r"from \(2.00, -2.00\)"))
    expect(running).to_be_visible()
    slider(page, "start y").press("End")
    expect(picture(page)).to_have_attribute("alt", re.compile(r"from \(2.00, 2.00\)"))
    wait_idle(page)
    expect(page.get_by_text("3 texts seen")).to_be_visible()


def replace_cell(page: Page, index: int, source: str) -> None:
    cell = "jupyterapp.shell.currentWidget.content.model.cells.get(given[0])"
    page.evaluate(f"given => {cell}.sharedModel.setSource(given[1])", [index, source])


def test_a_notebook_opened_the_next_day_shows_the_picture_and_its_text(
    ball: Page, shared_lab: tuple[Path, str]
) -> None:
    ball.evaluate("async () => { await jupyterapp.commands.execute('docmanager:save'); }")
    ball.wait_for_function("() => !jupyterapp.shell.currentWidget.context.model.dirty")
    stored = json.loads((shared_lab[0] / NOTEBOOK).read_text())
    assert "widgets" not in stored["metadata"]
    (output,) = stored["cells"][0]["outputs"]
    assert output["data"].keys() == {"image/png", "text/plain"}
    assert "".join(output["data"]["text/plain"]) == "Step 5 from (-1.50, 1.00): x = -0.89, blue."
    slider(ball, "start x").press("Home")  # saving leaves the page as it is
    expect(picture(ball)).to_have_attribute("alt", re.compile(r"from \(-2.00, 1.00\)"))
    ball.evaluate(f"async () => {{ await {KERNEL}.restart(); }}")
    wait_idle(ball)
    ball.evaluate("async () => { await jupyterapp.shell.currentWidget.context.revert(); }")
    still = ball.locator(".jp-OutputArea-output.jp-RenderedImage img")
    expect(still).to_have_js_property("naturalWidth", 1440)
    expect(ball.locator(EXPLORER)).to_have_count(0)
    expect(ball.get_by_text("Error displaying widget")).to_have_count(0)
    run_all(ball)
    expect(slider(ball, "start x")).to_be_visible()


@contextmanager
def copy_beside(page: Page) -> Iterator[Callable[[], None]]:
    """Open a copy of the shared notebook to its right; yields what runs all cells of it."""
    page.evaluate("async () => { await jupyterapp.commands.execute('docmanager:save'); }")
    page.evaluate(
        """async name => {
            const { path } = await jupyterapp.serviceManager.contents.copy(name, '');
            const options = { mode: 'split-right' };
            window.copied = await jupyterapp.commands.execute('docmanager:open', { path, options });
            await window.copied.sessionContext.ready;
        }""",
        NOTEBOOK,
    )
    current = "name => jupyterapp.shell.currentWidget?.context?.path === name"

    def run() -> None:
        page.evaluate("jupyterapp.shell.activateById(window.copied.id)")
        page.wait_for_function("() => jupyterapp.shell.currentWidget === window.copied")
        run_all(page)

    yield run
    page.evaluate(
        """async () => {
            await window.copied.sessionContext.shutdown();
            window.copied.context.dispose();
            window.copied.dispose();
        }"""
    )
    page.wait_for_function(current, arg=NOTEBOOK)


def test_a_copy_of_the_notebook_beside_it_has_a_life_of_its_own(ball: Page) -> None:
    with copy_beside(ball) as run_copy:
        run_copy()
        expect(ball.locator(EXPLORER)).to_have_count(2)
        original, copy = picture(ball).nth(0), picture(ball).nth(1)
        default = re.compile(r"^Step 5 from \(-1.50, 1.00\)")
        x, y = slider(ball, "start x"), slider(ball, "start y")
        x.nth(1).press("End")
        expect(copy).to_have_attribute("alt", re.compile(r"from \(2.00, 1.00\)"))
        expect(original).to_have_attribute("alt", default)
        x.nth(0).press("Home")
        expect(original).to_have_attribute("alt", re.compile(r"from \(-2.00, 1.00\)"))
        expect(copy).to_have_attribute("alt", re.compile(r"from \(2.00, 1.00\)"))
        run_copy()  # it closes its own explorer only
        expect(copy).to_have_attribute("alt", default)
        y.nth(0).press("Home")
        expect(original).to_have_attribute("alt", re.compile(r"from \(-2.00, -2.00\)"))
        expect(copy).to_have_attribute("alt", default)
    expect(ball.locator(EXPLORER)).to_have_count(1)


@contextmanager
def theme(page: Page, name: str) -> Iterator[None]:
    change = "async theme => { await jupyterapp.commands.execute('apputils:change-theme', { theme }); }"
    dark = "dark => document.body.dataset.jpThemeLight === String(!dark)"
    page.evaluate(change, name)
    page.wait_for_function(dark, arg="Dark" in name)
    yield
    page.evaluate(change, "JupyterLab Light")
    page.wait_for_function(dark, arg=False)


def test_every_explorer_is_accessible_in_light_and_dark(show: Callable[..., Page]) -> None:
    page = show(
        "from IPython.display import display\n"
        "from course_utils.explorers import all_explorers\n"
        "for kind in all_explorers():\n    display(kind())",
        SETUP,
    )
    kinds = all_explorers()
    expect(page.locator(EXPLORER)).to_have_count(len(kinds) + 1)
    for i, kind in enumerate(kinds):
        picture(page).nth(i).scroll_into_view_if_needed()
        expect(page.locator(EXPLORER).nth(i)).to_have_attribute("aria-label", kind.title)
    for button in page.get_by_role("button", name="Copy code").all():
        button.click()
    assert_accessible(page)
    with theme(page, "JupyterLab Dark"):
        expect(picture(page).first).to_have_css("background-color", "rgb(255, 255, 255)")
        assert_accessible(page)


def test_a_narrow_window_shows_all_of_it(ball: Page) -> None:
    expect(picture(ball)).to_have_js_property("clientWidth", 720)
    ball.evaluate("jupyterapp.shell.collapseLeft()")
    ball.set_viewport_size({"width": 520, "height": 900})
    ball.wait_for_function("document.querySelector('.course-explorer img').clientWidth < 500")
    view = ball.locator(EXPLORER).bounding_box()
    box = picture(ball).bounding_box()
    assert view
    assert box
    assert abs(box["width"] / box["height"] - 720 / 300) < 0.02
    for part in ball.locator(f"{EXPLORER} .course-control, {EXPLORER} .noUi-handle, {EXPLORER} button").all():
        place = part.bounding_box()
        assert place
        assert view["x"] - 1 <= place["x"]
        assert place["x"] + place["width"] <= view["x"] + view["width"] + 1
    ball.evaluate("jupyterapp.shell.expandLeft()")


def test_a_zoom_brings_as_many_pixels_as_the_screen_shows(ball: Page) -> None:
    expect(picture(ball)).to_have_js_property("naturalWidth", 720)
    client = ball.context.new_cdp_session(ball)
    # As by Ctrl and +: the window keeps its pixels, the page gets fewer and larger ones.
    metrics = {"width": 853, "height": 600, "deviceScaleFactor": 1.5, "mobile": False}
    client.send("Emulation.setDeviceMetricsOverride", metrics)
    expect(picture(ball)).to_have_js_property("naturalWidth", 1080)
    client.send("Emulation.clearDeviceMetricsOverride")
    expect(picture(ball)).to_have_js_property("naturalWidth", 720)
