"""Every shipped notebook keeps the rules of form and content, and every rule can be broken."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest
from nbformat.v4 import new_output

from course_utils.authoring import serialize
from course_utils.authoring.execution import NOTEBOOKS
from course_utils.chapters import CHAPTERS, Chapter
from tests.notebooks import rules_of_content as content
from tests.notebooks import rules_of_form as form
from tests.notebooks.notebook_builder import code, stored, text
from tests.notebooks.notebook_page import Page

RULES = form.RULES + content.RULES
SHIPPED = sorted(path.name for path in NOTEBOOKS.glob("*.ipynb"))


def shipped_page(name: str) -> Page:
    """Read a notebook together with what claims table and exercise registry give to its chapter."""
    from course_utils.claims import CLAIMS
    from course_utils.grading.exercise import Quiz, registry

    chapter = next((chapter for chapter in CHAPTERS if chapter.file == name), Chapter("??", "", "", 0))
    tasks = [task for task in registry().values() if task.chapter == chapter.number]
    return Page(
        path=NOTEBOOKS / name,
        content=(NOTEBOOKS / name).read_text(encoding="utf-8"),
        chapter=chapter,
        claims=frozenset(claim.id for claim in CLAIMS.values() if claim.chapter == chapter.number),
        answers={task.id: task.name for task in tasks},
        questions={task.id: task.question for task in tasks if isinstance(task, Quiz)},
    )


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_notebook_keeps(name, rule):
    found = rule(shipped_page(name))
    assert not found, f"{rule.__doc__}\n" + "\n".join(found)


def test_every_listed_chapter_is_shipped():
    assert [chapter.file for chapter in CHAPTERS if chapter.file] == SHIPPED


# ------------------------------------------------- a good chapter, and many ways to spoil it

CHAPTER = Chapter("07", "Sums", "How do you add?", 30, "07_sums.ipynb")
SET_UP = "from course_utils import check, claim, predict, settle, style\n\nstyle()"
GOALS = "## By the end you can\n\n- add two numbers,\n- add three,\n- say why."
PICTURE = {"image/png": "aGk=", "text/plain": "A line that rises from 0 to 41 in steps of one."}

ASKED = "q07_1. Which of the two is larger, and\n      why?\n  a) 40\n  b) 41"


def shown(kind: str, text: str):
    return new_output(kind, data={"text/plain": text})


def good_cells() -> list:
    """Return a chapter of 26 cells that keeps all rules; `page` numbers its cells from 0."""
    opening = [
        text("# 07 · How do you add?\n\nTake 30 minutes; it builds on [the start](#By-the-end-you-can)."),
        text(GOALS),
        code(SET_UP),
        code("SEED = 0  # try others\nQUICK = True  # False takes longer", tags=("parameters",)),
        text("An idea, ![the sum](sum.png), and [a page](https://example.org)."),
        code(
            'predict("p07_1", "More than 40?", ["yes", "no"])',
            shown("display_data", "Predict (p07_1): More than 40?\n  a) yes\n  b) no"),
        ),
        code("total = SEED + 41", new_output("display_data", data=dict(PICTURE))),
        code(
            'settle("p07_1", "yes" if total > 40 else "no")', new_output("stream", name="stdout", text="yes")
        ),
    ]
    middle = [text(f"## {part}") for part in content.PARTS[1:6]]
    middle.insert(2, code('claim("C71", "holds", holds=[total > 40])'))
    exercises = [
        text("Write `add`."),
        code("def add(a, b):\n    ...  # your code here", tags=("exercise",)),
        code('check("ex07_1")'),
        code('question("q07_1")', shown("execute_result", ASKED)),
        code('q07_1 = None  # "a" or "b"', tags=("exercise",)),
        code('check("q07_1")'),
    ]
    closing = [text("## Recap\n\nYou can add."), text("## References\n\nNone."), *[text("More.")] * 4]
    return opening + middle + exercises + closing


def page(cells: list, folder: Path = Path("/nowhere"), **changes) -> Page:
    values = {
        "path": folder / "07_sums.ipynb",
        "content": serialize(stored(cells)),
        "chapter": CHAPTER,
        "claims": frozenset({"C71"}),
        "answers": {"ex07_1": "add", "q07_1": "q07_1"},
        "questions": {"q07_1": "Which of the two is larger, and why?"},
    }
    return Page(**(values | changes))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_good_chapter_keeps(rule, tmp_path):
    (tmp_path / "sum.png").touch()
    assert rule(page(good_cells(), tmp_path)) == []


def replaced(index: int, source: str, *, tags=None) -> Callable[[list], None]:
    """Return a change that gives one cell another source."""

    def change(cells: list) -> None:
        cells[index].source = source
        if tags is not None:
            cells[index].metadata["tags"] = list(tags)

    return change


def inserted(index: int, cell) -> Callable[[list], None]:
    return lambda cells: cells.insert(index, deepcopy(cell))


def removed(*indices: int) -> Callable[[list], None]:
    def change(cells: list) -> None:
        for index in sorted(indices, reverse=True):
            del cells[index]

    return change


def printing(output) -> Callable[[list], None]:
    return lambda cells: cells[6].outputs.append(output)


def with_outputs(index: int, *outputs) -> Callable[[list], None]:
    def change(cells: list) -> None:
        cells[index].outputs = list(deepcopy(outputs))

    return change


def moved(source: int, target: int) -> Callable[[list], None]:
    return lambda cells: cells.insert(target, cells.pop(source))


def without(part: str) -> Callable[[list], None]:
    def change(cells: list) -> None:
        for cell in cells:
            cell.source = cell.source.replace(f"## {part}", "## Something")

    return change


LONG = "\n".join(["total += 1"] * 26)
MUTE = {"image/png": "aGk=", "text/plain": "<Figure size 640x480 with 1 Axes>"}
ERROR = new_output("error", ename="ValueError", evalue="no", traceback=[])
ADDRESS = new_output("stream", name="stdout", text="<object at 0x7f3a2b1c0d>")
BROKEN = [
    (form.has_allowed_tags_only, replaced(6, "total = 42", tags=("nbval-skip",)), "tag 'nbval-skip'"),
    (form.has_allowed_tags_only, replaced(6, "# NBVAL_SKIP\ntotal = 42"), "hides a cell"),
    (form.has_parameters, replaced(3, "SEED = 0\nQUICK = True  # fast"), "`SEED = 0  # why`"),
    (form.has_parameters, replaced(3, "SEED = 0  # luck"), "`QUICK = True  # why`"),
    (form.has_parameters, replaced(3, "SEED = 3  # luck\nQUICK = True  # fast"), "`SEED = 0  # why`"),
    (form.has_parameters, removed(3), "found 0"),
    (form.has_parameters, inserted(4, good_cells()[3]), "found 2"),
    (form.has_set_up_cell, replaced(2, "import numpy as np"), "from course_utils import"),
    (form.has_set_up_cell, replaced(2, "from course_utils import style"), "style()"),
    (form.has_no_tricks, replaced(6, "total = 42;  # quietly"), "semicolon"),
    (form.has_no_tricks, replaced(6, "import sys\nsys.path.insert(0, '..')"), "sys.path"),
    (form.has_no_tricks, replaced(6, "import warnings\nwarnings.simplefilter('ignore')"), "simplefilter"),
    (form.is_of_size, removed(22, 23), "24 cells, expected 25 to 60"),
    (form.is_of_size, lambda cells: cells.extend([text("More.")] * 40), "66 cells"),
    (form.is_of_size, replaced(6, LONG), "code cell 4 has 26 lines"),
    (form.is_of_size, inserted(6, code("")), "has 0 lines"),
    (
        form.is_of_size,
        lambda cells: cells.extend([code("\n".join("abcdefghi"))] * 12),
        "median",
    ),
    (form.is_of_size, printing(new_output("stream", name="stdout", text="x" * 500_001)), "bytes"),
    (form.pictures_speak, printing(new_output("display_data", data=MUTE)), "of code cell 4 needs an alt"),
    (
        form.pictures_speak,
        printing(new_output("display_data", data={"image/png": "aGk="})),
        "needs an alt text",
    ),
    (form.is_quiet, printing(ERROR), "code cell 4 stores an error: ValueError"),
    (form.is_quiet, printing(new_output("stream", name="stderr", text="Warning")), "wrote to stderr"),
    (form.is_quiet, printing(ADDRESS), "address"),
    (content.has_title, replaced(0, "# 07 · How do you count?\n\n30 minutes"), "# 07 · How do you add?"),
    (content.has_title, replaced(0, "# 07 · How do you add?\n\n130 minutes"), "30 minutes"),
    *[(content.has_parts, without(part), f"starts with {part!r}") for part in content.PARTS],
    (content.has_parts, moved(21, 1), "recap and references after"),
    (content.has_parts, moved(1, 12), "goals before all other parts"),
    (content.has_goals, replaced(1, "## By the end you can\n\n- add,\n- subtract."), "found 2"),
    (content.calls_its_claims, removed(10), "claim C71 is missing"),
    (content.calls_its_claims, inserted(11, good_cells()[10]), "C71 stands 2 times"),
    (content.calls_its_claims, replaced(10, 'claim("C72", "holds")'), "C72 is not this chapter's"),
    (content.settles_predictions, removed(7), "settling of prediction p07_1 is missing"),
    (content.settles_predictions, moved(7, 4), "p07_1 is settled before"),
    (content.settles_predictions, inserted(8, good_cells()[7]), "p07_1 stands 2 times"),
    (content.settles_predictions, inserted(6, good_cells()[5]), "prediction p07_1 stands 2 times"),
    (content.settles_predictions, replaced(7, 'settle("p07_2", "no")'), "p07_2 is not this chapter's"),
    (content.settles_predictions, removed(5, 7), "found none"),
    (content.holds_its_exercises, removed(16), "ex07_1 is missing"),
    (content.holds_its_exercises, removed(14, 15, 16), "expected 2 cells tagged `exercise`, found 1"),
    (content.holds_its_exercises, inserted(17, good_cells()[16]), "ex07_1 stands 2 times"),
    (content.holds_its_exercises, replaced(16, 'check("ex07_9")'), "ex07_9 is not this chapter's"),
    (content.holds_its_exercises, replaced(16, 'print(check("ex07_1"))'), "must stand alone"),
    (content.holds_its_exercises, replaced(15, "def add(a, b): ...", tags=()), "tagged `exercise`"),
    (content.holds_its_exercises, replaced(15, "def plus(a, b): ..."), "the stub of add"),
    (content.holds_its_exercises, inserted(16, text("Now check it.")), "no cell between"),
    (content.shows_its_questions, removed(17), "question q07_1 is missing"),
    (content.shows_its_questions, inserted(4, code('question("q07_1")')), "q07_1 stands 2 times"),
    (content.shows_its_questions, replaced(17, 'question("q07_2")'), "q07_2 is not this chapter's"),
    (content.shows_its_questions, moved(17, 19), "q07_1 is shown after its check"),
    (content.asks_in_sight, with_outputs(17), "code cell 9 asks q07_1"),
    (
        content.asks_in_sight,
        with_outputs(17, shown("execute_result", "q07_1. Which is larger?")),
        "asks q07_1",
    ),
    (content.asks_in_sight, with_outputs(17, new_output("stream", text=ASKED)), "asks q07_1"),
    (content.asks_in_sight, with_outputs(5), "code cell 3 asks p07_1"),
    (content.asks_in_sight, with_outputs(5, shown("display_data", "Predict (p07_2): More?")), "asks p07_1"),
    (content.leaves_answers_alone, inserted(17, code("add(1, 2)")), "code cell 9 uses add"),
    (content.leaves_answers_alone, inserted(17, code("from operator import add")), "code cell 9 uses add"),
    (content.leaves_answers_alone, inserted(4, code("def add(a):\n    return a")), "code cell 3 uses add"),
    (content.describes_images, replaced(4, "![](sum.png)"), "sum.png has no alt text"),
    (content.describes_images, replaced(4, '<img src="sum.png" alt="">'), "has no alt text"),
    (content.links_resolve, replaced(4, "[more](more.ipynb)"), "more.ipynb leads nowhere"),
    (content.links_resolve, replaced(4, "![a sum](other.png)"), "other.png leads nowhere"),
    (content.links_resolve, replaced(4, "[up](#Nowhere)"), "#Nowhere meets no heading"),
]


@pytest.mark.parametrize(("rule", "spoil", "sentence"), BROKEN)
def test_a_spoilt_chapter_breaks(rule, spoil, sentence, tmp_path):
    (tmp_path / "sum.png").touch()
    cells = good_cells()
    spoil(cells)
    assert sentence in "\n".join(rule(page(cells, tmp_path)))


def test_a_file_outside_the_table_breaks_a_rule():
    assert form.is_listed(page(good_cells(), chapter=Chapter("07", "Sums", "?", 30, "other.ipynb")))


@pytest.mark.parametrize("count", [None, 1])
def test_a_cell_that_was_not_executed_in_order_breaks_a_rule(count):
    notebook = stored(good_cells())
    notebook.cells[6].execution_count = count
    assert "code cell 4" in form.is_normal(page([], content=serialize(notebook)))[0]


def test_every_rule_has_been_broken():
    apart = {form.is_listed, form.is_normal}
    assert {rule for rule, *_ in BROKEN} | apart == set(RULES)


def test_a_guide_may_be_short_and_without_parameters():
    guide = Chapter("00", "Sums", "How do you add?", 30, "07_sums.ipynb")
    short = page([*good_cells()[:3]], chapter=guide, claims=frozenset(), answers={})
    excused = (form.has_parameters, form.is_of_size, content.has_parts, content.has_goals)
    assert [rule(short) for rule in excused] == [[], [], [], []]
    assert content.settles_predictions(short) == []


def test_fenced_code_is_no_heading_and_no_link():
    cells = good_cells()
    cells[4].source = "```python\n# Explore\n[a](nowhere.md)\n```"
    shown = page(cells)
    assert shown.headings.count("Explore") == 1
    assert content.links_resolve(shown) == []
