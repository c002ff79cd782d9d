"""The tables that `course grade` and `course grades` print. What students named is shown as plain text."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from course_utils.grading.classroom.archives import clean
from course_utils.grading.classroom.gradebook import Gradebook
from course_utils.grading.classroom.scores import (
    ORDER,
    Finding,
    final_scores,
    grouped,
    to_look_at,
    without_submission,
)
from course_utils.grading.exercise import registry

_OWN_COLUMN = ("passed", "failed")  # the other statuses are told in words: their columns would not fit
_SHOWN = 20
_WIDE = 120  # columns of a terminal that has room for titles


def plain(text: object) -> Text:
    """Text without markup and without anything that a terminal would obey."""
    return Text(" ".join(clean(part) for part in str(text).split()), overflow="fold")


def table_of(*headings: str, title: str = "") -> Table:
    """Make a table that fits 60 columns and more: no word is cut, the last column takes what room is left."""
    table = Table(title=plain(title) if title else None, title_justify="left", box=box.SIMPLE_HEAD)
    table.padding = (0, 1, 0, 0)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for column in table.columns[:-1]:
        column.no_wrap = column.header in ("Exercise", "Points", "Mean", *_OWN_COLUMN)
    return table


def print_summary(gradebook: Gradebook, console: Console) -> None:
    """Print means and statuses for each exercise, and the submissions to look at."""
    scores = defaultdict(list)
    for score in final_scores(gradebook):
        scores[score.exercise].append(score)
    titled = ("Title",) if console.width >= _WIDE else ()
    table = table_of("Exercise", *titled, "Students", "Mean", *_OWN_COLUMN, "others", title="Grades")
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
            *(str(counts[status] or "") for status in _OWN_COLUMN),
            in_words({status: count for status, count in counts.items() if status not in _OWN_COLUMN}),
        )
    if scores:
        console.print(table)
        attempt = {"latest": "latest attempt", "best": "best attempt"}[gradebook.attempts]
        by_hand = sum(score.by_hand for all in scores.values() for score in all)
        marked = f" Marks by hand: {by_hand}." if by_hand else ""
        console.print(f"Each student's {attempt} at a chapter counts.{marked}")
    else:
        console.print("Nothing has been graded yet.")
    _print_findings(grouped(to_look_at(gradebook)), console)
    absent = without_submission(gradebook)
    if absent:
        named = ", ".join(absent[:_SHOWN]) + (" ..." if len(absent) > _SHOWN else "")
        console.print(plain(f"No notebook from {len(absent)} of the roster: {named}"))


def in_words(counts: Mapping[str, int]) -> str:
    """Say how often each status occurs, in their usual order.

    >>> in_words({"not attempted": 2, "timed out": 1})
    '1 timed out, 2 not attempted'
    """
    order = {status: place for place, status in enumerate(ORDER)}
    return ", ".join(
        f"{counts[status]} {status}" for status in sorted(counts, key=lambda one: order.get(one, 99))
    )


def _print_findings(findings: Sequence[Finding], console: Console) -> None:
    if not findings:
        return
    table = table_of("Student", "What", "File", title="To look at")
    for finding in findings[:_SHOWN]:
        table.add_row(plain(finding.student), plain(finding.short or finding.what), plain(finding.file))
    console.print(table)
    if len(findings) > _SHOWN:
        console.print(f"... and {len(findings) - _SHOWN} more: `course report` lists all.")


def print_trial(outcome: Mapping[str, Any], console: Console) -> None:
    """Print what a student's file would get."""
    table = table_of("Exercise", "Status", "Points", "Hint", title=outcome["name"])
    results = outcome["results"]
    for result in results:
        points = f"{result['points']:g} of {result['max_points']:g}"
        failed = [f"{case['name']}: {case['message']}" for case in result["cases"] if case["message"]]
        hint = " ".join([result["hint"], *(f"({text})" for text in failed[:1])])
        table.add_row(result["id"], result["status"], points, plain(hint))
    console.print(table)
    reached, best = (sum(result[key] for result in results) for key in ("points", "max_points"))
    console.print(f"{reached:g} of {best:g} points. Nothing was written.")
