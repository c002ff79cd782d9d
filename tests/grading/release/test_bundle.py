"""The learners' zip: what is in it, and that its notebooks check without the solutions."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from course_utils.chapters import CHAPTERS
from course_utils.cli import app
from course_utils.exercises import reference_source, registry
from course_utils.grading.exercise import Exercise, function_source
from course_utils.grading.release.bundle import write_bundle
from course_utils.grading.release.frozen import thaw

ROOT = Path(__file__).resolve().parents[3]
READY = {
    chapter.number
    for chapter in CHAPTERS
    if chapter.file and (ROOT / "notebooks" / chapter.file).exists()  # fewer come along without solutions
}
TASKS = [task for task in registry().values() if task.chapter in READY]
EXERCISES = [task for task in TASKS if isinstance(task, Exercise)]
CHECKING = """
import json, sys, course_utils
from course_utils.grading.check import check, solution
found = {key: repr(check(id, sources=[source])) for key, id, source in json.load(sys.stdin)}
json.dump({"from": course_utils.__file__, "found": found, "solution": repr(solution("ex01_4"))}, sys.stdout)
"""


@pytest.fixture(scope="module", params=[True, False], ids=["with solutions", "without"])
def bundle(request, tmp_path_factory):
    target = tmp_path_factory.mktemp("release") / "course.zip"
    files = write_bundle(ROOT, target, solutions=request.param)
    return target, files, request.param


def unpacked(target: Path, folder: Path) -> Path:
    with zipfile.ZipFile(target) as archive:
        archive.extractall(folder)
    return folder / target.stem


def check_there(course: Path, answers: list[tuple[str, str, str]]) -> dict:
    """Run `check` in a process that finds the course in that folder alone."""
    paths = os.pathsep.join([str(course), os.environ.get("PYTHONPATH", "")])
    found = subprocess.run(
        [sys.executable, "-c", CHECKING],
        input=json.dumps(answers),
        capture_output=True,
        text=True,
        check=True,
        cwd=course / "notebooks",
        env={**os.environ, "PYTHONPATH": paths, "COURSE_PROGRESS": str(course / "progress.sqlite")},
    )
    return json.loads(found.stdout)


def test_it_holds_the_course_and_nothing_private(bundle):
    _, files, solutions = bundle
    parts = {name.split("/")[0] for name in files}
    assert {"notebooks", "course_utils", "data", "README.md", "bootstrap.py", "requirements.txt"} <= parts
    assert parts.isdisjoint({"tests", "work", ".git", ".venv", "benchmarks"})
    assert not [name for name in files if ".sqlite" in name or "__pycache__" in name or "/." in name]
    modules = [name for name in files if name.startswith("course_utils/exercises/ch")]
    assert bool(modules) == solutions


def test_its_notebooks_check_as_the_course_does(bundle, tmp_path):
    target, _, solutions = bundle
    course = unpacked(target, tmp_path)
    answers = [(task.id, task.id, reference_source(task.id)) for task in EXERCISES]
    expected = {task.id: f"{task.id} {task.name}: passed" for task in EXERCISES}
    for task in EXERCISES:
        wrong = task.wrong[0]
        answers.append((wrong.hint, task.id, function_source(wrong.function, task.name)))
        expected[wrong.hint] = f"{task.id} {task.name}: failed"
    said = check_there(course, answers)
    assert Path(said["from"]).is_relative_to(course)
    for key, text in said["found"].items():
        assert text.startswith(expected[key])
        assert key in expected
        if key.startswith("ex"):
            continue
        assert " ".join(key.split()[:6]) in " ".join(text.split())  # the hint for this very mistake
    assert ("ships without solutions" in said["solution"]) != solutions


def test_without_solutions_only_the_chapters_that_come_along_are_frozen(tmp_path):
    """A chapter in preparation, or one that was taken out of the folder, leaves nothing behind."""
    course = tmp_path / "course"
    for name in ("notebooks", "course_utils"):
        (course / name).mkdir(parents=True)
    for name in ("bootstrap.py", "requirements.txt", "notebooks/00_start_here.ipynb"):
        (course / name).write_text("")
    target = tmp_path / "some.zip"
    write_bundle(course, target, solutions=False)
    frozen = thaw((unpacked(target, tmp_path) / "course_utils/exercises/frozen.msgpack").read_bytes())
    assert [task.id for task in frozen] == ["ex00_1", "q00_1"]


def test_without_solutions_no_answer_is_named(bundle, tmp_path):
    target, files, solutions = bundle
    course = unpacked(target, tmp_path)
    text = b"".join((course / name).read_bytes() for name in files)
    named = [wrong.name for task in EXERCISES for wrong in task.wrong if wrong.name.encode() in text]
    assert bool(named) == solutions


def test_the_same_course_gives_the_same_bytes(tmp_path):
    target, again = tmp_path / "a" / "course.zip", tmp_path / "b" / "course.zip"
    for place in (target, again):
        place.parent.mkdir()
        write_bundle(ROOT, place)
    assert again.read_bytes() == target.read_bytes()


def test_the_command_says_what_it_wrote_or_what_it_expected(tmp_path):
    run = CliRunner().invoke
    done = run(app, ["release", str(tmp_path / "course.zip"), "--no-solutions"])
    assert done.exit_code == 0
    assert "without solutions" in done.output
    assert run(app, ["release", str(tmp_path / "course.tar")]).exit_code == 2
    wrong = run(app, ["release", str(tmp_path / "c.zip"), "--root", str(tmp_path)])
    assert wrong.exit_code == 2
    assert "Expected a checkout of the course" in wrong.output


def test_a_failed_release_leaves_the_old_one(tmp_path, monkeypatch):
    target = tmp_path / "course.zip"
    target.write_bytes(b"old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", full)
    with pytest.raises(OSError, match="No space"):
        write_bundle(ROOT, target)
    assert [place.name for place in tmp_path.iterdir()] == ["course.zip"]
    assert target.read_bytes() == b"old"
