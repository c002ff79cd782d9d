"""Cards, hints, predictions and reviews as JupyterLab shows them: readable in both themes, by keys alone."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from course_utils.grading import progress, spacing, store
from tests.browser.jupyterlab import active_cell, n_cells, wait_idle
from tests.browser.test_explorer_surroundings import replace_cell, theme

PANEL = ".course-predict"
CARDS = ".jp-RenderedHTMLCommon"
# What a learner comes to see: each status of a check, hints up to the outline, a solution, where one stands.
SHOWN = """
from IPython.display import display
from course_utils import check, hint, overview, progress, question, review, solution
from course_utils.grading.exercise import find, function_source, reference_source
task = find("ex01_4")
display(check("ex01_4", sources=["def softmax(logits):\\n    ..."]))
display(check("ex01_4", sources=[function_source(task.wrong[0].function, "softmax")]))
printing = "def softmax(logits):\\n    print('shape', logits.shape)\\n    return logits + bias"
display(check("ex01_4", sources=["bias = 0\\n" + printing]))
with_torch = "import torch\\ndef softmax(logits):\\n    return torch.softmax(logits, 1)"
display(check("ex01_4", sources=[with_torch]))
display(check("ex01_4", sources=[reference_source("ex01_4")]))
display(question("q01_2"), check("q01_2", sources=["q01_2 = 'a'"]), check("q01_2", sources=["q01_2 = 'b'"]))
display(*(hint("ex01_6") for _ in range(3)), hint("q01_1"), solution("ex01_5"), solution("ex01_4"))
one_value = "def mlp_backward(x, labels, weight1, bias1, weight2, bias2):\\n    return x"
display(check("ex01_6", sources=[one_value]))
review()
display(progress(), overview())
"""


@pytest.fixture
def missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Miss a prediction long ago; returns the cell that lets the notebook's kernel know of it."""
    path = tmp_path / "progress.sqlite"
    monkeypatch.setenv("COURSE_PROGRESS", str(path))
    progress.save_question(
        "p01_3", "How many steps does it take, against <b>cross-entropy</b>?", ["as many", "5", "50"]
    )
    progress.save_prediction("p01_3", "as many", 0.9)
    progress.settle_prediction("p01_3", "50")
    store.write("UPDATE predictions SET settled_at = '2026-01-05T10:00:00+00:00'", ())
    return f"import os\nos.environ['COURSE_PROGRESS'] = {str(path)!r}"


def assert_accessible(page: Page, *contexts: str) -> None:
    for context in contexts:
        results = Axe().run(page, context=context)
        assert results.response["passes"], f"axe found nothing to check in {context}"
        assert results.violations_count == 0, results.generate_report()


def test_feedback_is_accessible_in_light_and_dark(show: Callable[..., Page], missed: str) -> None:
    page = show(missed, SHOWN)
    cards = page.locator(CARDS)
    expect(cards).to_have_count(17)
    for number, text in ((0, "not attempted"), (1, "infinity divided by infinity is nan"), (4, "passed")):
        expect(cards.nth(number)).to_contain_text(text)
    expect(cards.nth(10)).to_contain_text("Hint 3 of 3, an outline:")
    expect(cards.nth(15)).to_contain_text("To look at again")
    expect(page.locator(PANEL)).to_be_visible()
    assert page.locator(f"{CARDS} script, {CARDS} b").count() == 0
    assert_accessible(page, CARDS, PANEL)
    with theme(page, "JupyterLab Dark"):
        assert_accessible(page, CARDS, PANEL)


def test_a_missed_prediction_is_answered_by_keys_alone(show: Callable[..., Page], missed: str) -> None:
    page = show(missed, "from course_utils import review\nreview()")
    panel = page.locator(PANEL)
    expect(panel.get_by_role("radio")).to_have_count(3)
    expect(panel.get_by_role("slider")).to_have_count(0)
    expect(page.get_by_role("group", name="again p01_3 · How many steps")).to_be_visible()
    assert panel.locator("b").count() == 0
    said = panel.get_by_role("status")
    cells, chosen = n_cells(page), active_cell(page)
    panel.get_by_role("radio").first.focus()
    for key in ("ArrowDown", "a", "b", "m"):  # letters are shortcuts of the notebook
        page.keyboard.press(key)
    expect(panel.get_by_role("radio").nth(1)).to_be_checked()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(panel.get_by_role("button", name="Check answer")).to_be_focused()
    page.keyboard.press("Enter")
    expect(said).to_have_text("Right. The answer is: 50. It comes back in 3 days.")
    expect(panel.get_by_role("button", name="Check answer")).to_be_focused()
    assert (n_cells(page), active_cell(page)) == (cells, chosen)
    (item,) = spacing.missed()
    assert [review.correct for review in item.reviews] == [True]
    assert (item.made.choice, item.made.confidence) == ("as many", 0.9)


def test_panels_answer_while_a_long_cell_runs(show: Callable[..., Page], missed: str) -> None:
    ask = """
        from course_utils import predict, review
        from course_utils.grading import progress, spacing
        predict("p01_4", "Which step is best?", ["1e-2", "1e-5"])
        review()
        """
    wait = """
        import time
        end = time.monotonic() + 60
        while not spacing.missed()[0].reviews and time.monotonic() < end:
            time.sleep(0.01)
        print("saved by then:", progress.prediction("p01_4").choice, "and", len(spacing.missed()[0].reviews))
        """
    page = show(missed, textwrap.dedent(ask), "2 + 2")
    predicting, again = page.locator(PANEL).nth(0), page.locator(PANEL).nth(1)
    expect(again).to_be_visible()
    replace_cell(page, 2, textwrap.dedent(wait))
    page.evaluate(
        """() => {
            jupyterapp.shell.currentWidget.content.activeCellIndex = 2;
            jupyterapp.commands.execute('notebook:run-cell');
        }"""
    )
    running = page.locator(".jp-InputPrompt").get_by_text("[*]:")
    expect(running).to_be_visible()
    predicting.get_by_role("radio", name="1e-5").check()
    predicting.get_by_role("button", name="Save prediction").click()
    expect(predicting.locator("[role=status]")).to_contain_text("Saved: 1e-5")
    expect(running).to_be_visible()
    again.get_by_role("radio").nth(2).check()
    again.get_by_role("button", name="Check answer").click()
    expect(again.get_by_role("status")).to_contain_text("Right. The answer is: 50.")
    wait_idle(page)
    expect(page.get_by_text("saved by then: 1e-5 and 1")).to_be_visible()
