"""Grading through the sandbox: the same points as in trust, and what a hostile answer costs."""

import sqlite3

import pytest
from typer.testing import CliRunner

from course_utils.cli import app
from course_utils.grading.classroom import grading_one
from course_utils.grading.classroom.chapters_of import wanted
from course_utils.grading.classroom.grading_one import (
    SandboxError,
    Settings,
    forget_judge,
    grade_one,
    judge_of,
)
from course_utils.grading.sandbox.layers import Layers
from tests.grading.classroom import build_class as build

ISOLATED = Settings(time_limit=2.0)


@pytest.fixture(scope="module", autouse=True)
def judge():
    yield
    forget_judge()


@pytest.mark.parametrize("chapter", ["00", "01a", "01b"])
def test_isolated_answers_get_what_trusted_ones_get(chapter):
    for number in (1, 2):
        one = build.student(number, chapter)
        here, there = (
            grade_one("a", one.data, wanted(chapter), 7, settings) for settings in (Settings(True), ISOLATED)
        )
        for trusted, isolated in zip(here["results"], there["results"], strict=True):
            assert isolated.pop("isolation") in ("kernel", "full")
            assert trusted.pop("isolation") == "trusted"
            assert isolated == trusted
        assert {result["id"]: result["points"] for result in there["results"]} == one.points
        assert there["cpu"] > 0
        assert there["peak"] > 0


def test_an_endless_answer_costs_itself_alone():
    answers = {id: build.right(id) for id in wanted("01b")}
    answers["ex01_7"] = "def sgd_step(*args):\n    while True:\n        pass"
    outcome = grade_one("a", build.notebook("01b", answers), wanted("01b"), 7, ISOLATED)
    statuses = {result["id"]: (result["status"], result["points"]) for result in outcome["results"]}
    assert statuses.pop("ex01_7") == ("timed out", 0)
    assert {status for status, _ in statuses.values()} == {"passed"}


def test_an_unreadable_file_through_the_sandbox():
    outcome = grade_one("a", b"{", wanted("00"), 7, ISOLATED)
    assert "not JSON" in outcome["problem"]
    assert {result["status"] for result in outcome["results"]} == {"unreadable"}


def test_a_lost_sandbox_is_replaced_once(monkeypatch):
    one = build.student(1)
    judge = judge_of(ISOLATED)

    def lost(*args):
        raise SandboxError("lost")

    monkeypatch.setattr(judge, "read", lost)  # of this judge; its successor is a new one
    outcome = grade_one("a", one.data, wanted("00"), 7, ISOLATED)
    assert {result["id"]: result["points"] for result in outcome["results"]} == one.points
    assert judge_of(ISOLATED) is not judge
    monkeypatch.setattr(grading_one.IsolatedJudge, "read", lost)
    with pytest.raises(SandboxError, match="lost"):
        grade_one("a", one.data, wanted("00"), 7, ISOLATED)


def test_too_few_walls_are_refused():
    with pytest.raises(SandboxError, match=r"not tight enough .* --trust"):
        judge_of(Settings(layers=Layers.none()))


def test_the_command_grades_in_isolation(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    students = build.class_of(4)
    build.as_folder(tmp_path / "in", students)
    for arguments in (("--trust",), ()):  # what was graded in trust is graded again
        result = CliRunner().invoke(app, ["grade", "in", "--jobs", "2", *arguments])
        assert result.exit_code == 0, result.output
        assert "4 to grade" in result.output
    rows = sqlite3.connect("grades.sqlite").execute("SELECT DISTINCT isolation FROM results").fetchall()
    assert rows in ([("kernel",)], [("full",)])
    trial = CliRunner().invoke(app, ["grade", "--try", f"in/s0001/{build.file_name('00')}"])
    assert trial.exit_code == 0, trial.output
    assert f"{sum(students[0].points.values())} of 3 points" in trial.output
