"""One notebook: each answer gets what it earned, in plain values."""

import json
import pickle

import pytest

from course_utils.grading.classroom import checks, grading_one
from course_utils.grading.classroom.chapters_of import wanted
from course_utils.grading.classroom.checks import checks_hash
from course_utils.grading.classroom.grading_one import Settings, grade_one
from course_utils.grading.exercise import find, registry
from tests.grading.classroom import build_class as build

TRUST = Settings(trust=True)


def graded(data, chapter="00", seed=7, settings=TRUST):
    outcome = grade_one("a.ipynb", data, wanted(chapter), seed, settings)
    return outcome, {result["id"]: result for result in outcome["results"]}


@pytest.mark.parametrize("chapter", ["00", "01a", "01b"])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_students_get_what_they_earned(chapter, number):
    one = build.student(number, chapter)
    outcome, results = graded(one.data, chapter)
    assert {id: result["status"] for id, result in results.items()} == one.statuses
    assert {id: result["points"] for id, result in results.items()} == one.points
    assert pickle.loads(pickle.dumps(outcome)) == json.loads(json.dumps(outcome)) == outcome


@pytest.mark.parametrize("chapter", ["00", "01a", "01b"])
def test_full_marks_and_the_hint_of_a_wrong_answer(chapter):
    tasks = [find(id) for id in wanted(chapter)]
    _, results = graded(build.student(1, chapter, full=True, outputs=True).data, chapter)
    assert [result["points"] for result in results.values()] == [task.points for task in tasks]
    _, results = graded(build.notebook(chapter, {task.id: build.wrong(task.id) for task in tasks}), chapter)
    for task in tasks:
        assert results[task.id]["status"] == "failed"
        if hasattr(task, "wrong"):
            assert results[task.id]["hint"] == task.wrong[0].hint


def test_the_seed_and_the_file_draw_the_inputs(monkeypatch):
    seen = []
    original = grading_one.grade_resolved
    monkeypatch.setattr(grading_one, "grade_resolved", lambda *a: (seen.append(a[2]), original(*a))[1])
    one, other = build.student(1).data, build.student(2).data
    for data, seed in ((one, 12345), (one, 12345), (one, 12346), (other, 12345)):
        graded(data, seed=seed)
    first, again, another_seed, another_file = (seen[i : i + 2] for i in (0, 2, 4, 6))
    assert first == again == [grading_one.seed_of(one, 12345)] * 2
    assert len({*first, *another_seed, *another_file}) == 3
    assert 12345 not in seen


def test_forbidden_missing_and_stub():
    data = build.notebook("00", {"ex00_1": "import os\ndef neuron(x, weight, bias): return os", "q00_1": ""})
    _, results = graded(data)
    assert (results["ex00_1"]["status"], results["q00_1"]["status"]) == ("forbidden", "missing")
    _, results = graded(build.notebook("00", {}))
    assert [result["status"] for result in results.values()] == ["not attempted"] * 2


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "not JSON"),
        (b'{"cells": [', "not JSON"),
        (b'\xff{"cells": []}', "not text in UTF-8"),
        (b"[1, 2]", "it has no list of cells"),
        (b'{"cells": 3}', "it has no list of cells"),
        (b"[" * 100_000, "nested too deep"),
    ],
)
def test_an_unreadable_file_gets_no_points_and_a_reason(data, problem):
    outcome, results = graded(data)
    assert problem in outcome["problem"]
    for id, result in results.items():
        assert (result["status"], result["points"]) == ("unreadable", 0)
        assert problem in result["hint"]
        assert result["checks"] == checks_hash(id)


def test_the_hash_of_checks_covers_what_decides_a_score(monkeypatch):
    before = {id: checks_hash(id) for id in registry()}
    assert len(set(before.values())) == len(before)
    original = checks._source
    caches = (checks.checks_hash, checks._imported)

    def changed_by(module):
        monkeypatch.setattr(checks, "_source", lambda name: original(name) + "\n#" * (name == module))
        for cache in caches:
            cache.cache_clear()
        changed = {id for id in before if checks_hash(id) != before[id]}
        monkeypatch.undo()
        for cache in caches:
            cache.cache_clear()
        return changed

    assert changed_by("course_utils.exercises.ch01b_sgd") == {"ex01_7"}
    for part in ("judging", "trials", "values", "resolver", "imports", "exercise", "hints", "running"):
        assert changed_by(f"course_utils.grading.{part}") == set(before), part
    assert changed_by("course_utils.explorers") == set()
    assert {id: checks_hash(id) for id in registry()} == before


def test_modules_of_the_course_that_an_exercise_imports_count(monkeypatch):
    original = checks._source
    monkeypatch.setattr(
        checks,
        "_source",
        lambda name: (
            original(name)
            + "\nfrom course_utils.nn import losses" * (name == "course_utils.exercises.ch01b_sgd")
        ),
    )
    checks._imported.cache_clear()
    found = checks._closure(("course_utils.exercises.ch01b_sgd",))
    checks._imported.cache_clear()
    assert "course_utils.nn.losses" in found
    assert "course_utils.nn.autodiff" in found  # and what that imports
