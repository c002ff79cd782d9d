"""The `course` command and the environment's self-check."""

import datetime
import json
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from course_utils import explorers, selfcheck
from course_utils.cli import app
from course_utils.explorers._gallery import NAMES
from course_utils.grading import progress, spacing, store
from course_utils.workspace import copy_chapters

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def progress_file(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "kept" / "progress.sqlite"))
    monkeypatch.setenv("COLUMNS", "120")


SHIPPED = '{\n "cells": []\n}\n'


@pytest.fixture
def course(tmp_path):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "00_start_here.ipynb").write_text(SHIPPED)
    return tmp_path


def run(*arguments, **settings):
    return CliRunner().invoke(app, [str(argument) for argument in arguments], **settings)


def test_progress_of_a_fresh_start_and_later():
    fresh = run("progress")
    assert fresh.exit_code == 0
    assert "No prediction has been settled yet" in fresh.output
    assert "you have missed no prediction" in fresh.output
    progress.record_attempt("ex00_1", "passed", 2, 2)
    progress.save_prediction("p01_1", "a", 0.8)
    progress.settle_prediction("p01_1", "b")
    later = run("progress")
    assert "1 of 2" in later.output
    assert "0 of 1 (0%)" in later.output
    assert "0.64" in later.output
    row = next(line for line in later.output.splitlines() if "80 to 100 %" in line)
    cells = ["80 to 100 %", "80%", "0 of 1", "0%", "0% to 79%", "too sure"]
    assert [part.strip() for part in row.split("│")[1:-1]] == cells


def test_progress_names_what_to_look_at_again():
    for _ in range(2):
        progress.record_attempt("ex01_4", "failed", 1, 3)
    progress.take_hint("ex01_4", 3)
    result = run("progress")
    assert "A softmax that survives 1000" in result.output
    assert "not solved yet: 1 of 3 points, 2 attempts, 1 hint" in result.output


def test_progress_is_exported(tmp_path):
    progress.record_attempt("ex01_4", "failed", 1, 3)
    result = run("progress", "--export", tmp_path / "mine.json")
    assert (result.exit_code, result.output) == (0, f"Wrote 2 records to {tmp_path / 'mine.json'}.\n")
    assert json.loads((tmp_path / "mine.json").read_text())["attempts"][0]["id"] == "ex01_4"
    for name in ("mine.xlsx", "missing/mine.csv"):
        result = run("progress", "--export", tmp_path / name)
        assert result.exit_code == 2
        assert "expected a file ending in .csv or .json" in result.output
    (tmp_path / "folder.csv").mkdir()
    result = run("progress", "--export", tmp_path / "folder.csv")
    assert result.exit_code == 2
    assert "could not be written" in result.output


@pytest.fixture
def missed(monkeypatch):
    """Three predictions missed yesterday."""
    for k, confidence in ((1, 0.6), (2, 1.0), (3, 0.8)):
        progress.save_question(f"p01_{k}", f"Question {k}?", ["one", "two", "three"])
        progress.save_prediction(f"p01_{k}", "one", confidence)
        progress.settle_prediction(f"p01_{k}", "two")
    later = store.now() + datetime.timedelta(days=1)
    monkeypatch.setattr(store, "now", lambda: later)


def test_review_asks_what_is_due_in_the_terminal(missed):
    assert "course review" in run("progress").output
    result = run("review", input="x\nB\n\nc\n")
    assert result.exit_code == 0, result.output
    asked = [line for line in result.output.splitlines() if line.startswith("Again")]
    assert asked == [f"Again (p01_{k}): Question {k}?" for k in (2, 3, 1)]
    assert "Expected one of a, b, c, got 'x'." in result.output
    assert "Right. The answer is: two. It comes back in 3 days." in result.output
    assert "No: you first said one, now three. The answer is: two." in result.output
    assert "1 missed prediction is to be asked again now." in result.output
    answered = {item.made.id: [r.correct for r in item.reviews] for item in spacing.missed()}
    assert answered == {"p01_2": [True], "p01_3": [], "p01_1": [False]}


def test_review_can_be_stopped(missed):
    result = run("review", input="q\n")
    assert result.exit_code == 0
    assert result.output.count("Again (") == 1
    ended = run("review", input="b\n")  # the input ends: what was answered is kept
    assert ended.exit_code == 1
    assert [len(item.reviews) for item in spacing.missed()] == [1, 0, 0]


def test_review_with_nothing_to_ask():
    result = run("review")
    assert (result.exit_code, result.output) == (
        0,
        "Nothing to ask again: you have missed no prediction so far.\n",
    )


def test_exercises_are_listed_with_the_best_result():
    progress.record_attempt("ex01_4", "failed", 1, 3)
    progress.record_attempt("ex01_4", "failed", 2, 3)
    progress.take_hint("ex01_4", 3)
    result = run("exercises")
    row = next(line for line in result.output.splitlines() if "ex01_4" in line)
    assert [part.strip() for part in row.split("│")[2:7]] == [
        "01a",
        "A softmax that survives 1000",
        "2 of 3",
        "2",
        "1",
    ]


def test_explorers_are_listed_and_drawn_on_one_sheet(tmp_path, monkeypatch):
    kinds = [explorers.ComputationalGraph, explorers.GradientDescent]
    monkeypatch.setattr(explorers, "all_explorers", lambda: kinds)
    sheet = tmp_path / "sheet.png"
    result = run("explorers", "--sheet", sheet)
    assert result.exit_code == 0, result.output
    for kind in kinds:
        row = next(line for line in result.output.splitlines() if kind.__name__ in line)
        assert kind.title[:20] in row
    with Image.open(sheet) as image:
        assert image.text[NAMES].splitlines() == [kind.__name__ for kind in kinds]
        assert image.width == 2 * 720 + 3 * 24
        right = np.asarray(image.convert("RGB"))[24 + 34 :, 720 + 2 * 24 :]
    descent = explorers.GradientDescent()
    descent.picture.scale = 1
    drawn = descent.canvas.pixels()
    shown = right[: drawn.shape[0], : drawn.shape[1]]
    assert np.abs(shown.astype(int) - drawn).mean() < 4  # the sheet has 256 colours
    texts = sheet.with_suffix(".txt").read_text(encoding="utf-8").splitlines()
    assert texts[1] == f"GradientDescent: {descent.alt}"
    descent.close()


def test_explorers_without_a_sheet_write_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(explorers, "all_explorers", lambda: [explorers.GradientDescent])
    assert run("explorers").exit_code == 0
    refused = run("explorers", "--sheet", "sheet.jpg")
    assert refused.exit_code == 2
    assert "Expected a file ending in .png in a folder that exists, got sheet.jpg." in refused.output
    assert run("explorers", "--sheet", "nowhere/sheet.png").exit_code == 2
    assert not list(tmp_path.glob("*"))


def test_the_sheet_in_the_documentation_has_every_explorer():
    with Image.open(ROOT / "docs" / "explorers.png") as image:
        assert image.text[NAMES].splitlines() == [kind.__name__ for kind in explorers.all_explorers()], (
            "course explorers --sheet docs/explorers.png draws it anew"
        )


def test_reset_keeps_every_old_copy(course):
    copy = course / "work" / "00_start_here.ipynb"
    assert run("reset", "00", "--root", course).exit_code == 0
    assert copy.read_text() == SHIPPED
    for number, text in enumerate(("first", "second"), start=1):
        copy.write_text(text)
        result = run("reset", "00", "--yes", "--root", course)
        assert result.exit_code == 0
        assert f"00_start_here.ipynb.bak-{number}" in result.output
        assert copy.read_text() == SHIPPED
    kept = [(copy.parent / f"{copy.name}.bak-{number}").read_text() for number in (1, 2)]
    assert kept == ["first", "second"]


def test_what_reset_restored_is_not_offered_as_new(course):
    shipped, work = course / "notebooks", course / "work"
    (shipped / "01a_x.ipynb").write_text(SHIPPED)
    copy_chapters(shipped, work)
    for path in shipped.iterdir():
        path.write_text('{"cells": [], "metadata": {"version": 2}}')
    assert run("reset", "00", "--yes", "--root", course).exit_code == 0
    for path in work.glob("*.ipynb"):
        path.write_text("my answers")
    (sentence,) = copy_chapters(shipped, work)
    assert sentence.startswith("01a_x.ipynb has a newer version")


def test_reset_asks_first(course):
    copy = course / "work" / "00_start_here.ipynb"
    run("reset", "00", "--root", course)
    copy.write_text("mine")
    assert run("reset", "00", "--root", course, input="n\n").exit_code == 1
    assert copy.read_text() == "mine"
    assert run("reset", "00", "--root", course, input="y\n").exit_code == 0
    assert copy.read_text() == SHIPPED


@pytest.mark.parametrize(
    ("chapter", "message"),
    [
        ("01", "Chapter 01 has parts: name one of 01a, 01b."),
        ("17", "Chapter 17 is in preparation."),
        ("42", "There is no chapter '42'. Ready are: 00"),
        ("", "There is no chapter ''."),
    ],
)
def test_reset_of_chapters_that_are_not_there(course, chapter, message):
    result = run("reset", chapter, "--root", course)
    assert result.exit_code == 2
    assert message in result.output
    assert not (course / "work").exists()


def test_reset_outside_a_checkout(tmp_path):
    result = run("reset", "00", "--root", tmp_path)
    assert result.exit_code == 2
    assert "run this in a checkout of the course" in result.output


def test_check_env_says_one_line_each():
    result = run("check-env")
    subjects = [
        line.split(":")[0].split()[1:] for line in result.output.splitlines() if not line.startswith(" ")
    ]
    assert [" ".join(words) for words in subjects] == ["Python", "Packages", "Kernel", "Your progress"]
    assert result.exit_code == (1 if "PROBLEM" in result.output else 0)


@pytest.mark.parametrize(
    ("version", "fine"),
    [((3, 10), False), ((3, 11), True), ((3, 14), True), ((3, 15), False), ((2, 7), False)],
)
def test_python_versions(version, fine):
    finding = selfcheck.check_python(version)
    assert finding.fine == fine
    assert ("To do: install Python 3.14" in str(finding)) != fine


def test_packages(tmp_path):
    (tmp_path / "requirements.txt").write_text(
        "# direct\nnumpy==2.4.6\ntorch==2.13.0  # CPU\nrich[x]==15.0.0\n"
    )
    installed = {"numpy": "2.4.6", "torch": "2.13.0+cpu", "rich": "15.0.0"}

    def version_of(name):
        if name not in installed:
            raise metadata.PackageNotFoundError(name)
        return installed[name]

    assert selfcheck.check_packages(tmp_path, version_of).detail == "all 3 as pinned in requirements.txt"
    installed["numpy"] = "1.0"
    del installed["rich"]
    finding = selfcheck.check_packages(tmp_path, version_of)
    assert not finding.fine
    assert finding.detail == "numpy is 1.0 instead of 2.4.6; rich is missing"
    assert "make setup" in finding.remedy
    assert selfcheck.check_packages(tmp_path / "elsewhere", version_of).fine


def test_kernel(tmp_path):
    assert not selfcheck.check_kernel(tmp_path).fine
    specification = tmp_path / "share" / "jupyter" / "kernels" / "python3" / "kernel.json"
    specification.parent.mkdir(parents=True)
    for content, fine in (("{", False), ("{}", False), ('{"argv": ["python", "-m", "ipykernel"]}', True)):
        specification.write_text(content)
        assert selfcheck.check_kernel(tmp_path).fine == fine
    specification.write_text(json.dumps({"argv": [str(tmp_path / "gone" / "python")]}))
    finding = selfcheck.check_kernel(tmp_path)
    assert not finding.fine
    assert "does not exist" in finding.detail


def test_folder(tmp_path):
    assert selfcheck.check_folder(tmp_path / "new").fine
    (tmp_path / "file").write_text("")
    finding = selfcheck.check_folder(tmp_path / "file")
    assert not finding.fine
    assert "COURSE_PROGRESS" in finding.remedy


def test_report_in_words_and_html(tmp_path):
    report = selfcheck.Report(
        (selfcheck.Finding("Python", True, "fine"), selfcheck.Finding("<b>", False, "bad", "fix"))
    )
    assert not report.fine
    assert repr(report) == "ok       Python: fine\nPROBLEM  <b>: bad\n         To do: fix"
    bundle = report._repr_mimebundle_()
    assert "&lt;b&gt;" in bundle["text/html"]
    assert ">needs attention<" in bundle["text/html"]


def test_selfcheck_needs_the_standard_library_only():
    import subprocess
    import sys

    code = (
        "import sys; sys.modules['numpy'] = sys.modules['rich'] = None; "
        "from course_utils.selfcheck import selfcheck; print(len(selfcheck()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "4", done.stderr
