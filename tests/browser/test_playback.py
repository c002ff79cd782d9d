"""A scene that plays in a real JupyterLab: a step after the last one's picture, until somebody stops it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.explorer_parts import picture, slider
from tests.browser.jupyterlab import active_cell, n_cells, run_all

LAST = 30
WATCH = """image => {
    window.seen = [];
    const step = () => Number(image.alt.match(/Step (\\d+)/)?.[1]);
    new MutationObserver(() => {
        if (step() !== window.seen.at(-1)?.[0]) window.seen.push([step(), performance.now()]);
    }).observe(image, { attributes: true, attributeFilter: ['alt'] });
}"""


@pytest.fixture
def ball(show: Callable[..., Page]) -> Page:
    """A page that shows the scene of the tests, with every picture's step and time noted."""
    page = show(
        "import scene\nfrom scene import Ball\nscene.pause = 0", "ball = Ball()\nball", "ball.step = 20"
    )
    return watched(page)


def watched(page: Page) -> Page:
    expect(button(page, "Play")).to_be_visible()
    picture(page).evaluate(WATCH)
    return page


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=f"{name}: step", exact=True)


def shown_at(page: Page, step: int) -> None:
    expect(picture(page)).to_have_attribute("alt", re.compile(rf"^Step {step} from"))


def passes(page: Page, step: int) -> None:
    """Wait until the picture of a step has been seen, be it gone by now."""
    page.wait_for_function("step => window.seen.some(([seen]) => seen === step)", arg=step, timeout=30_000)


def assert_stopped(page: Page) -> None:
    """Nothing plays any more, and no step comes late: what was sent has been painted."""
    expect(button(page, "Play")).to_be_visible()
    sent = slider(page, "step").get_attribute("aria-valuetext")
    expect(picture(page)).to_have_attribute("alt", re.compile(f"^Step {sent} "))
    before = page.evaluate("window.seen.length")
    page.wait_for_timeout(400)
    assert page.evaluate("window.seen.length") == before


def test_plays_every_step_in_turn_to_the_end(ball: Page) -> None:
    button(ball, "Play").click()
    expect(button(ball, "Pause")).to_be_visible()
    shown_at(ball, LAST)
    assert_stopped(ball)
    steps, times = zip(*ball.evaluate("window.seen"), strict=True)
    assert list(steps) == list(range(21, LAST + 1))
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert sum(gaps) / len(gaps) > 75, "faster than 12 or so a second"
    button(ball, "Play").click()  # once more from the beginning
    passes(ball, 2)
    button(ball, "Pause").click()
    assert_stopped(ball)


def test_single_steps_by_keyboard_stay_in_the_explorer(ball: Page) -> None:
    button(ball, "One forward").focus()
    cells, chosen = n_cells(ball), active_cell(ball)
    ball.keyboard.press("Enter")
    shown_at(ball, 21)
    ball.keyboard.press("Space")
    shown_at(ball, 22)
    button(ball, "One back").focus()
    ball.keyboard.press("Space")
    shown_at(ball, 21)
    for key in ("a", "b", "x", "ArrowUp", "ArrowDown", "PageDown", "Home", "End"):
        ball.keyboard.press(key)
    expect(button(ball, "One back")).to_be_focused()
    assert (n_cells(ball), active_cell(ball)) == (cells, chosen)


def test_a_hand_on_the_slider_stops_it(ball: Page) -> None:
    slider(ball, "step").press("Home")
    shown_at(ball, 0)
    button(ball, "Play").click()
    passes(ball, 2)
    slider(ball, "step").press("Home")
    assert_stopped(ball)
    shown_at(ball, 0)


def test_a_hidden_tab_and_a_new_run_stop_it(ball: Page) -> None:
    slider(ball, "step").press("Home")
    shown_at(ball, 0)
    button(ball, "Play").click()
    passes(ball, 2)
    ball.evaluate(
        """() => {
            Object.defineProperty(document, 'hidden', { configurable: true, get: () => true });
            document.dispatchEvent(new Event('visibilitychange'));
            delete document.hidden;
        }"""
    )
    assert_stopped(ball)
    assert ball.evaluate("window.seen.at(-1)[0]") < LAST, "it has played on to the end"
    button(ball, "Play").click()
    expect(button(ball, "Pause")).to_be_visible()
    run_all(ball)
    assert_stopped(watched(ball))
    shown_at(ball, 20)


def test_a_slow_kernel_is_waited_for_and_a_silent_one_not(show: Callable[..., Page]) -> None:
    setup = "import scene\nfrom scene import Ball\nscene.pause = 0\nball = Ball(step=0)\nball"
    page = watched(show(setup, "scene.pause = 0.3"))
    button(page, "Play").click()
    passes(page, 3)
    button(page, "Pause").click()
    assert_stopped(page)
    steps = [step for step, _ in page.evaluate("window.seen")]
    assert steps == list(range(1, len(steps) + 1)), "a step was left out: two were on their way"
    page = watched(show(setup, "scene.pause = 2.4"))
    button(page, "Play").click()
    expect(page.get_by_text("Paused: the kernel does not answer.")).to_be_visible()
    shown_at(page, 1)
    assert_stopped(page)
