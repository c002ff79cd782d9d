"""The learner's copies: made once, never written over, newer versions beside them, no answer given away."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from course_utils.workspace import RECORD, copy_chapters, learners_copy

CHAPTERS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


def chapter(version):
    """Return a chapter without cells that differs from other versions."""
    return json.dumps({"cells": [], "metadata": {"version": version}}, indent=1) + "\n"


def code(source, count):
    """Return a code cell that has run and printed its number."""
    output = {"output_type": "stream", "name": "stdout", "text": [f"{count}\n"]}
    return {"cell_type": "code", "source": [source], "execution_count": count, "outputs": [output]}


@pytest.fixture
def folders(tmp_path):
    shipped, work = tmp_path / "notebooks", tmp_path / "my work"
    shipped.mkdir()
    (shipped / "01a_x.ipynb").write_text(chapter(1))
    return shipped, work


def test_a_missing_copy_is_made(folders):
    shipped, work = folders
    (shipped / "notes.txt").write_text("not a chapter")
    assert copy_chapters(shipped, work) == []
    assert [path.name for path in sorted(work.iterdir())] == [RECORD, "01a_x.ipynb"]
    assert (work / "01a_x.ipynb").read_text() == chapter(1)


def test_answers_stay_and_nothing_is_offered_while_the_chapter_stays(folders):
    shipped, work = folders
    copy_chapters(shipped, work)
    (work / "01a_x.ipynb").write_text("my answers")
    assert copy_chapters(shipped, work) == []
    assert (work / "01a_x.ipynb").read_text() == "my answers"
    assert not (work / "01a_x (new).ipynb").exists()


def test_a_newer_chapter_is_offered_once_beside_the_copy(folders):
    shipped, work = folders
    copy_chapters(shipped, work)
    (work / "01a_x.ipynb").write_text("my answers")
    (shipped / "01a_x.ipynb").write_text(chapter(2))
    (sentence,) = copy_chapters(shipped, work)
    assert "work/01a_x (new).ipynb" in sentence
    assert (work / "01a_x (new).ipynb").read_text() == chapter(2)
    assert (work / "01a_x.ipynb").read_text() == "my answers"
    assert copy_chapters(shipped, work) == []


def test_an_earlier_offer_is_not_written_over_either(folders):
    shipped, work = folders
    copy_chapters(shipped, work)
    for version in (2, 3):
        (shipped / "01a_x.ipynb").write_text(chapter(version))
        copy_chapters(shipped, work)
    assert (work / "01a_x (new).ipynb").read_text() == chapter(2)
    assert (work / "01a_x (new 2).ipynb").read_text() == chapter(3)


@pytest.mark.parametrize("damage", ["", "[]", "{"])
def test_a_damaged_record_loses_no_copy(folders, damage):
    shipped, work = folders
    copy_chapters(shipped, work)
    (work / RECORD).write_text(damage)
    assert copy_chapters(shipped, work) == []  # the copy is the shipped version: nothing to offer
    (work / RECORD).write_text(damage)
    (work / "01a_x.ipynb").write_text("my answers")
    assert len(copy_chapters(shipped, work)) == 1
    assert (work / "01a_x.ipynb").read_text() == "my answers"


def test_a_deleted_copy_comes_back(folders):
    shipped, work = folders
    copy_chapters(shipped, work)
    (work / "01a_x.ipynb").unlink()
    copy_chapters(shipped, work)
    assert (work / "01a_x.ipynb").read_text() == chapter(1)


def test_outputs_between_a_prediction_and_its_answer_are_left_out():
    sources = ["x = 1", 'predict("p1", text, [a, b])', "run()", 'predict(\n    "p2", text, [a, b])', "run()"]
    sources += ['settle("p1", a)', "print(1)", "settle('p2', b)", "print(2)"]
    cells = [code(source, count) for count, source in enumerate(sources, start=1)]
    cells.insert(2, {"cell_type": "markdown", "source": ["text"]})
    handed_out = json.loads(learners_copy(json.dumps({"cells": cells})))["cells"]
    del cells[2], handed_out[2]
    shown = [cell["execution_count"] for cell in handed_out]
    assert shown == [1, 2, None, None, None, None, None, None, 9]
    assert [bool(cell["outputs"]) for cell in handed_out] == [count is not None for count in shown]
    assert [cell["source"] for cell in handed_out] == [cell["source"] for cell in cells]


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_no_chapter_gives_a_prediction_away(path):
    shipped = path.read_text(encoding="utf-8")
    copy = learners_copy(shipped)
    assert "the answer is:" in shipped
    assert "the answer is:" not in copy
    assert "image/png" in copy


def test_what_holds_no_prediction_is_copied_to_the_letter():
    text = json.dumps({"cells": [code("print('é')", 1)]}, indent=1, ensure_ascii=False) + "\n"
    assert learners_copy(text) == text
