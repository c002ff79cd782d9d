"""Where one stands: `progress` shows what is done, `overview` the map of the chapters."""

from __future__ import annotations

from dataclasses import dataclass

from course_utils.chapters import CHAPTERS, Chapter
from course_utils.grading import progress as records
from course_utils.grading.calibration import by_topic
from course_utils.grading.cards import Shown, card, escape, table
from course_utils.grading.exercise import registry
from course_utils.grading.review import state as review_state
from course_utils.grading.revisit import MOST, exercises_to_revisit

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


def progress() -> Shown:
    """Show exercises solved, points, minutes left, what to look at again, and how predictions fared."""
    rows = summary()
    points, max_points = sum(row.points for row in rows), sum(row.max_points for row in rows)
    minutes = sum(row.minutes_left for row in rows)
    head = f"{points} of {max_points} points; about {_duration(minutes)} left in the chapters that are ready"
    again = exercises_to_revisit()[:MOST]
    lines = [f"Your progress: {head}."]
    width = max(len(row.chapter.topic) for row in rows)
    for row in rows:
        lines.append(
            f"  {row.chapter.number:<4}{row.chapter.topic:<{width}}  "
            f"{row.attempted:>2} tried, {row.solved:>2} of {row.exercises:>2} solved, "
            f"{row.points:>2} of {row.max_points:>2} points, {_duration(row.minutes_left)} left"
        )
    if again:
        lines.append("To look at again:")
        lines += [f"  {item.id} {item.title}: {item.reason}" for item in again]
    spoken = [*_calibration_lines(), review_state()]
    cells = [
        (
            escape(row.chapter.number),
            escape(row.chapter.topic),
            str(row.attempted),
            _unbroken(f"{_bar(row)} {row.solved} of {row.exercises}"),
            _unbroken(f"{row.points} of {row.max_points}"),
            _unbroken(_duration(row.minutes_left)),
        )
        for row in rows
    ]
    body = table(("Chapter", "Topic", "Tried", "Solved", "Points", "Time left"), cells)
    if again:
        items = "".join(
            f"<li>{escape(item.id)} &middot; {escape(item.title)}: {escape(item.reason)}</li>"
            for item in again
        )
        body += '<div style="margin-top:8px"><strong>To look at again</strong></div>'
        body += f'<ul style="margin:2px 0 0;padding-left:24px">{items}</ul>'
    body += "".join(f'<div style="margin-top:8px">{escape(line)}</div>' for line in spoken)
    return Shown("\n".join(lines + spoken), card("info", "progress", escape(head), body))


def _bar(row: ChapterProgress) -> str:
    label = f"chapter {row.chapter.number}: {row.solved} of {row.exercises} exercises solved"
    return (
        f'<progress aria-label="{escape(label)}" value="{row.solved}" max="{max(row.exercises, 1)}" '
        'style="width:5em;vertical-align:middle;accent-color:#00694d"></progress>'
    )


def _unbroken(html: str) -> str:
    return f'<span style="white-space:nowrap">{html}</span>'


def _calibration_lines() -> list[str]:
    rows = by_topic()
    if not rows:
        return ["Predictions: none settled yet."]
    return [
        f"Predictions in {_chapter(row.topic)}: {row.right} of {row.predictions} came true; you were "
        f"{records.percent(row.confidence)} sure on average; Brier score {row.brier:.2f} "
        "(0 is perfect, a coin has 0.25)."
        for row in rows
    ]


def _chapter(topic: str) -> str:
    """Say which chapter, or chapters.

    >>> _chapter("00"), _chapter("01a and 01b")
    ('chapter 00', 'chapters 01a and 01b')
    """
    return f"chapters {topic}" if " and " in topic else f"chapter {topic}"


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
                _unbroken(time),
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
