"""Where the files of a report lie, and what they are called."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from course_utils.grading.classroom.gradebook import Gradebook
from course_utils.grading.classroom.scores import grouped, to_look_at, without_submission
from course_utils.grading.report import tables
from course_utils.grading.report.copies import equal_answers
from course_utils.grading.report.grades import Grades, Student
from course_utils.grading.report.hand_back import write_uploads
from course_utils.grading.report.pages import feedback, overview

_LONGEST = 80  # characters of a file name made from an id


def write_report(gradebook: Gradebook, folder: Path, canvas_export: Path | None = None) -> int:
    """Write tables and pages; returns the number of students.

    Parameters
    ----------
    gradebook : Gradebook
        An open one.
    folder : Path
        Gets index.html, three CSV files, the folder feedback, and for each chapter that came from Canvas or
        Moodle a zip of feedback pages to upload there; what else lies in it stays.
    canvas_export : Path, optional
        See `tables.canvas`.

    Raises
    ------
    ValueError
        If nothing has been graded yet, or the export is none.
    """
    grades = Grades(gradebook)
    if not grades.chapters:
        raise ValueError(f"expected grades in {gradebook.place}, but nothing has been graded yet")
    names = file_names(grades.students)
    (folder / "feedback").mkdir(parents=True, exist_ok=True)
    texts = {
        "grades.csv": tables.table(grades),
        "canvas.csv": tables.canvas(grades, canvas_export),
        "nbgrader.csv": tables.nbgrader(grades),
    }
    for student in grades.students:
        texts[f"feedback/{names[student.id]}"] = feedback(grades, student)
    pages = {id: f"feedback/{name}" for id, name in names.items()}
    texts["index.html"] = overview(
        grades,
        pages,
        gradebook.attempts,
        grouped(to_look_at(gradebook)),
        equal_answers(grades),
        without_submission(gradebook),
    )
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    for chapter in grades.chapters:
        pages_by_id = {id: texts[page].encode() for id, page in pages.items()}
        write_uploads(folder, grades, chapter, pages_by_id)
    return len(grades.students)


def file_names(students: tuple[Student, ...]) -> dict[str, str]:
    """Name each student's page by the id, with nothing in it that a path could mean.

    >>> list(file_names((Student("../a b"), Student("a_b"), Student("A_b"))).values())
    ['a_b.html', 'a_b-2.html', 'A_b-3.html']
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for student in students:
        text = unicodedata.normalize("NFKC", student.id)
        base = name = re.sub(r"[^\w.-]+", "_", text).strip("._-")[:_LONGEST] or "student"
        number = 1
        while name.casefold() in taken:
            number += 1
            name = f"{base}-{number}"
        taken.add(name.casefold())
        names[student.id] = f"{name}.html"
    return names
