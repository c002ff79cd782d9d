"""`course grade`, `course mark` and `course grades`, as an instructor types them."""

import io
import os
import re
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from course_utils.cli import app
from course_utils.grading.classroom import grading_one
from course_utils.grading.classroom.gradebook import Gradebook
from course_utils.grading.classroom.progress_bar import progress_of, remaining
from course_utils.grading.classroom.scores import final_scores
from tests.grading.classroom import build_class as build


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def grade(*arguments):
    result = run("grade", "--trust", "--jobs", 1, *arguments)
    assert result.exit_code == 0, result.output
    return result.output


def row(output, *begin):
    """Cells of the table's row that begins with these; columns stand two spaces apart."""
    rows = [re.split(r" {2,}", line.strip()) for line in output.splitlines()]
    (found,) = [cells for cells in rows if cells[: len(begin)] == list(begin)]
    return found


def totals():
    with Gradebook(Path("grades.sqlite"), create=False) as book:
        return {(score.student, score.exercise): score.points for score in final_scores(book)}


def test_a_class_from_download_to_summary(tmp_path):
    students = build.class_of(8)
    build.as_canvas(tmp_path / "class.zip", students)
    build.roster(tmp_path / "roster.csv", [*students, build.student(99)])
    output = grade("class.zip", "--roster", "roster.csv")
    assert f"New gradebook: {tmp_path / 'grades.sqlite'}" in output
    assert "8 files: 8 to grade." in output
    assert "graded 8 of 8, done" in output
    mean = sum(one.points["ex00_1"] for one in students) / 8
    cells = row(output, "ex00_1")
    assert cells[1:4] == ["A single neuron", "8", f"{mean:.2f} of 2"]
    passed = sum(one.statuses["ex00_1"] == "passed" for one in students)
    assert cells[4] == str(passed)
    assert "No notebook from 1 of the roster: s0099" in output
    assert totals() == {(one.id, id): one.points[id] for one in students for id in one.points}
    again = grade("class.zip", "--roster", "roster.csv")
    assert "Gradebook: " in again
    assert "8 files: 0 to grade, 8 graded before." in again
    assert row(again, "ex00_1") == cells
    assert row(run("grades").output, "ex00_1") == cells


def test_only_some_exercises(tmp_path):
    build.as_folder(tmp_path / "in", build.class_of(3))
    output = grade("in", "--only", "q00_1")
    assert "ex00_1" not in output
    assert {id for _, id in totals()} == {"q00_1"}
    grade("in")
    assert {id for _, id in totals()} == {"q00_1", "ex00_1"}
    assert "3 files: 3 to grade." in grade("in", "--only", "q00_1", "--regrade")


def test_files_that_are_no_notebooks_are_listed_and_harmless(tmp_path):
    build.as_folder(tmp_path / "in", [build.student(1)])
    (tmp_path / "in" / "[red]essay.docx").write_bytes(b"PK")
    with open(os.path.join(os.fsencode(tmp_path / "in"), b"\x1b]0;title\x07\xff.txt"), "wb") as file:
        file.write(b"x")
    output = grade("in")
    assert row(output, "[red]essay") == [
        "[red]essay",
        "not a notebook",
        "in/[red]essay.docx",
    ]
    assert "\x1b" not in output
    assert "3 files: 1 to grade, 2 set aside (see below)." in output


def test_students_by_pattern_and_the_best_of_their_attempts(tmp_path):
    full, empty = build.student(1, full=True), build.notebook("00", {})
    folder = tmp_path / "in" / "hw1"
    folder.mkdir(parents=True)
    for name, data in (("ada_1", full.data), ("ada_2", empty), ("eve_1", full.data + b" ")):
        (folder / f"{name}.ipynb").write_bytes(data)
    (tmp_path / "roster.csv").write_text("id,name\nada,Ada Lovelace\n")
    pattern = r"/(?P<student>[a-z]+)_(?P<attempt>\d)"
    output = grade("in", "--pattern", pattern, "--roster", "roster.csv")
    assert row(output, "eve")[1] == "nobody in the roster"
    assert row(output, "ada")[1] == "several attempts"
    assert totals() == {("ada", "ex00_1"): 0, ("ada", "q00_1"): 0, ("eve", "ex00_1"): 2, ("eve", "q00_1"): 1}
    output = grade("in", "--pattern", pattern, "--roster", "roster.csv", "--attempts", "best")
    assert "0 to grade" in output
    assert "Each student's best attempt at a chapter counts." in output
    assert totals()["ada", "ex00_1"] == 2


def test_a_trial_shows_and_writes_nothing(tmp_path):
    data = build.notebook("00", {"ex00_1": build.wrong("ex00_1"), "q00_1": build.right("q00_1")})
    (tmp_path / "key.ipynb").write_bytes(data)
    result = run("grade", "--trust", "--try", "key.ipynb")
    assert result.exit_code == 0, result.output
    cells = row(result.output, "ex00_1")
    assert cells[1] == "failed"
    assert row(result.output, "q00_1")[1:3] == ["passed", "1 of 1"]
    assert "The bias is missing" in result.output
    assert "Nothing was written." in result.output
    assert os.listdir(tmp_path) == ["key.ipynb"]


def test_marks_by_hand_survive_a_regrade(tmp_path):
    build.as_folder(tmp_path / "in", [build.student(1, full=True), build.student(2, full=True)])
    grade("in")
    done = run("mark", "s0001", "ex00_1", 0.5, "--comment", "handed in [b]late[/b]")
    assert done.exit_code == 0
    assert "s0001 gets 0.5 of 2 for ex00_1" in done.output
    assert "Marks by hand: 1." in grade("in", "--regrade")
    assert totals()["s0001", "ex00_1"] == 0.5
    assert totals()["s0002", "ex00_1"] == 2
    assert run("mark", "s0001", "ex00_1", "--remove").exit_code == 0
    assert totals()["s0001", "ex00_1"] == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("grade",), "Expected submissions to grade"),
        (("grade", "nowhere"), "there is no nowhere"),
        (("grade", "in", "--try", "in"), "either --try or submissions"),
        (("grade", "--try", "in"), "Expected one notebook after --try"),
        (("grade", "--try", "in/note.txt"), "name the chapter with --chapter"),
        (("grade", "--try", "in/missing.ipynb"), "No such file"),
        (("grade", "in", "--only", "ex01_44"), "did you mean ex01_4"),
        (("grade", "in", "--chapter", "17"), "Expected a chapter of 00, 01a"),
        (("grade", "in", "--chapter", "00", "--only", "ex01_4"), "Expected exercises of chapter 00"),
        (("grade", "in", "--attempts", "first"), "Expected latest or best"),
        (("grade", "in", "--jobs", "-1"), "Expected a number of processes"),
        (("grade", "in", "--time-limit", "0"), "Expected a time limit above 0"),
        (("grade", "in", "--time-limit", "nan"), "Expected a time limit above 0"),
        (("grade", "in", "--pattern", "x"), "Expected a group (?P<student>...)"),
        (("grade", "in", "--roster", "in/note.txt"), "Expected a roster with the columns id"),
        (("grade", "in", "--roster", "none.csv"), "No such file"),
        (("grade", "in", "--gradebook", "in/note.txt"), "none or damaged"),
        (("grades",), "There is no gradebook grades.sqlite"),
        (("mark", "a", "ex00_1", "1"), "There is no gradebook grades.sqlite"),
    ],
)
def test_mistakes_are_explained_and_change_nothing(tmp_path, arguments, message):
    build.as_folder(tmp_path / "in", [build.student(1)])
    (tmp_path / "in" / "note.txt").write_text("just a note " * 100)
    trust = ("--trust",) if arguments[0] == "grade" else ()
    result = run(*arguments, *trust)
    assert result.exit_code == 2, result.output
    assert message in " ".join(result.output.split())
    assert not (tmp_path / "grades.sqlite").exists()
    assert (tmp_path / "in" / "note.txt").read_text() == "just a note " * 100


def test_mistakes_in_marks(tmp_path):
    build.as_folder(tmp_path / "in", [build.student(1)])
    grade("in")
    before = totals()
    for arguments, message in (
        (("s001", "ex00_1", 1), "Expected a student of grades.sqlite, got 's001'; did you mean s0001?"),
        (("s0001", "ex00_9", 1), "Expected the id of an exercise, got 'ex00_9'; did you mean ex0"),
        (("s0001", "ex00_1", 3), "Expected points from 0 to 2 for ex00_1, got 3.0"),
        (("s0001", "ex00_1", "nan"), "Expected points from 0 to 2"),
        (("s0001", "ex00_1"), "Expected points from 0 to 2 after ex00_1, got none"),
    ):
        result = run("mark", *arguments)
        assert result.exit_code == 2
        assert message in result.output
        assert totals() == before


def test_no_walls_no_grades(tmp_path, monkeypatch):
    build.as_folder(tmp_path / "in", [build.student(1)])

    class Nowhere:
        def __init__(self, settings):
            raise grading_one.SandboxError("expected Linux: use WSL, or --trust for files of your own")

    monkeypatch.setattr(grading_one, "IsolatedJudge", Nowhere)
    result = run("grade", "in")
    assert result.exit_code == 2
    assert "--trust for files of your own" in result.output
    assert not (tmp_path / "grades.sqlite").exists()


def test_estimates():
    assert remaining(7, 100, 3.0) == "estimating"
    assert remaining(50, 100, 600.0) == "about 10 min left"
    assert remaining(99, 100, 9.9) == "about 1 s left"


def test_few_plain_lines_where_there_is_no_terminal():
    console = Console(file=io.StringIO(), width=80)
    now = [0.0]
    with progress_of(1000, console, lambda: now[0]) as step:
        for _ in range(1000):
            now[0] += 0.05
            step()
    lines = console.file.getvalue().splitlines()
    assert lines[0] == "graded 100 of 1000, about 45 s left"
    assert lines[-1] == "graded 1000 of 1000, done"
    assert len(lines) == 10


def test_the_start_is_no_part_of_the_estimate():
    console = Console(file=io.StringIO(), width=80)
    now = [0.0]
    with progress_of(100, console, lambda: now[0]) as step:
        now[0] = 20.0  # processes start, the walls are tested
        for _ in range(100):
            now[0] += 0.5
            step()
    assert console.file.getvalue().splitlines()[0] == "graded 10 of 100, about 45 s left"


def test_a_bar_on_a_terminal():
    console = Console(file=io.StringIO(), width=80, force_terminal=True)
    with progress_of(10, console) as step:
        for _ in range(10):
            step()
    assert "10/10" in console.file.getvalue()
    assert "done" in console.file.getvalue()


def test_what_is_kept_need_not_be_said_again(tmp_path):
    students = build.class_of(3)
    build.as_canvas(tmp_path / "class.zip", students)
    build.roster(tmp_path / "roster.csv", students)
    grade("class.zip", "--roster", "roster.csv", "--attempts", "best")
    before = totals()
    again = grade("class.zip")  # without the roster the files would be of surname1given1_1000 and so on
    assert "Roster of 3 students as before: files of 3 of them." in again
    assert "3 files: 0 to grade, 3 graded before." in again
    assert "best attempt at a chapter counts" in again
    assert totals() == before
    build.roster(tmp_path / "smaller.csv", students[:2])
    assert "nobody in the roster" in grade("class.zip", "--roster", "smaller.csv")


def test_a_pattern_is_kept_and_can_be_taken_back(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "hw1_ada.ipynb").write_bytes(build.student(1).data)
    grade("in", "--pattern", r"hw1_(?P<student>\w+)\.")
    assert {student for student, _ in totals()} == {"ada"}
    again = grade("in")
    assert "Students by the pattern" in again
    assert {student for student, _ in totals()} == {"ada"}
    assert "by the pattern" not in grade("in", "--pattern", "")


def test_a_roster_of_another_class_is_said_at_once(tmp_path):
    build.as_folder(tmp_path / "in", build.class_of(3))
    (tmp_path / "roster.csv").write_text("id,name\n77,Somebody Else\n")
    output = grade("in", "--roster", "roster.csv")
    assert "None of these files belongs to anybody in the roster" in output
    assert "which are of: s0001, s0002, s0003" in output


def test_people_of_one_name_are_told_apart_by_the_platforms_list(tmp_path):
    two = [build.student(1), build.student(2)]
    files = {f"mullermax_{2000 + n}_{9000 + n}_hw.ipynb": one.data for n, one in enumerate(two)}
    build.as_zip(tmp_path / "class.zip", files)
    (tmp_path / "roster.csv").write_text("id;name\n0007;Max Müller\n0008;Max Müller\n", encoding="utf-8-sig")
    output = grade("class.zip", "--roster", "roster.csv")
    assert row(output, "mullermax_2000")[1] == "a name that 2 in the roster have: 0007, 0008"
    (tmp_path / "canvas.csv").write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section\n    Points Possible,,,,\n"
        '"Müller, Max",2000,0007,max1,A\n"Müller, Max",2001,0008,max2,A\n"Student, Test",9,,x,A\n'
    )
    output = grade("class.zip", "--roster", "canvas.csv")
    assert "Roster of 2 students: files of 2 of them." in output
    assert "0 to grade, 2 graded before" in output
    expected = {
        (id, key): one.points[key]
        for id, one in zip(("0007", "0008"), two, strict=True)
        for key in one.points
    }
    assert totals() == expected


def test_a_student_is_found_by_name_and_without_leading_zeros(tmp_path):
    build.as_folder(tmp_path / "in", [build.student(1)])
    os.rename(tmp_path / "in" / "s0001", tmp_path / "in" / "0042")
    (tmp_path / "roster.csv").write_text("id,name\n0042,Ada Lovelace\n0043,Eve\n")
    grade("in", "--roster", "roster.csv")
    for said in ("42", "lovelace"):
        result = run("mark", said, "ex00_1", 1)
        assert result.exit_code == 2
        assert "did you mean 0042?" in result.output


@pytest.mark.parametrize("columns", [60, 80, 160])
def test_one_students_grades_are_explained(tmp_path, monkeypatch, columns):
    answers = {"ex00_1": build.wrong("ex00_1"), "q00_1": ""}
    build.as_zip(tmp_path / "c.zip", {"lovelaceada_LATE_1_2_hw.ipynb": build.notebook("00", answers)})
    (tmp_path / "roster.csv").write_text("id,name\n0042,Ada Lovelace\n0043,Eve\n")
    grade("c.zip", "--roster", "roster.csv")
    run("mark", "0042", "ex00_1", 1.5, "--comment", "right idea")
    monkeypatch.setenv("COLUMNS", str(columns))
    shown = run("grades", "Ada Lovelace").output
    assert shown == run("grades", "0042").output
    assert max(map(len, shown.splitlines())) <= columns
    said = " ".join(shown.split())
    assert "0042 Ada Lovelace" in said
    assert "handed in late" in said
    assert "1.5 of 2 Marked by hand, not" in said
    assert "expected" in said  # the facts of the cases: this is the instructor's view
    if columns == 160:
        assert "No cell of the notebook defines the variable `q00_1`." in said
        assert "Run the cell" not in said
    assert "Nothing of this student has been graded." in run("grades", "0043").output


@pytest.mark.parametrize("columns", [60, 80])
def test_tables_cut_no_word_on_a_narrow_terminal(tmp_path, monkeypatch, columns):
    build.as_folder(tmp_path / "in", build.class_of(12))
    monkeypatch.setenv("COLUMNS", str(columns))
    output = grade("in")
    assert "…" not in output
    assert re.search(r"\n ex00_1 +12 +\d\.\d\d of 2 +\d+ +\d+ +\d+ ", output)  # figures on one line
    assert {"Exercise", "Students", "Mean", "passed", "failed", "others"} <= set(output.split())
    assert max(map(len, output.partition("Grades")[2].splitlines())) <= columns


def test_a_gradebook_needs_a_folder_that_can_be_written_to(tmp_path, monkeypatch):
    build.as_folder(tmp_path / "in", [build.student(1)])
    nowhere = run("grade", "--trust", "in", "--gradebook", "none/g.sqlite")
    assert nowhere.exit_code == 2
    assert f"There is no folder {tmp_path / 'none'} for the gradebook g.sqlite" in nowhere.output
    grade("in")
    may = os.access  # root may write anywhere, so that this folder is only said to be closed
    monkeypatch.setattr(os, "access", lambda place, mode: Path(place) != tmp_path and may(place, mode))
    for arguments in (("grade", "--trust", "in"), ("grades",), ("report",)):
        result = run(*arguments)
        assert result.exit_code == 2
        assert "must be writable, and are not" in result.output
