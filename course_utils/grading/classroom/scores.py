"""From a gradebook to what counts: the attempt that counts, manual marks, and what to look at."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from course_utils.grading.classroom.gradebook import Gradebook
from course_utils.grading.classroom.identity import Identifier
from course_utils.grading.exercise import registry
from course_utils.grading.result import STATUSES

BY_HAND = "marked by hand"
ORDER = (*STATUSES, BY_HAND)
LOOK_AT = ("crashed", "forbidden", "timed out")


@dataclass(frozen=True)
class Score:
    """What a student gets for an exercise.

    Parameters
    ----------
    student, chapter, exercise : str
        Ids.
    points, max_points : float
        Points that count, and points to reach.
    status : str
        Of the automatic grade; "marked by hand" if there is none.
    hint : str
        The automatic one.
    submission : int or None
        Number of the submission that counts.
    by_hand : bool
        Whether the points are a manual mark.
    comment : str
        Of the manual mark.
    """

    student: str
    chapter: str
    exercise: str
    points: float
    max_points: float
    status: str
    hint: str = ""
    submission: int | None = None
    by_hand: bool = False
    comment: str = ""


@dataclass(frozen=True)
class Finding:
    """Something that an instructor should look at; `short` says it where there is little room."""

    student: str
    file: str
    what: str
    short: str = ""


def counting(gradebook: Gradebook) -> dict[tuple[str, str], sqlite3.Row]:
    """Return the submission that counts for each student and chapter, by the gradebook's rule.

    The latest is the one that the learning platform numbers highest, or the newest file; one that can be read
    goes before one that cannot. Of equally good ones the latest counts.
    """
    points: dict[int, float] = defaultdict(float)
    for result in gradebook.rows("results"):
        points[result["submission"]] += result["points"]
    attempts: dict[tuple[str, str], list[sqlite3.Row]] = defaultdict(list)
    for row in gradebook.rows("submissions"):
        if row["chapter"]:
            attempts[row["student"], row["chapter"]].append(row)
    best = gradebook.attempts == "best"
    return {key: _counting(rows, points, best) for key, rows in attempts.items()}


def _counting(rows: Sequence[sqlite3.Row], points: dict[int, float], best: bool) -> sqlite3.Row:
    numbered = all(row["attempt"] for row in rows)

    def rank(row: sqlite3.Row) -> tuple[float, ...]:
        time = (row["attempt"],) if numbered else (row["modified"], row["attempt"])
        return (not row["problem"], points[row["number"]] if best else 0, *time, row["number"])

    return max(rows, key=rank)


def final_scores(gradebook: Gradebook) -> list[Score]:
    """Return every score that counts, by student and in the order of the exercises."""
    results = defaultdict(list)
    for row in gradebook.rows("results"):
        results[row["submission"]].append(row)
    scores: dict[tuple[str, str], Score] = {}
    for (student, chapter), submission in counting(gradebook).items():
        for row in results[submission["number"]]:
            scores[student, row["exercise"]] = Score(
                *(student, chapter, row["exercise"], row["points"], row["max_points"]),
                *(row["status"], row["hint"], submission["number"]),
            )
    for mark in gradebook.rows("overrides"):
        _mark(scores, mark)
    order = {id: place for place, id in enumerate(registry())}
    return sorted(
        scores.values(), key=lambda score: (score.student, order.get(score.exercise, -1), score.exercise)
    )


def _mark(scores: dict[tuple[str, str], Score], mark: sqlite3.Row) -> None:
    key = (mark["student"], mark["exercise"])
    task = registry().get(mark["exercise"])
    found = scores.get(key) or Score(
        *(*key[:1], task.chapter if task else "", key[1], 0.0, float(task.points if task else 0), BY_HAND)
    )
    scores[key] = Score(
        *(found.student, found.chapter, found.exercise, mark["points"], found.max_points, found.status),
        *(found.hint, found.submission, True, mark["comment"]),
    )


def to_look_at(gradebook: Gradebook) -> list[Finding]:
    """List files not graded, unmatched students, stopped or forbidden answers, and copies."""
    submissions = gradebook.rows("submissions")
    by_number = {row["number"]: row for row in submissions}
    findings = [Finding(row["student"], row["file"], row["problem"]) for row in submissions if row["problem"]]
    findings += _unmatched(gradebook, submissions)
    for result in gradebook.rows("results"):
        if result["status"] in LOOK_AT:
            row = by_number[result["submission"]]
            what = f"{result['exercise']} {result['status']}: {result['hint']}"
            short = f"{result['exercise']} {result['status']}"
            findings.append(Finding(row["student"], row["file"], what, short))
    findings += [Finding(row["student"], row["file"], "handed in late") for row in submissions if row["late"]]
    return findings + _copies(submissions) + _several(submissions)


def grouped(findings: Sequence[Finding]) -> list[Finding]:
    """Say each thing of a student once, however many files it is about."""
    groups: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        groups[finding.student, finding.short or finding.what].append(finding)
    return [
        one if not more else Finding(one.student, f"{one.file} and {len(more)} more", one.what, one.short)
        for one, *more in groups.values()
    ]


def _unmatched(gradebook: Gradebook, submissions: Sequence[sqlite3.Row]) -> list[Finding]:
    """Find files of nobody in the roster, with the reason: no such name, or a name that two people have."""
    identifier = Identifier(gradebook.people)
    findings = []
    for row in submissions:
        if row["matched"]:
            continue
        same = identifier.namesakes(row["name"]) if row["name"] else []
        if len(same) > 1:
            what = f"a name that {len(same)} in the roster have: {', '.join(same)}"
            findings.append(Finding(row["student"], row["file"], what))
        else:
            what = "nobody in the roster" if identifier.people else "no match of the pattern"
            findings.append(Finding(row["student"], row["file"], what))
    return findings


def _copies(submissions: Sequence[sqlite3.Row]) -> list[Finding]:
    """Find students who handed in the very same bytes."""
    by_digest = defaultdict(list)
    for row in submissions:
        by_digest[row["digest"]].append(row)
    return [
        Finding(", ".join(row["student"] for row in rows), rows[0]["file"], "the same file, byte for byte")
        for rows in by_digest.values()
        if len(rows) > 1
    ]


def _several(submissions: Sequence[sqlite3.Row]) -> list[Finding]:
    """Find students with several attempts at a chapter."""
    attempts = defaultdict(list)
    for row in submissions:
        if row["chapter"]:
            attempts[row["student"], row["chapter"]].append(row)
    return [
        Finding(student, rows[-1]["file"], f"{len(rows)} attempts at chapter {chapter}", "several attempts")
        for (student, chapter), rows in attempts.items()
        if len(rows) > 1
    ]


def without_submission(gradebook: Gradebook) -> list[str]:
    """Ids of the roster's students of whom nothing came that could be graded."""
    graded = {row["student"] for row in gradebook.rows("submissions") if row["chapter"]}
    return [row["id"] for row in gradebook.rows("students") if row["id"] not in graded]
