"""Where one stands: what `progress` and `overview` say, and what is worth another look."""

from course_utils.chapters import CHAPTERS
from course_utils.grading import panels, progress
from course_utils.grading.exercise import registry
from course_utils.grading.revisit import exercises_to_revisit

SHIPPED = {chapter.number for chapter in CHAPTERS if chapter.file}
ALL_POINTS = sum(task.points for task in registry().values() if task.chapter in SHIPPED)


def test_summary_counts_what_is_solved():
    before = {row.chapter.number: row for row in panels.summary()}
    assert before["01a"].minutes_left == before["01a"].chapter.minutes
    tasks = [task for task in registry().values() if task.chapter == "01a"]
    assert before["01a"].exercises == len(tasks)
    for task in tasks:
        progress.record_attempt(task.id, "passed", task.points, task.points)
    progress.record_attempt("ex01_7", "failed", 1, 3)
    after = {row.chapter.number: row for row in panels.summary()}
    assert (after["01a"].solved, after["01a"].minutes_left) == (len(tasks), 0)
    assert after["01a"].points == after["01a"].max_points
    assert (after["01b"].solved, after["01b"].attempted, after["01b"].points) == (0, 1, 1)


def test_panels_say_the_same_in_text_and_html():
    fresh = repr(panels.progress())
    assert fresh == repr(panels.progress())
    assert "none settled yet" in fresh
    assert "To look at again" not in fresh
    assert "you have missed no prediction" in fresh
    progress.save_prediction("p01_1", "a", 0.8)
    progress.settle_prediction("p01_1", "a")
    progress.record_attempt("ex00_1", "passed", 2, 2)
    progress.record_attempt("ex01_4", "failed", 1, 3)
    bundle = panels.progress()._repr_mimebundle_()
    parts = [
        f"3 of {ALL_POINTS} points",
        "in chapters 01a and 01b: 1 of 1 came true",
        "80 % sure",
        "Brier score 0.04",
    ]
    for part in [*parts, "To look at again", "not solved yet: 1 of 3 points, 1 attempt"]:
        assert part in bundle["text/plain"]
        assert part in bundle["text/html"]
    assert "1 tried,  1 of  2 solved" in bundle["text/plain"]
    assert 'aria-label="chapter 00: 1 of 2 exercises solved"' in bundle["text/html"]


def test_overview_links_to_the_chapters_that_are_ready():
    bundle = panels.overview()._repr_mimebundle_()
    assert 'href="00_start_here.ipynb"' in bundle["text/html"]
    assert "17  Capstone: Can you do it on your own? (in preparation)" in bundle["text/plain"]
    assert bundle["text/html"].count("<a href") == sum(
        "in preparation" not in line for line in bundle["text/plain"].splitlines()
    )


def attempt(id, *points):
    for reached in points:
        most = registry()[id].points
        progress.record_attempt(id, "passed" if reached == most else "failed", reached, most)


def test_what_failed_last_comes_before_what_took_long():
    attempt("ex01_1", 4)  # solved at once: nothing to look at
    attempt("ex01_2", 0, 0, 1, 3)  # solved after four attempts
    attempt("ex01_3", 3, 1)  # solved, then broken
    attempt("ex01_4", 1)
    attempt("ex01_5", 0, 0)
    attempt("ex01_6", 4)
    for _ in range(3):
        progress.take_hint("ex01_6", 3)  # solved with every hint
    attempt("ex01_7", 3)
    progress.take_hint("ex01_7", 3)
    attempt("q01_1", 1)
    progress.take_hint("q01_1", 1)  # the one hint of a question is no sign of trouble
    found = exercises_to_revisit()
    assert [item.id for item in found] == ["ex01_5", "ex01_4", "ex01_3", "ex01_2", "ex01_6"]
    assert [item.reason for item in found] == [
        "not solved yet: 0 of 3 points, 2 attempts",
        "not solved yet: 1 of 3 points, 1 attempt",
        "solved before, but the last attempt failed, 2 attempts",
        "solved, 4 attempts",
        "solved, 1 attempt, 3 hints",
    ]


def test_attempts_at_exercises_that_are_gone_do_no_harm():
    progress.record_attempt("ex99_1", "failed", 0, 3)
    assert exercises_to_revisit() == []
    assert f"0 of {ALL_POINTS} points" in repr(panels.progress())
