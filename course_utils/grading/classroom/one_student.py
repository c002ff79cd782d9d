"""`course grades STUDENT`: every exercise of one student, with what was found and which cases failed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from rich.console import Console

from course_utils.grading.classroom.gradebook import Gradebook
from course_utils.grading.classroom.scores import Score, counting, final_scores
from course_utils.grading.classroom.tables import plain, table_of


def print_student(gradebook: Gradebook, student: str, console: Console) -> None:
    """Print what a student got for each exercise, and why; for the instructor: values are shown."""
    scores = [score for score in final_scores(gradebook) if score.student == student]
    people = {row["id"]: row["name"] for row in gradebook.rows("students")}
    console.print(plain(" ".join(dict.fromkeys([student, people.get(student, "")]))))
    results = {(row["submission"], row["exercise"]): row for row in gradebook.rows("results")}
    for (owner, chapter), row in counting(gradebook).items():
        if owner == student:
            _print_chapter([score for score in scores if score.chapter == chapter], row, results, console)
    handed_in = {chapter for owner, chapter in counting(gradebook) if owner == student}
    rest = [score for score in scores if score.chapter not in handed_in]
    if rest:
        _print_scores("Marked without a notebook", rest, results, console)
    if not scores:
        console.print("Nothing of this student has been graded.")


def _print_chapter(
    scores: list[Score], row: sqlite3.Row, results: dict[tuple[int, str], sqlite3.Row], console: Console
) -> None:
    late = ", handed in late" if row["late"] else ""
    title = f"Chapter {row['chapter']}, from {row['file']}{late}"
    if row["problem"]:
        title += f": {row['problem']}"
    _print_scores(title, scores, results, console)


def _print_scores(
    title: str, scores: Sequence[Score], results: dict[tuple[int, str], sqlite3.Row], console: Console
) -> None:
    table = table_of("Exercise", "Status", "Points", "Why")
    for score in scores:
        row = results.get((score.submission or 0, score.exercise))
        points = f"{score.points:g} of {score.max_points:g}"
        table.add_row(score.exercise, score.status, points, plain(_why(score, row)))
    console.print(plain(title))
    console.print(table)
    reached, best = sum(score.points for score in scores), sum(score.max_points for score in scores)
    console.print(f"{reached:g} of {best:g} points.")


def _why(score: Score, row: sqlite3.Row | None) -> str:
    cases = json.loads(row["cases"]) if row is not None else []
    said = [score.hint, *(f"({case['name']}: {case['message']})" for case in cases if case["message"])]
    if score.by_hand:
        automatic = f", not {row['points']:g}" if row is not None else ""
        said.insert(0, f"Marked by hand{automatic}{f': {score.comment}' if score.comment else ''}.")
    return " ".join(text for text in said if text)
