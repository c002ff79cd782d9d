"""What a class gets back: tables, feedback pages, the instructor's page."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import io
import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner

from course_utils.cli import app
from course_utils.exercises import reference_source, registry
from course_utils.grading.classroom.gradebook import Gradebook
from course_utils.grading.classroom.intake import Submission
from course_utils.grading.classroom.roster import Person
from course_utils.grading.report import tables
from course_utils.grading.report.copies import equal_answers
from course_utils.grading.report.grades import Grades, Student
from course_utils.grading.report.items import discrimination, histogram, items, mistakes
from course_utils.grading.report.writing import file_names, write_report

CHAPTER = "01b"
TASKS = [task for task in registry().values() if task.chapter == CHAPTER]
ATTACK = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&{{ 7*7 }}"
SECRET = "0.6931471805599453"  # as a message that tells an expected value would hold it


def result(task, right: bool, hint: str = "", status: str = "", source: str = "") -> dict:
    """Make a result as `grade_one` returns it."""
    points = task.points if right else 0
    case = {
        "name": "a case",
        "passed": right,
        "points": points,
        "max_points": task.points,
        "message": SECRET,
    }
    return {
        "id": task.id,
        "status": status or ("passed" if right else "failed"),
        "points": points,
        "max_points": task.points,
        "hint": hint or ("You can now do it." if right else "Look again."),
        "notes": [],
        "cases": [case],
        "printed": f"printed {SECRET}",
        "source": source,
        "checks": "abc",
        "isolation": "full",
    }


def submission(student: str, file: str, name: str = "", attempt: int = 1) -> Submission:
    digest = hashlib.sha256(f"{student} {file}".encode()).hexdigest()
    found = SimpleNamespace(read=lambda: b"")
    return Submission(student, name, file, digest, CHAPTER, attempt, 1.75e9, False, True, "", found)


class Class:
    """A gradebook that is filled by hand."""

    def __init__(self, folder: Path) -> None:
        self.book = Gradebook(folder / "grades.sqlite")

    def hand_in(
        self,
        student: str,
        right: list[bool],
        name: str = "",
        file: str = "01b.ipynb",
        late: bool = False,
        attempt: int = 1,
        **more,
    ) -> None:
        one = submission(student, f"{student}/{file}", name, attempt)
        (number,) = self.book.add([dataclasses.replace(one, late=late)])
        rows = [result(task, ok, **more) for task, ok in zip(TASKS, right, strict=True)]
        self.book.save(number, {"name": file, "problem": "", "results": rows, "seconds": 0.1})


@pytest.fixture
def class_(tmp_path):
    made = Class(tmp_path)
    yield made
    made.book.close()


N = len(TASKS)
BEST = sum(task.points for task in TASKS)


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_tables_hold_the_points_that_count(class_):
    class_.book.note_class([Person("ada", "Ada Lovelace", "ada@example.org"), Person("zoe", "Zoe", "")])
    class_.hand_in("ada", [True] * N)
    class_.hand_in("bob", [True] + [False] * (N - 1), name="Bob B")
    class_.book.mark("bob", TASKS[1].id, 1.5, "half right")
    grades = Grades(class_.book)
    rows = {row["student"]: row for row in read(tables.table(grades))}
    assert rows["ada"]["points"] == rows["ada"]["max_points"] == str(BEST)
    assert rows["ada"]["email"] == "ada@example.org"
    assert float(rows["bob"]["points"]) == TASKS[0].points + 1.5
    assert rows["bob"][f"{CHAPTER}: {TASKS[1].id}"] == "1.5"
    assert rows["zoe"]["points"] == "0"  # on the roster, nothing handed in

    canvas = read(tables.canvas(grades))
    assert canvas[0]["Student"] == "    Points Possible"
    assert canvas[0][f"Chapter {CHAPTER}"] == str(BEST)
    assert [row["SIS User ID"] for row in canvas[1:]] == ["ada", "bob", "zoe"]
    assert canvas[1][f"Chapter {CHAPTER}"] == str(BEST)

    own = {row["student_id"]: row for row in read(tables.nbgrader(grades))}
    assert own["ada"]["last_name"] == "Lovelace"
    assert own["ada"]["first_name"] == "Ada"
    assert own["ada"]["timestamp"] == "2025-06-15 15:06:40"
    assert own["zoe"]["timestamp"] == ""
    assert float(own["bob"]["score"]) == float(own["bob"]["raw_score"]) == TASKS[0].points + 1.5


def test_canvas_keeps_to_its_own_names_if_it_gave_them(class_, tmp_path):
    class_.hand_in("ada@uni", [True] * N)
    export = tmp_path / "canvas-export.csv"
    export.write_text(
        "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Quiz\n    Points Possible,,,,,10\n"
        '"Lovelace, Ada",4711,s1,ada@uni,Monday,3\n"Unknown, U",4712,s2,u@uni,Monday,4\n',
        encoding="utf-8",
    )
    rows = read(tables.canvas(Grades(class_.book), export))
    assert [(row["Student"], row["ID"], row["Section"]) for row in rows[1:]] == [
        ("Lovelace, Ada", "4711", "Monday")
    ]
    export.write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match="expected Canvas's export"):
        tables.canvas(Grades(class_.book), export)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(class_, start):
    name = f"{start}HYPERLINK(1)"
    class_.hand_in(f"{start}cmd", [True] * N, name=name)
    for text in (tables.table(Grades(class_.book)), tables.canvas(Grades(class_.book))):
        cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
        assert any("HYPERLINK" in cell for cell in cells)
        assert not [cell for cell in cells if cell.startswith(start)]


class Tags(HTMLParser):
    """Collects every tag and attribute of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes

    def handle_data(self, data):
        self.text += data


def test_nothing_that_a_student_wrote_runs(class_, tmp_path):
    class_.hand_in(ATTACK, [False] * N, name=ATTACK, file=f"{ATTACK}.ipynb", hint=f"in your line `{ATTACK}`")
    class_.book.mark(ATTACK, TASKS[0].id, 1, ATTACK)
    write_report(class_.book, tmp_path / "report")
    pages = [(tmp_path / "report/index.html"), *(tmp_path / "report/feedback").iterdir()]
    assert len(pages) == 2
    for place in pages:
        page = place.read_text(encoding="utf-8")
        found = Tags(page)
        assert not {"script", "img", "iframe", "object"} & set(found.tags)
        assert not [name for name, _ in found.attributes if name.startswith("on")]
        assert not [value for name, value in found.attributes if name == "href" and ":" in value]
        assert "<script>alert(1)</script>" in found.text  # it is there, as text
        assert "{{ 7*7 }}" in found.text  # and is no template
        assert "default-src 'none'" in page


def test_feedback_tells_the_hint_and_no_hidden_value(class_, tmp_path):
    class_.hand_in("ada", [True] + [False] * (N - 1))
    class_.book.mark("ada", TASKS[1].id, 1, "see me")
    write_report(class_.book, tmp_path / "report")
    page = (tmp_path / "report/feedback/ada.html").read_text(encoding="utf-8")
    said = re.sub(r"\s+", " ", Tags(page).text)
    assert "Look again." in said
    assert "FAILED: a case" in said
    assert f"{TASKS[0].points + 1} of {BEST} points" in said
    assert "Marked by hand, instead of 0: see me" in said
    assert f"marked by hand{TASKS[1].id}" in said
    assert "FAILED: a case (0 of" in said
    assert SECRET not in page
    assert 'lang="en"' in page


def test_page_for_the_instructor(class_, tmp_path):
    class_.book.note_class([Person("nobody")])
    for number in range(4):
        class_.hand_in(f"s{number}", [number > 1] * N, hint=TASKS[0].wrong[0].hint)
    write_report(class_.book, tmp_path / "report")
    page = (tmp_path / "report/index.html").read_text(encoding="utf-8")
    said = re.sub(r"\s+", " ", Tags(page).text)
    assert "4 students, mean 50 %" in said
    assert "No notebook" in said
    assert "nobody" in said
    label = next(value for name, value in Tags(page).attributes if name == "aria-label")
    assert "0 to 10 %: 2;" in label
    assert "90 to 100 %: 2" in label
    links = [value for name, value in Tags(page).attributes if name == "href"]
    assert links == sorted(links)
    assert all((tmp_path / "report" / link).is_file() for link in links)


def test_figures_of_the_exercises(class_):
    rng = np.random.default_rng(0)
    right = rng.random((40, N)) < 0.5
    right[:, 0] = right[:, 1:].mean(axis=1) > 0.5  # the first tells weak from strong
    right[:, 1] = True
    for number, row in enumerate(right):
        class_.hand_in(f"s{number:02}", [bool(ok) for ok in row])
    grades = Grades(class_.book)
    rows = items(grades, CHAPTER)
    points = np.array([task.points for task in TASKS])
    for place, row in enumerate(rows):
        assert row.difficulty == pytest.approx(right[:, place].mean())
        assert row.n_students == 40
        assert sum(row.statuses.values()) == 40
        rest = right @ points - right[:, place] * points[place]
        if place == 1:
            assert row.discrimination is None
        else:
            assert row.discrimination == pytest.approx(np.corrcoef(right[:, place], rest)[0, 1])
    assert rows[0].discrimination > 0.4 > rows[2].discrimination
    total = right @ points
    assert histogram(grades, CHAPTER) == np.histogram(total / BEST, bins=10, range=(0, 1))[0].tolist()


def test_few_students_get_no_correlation(class_):
    for number in range(9):
        class_.hand_in(f"s{number}", [number % 2 == 0] * N)
    assert discrimination(Grades(class_.book), CHAPTER, TASKS[0].id) is None


def test_commonest_mistakes_come_first_and_lone_ones_not_at_all(class_):
    named = TASKS[0].wrong[1].hint
    for number in range(6):
        rest = [True] * (N - 1)
        hint = named if number < 3 else "another" if number < 5 else "alone"
        class_.hand_in(f"s{number}", [False, *rest], hint=hint)
    found = mistakes(Grades(class_.book), CHAPTER)
    assert [(one.hint, one.n_students, one.known) for one in found] == [
        (named, 3, True),
        ("another", 2, False),
    ]


def test_equal_answers_are_to_be_looked_at(class_):
    task = TASKS[0]
    own = reference_source(task.id)
    renamed = own.replace("for v, g", "for speed, slope").replace("* v + g", "* speed + slope")
    assert renamed != own
    sources = {
        "a": renamed,
        "b": f"import numpy as np\n\n\n{renamed}  \n",
        "c": own,
        "d": renamed + "\n# mine",
    }
    sources |= {"e": "q = 1", "f": "q = 1"}
    for student, source in sources.items():
        class_.hand_in(student, [True] * N, source=source)
    found = {(one.student, one.what) for one in equal_answers(Grades(class_.book)) if task.id in one.what}
    assert found == {
        ("a, b", f"{task.id}: the same answer, word for word"),
        ("c", f"{task.id}: the course's own solution, word for word"),
    }


def test_names_of_pages_are_safe_and_different():
    ids = ["../../etc/passwd", "a/b", "a b", "a_b-2", "con\0", "", ".", "x" * 500, "X" * 500, "Ünal", "<b>"]
    names = file_names(tuple(map(Student, ids)))
    assert len({name.casefold() for name in names.values()}) == len(ids)
    for name in names.values():
        assert re.fullmatch(r"[\w-][\w.-]*\.html", name)
        assert len(name) < 100


def test_the_command(class_, tmp_path):
    run = CliRunner().invoke
    book = str(class_.book.place)
    folder = tmp_path / "out"
    nothing = run(app, ["report", str(folder), "--gradebook", book])
    assert nothing.exit_code == 2
    assert "nothing has been graded yet" in nothing.output
    class_.hand_in("ada", [True] * N)
    done = run(app, ["report", str(folder), "--gradebook", book])
    assert done.exit_code == 0, done.output
    assert sorted(place.name for place in folder.iterdir()) == [
        *("canvas.csv", "feedback", "grades.csv", "index.html", "nbgrader.csv"),
    ]
    missing = run(app, ["report", str(folder), "--gradebook", str(tmp_path / "no.sqlite")])
    assert missing.exit_code == 2
    assert "There is no gradebook" in missing.output
    blocked = run(app, ["report", book, "--gradebook", book])
    assert blocked.exit_code == 2
    assert "could not be read or written" in blocked.output


def test_late_and_repeated_work_is_named(class_, tmp_path):
    class_.hand_in("ada", [False] * N)
    class_.hand_in("ada", [True] * N, file="again.ipynb", late=True, attempt=2)
    class_.hand_in("bob", [True] * N)
    rows = {row["student"]: row for row in read(tables.table(Grades(class_.book)))}
    assert rows["ada"]["late"] == CHAPTER
    assert rows["bob"]["late"] == ""
    write_report(class_.book, tmp_path)
    said = re.sub(r"\s+", " ", Tags((tmp_path / "feedback/ada.html").read_text()).text)
    assert "From the file again.ipynb, handed in late. You handed in 2 files; the latest counts." in said
    said = re.sub(r"\s+", " ", Tags((tmp_path / "feedback/bob.html").read_text()).text)
    assert "From the file 01b.ipynb." in said
    assert "You handed in" not in said


def test_a_stub_left_alone_is_no_grade_without_a_reason(class_, tmp_path):
    class_.hand_in("ada", [False] * N, status="not attempted")
    write_report(class_.book, tmp_path)
    page = (tmp_path / "feedback/ada.html").read_text()
    assert page.count("The cell is as the course ships it.") == N


def test_why_a_figure_is_missing_and_the_order_of_statuses(class_, tmp_path):
    for number in range(12):
        status = "not attempted" if number == 0 else ""
        class_.hand_in(f"s{number}", [True, *[number % 2 == 0] * (N - 1)], status=status)
    write_report(class_.book, tmp_path)
    said = re.sub(r"\s+", " ", Tags((tmp_path / "index.html").read_text()).text)
    assert "all alike" in said
    assert "too few" not in said
    assert re.search(r"5 passed, 6 failed, 1 not attempted", said)


def test_the_tempting_options_of_a_question_are_named_mistakes(class_):
    place, quiz = next((place, task) for place, task in enumerate(TASKS) if task.id.startswith("q"))
    for number in range(3):
        right = [True] * N
        right[place] = False
        class_.hand_in(f"s{number}", right, hint=quiz.options[0].why)
    assert [(one.exercise, one.known) for one in mistakes(Grades(class_.book), CHAPTER)] == [(quiz.id, True)]


def test_zips_to_hand_back_bear_the_names_of_the_downloads(class_, tmp_path):
    class_.hand_in("ada", [True] * N, file="lovelaceada_LATE_17_42_01b.ipynb")
    class_.hand_in("zoë", [True] * N, file="Zoë O'Brien_5001_assignsubmission_file_/01b.ipynb")
    class_.hand_in("own", [True] * N)
    write_report(class_.book, tmp_path)
    for platform, name, student in (
        ("canvas", "lovelaceada_LATE_17_42_feedback.html", "ada"),
        ("moodle", "Zoë O'Brien_5001_assignsubmission_file_/feedback.html", "zoë"),
    ):
        with zipfile.ZipFile(tmp_path / f"upload-{platform}-{CHAPTER}.zip") as archive:
            assert archive.namelist() == [name]
            assert archive.read(name) == (tmp_path / f"feedback/{student}.html").read_bytes()


def test_leading_zeros_and_decimal_points_stay(class_):
    class_.hand_in("000012", [True] * N)
    class_.book.mark("000012", TASKS[0].id, 1.5, "")
    for text in (
        tables.table(Grades(class_.book)),
        tables.canvas(Grades(class_.book)),
        tables.nbgrader(Grades(class_.book)),
    ):
        assert "000012" in text
        assert f"{BEST - TASKS[0].points + 1.5:g}" in text
