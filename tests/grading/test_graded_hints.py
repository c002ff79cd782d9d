"""Graded hints: each call tells more, a restart goes on, and no hint gives the answer away."""

import re
import subprocess
import sys

import pytest

from course_utils.grading import progress
from course_utils.grading.exercise import Exercise, Quiz, reference_source, registry
from course_utils.grading.graded_hints import hint

TASKS = registry()
EXERCISES = [task for task in TASKS.values() if isinstance(task, Exercise)]
QUIZZES = [task for task in TASKS.values() if isinstance(task, Quiz)]
MOST_WORDS = (40, 60, 90)
by_id = pytest.mark.parametrize("task", EXERCISES, ids=lambda task: task.id)


def bare(text):
    """Return a text without blanks, comments and what else may differ between prose and code."""
    return re.sub(r"\s", "", re.sub(r"#.*", "", text))


def body_of(task):
    """Return the lines of a reference answer below its docstring."""
    return reference_source(task.id).partition('"""')[2].partition('"""')[2].splitlines()


def code_of(task):
    """Return the lines of a reference answer that say something, and the right side of its assignments."""
    lines = [bare(line.strip().removeprefix("return ")) for line in body_of(task)]
    parts = lines + [line.partition("=")[2] for line in lines if re.match(r"[\w,]+=[^=]", line)]
    return [part for part in parts if len(part) >= 12]


@by_id
def test_three_hints_each_telling_more(task):
    assert len(task.hints) == len(set(task.hints)) == 3
    for text, most in zip(task.hints, MOST_WORDS, strict=True):
        assert 8 <= len(text.split()) <= most, text
        assert text.count("`") % 2 == 0
    question, idea, outline = task.hints
    assert "?" in question
    assert "?" not in idea + outline
    assert "\n" not in question + idea
    assert 4 <= len(outline.split("\n")) <= 8
    assert all(step[-1] in ".)" and not step[0].isdigit() for step in outline.split("\n"))
    said = {wrong.hint for wrong in task.wrong} | {case.hint for case in task.cases}
    assert said.isdisjoint(task.hints)


@by_id
def test_no_hint_holds_a_line_of_the_reference(task):
    lines = code_of(task)
    assert lines
    for text in task.hints:
        assert [line for line in lines if line in bare(text.replace("`", ""))] == []


def test_a_line_of_the_reference_would_be_found():
    for task in EXERCISES:
        line = max(body_of(task), key=len).partition("#")[0]
        given = f"At last, `{line.strip()}`."
        assert any(part in bare(given.replace("`", "")) for part in code_of(task)), task.id


@pytest.mark.parametrize("quiz", QUIZZES, ids=lambda quiz: quiz.id)
def test_a_question_has_one_hint_that_asks(quiz):
    (text,) = quiz.hints
    assert "?" in text
    assert len(text.split()) <= MOST_WORDS[0]
    right = quiz.options[quiz.letters.index(quiz.answer)]
    assert bare(right.text) not in bare(text)


def test_each_call_shows_the_next_one():
    task = TASKS["ex01_4"]
    for k, (kind, text) in enumerate(zip(("a question", "the idea", "an outline"), task.hints, strict=True)):
        shown = hint("ex01_4")
        assert shown.text.startswith("ex01_4, A softmax that survives 1000\n")
        assert f"Hint {k + 1} of 3, {kind}:" in shown.text
        assert f"Hint {k + 1} of 3, {kind}:" in shown.html
        assert bare(text.split("\n")[-1]) in bare(shown.text)
        assert shown.text.count("Hint ") == 1
        assert progress.hints_taken()["ex01_4"] == k + 1
    assert 'solution("ex01_4")' in shown.text
    for _ in range(2):
        everything = hint("ex01_4").text
        assert everything.count("Hint ") == 3
        assert "There are no more hints" in everything
    assert progress.hints_taken() == {"ex01_4": 3}


def test_an_outline_is_a_numbered_list():
    hint("ex01_4")
    hint("ex01_4")
    shown = hint("ex01_4")
    assert [line[:7] for line in shown.text.splitlines() if re.match(r"    \d", line)] == [
        "    1. ",
        "    2. ",
        "    3. ",
        "    4. ",
        "    5. ",
    ]
    assert shown.html.count("<li>") == 5


def test_again_shows_those_so_far_and_takes_none():
    none = hint("ex01_4", again=True)
    assert "none taken so far" in none.text
    assert 'hint("ex01_4")` shows the first one' in none.text
    hint("ex01_4")
    hint("ex01_4")
    again = hint("ex01_4", again=True).text
    assert again.count("Hint ") == 2
    assert "shows the next one" in again
    assert progress.hints_taken()["ex01_4"] == 2


def test_a_new_kernel_goes_on_where_one_was():
    hint("ex01_4")
    code = "from course_utils import hint\nprint(hint('ex01_4'))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Hint 2 of 3, the idea:" in done.stdout
    assert "Hint 3 of 3" in hint("ex01_4").text


def test_hints_of_a_solved_exercise_are_all_shown_and_not_counted():
    hint("ex01_4")
    progress.record_attempt("ex01_4", "passed", 3, 3)
    shown = hint("ex01_4").text
    assert shown.count("Hint ") == 3
    assert "not counted" in shown
    assert progress.hints_taken()["ex01_4"] == 1


def test_a_question_has_one_hint():
    first = hint("q01_1").text
    assert "Hint 1 of 1, a question:" in first
    assert "There are no more hints" in first
    assert hint("q01_1").text == first


@pytest.mark.parametrize("id", list(TASKS))
def test_no_good_id_raises(id):
    for _ in range(5):
        shown = hint(id)._repr_mimebundle_()
        assert shown["text/plain"]
        assert max(map(len, shown["text/plain"].splitlines())) <= 100


def test_an_unknown_id_is_answered_with_near_matches():
    with pytest.raises(ValueError, match="did you mean ex01_4"):
        hint("ex1_4")


def test_more_hints_taken_than_there_are_now():
    """An edition may drop hints of an exercise that were taken in an older one."""
    for _ in range(9):
        progress.take_hint("q01_1", 9)
    assert hint("q01_1").text.count("Hint ") == 1
    assert hint("q01_1", again=True).text.count("Hint ") == 1


def test_hints_come_even_where_nothing_can_be_saved(monkeypatch, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "file" / "progress.sqlite"))
    steps = [hint("ex01_5").text for _ in range(4)]
    assert ["Hint 1 of 3" in steps[0], "Hint 2 of 3" in steps[1], "Hint 3 of 3" in steps[2]] == [True] * 3
    assert steps[3].count("Hint ") == 3
    assert "could not be saved" in capsys.readouterr().out
