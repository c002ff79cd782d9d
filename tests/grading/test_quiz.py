"""What `question` shows, and that every wrong option says what makes it tempting."""

import pytest

from course_utils.grading.exercise import Quiz, registry
from course_utils.grading.grade import grade
from course_utils.grading.quiz import question

QUIZZES = [task for task in registry().values() if isinstance(task, Quiz)]
by_id = pytest.mark.parametrize("quiz", QUIZZES, ids=lambda quiz: quiz.id)


@by_id
def test_every_wrong_option_says_what_makes_it_tempting(quiz):
    for letter, option in zip(quiz.letters, quiz.options, strict=True):
        assert option.why.startswith("Tempting") == (letter != quiz.answer), (letter, option.why)
        bundle = grade(quiz, [f'{quiz.id} = "{letter}"'])._repr_mimebundle_()
        assert " ".join(option.why.split()[:6]) in " ".join(bundle["text/plain"].split())


@by_id
def test_question_and_options_are_shown_as_text_and_as_a_card(quiz):
    bundle = question(quiz.id)._repr_mimebundle_()
    text = " ".join(bundle["text/plain"].split())
    for letter, option in zip(quiz.letters, quiz.options, strict=True):
        assert f"{letter}) {' '.join(option.text.split())}" in text
        assert f">{letter}) " in bundle["text/html"]
    assert "Tempting" not in text + bundle["text/html"]


def test_an_exercise_is_no_question():
    with pytest.raises(ValueError, match="expected a quiz question, got 'ex01_4'"):
        question("ex01_4")
