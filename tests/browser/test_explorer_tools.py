"""What the mouse finds on an explorer's picture and in the row below it, in a real JupyterLab."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.explorer_parts import digest, picture, pixels, slider, spoken
from tests.browser.jupyterlab import active_cell, n_cells


@pytest.fixture
def ball(show: Callable[..., Page]) -> Page:
    page = show(
        "1 + 1", "import scene\nfrom scene import Ball\nscene.pause = 0\nball = Ball()\nball", "2 + 2"
    )
    expect(slider(page, "start x")).to_be_visible()
    return page


def at(page: Page, x: float, y: float) -> tuple[float, float]:
    """Return where a point of the scene's axes, at the stored default size, lies on the page."""
    box = picture(page).bounding_box()
    assert box
    unit = box["width"] / 720
    across, up = (x + 2.2) / 4.4, (y + 2.2) / 4.4
    return box["x"] + unit * 720 * (0.1 + 0.85 * across), box["y"] + unit * 300 * (0.8 - 0.65 * up)


def test_reset_goes_back_to_what_the_cell_shows(show: Callable[..., Page]) -> None:
    page = show("import scene\nfrom scene import Ball\nscene.pause = 0\nball = Ball(x0=0.5, step=7)\nball")
    expect(slider(page, "start x")).to_be_visible()
    before = pixels(picture(page))
    for _ in range(2):
        page.get_by_role("button", name="far away").click()
        expect(picture(page)).to_have_attribute("alt", re.compile(r"Step 5 from \(2.00, -2.00\)"))
        page.get_by_role("button", name="Reset", exact=True).click()
        expect(picture(page)).to_have_attribute("alt", re.compile(r"Step 7 from \(0.50, 1.00\)"))
        expect(slider(page, "start x")).to_have_attribute("aria-valuetext", "0.50")
        assert pixels(picture(page)) == before


def test_save_picture_downloads_the_very_bytes(ball: Page, tmp_path: Path) -> None:
    shown = pixels(picture(ball))
    with ball.expect_download() as download:
        ball.get_by_role("button", name="Save picture").click()
    assert download.value.suggested_filename == "a-ball-in-a-bowl.png"
    download.value.save_as(tmp_path / "saved.png")
    assert digest((tmp_path / "saved.png").read_bytes()) == shown


def test_copy_code_shows_the_line_that_makes_this_state(ball: Page) -> None:
    ball.get_by_role("combobox", name="colour").select_option("black")
    expect(picture(ball)).to_have_attribute("alt", re.compile("black"))
    ball.get_by_role("button", name="Copy code").click()
    field = ball.get_by_role("textbox", name="Code of this state")
    expect(field).to_be_focused()
    expect(field).to_have_value('Ball(colour="black")')
    assert ball.evaluate("getSelection().toString()") == 'Ball(colour="black")'
    slider(ball, "start y").press("Home")
    expect(field).to_have_value('Ball(y0=-2.0, colour="black")')
    field.focus()
    cells, chosen = n_cells(ball), active_cell(ball)
    for key in ("x", "d", "d", "b", "ArrowDown", "Escape"):
        ball.keyboard.press(key)
    expect(field).to_be_hidden()
    expect(ball.get_by_role("button", name="Copy code")).to_be_focused()
    assert (n_cells(ball), active_cell(ball)) == (cells, chosen)


def test_the_nearest_point_speaks_under_the_mouse(ball: Page) -> None:
    tip = ball.locator(".course-tip")
    ball.mouse.move(*at(ball, 1.5, -1))
    expect(tip).to_be_hidden()
    x, y = at(ball, -1.5 * 0.9, 0.8)
    ball.mouse.move(x + 3, y - 2)
    expect(tip).to_have_text("step 1: x = -1.35")
    ball.mouse.move(x + 30, y - 40)
    expect(tip).to_be_hidden()


@pytest.mark.parametrize("width", [1280, 700])
def test_a_grip_dragged_on_the_picture_moves_both_sliders(ball: Page, width: int) -> None:
    ball.set_viewport_size({"width": width, "height": 900})
    picture(ball).scroll_into_view_if_needed()
    grip = ball.locator(".course-grip")
    expect(grip).to_be_visible()
    expect(grip).to_have_attribute("title", "drag: start x and start y")
    start, end = at(ball, -1.5, 1), at(ball, 1, -1.2)
    ball.mouse.move(*start)
    ball.mouse.down()
    ball.mouse.move(*end, steps=25)
    ball.mouse.up()
    # the end of the way: the mouse's last stop before it is (0.9, -1.11)
    expect(slider(ball, "start x")).to_have_attribute("aria-valuetext", re.compile(r"^(0\.9[5-9]|1\.0\d)$"))
    expect(slider(ball, "start y")).to_have_attribute("aria-valuetext", re.compile(r"1\.(1[5-9]|2\d)$"))
    expect(picture(ball)).to_have_attribute(
        "alt", re.compile(rf"from \({spoken(slider(ball, 'start x'))}, -1\.(1[5-9]|2\d)")
    )
    box = grip.bounding_box()
    assert box
    assert abs(box["x"] + box["width"] / 2 - end[0]) < 3
    assert abs(box["y"] + box["height"] / 2 - end[1]) < 3
    ball.mouse.move(*at(ball, 1, -1.2))
    ball.mouse.down()
    ball.mouse.move(*at(ball, 2.1, 2.1), steps=5)  # beyond the sliders' ends
    ball.mouse.up()
    expect(picture(ball)).to_have_attribute("alt", re.compile(r"from \(2.00, 2.00\)"))
