"""Where one stands: `progress` shows what is done, `overview` the map of the chapters."""

from __future__ import annotations

import re
from dataclasses import dataclass

from course_utils.chapters import CHAPTERS, Chapter
from course_utils.grading import progress as records
from course_utils.grading.cards import Shown, card, escape, table
from course_utils.grading.exercise import registry

_LINK = "color:var(--jp-content-link-color,#0b5c8f)"


@dataclass(frozen=True)
class ChapterProgress:
    """How far one has come in a chapter.

    Parameters
    ----------
    chapter : Chapter
        The chapter.
    solved, attempted, exercises : int
        Exercises and questions with full marks, attempted, and in all.
    points, max_points : int
        Points reached and to reach.
    minutes_left : int
        The chapter's minutes times the share of its exercises that is not solved yet.
    """

    chapter: Chapter
    solved: int
    attempted: int
    exercises: int
    points: int
    max_points: int
    minutes_left: int


@dataclass(frozen=True)
class Calibration:
    """How well the confidence of predictions fits their outcomes.

    Parameters
    ----------
    topic : str
        Two digits: the predictions of 01a and 01b count together.
    predictions, right : int
        Predictions that count (made in time and settled), and those that came true.
    confidence : float
        Mean confidence, 0 to 1; a calibrated person's equals ``right / predictions``.
    brier : float
        Mean squared difference between confidence and outcome (Brier, 1950): 0 is perfect; always saying
        50 % gives 0.25.
    """

    topic: str
    predictions: int
    right: int
    confidence: float
    brier: float


def summary() -> list[ChapterProgress]:
    """Return the progress in every chapter that has a notebook."""
    best = records.best_results()
    rows = []
    for chapter in (chapter for chapter in CHAPTERS if chapter.file):
        tasks = [task for task in registry().values() if task.chapter == chapter.number]
        results = [best[task.id] for task in tasks if task.id in best]
        solved = sum(result.solved for result in results)
        left = round(chapter.minutes * (1 - solved / len(tasks))) if tasks else chapter.minutes
        points, max_points = round(sum(r.points for r in results)), sum(task.points for task in tasks)
        rows.append(ChapterProgress(chapter, solved, len(results), len(tasks), points, max_points, left))
    return rows


def calibration() -> list[Calibration]:
    """Return the calibration of the predictions that count, by topic."""
    groups: dict[str, list[records.Prediction]] = {}
    for item in records.predictions():
        topic = re.match(r"p(\d\d)", item.id)
        if item.scored and topic:
            groups.setdefault(topic[1], []).append(item)
    rows = []
    for group, items in sorted(groups.items()):
        sure = [item.confidence or 0.0 for item in items]
        squares = [(c - item.right) ** 2 for c, item in zip(sure, items, strict=True)]
        n, right = len(items), sum(item.right for item in items)
        rows.append(Calibration(group, n, right, sum(sure) / n, sum(squares) / n))
    return rows


def progress() -> Shown:
    """Show exercises solved, points, minutes left and how well one's predictions are calibrated."""
    rows = summary()
    points, max_points = sum(row.points for row in rows), sum(row.max_points for row in rows)
    minutes = sum(row.minutes_left for row in rows)
    head = f"{points} of {max_points} points; about {_duration(minutes)} left in the chapters that are ready"
    lines = [f"Your progress: {head}."]
    width = max(len(row.chapter.topic) for row in rows)
    for row in rows:
        lines.append(
            f"  {row.chapter.number:<4}{row.chapter.topic:<{width}}  "
            f"{row.solved:>2} of {row.exercises:>2} solved, {row.points:>2} of {row.max_points:>2} points, "
            f"{_duration(row.minutes_left)} left"
        )
    spoken = _calibration_lines()
    cells = [
        (
            escape(row.chapter.number),
            escape(row.chapter.topic),
            f"{_bar(row)} {row.solved} of {row.exercises}",
            f"{row.points} of {row.max_points}",
            _duration(row.minutes_left),
        )
        for row in rows
    ]
    body = table(("Chapter", "Topic", "Exercises solved", "Points", "Time left"), cells)
    body += "".join(f'<div style="margin-top:8px">{escape(line)}</div>' for line in spoken)
    return Shown("\n".join(lines + spoken), card("info", "progress", escape(head), body))


def _bar(row: ChapterProgress) -> str:
    label = f"chapter {row.chapter.number}: {row.solved} of {row.exercises} exercises solved"
    return (
        f'<progress aria-label="{escape(label)}" value="{row.solved}" max="{max(row.exercises, 1)}" '
        'style="width:8em;vertical-align:middle;accent-color:#00694d"></progress>'
    )


def _calibration_lines() -> list[str]:
    rows = calibration()
    if not rows:
        return ["Predictions: none settled yet."]
    return [
        f"Predictions in chapter {row.topic}: {row.right} of {row.predictions} came true; you were "
        f"{records.percent(row.confidence)} sure on average; Brier score {row.brier:.2f} "
        "(0 is perfect, a coin has 0.25)."
        for row in rows
    ]


def overview() -> Shown:
    """Show the map of the chapters, with links and minutes."""
    lines, cells = [], []
    for chapter in CHAPTERS:
        time = _duration(chapter.minutes) if chapter.file else "in preparation"
        lines.append(f"{chapter.number:<4}{chapter.topic}: {chapter.question} ({time})")
        topic = escape(chapter.topic)
        if chapter.file:
            topic = f'<a href="{escape(chapter.file)}" style="{_LINK}">{topic}</a>'
        cells.append(
            (
                escape(chapter.number),
                topic,
                escape(chapter.question),
                f'<span style="white-space:nowrap">{time}</span>',
            )
        )
    body = table(("Chapter", "Topic", "The question", "Time"), cells)
    return Shown("\n".join(lines), card("info", "", "The chapters", body))


def _duration(minutes: int) -> str:
    """Say a duration in words.

    >>> _duration(20), _duration(125), _duration(120)
    ('20 min', '2 h 5 min', '2 h')
    """
    hours, rest = divmod(minutes, 60)
    return " ".join(
        part for part in (f"{hours} h" if hours else "", f"{rest} min" if rest or not hours else "") if part
    )
