"""Feedback for each student and a page for the instructor, as HTML that runs nothing.

What a student wrote reaches these pages (names, files, lines of code in hints): Jinja2 escapes all of it, and
a content security policy forbids scripts. A student's page says which cases failed, and one hint; never
inputs, expected values or what an answer printed: with these, the hidden inputs could be learnt one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from course_utils.grading.classroom.scores import BY_HAND, Finding
from course_utils.grading.classroom.tables import in_words
from course_utils.grading.exercise import registry
from course_utils.grading.progress import percent
from course_utils.grading.report.grades import Grades, Student, mean
from course_utils.grading.report.items import ENOUGH, N_BINS, histogram, items, mistakes

_SHOWN_MISTAKES = 12


@dataclass(frozen=True)
class Row:
    """A student in the instructor's table."""

    student: Student
    page: str
    points: list[float]
    late: list[str]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("course_utils.grading.report"), autoescape=True, undefined=StrictUndefined
    )
    environment.filters |= {"points": "{:g}".format, "share": percent, "code": code, "in_words": in_words}
    return environment


def code(text: str) -> Markup:
    """Escape a text; what stands between backticks becomes code.

    >>> code("a `b < c`")
    Markup('a <code>b &lt; c</code>')
    """
    parts = str(text).split("`")
    if len(parts) % 2 == 0:  # an odd number of backticks: not meant as marks
        return escape(text)
    marked = [
        Markup("<code>{}</code>").format(part) if i % 2 else escape(part) for i, part in enumerate(parts)
    ]
    return Markup("").join(marked)


def feedback(grades: Grades, student: Student) -> str:
    """Page of one student."""
    chapters = [_chapter_of(grades, student, chapter) for chapter in grades.chapters]
    return (
        _environment()
        .get_template("feedback.html.j2")
        .render(student=student, chapters=chapters, policy=grades.policy)
    )


def _chapter_of(grades: Grades, student: Student, chapter: str) -> dict[str, Any]:
    return {
        "number": chapter,
        "points": grades.total(student.id, chapter),
        "max_points": grades.max_points(chapter),
        "file": grades.file(student.id, chapter).rpartition("/")[2],
        "late": grades.late(student.id, chapter),
        "attempts": grades.attempts(student.id, chapter),
        "answers": [
            _answer(grades, student, id)
            for id in grades.exercises(chapter)
            if grades.score(student.id, id) is not None
        ],
    }


def _answer(grades: Grades, student: Student, id: str) -> dict[str, Any]:
    score = grades.score(student.id, id)
    assert score is not None
    result = grades.result(score) or {"cases": [], "notes": [], "points": None}
    reached = score.points >= score.max_points
    task = registry().get(id)
    return {
        **vars(score),
        "id": id,
        "title": task.title if task else "no longer in the course",
        "tone": "passed" if reached else "failed",
        "automatic": result["points"],
        "badge": BY_HAND if score.by_hand else score.status,
        "cases": [
            {key: case[key] for key in ("name", "passed", "points", "max_points")} for case in result["cases"]
        ],
        "notes": result["notes"],
    }


def overview(
    grades: Grades,
    pages: dict[str, str],
    attempts: str,
    findings: list[Finding],
    equal: list[Finding],
    absent: list[str],
) -> str:
    """Page of the instructor.

    Parameters
    ----------
    grades : Grades
        What students got.
    pages : dict
        Address of each student's page, by id.
    attempts : str
        Which attempt counts.
    findings : list of Finding
        What to look at.
    equal : list of Finding
        Answers that several students share word for word.
    absent : list of str
        Students of the roster who handed nothing in.
    """
    rows = [
        Row(
            student,
            pages[student.id],
            [grades.total(student.id, chapter) for chapter in grades.chapters],
            [chapter for chapter in grades.chapters if grades.late(student.id, chapter)],
        )
        for student in grades.students
    ]
    by_hand = sum(
        score.by_hand
        for chapter in grades.chapters
        for id in grades.exercises(chapter)
        for score in grades.scores(id)
    )
    return (
        _environment()
        .get_template("class.html.j2")
        .render(
            n_students=len(grades.students),
            attempts=attempts,
            by_hand=by_hand,
            chapters=[_chapter_in_figures(grades, chapter) for chapter in grades.chapters],
            findings=findings,
            equal=equal,
            absent=absent,
            rows=rows,
        )
    )


def _chapter_in_figures(grades: Grades, chapter: str) -> dict[str, Any]:
    shares = grades.shares(chapter)
    return {
        "number": chapter,
        "n_students": len(shares),
        "mean": mean(shares.values()),
        "max_points": grades.max_points(chapter),
        "enough": len(shares) >= ENOUGH,
        "histogram": bars(histogram(grades, chapter), f"Chapter {chapter}"),
        "exercises": items(grades, chapter),
        "mistakes": mistakes(grades, chapter)[:_SHOWN_MISTAKES],
    }


def bars(counts: list[int], title: str) -> Markup:
    """Draw a histogram of shares of points in tenths; its text says the same in words."""
    width, height, gap = 44, 120, 6
    tallest = max([*counts, 1])
    ranges = [f"{100 * i // N_BINS} to {100 * (i + 1) // N_BINS} %" for i in range(N_BINS)]
    text = "; ".join(f"{where}: {count}" for where, count in zip(ranges, counts, strict=True))
    shapes = []
    for place, count in enumerate(counts):
        tall, x = round(height * count / tallest), place * (width + gap)
        shapes.append(
            f'<rect x="{x}" y="{20 + height - tall}" width="{width}" height="{tall}" fill="#0b5c8f"/>'
        )
        shapes.append(_label(x + width / 2, 14 + height - tall, str(count)))
        shapes.append(_label(x + width / 2, height + 36, f"{10 * place}-{10 * (place + 1)}"))
    shapes.append(_label(N_BINS * (width + gap) / 2, height + 54, "share of the points, %"))
    size = f'viewBox="0 0 {N_BINS * (width + gap)} {height + 60}" width="{N_BINS * (width + gap)}"'  # at most
    label = Markup('role="img" aria-label="{}: students by share of points. {}"').format(title, text)
    return Markup("<svg {} {}>{}</svg>").format(Markup(size), label, Markup("".join(shapes)))


def _label(x: float, y: float, text: str) -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="middle" font-size="11" fill="#1f2328">{text}</text>'
