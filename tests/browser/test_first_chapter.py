"""A learner in a real JupyterLab: predicts, runs, drags, solves, saves, comes back and finds it all there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from nbformat import NotebookNode
from playwright.sync_api import Locator, Page, expect

from course_utils.authoring import parse
from course_utils.authoring.execution import NOTEBOOKS
from course_utils.chapters import CHAPTERS
from course_utils.grading import progress
from course_utils.grading.exercise import find, reference_source
from course_utils.workspace import copy_chapters
from tests.browser.explorer_parts import pixels
from tests.browser.jupyterlab import open_notebook, run_all, wait_idle

CHAPTER = next(chapter for chapter in CHAPTERS if chapter.number == "01a")
EXERCISE = "ex01_4"
EXPLORER = "ComputationalGraph"
PREDICTION = "p01_1"
SESSION = "jupyterapp.shell.currentWidget.sessionContext.session"


@dataclass(frozen=True)
class OpenChapter:
    """The learner's copy of a notebook, open on a page of the browser."""

    page: Page
    url: str
    path: Path

    @property
    def stored(self) -> NotebookNode:
        return parse(self.path.read_text(encoding="utf-8"))

    def index(self, function: str, identifier: str = "") -> int:
        """Return the index of the first code cell that calls a function, with this id first in its call."""
        call = re.compile(rf"\b{function}\(" + (rf'\s*"{identifier}"' if identifier else ""))
        cells = enumerate(self.stored.cells)
        return next(i for i, cell in cells if cell.cell_type == "code" and call.search(cell.source))

    def source(self, index: int) -> str:
        """Return a cell's text as it stands in the open notebook."""
        return self.ask("return notebook.model.cells.get(given[0]).sharedModel.getSource();", index)

    def ask(self, code: str, *arguments: Any) -> Any:
        """Evaluate JavaScript in which `notebook` is JupyterLab's open notebook."""
        script = f"async given => {{ const notebook = jupyterapp.shell.currentWidget.content; {code} }}"
        return self.page.evaluate(script, list(arguments))

    def cell(self, index: int) -> Locator:
        """Select a cell and scroll to it, as JupyterLab keeps only cells near the view in the page."""
        code = "notebook.activeCellIndex = given[0]; await notebook.scrollToItem(given[0], 'center');"
        self.ask(code, index)
        found = self.page.locator(".jp-Notebook .jp-Cell.jp-mod-active")
        expect(found).to_be_visible()
        return found

    def run_above(self, index: int) -> None:
        self.cell(index)
        self.command("notebook:run-all-above")
        wait_idle(self.page)

    def run(self, index: int) -> Locator:
        """Run one cell; returns it."""
        self.cell(index)
        self.command("notebook:run-cell")
        wait_idle(self.page)
        return self.cell(index)

    def command(self, name: str) -> None:
        self.page.evaluate("async name => { await jupyterapp.commands.execute(name); }", name)

    def output(self, index: int) -> str:
        """Return the plain text of a cell's outputs, on one line."""
        outputs = self.ask("return notebook.model.cells.get(given[0]).outputs.toJSON();", index)
        texts = [output.get("text", "") or output.get("data", {}).get("text/plain", "") for output in outputs]
        return " ".join(word for text in texts for word in "".join(text).split())

    def complaints(self) -> list[str]:
        """Return every error, and every text on stderr, in the outputs of the open notebook."""
        return self.ask(
            "const all = [...notebook.model.cells].filter(cell => cell.type === 'code')"
            "    .flatMap(cell => cell.outputs.toJSON());"
            "return all.filter(o => o.output_type === 'error' || o.name === 'stderr')"
            "    .map(o => o.ename ?? o.text);"
        )


@pytest.fixture
def chapter(
    lab: Callable[[Path], str], page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> OpenChapter:
    """Chapter 01a as a newcomer has it: copied into an empty folder, no progress yet."""
    work = tmp_path / "work"
    copy_chapters(NOTEBOOKS, work)
    monkeypatch.setenv("COURSE_PROGRESS", str(work / "progress.sqlite"))
    opened = OpenChapter(page, lab(work), work / str(CHAPTER.file))
    open_notebook(page, opened.url, opened.path.name)
    return opened


def test_first_chapter_from_prediction_to_the_next_day(chapter: OpenChapter) -> None:
    choice = predict_first(chapter)
    run_all(chapter.page)
    assert chapter.complaints() == []
    assert f"You said: {choice}" in chapter.output(chapter.index("settle", PREDICTION))
    drag_the_explorer(chapter)
    solve(chapter)
    save(chapter)
    come_back(chapter, choice)


def predict_first(chapter: OpenChapter) -> str:
    """Answer the chapter's first prediction before running what settles it; returns the choice."""
    index = chapter.index("predict", PREDICTION)
    chapter.run_above(index + 1)
    panel = chapter.cell(index).locator(".course-predict")
    options = panel.get_by_role("radio")
    expect(options.first).to_be_visible()
    options.nth(1).check()
    confidence = panel.get_by_role("slider")
    before = int(confidence.input_value())
    confidence.press("ArrowRight")
    expect(confidence).to_have_value(str(before + 1))
    panel.get_by_role("button", name="Save prediction").click()
    expect(panel.locator("[role=status]")).to_contain_text("Saved: ")
    saved = progress.prediction(PREDICTION)
    assert saved.choice
    assert saved.choice in panel.inner_text()
    assert saved.confidence == pytest.approx((before + 1) / 100)
    return saved.choice


def drag_the_explorer(chapter: OpenChapter) -> None:
    """Drag a slider by mouse, then move it by a key: picture and alternative text follow both times."""
    explorer = chapter.cell(chapter.index(EXPLORER)).locator(".course-explorer")
    picture, slider = explorer.locator("img"), explorer.get_by_role("slider").first
    slider.scroll_into_view_if_needed()
    with changed(picture):
        box = slider.bounding_box()
        assert box
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        chapter.page.mouse.move(x, y)
        chapter.page.mouse.down()
        chapter.page.mouse.move(x + 40, y, steps=8)
        chapter.page.mouse.up()
    with changed(picture):
        slider.focus()
        chapter.page.keyboard.press("ArrowLeft")


@contextmanager
def changed(picture: Locator) -> Iterator[None]:
    """Expect another picture and another alternative text after the block than before it."""
    text, before = picture.get_attribute("alt"), pixels(picture)
    assert text
    yield
    expect(picture).not_to_have_attribute("alt", text)
    assert pixels(picture) != before


def solve(chapter: OpenChapter) -> None:
    """Type a right answer over the stub, run it and its check, and see full marks on the page."""
    check = chapter.index("check", EXERCISE)
    assert "not attempted" in chapter.output(check)
    write(chapter, check - 1, reference_source(EXERCISE))
    chapter.run(check - 1)
    task = find(EXERCISE)
    card = chapter.run(check).locator(".jp-OutputArea")
    expect(card).to_contain_text("passed")
    expect(card).to_contain_text(f"({task.points} of {task.points} points)")
    assert progress.best_results()[EXERCISE].solved


def write(chapter: OpenChapter, index: int, source: str) -> None:
    """Replace a cell's text through its editor, as by pasting."""
    chapter.cell(index).locator(".cm-content").click()
    chapter.page.keyboard.press("ControlOrMeta+a")
    chapter.page.keyboard.insert_text(source)
    assert chapter.source(index) == source


def save(chapter: OpenChapter) -> None:
    chapter.page.keyboard.press("ControlOrMeta+s")
    chapter.page.wait_for_function("() => !jupyterapp.shell.currentWidget.context.model.dirty")
    answer = chapter.index("check", EXERCISE) - 1
    assert chapter.stored.cells[answer].source == reference_source(EXERCISE)


def come_back(chapter: OpenChapter, choice: str) -> None:
    """End the kernel and load the page anew: text, prediction and points are still there."""
    kernel = chapter.page.evaluate(f"{SESSION}.kernel.id")
    chapter.page.evaluate(f"async () => {{ await {SESSION}.shutdown(); }}")
    open_notebook(chapter.page, chapter.url, chapter.path.name)
    assert chapter.page.evaluate(f"{SESSION}.kernel.id") != kernel
    index = chapter.index("predict", PREDICTION)
    chapter.run_above(index + 1)
    panel = chapter.cell(index).locator(".course-predict")
    expect(panel.locator("[role=status]")).to_contain_text(f"you said {choice}")
    check = chapter.index("check", EXERCISE)
    assert chapter.source(check - 1) == reference_source(EXERCISE)
    expect(chapter.cell(check).locator(".jp-OutputArea")).to_contain_text("passed")
    chapter.run(check - 1)
    expect(chapter.run(check).locator(".jp-OutputArea")).to_contain_text("passed")
    best = progress.best_results()[EXERCISE]
    assert (best.points, best.attempts) == (find(EXERCISE).points, 2)
    assert progress.prediction(PREDICTION).choice == choice
