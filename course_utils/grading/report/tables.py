"""Grades as CSV: one row a student, and the columns that Canvas and nbgrader use."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from course_utils.grading.report.grades import Grades, Student

_CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
_NBGRADER = (
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score"),
)


def table(grades: Grades) -> str:
    """One row a student: points of each exercise and chapter, in all, and the chapters handed in late."""
    chapters = grades.chapters
    heads = [f"{chapter}: {id}" for chapter in chapters for id in grades.exercises(chapter)]
    totals = [f"{chapter}: points" for chapter in chapters]
    rows: list[list[object]] = [["student", "name", "email", *heads, *totals, "points", "max_points", "late"]]
    for student in grades.students:
        own = [grades.points(student.id, id) for chapter in chapters for id in grades.exercises(chapter)]
        sums = [grades.total(student.id, chapter) for chapter in chapters]
        best = sum(grades.max_points(chapter) for chapter in chapters)
        late = " ".join(chapter for chapter in chapters if grades.late(student.id, chapter))
        rows.append([student.id, student.name, student.email, *own, *sums, sum(sums), best, late])
    return _as_csv(rows)


def canvas(grades: Grades, export: Path | None = None) -> str:
    """Columns that Canvas's gradebook imports: one assignment a chapter.

    Parameters
    ----------
    grades : Grades
        What students got.
    export : Path, optional
        Canvas's own export of its gradebook: its rows name the students as Canvas knows them. Without it each
        id stands as "SIS User ID" and "SIS Login ID".

    Raises
    ------
    ValueError
        If the export is none.
    """
    assignments = [f"Chapter {chapter}" for chapter in grades.chapters]
    maxima = [grades.max_points(chapter) for chapter in grades.chapters]
    rows: list[list[object]] = [[*_CANVAS, *assignments], ["    Points Possible", "", "", "", "", *maxima]]
    known = [_canvas_row(student) for student in grades.students] if export is None else _read_export(export)
    ids = {student.id for student in grades.students}
    for row in known:
        keys = (row["SIS User ID"], row["SIS Login ID"], row["ID"])
        student = next((key for key in keys if key in ids), None)
        if student is not None:
            points = [grades.total(student, chapter) for chapter in grades.chapters]
            rows.append([*(row[column] for column in _CANVAS), *points])
    return _as_csv(rows)


def _canvas_row(student: Student) -> Mapping[str, str]:
    return dict(zip(_CANVAS, (student.name or student.id, "", student.id, student.id, ""), strict=True))


def _read_export(place: Path) -> list[dict[str, str]]:
    with place.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    missing = [column for column in _CANVAS if not rows or column not in rows[0]]
    if missing:
        raise ValueError(
            f"expected Canvas's export of its gradebook in {place}, but it has no {missing[0]!r}"
        )
    kept = [{column: row[column] or "" for column in _CANVAS} for row in rows]
    return [row for row in kept if row["Student"].strip() not in ("", "Points Possible")]


def nbgrader(grades: Grades) -> str:
    """Columns of nbgrader's export: one row for each chapter and student."""
    rows: list[list[object]] = [list(_NBGRADER)]
    for chapter in grades.chapters:
        for student in grades.students:
            first, _, last = student.name.rpartition(" ")
            score = grades.total(student.id, chapter)
            handed_in = grades.handed_in(student.id, chapter)
            named = (chapter, "", handed_in, student.id, last, first, student.email)
            rows.append([*named, score, 0.0, score, grades.max_points(chapter)])
    return _as_csv(rows)


def _as_csv(rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: object) -> object:
    """Write a value; a text that a spreadsheet would run as a formula is marked as text.

    >>> _cell("=1+1"), _cell(" Points Possible"), _cell(2.0), _cell(2.5)
    ("'=1+1", ' Points Possible', 2, 2.5)
    """
    if isinstance(value, float):
        return int(value) if value.is_integer() else round(value, 4)
    if not isinstance(value, str):
        return value
    text = re.sub(r"[\x00-\x1f\x7f]+", " ", value)  # a line break in a name is one no more
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
