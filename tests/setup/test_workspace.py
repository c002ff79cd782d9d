"""The learner's copies: made once, never written over, newer versions beside them."""

from __future__ import annotations

import pytest

from course_utils.workspace import RECORD, copy_chapters


@pytest.fixture
def folders(tmp_path):
    shipped, work = tmp_path / "notebooks", tmp_path / "my work"
    shipped.mkdir()
    (shipped / "01a_x.ipynb").write_text("version 1")
    return shipped, work


def test_a_missing_copy_is_made(folders):
    shipped, work = folders
    (shipped / "notes.txt").write_text("not a chapter")
    assert copy_chapters(shipped, work) == []
    assert [path.name for path in sorted(work.iterdir())] == [RECORD, "01a_x.ipynb"]
    assert (work / "01a_x.ipynb").read_text() == "version 1"


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
    (shipped / "01a_x.ipynb").write_text("version 2")
    (sentence,) = copy_chapters(shipped, work)
    assert "work/01a_x (new).ipynb" in sentence
    assert (work / "01a_x (new).ipynb").read_text() == "version 2"
    assert (work / "01a_x.ipynb").read_text() == "my answers"
    assert copy_chapters(shipped, work) == []


def test_an_earlier_offer_is_not_written_over_either(folders):
    shipped, work = folders
    copy_chapters(shipped, work)
    for version in ("version 2", "version 3"):
        (shipped / "01a_x.ipynb").write_text(version)
        copy_chapters(shipped, work)
    assert (work / "01a_x (new).ipynb").read_text() == "version 2"
    assert (work / "01a_x (new 2).ipynb").read_text() == "version 3"


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
    assert (work / "01a_x.ipynb").read_text() == "version 1"
