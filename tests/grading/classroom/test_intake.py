"""From arguments to submissions: everything is listed once, graded or with the reason why not."""

import hashlib

import pytest

from course_utils.grading.classroom.archives import RefusedError
from course_utils.grading.classroom.chapters_of import chapter_of, wanted
from course_utils.grading.classroom.identity import Identifier
from course_utils.grading.classroom.intake import NOT_A_NOTEBOOK, OTHER_CHAPTER, take_in
from course_utils.grading.classroom.roster import Person
from tests.grading.classroom import build_class as build


def test_the_same_class_in_three_wrappings(tmp_path):
    students = build.class_of(5)
    folder = build.as_folder(tmp_path / "in", students)
    canvas, moodle = (
        build.as_canvas(tmp_path / "c.zip", students),
        build.as_moodle(tmp_path / "m.zip", students),
    )
    identifier = Identifier([Person(one.id, one.name) for one in students])
    expected = [(one.id, "00", hashlib.sha256(one.data).hexdigest(), "") for one in students]
    for argument in (folder, canvas, moodle):
        taken = take_in([argument], identifier)
        assert sorted((one.student, one.chapter, one.digest, one.problem) for one in taken) == expected
        assert [one.data for one in sorted(taken, key=lambda one: one.student)] == [s.data for s in students]
        assert all(one.matched for one in taken)
    assert len(take_in([folder, canvas, moodle], identifier)) == 5  # each file once


def test_what_cannot_be_graded_is_listed_with_the_reason(tmp_path):
    folder = tmp_path / "in"
    build.as_folder(folder, [build.student(1)])
    (folder / "essay.docx").write_bytes(b"PK\x03\x04")
    (folder / "empty.ipynb").write_bytes(b"")
    (folder / "other.ipynb").write_bytes(b'{"cells": [], "metadata": {}}')
    problems = {one.file: one.problem for one in take_in([folder])}
    assert problems == {
        "in/s0001/00_start_here.ipynb": "",
        "in/essay.docx": NOT_A_NOTEBOOK,
        "in/empty.ipynb": OTHER_CHAPTER,
        "in/other.ipynb": OTHER_CHAPTER,
    }


def test_an_unreadable_file_is_listed(tmp_path, monkeypatch):
    build.as_folder(tmp_path / "in", [build.student(1), build.student(2)])

    def read(self, limit=0):
        if "s0001" in self.label:
            raise PermissionError(13, "Permission denied")
        return b"softmax = 1\ndef softmax(x)"

    monkeypatch.setattr("course_utils.grading.classroom.archives.Found.read", read)
    problems = {one.student: one.problem for one in take_in([tmp_path / "in"])}
    assert problems == {"s0001": "Permission denied", "s0002": ""}


def test_namesakes_are_told_apart(tmp_path):
    data = build.student(1).data
    folder = {
        f"Jane Doe_{number}_assignsubmission_file_/x.ipynb": data + b" " * number for number in (11, 12)
    }
    taken = take_in([build.as_zip(tmp_path / "c.zip", folder)])
    assert [one.student for one in taken] == ["Jane Doe_11", "Jane Doe_12"]


def test_a_file_that_changes_is_noticed(tmp_path):
    place = tmp_path / "a.ipynb"
    place.write_bytes(build.student(1).data)
    (taken,) = take_in([place])
    assert taken.data == build.student(1).data
    place.write_bytes(build.student(2).data)
    with pytest.raises(RefusedError, match="changed while the class was being graded"):
        taken.data  # noqa: B018


def test_nothing_there(tmp_path):
    with pytest.raises(ValueError, match="there is no .*missing.zip"):
        take_in([tmp_path / "missing.zip"])
    with pytest.raises(ValueError, match="found no file at all"):
        take_in([tmp_path])


@pytest.mark.parametrize("chapter", ["00", "01a", "01b"])
@pytest.mark.parametrize("outputs", [False, True])
def test_the_chapter_of_a_notebook_is_found_whatever_its_name(chapter, outputs):
    assert chapter_of(build.notebook(chapter, {}, outputs)) == chapter


def test_the_chapter_without_any_check():
    raw = build.notebook("01b", {}).replace(b"check(", b"# ")
    assert b"check(" not in raw
    assert chapter_of(raw) == "01b"
    assert chapter_of(b"def unknown(x): 1") == ""
    # A helper with the name of an earlier chapter's answer does not turn the notebook into that chapter's.
    assert chapter_of(build.notebook("01b", {"ex01_7": build.right("ex01_4")})) == "01b"


def test_the_chapter_by_option(tmp_path):
    (tmp_path / "a.ipynb").write_bytes(b"{}")
    (taken,) = take_in([tmp_path / "a.ipynb"], chapter="01a")
    assert (taken.chapter, taken.problem) == ("01a", "")


def test_wanted():
    assert wanted("00") == ("ex00_1", "q00_1")
    assert wanted("00", ["q00_1", "ex01_4"]) == ("q00_1",)
    assert wanted("00", ["ex01_4"]) == ()
