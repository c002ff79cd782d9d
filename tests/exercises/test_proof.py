"""Every exercise of the registry is proven: a later one by being defined."""

import inspect
import textwrap

import numpy as np
import pytest

from course_utils.exercises import reference_source, registry
from course_utils.grading.exercise import Exercise, Quiz, function_source
from course_utils.grading.grade import grade
from course_utils.grading.judging import AnswerError, judge
from course_utils.grading.values import copied

TASKS = registry()
EXERCISES = [task for task in TASKS.values() if isinstance(task, Exercise)]
QUIZZES = [task for task in TASKS.values() if isinstance(task, Quiz)]
WRONGS = [
    pytest.param(task, wrong, id=f"{task.id}-{wrong.name}") for task in EXERCISES for wrong in task.wrong
]
ALTERNATIVES = [
    pytest.param(task, function, id=f"{task.id}-{function.__name__}")
    for task in EXERCISES
    for function in task.alternatives
]
SEEDS = (0, 1, 2, 3, 4)
by_id = pytest.mark.parametrize("task", EXERCISES, ids=lambda task: task.id)
SET_UP = ["import matplotlib.pyplot as plt\nimport numpy as np\n%matplotlib inline", "SEED = 0"]


def stub(task, body):
    """Source of a function of the right name and arguments with another body."""
    arguments = ", ".join(inspect.signature(task.reference).parameters)
    return f"def {task.name}({arguments}):\n{textwrap.indent(body, '    ')}"


def test_the_first_chapters_are_there():
    expected = {f"ex01_{n}" for n in range(1, 11)} | {f"q01_{n}" for n in range(1, 6)} | {"ex00_1", "q00_1"}
    assert expected <= set(TASKS)
    assert list(TASKS)[:3] == ["ex00_1", "q00_1", "ex01_1"]
    assert list(TASKS).index("ex01_10") > list(TASKS).index("ex01_9")


@by_id
def test_definition_is_complete(task):
    assert len(task.wrong) >= 3
    assert len(task.alternatives) >= 1
    assert task.points >= 2
    hints = [wrong.hint for wrong in task.wrong] + [case.hint for case in task.cases]
    assert len(set(hints)) == len(hints)


@pytest.mark.parametrize("seed", SEEDS)
@by_id
def test_reference_scores_full_marks(task, seed):
    result = judge(task, task.reference, seed)
    assert (result.status, result.points) == ("passed", task.points), repr(result)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("task", "function"), ALTERNATIVES)
def test_alternatives_score_full_marks(task, function, seed):
    assert judge(task, function, seed).passed
    result = grade(task, [*SET_UP, function_source(function, task.name)], seed)
    assert result.passed, repr(result)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("task", "wrong"), WRONGS)
def test_wrong_answers_fail_with_their_own_hint(task, wrong, seed):
    result = judge(task, lambda *args: wrong.function(*args), seed)
    assert result.status == "failed", repr(result)
    assert result.points < task.points
    assert result.hint == wrong.hint, repr(result)


@pytest.mark.parametrize(("task", "wrong"), WRONGS)
def test_wrong_answers_fail_with_their_own_hint_as_notebook_text(task, wrong):
    result = grade(task, [*SET_UP, stub(task, "..."), function_source(wrong.function, task.name)])
    assert (result.status, result.hint) == ("failed", wrong.hint), repr(result)


@by_id
def test_reference_source_stands_alone(task):
    result = grade(task, [reference_source(task.id)])
    assert result.passed, repr(result)
    assert "__future__" not in reference_source(task.id)


@pytest.mark.parametrize(
    "body",
    [
        "...",
        "'''Doc.'''",
        "'''Doc.'''\n...  # your code here",
        "pass",
        "raise NotImplementedError",
        "raise NotImplementedError('later')",
    ],
)
@by_id
def test_stub_is_not_attempted(task, body):
    result = grade(task, [*SET_UP, stub(task, body)])
    assert (result.status, result.points) == ("not attempted", 0)
    assert repr(result).startswith(f"{task.id} {task.name}: not attempted (0 of {task.points} points)")


@pytest.mark.parametrize(
    "body",
    ["return None", "return", "raise ValueError('no')", "return object()", "return {1, 2}", "return 'x'"],
)
@by_id
def test_empty_answers_score_nothing(task, body):
    result = grade(task, [*SET_UP, stub(task, body)])
    assert (result.status, result.points) == ("failed", 0), repr(result)


@by_id
def test_a_planted_exception_drops_the_grade(task):
    calls = 0

    def planted(*args):
        nonlocal calls
        calls += 1
        if calls == 2:
            raise AnswerError("RuntimeError", "planted", "raise RuntimeError('planted')")
        return task.reference(*args)

    result = judge(task, planted)
    assert result.status == "failed"
    assert 0 < result.points < task.points
    assert "planted" in repr(result)


@by_id
def test_an_answer_cannot_spoil_its_inputs(task):
    def spoiling(*args):
        value = copied(task.reference(*args))
        for array in _arrays(args):
            array += 1
        return value

    has_arrays = any(_arrays(case.inputs(np.random.default_rng(0))) for case in task.cases if not case.many)
    result = judge(task, spoiling)
    assert result.passed != has_arrays
    if has_arrays:
        assert "changed its input" in repr(result)


def _arrays(value):
    if isinstance(value, np.ndarray):
        return [value]
    return [array for item in value for array in _arrays(item)] if isinstance(value, (list, tuple)) else []


@pytest.mark.parametrize("quiz", QUIZZES, ids=lambda quiz: quiz.id)
def test_quiz(quiz):
    assert len(quiz.options) >= 3
    assert len({option.text for option in quiz.options}) == len(quiz.options)
    whys = [option.why for option in quiz.options]
    assert len(set(whys)) == len(whys)
    assert min(map(len, whys)) > 40
    for letter, why in zip(quiz.letters, whys, strict=True):
        result = grade(quiz, [f'{quiz.id} = "{letter}"'])
        assert result.hint == why
        assert result.points == (quiz.points if letter == quiz.answer else 0)
        assert result.passed == (letter == quiz.answer)
    assert grade(quiz, [reference_source(quiz.id)]).passed
    assert grade(quiz, [f"{quiz.id} = None  # 'a' or 'b'"]).status == "not attempted"


@pytest.mark.parametrize(
    "source",
    ["q01_1 = 2", "q01_1 = b", "q01_1 = 'z'", "q01_1 = ''", "q01_1 = 'ab'", "q01_1 = ['b']", "q01_1 = 1 / 0"],
)
def test_quiz_answers_that_are_no_letter(source):
    result = grade(TASKS["q01_1"], [source])
    assert (result.status, result.points) == ("failed", 0)
    assert "letter in quotes" in result.hint


def test_quiz_letters_may_be_written_in_several_ways():
    for letter in ("B", " b ", "b)", "(b)", "b."):
        assert grade(TASKS["q01_1"], [f"q01_1 = {letter!r}"]).passed
