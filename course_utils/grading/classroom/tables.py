"""The tables that `course grade` and `course grades` print. What students named is shown as plain text."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from course_utils.grading.classroom.archives import clean
from course_utils.grading.classroom.gradebook import Gradebook
from course_utils.grading.classroom.scores import Finding, final_scores, to_look_at, without_submission
from course_utils.grading.exercise import registry
from course_utils.grading.result import STATUSES

_SHOWN = 20
_WIDE = 120  # columns of a terminal that has room for titles


def plain(text: object) -> Text:
    """Text without markup and without anything that a terminal would obey."""
    return Text(" ".join(clean(part) for part in str(text).split()))


def print_summary(gradebook: Gradebook, console: Console) -> None:
    """Print means and statuses for each exercise, and the submissions to look at."""
    scores = defaultdict(list)
    for score in final_scores(gradebook):
        scores[score.exercise].append(score)
    used = [status for status in STATUSES if any(s.status == status for all in scores.values() for s in all)]
    titled = ("Title",) if console.width >= _WIDE else ()
    table = Table(title="Grades", title_justify="left")
    for heading in ("Exercise", *titled, "Students", "Mean", *used):
        table.add_column(heading, no_wrap=heading in ("Exercise", "Mean"))
    tasks = registry()
    for id in sorted(scores, key=lambda id: list(tasks).index(id) if id in tasks else len(tasks)):
        own = scores[id]
        mean = sum(score.points for score in own) / len(own)
        counts = Counter(score.status for score in own)
        title = (tasks[id].title if id in tasks else "no longer in the course",) if titled else ()
        table.add_row(
            id,
            *title,
            str(len(own)),
            f"{mean:.2f} of {own[0].max_points:g}",
            *(str(counts[status] or "") for status in used),
        )
    if scores:
        console.print(table)
        attempt = {"latest": "latest attempt", "best": "best attempt"}[gradebook.attempts]
        by_hand = sum(score.by_hand for all in scores.values() for score in all)
        marked = f"; {by_hand} of the points are marks by hand" if by_hand else ""
        console.print(f"Each student's {attempt} at a chapter counts{marked}.")
    else:
        console.print("Nothing has been graded yet.")
    _print_findings(to_look_at(gradebook), console)
    absent = without_submission(gradebook)
    if absent:
        named = ", ".join(absent[:_SHOWN]) + (" ..." if len(absent) > _SHOWN else "")
        console.print(plain(f"No notebook of {len(absent)} in the roster: {named}"))


def _print_findings(findings: Sequence[Finding], console: Console) -> None:
    if not findings:
        return
    table = Table("Student", "File", "What", title="To look at", title_justify="left")
    for finding in findings[:_SHOWN]:
        table.add_row(plain(finding.student), plain(finding.file), plain(finding.what))
    console.print(table)
    if len(findings) > _SHOWN:
        console.print(f"... and {len(findings) - _SHOWN} more.")


def print_trial(outcome: Mapping[str, Any], console: Console) -> None:
    """Print what a student's file would get."""
    table = Table("Exercise", "Status", "Points", "Hint", title_justify="left", title=plain(outcome["name"]))
    results = outcome["results"]
    for result in results:
        points = f"{result['points']:g} of {result['max_points']:g}"
        failed = [f"{case['name']}: {case['message']}" for case in result["cases"] if case["message"]]
        hint = " ".join([result["hint"], *(f"({text})" for text in failed[:1])])
        table.add_row(result["id"], result["status"], points, plain(hint))
    console.print(table)
    reached, best = (sum(result[key] for result in results) for key in ("points", "max_points"))
    console.print(f"{reached:g} of {best:g} points. Nothing was written.")
