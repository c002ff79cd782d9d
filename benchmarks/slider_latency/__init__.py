"""From slider to pixel: how long a key press on a slider takes to change the picture, in a real JupyterLab.

The clock is the page's own. It starts with the time stamp of the key press and stops after the first
animation frame in which a picture below the slider has other pixels than before. `benchmarks/explorers.py`
prints the result.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, ElementHandle, Page

from tests.browser.jupyterlab import VIEWPORT, open_notebook, run_all

HANDLE = ".jp-OutputArea [role=slider]"
WARM_UP = 4  # key presses that are not counted
QUIET = 150  # ms without a new picture: the last change is done
WATCH = (Path(__file__).parent / "watch.js").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Latency:
    """What one notebook's slider was measured at; all times in milliseconds.

    Parameters
    ----------
    p50, p95 : float
        From key press to changed pixels.
    frames_per_second : float
        Changed pictures a second while the handle is dragged to and fro.
    settle : float
        From the release of the handle to the last picture.
    blank_frames, collapses : int
        Frames of the drag without any picture, and with an output lower than nine tenths of its usual height.
    """

    p50: float
    p95: float
    frames_per_second: float
    settle: float
    blank_frames: int
    collapses: int


def measure(browser: Browser, url: str, name: str, n_changes: int = 40, drag_seconds: float = 3.0) -> Latency:
    """Open and run a notebook, then press keys on its first slider and drag it."""
    context = browser.new_context(viewport=VIEWPORT)
    page = context.new_page()
    page.add_init_script(WATCH)
    open_notebook(page, url, name)
    run_all(page)
    page.wait_for_selector(HANDLE)
    page.wait_for_selector(".jp-OutputArea img")
    handle = page.locator(HANDLE).first.element_handle()
    handle.scroll_into_view_if_needed()
    page.evaluate("handle => latency.watch(handle.closest('.jp-Cell'))", handle)
    handle.focus()
    wait_until_quiet(page)
    times = press_keys(page, n_changes)
    drag = drag_to_and_fro(page, handle, drag_seconds)
    context.close()
    return Latency(float(np.percentile(times, 50)), float(np.percentile(times, 95)), *drag)


def press_keys(page: Page, n_changes: int) -> list[float]:
    """Return the milliseconds from each counted key press to the changed picture."""
    pause = random.Random(1)
    times = []
    for i in range(WARM_UP + n_changes):
        key = "ArrowRight" if i // 10 % 2 == 0 else "ArrowLeft"  # ten up, ten down: never at an end
        page.wait_for_timeout(pause.uniform(0, 40))  # at any phase of the screen's refresh
        page.evaluate("latency.clear()")
        page.keyboard.press(key)
        page.wait_for_function("latency.changes.length > 0")
        wait_until_quiet(page)
        if i >= WARM_UP:
            times.append(page.evaluate("latency.changes[0] - latency.inputs.keydown[0]"))
    return times


def wait_until_quiet(page: Page) -> None:
    """Return when the picture has not changed for `QUIET` milliseconds."""
    page.wait_for_function("quiet => latency.quietFor() > quiet", arg=QUIET)


def drag_to_and_fro(page: Page, handle: ElementHandle, seconds: float) -> tuple[float, float, int, int]:
    """Drag the handle along its track; return frames a second, settling time, blank frames and collapses."""
    track = handle.evaluate("handle => handle.closest('.noUi-base').getBoundingClientRect().toJSON()")
    box = handle.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, y)
    page.mouse.down()
    page.evaluate("latency.clear()")
    start = time.perf_counter()
    while (elapsed := time.perf_counter() - start) < seconds:
        phase = abs((elapsed / 1.3) % 2 - 1)  # 1.3 s from end to end
        page.mouse.move(track["left"] + 3 + phase * (track["width"] - 6), y)
        page.wait_for_timeout(10)
    page.mouse.up()
    page.wait_for_function("latency.quietFor() > 1000")
    changes, released, blank, collapses = page.evaluate(
        "[latency.changes, latency.inputs.pointerup[0], latency.blank, latency.collapses()]"
    )
    during = [change for change in changes if change <= released]
    return len(during) / elapsed, max(0.0, changes[-1] - released), blank, collapses
