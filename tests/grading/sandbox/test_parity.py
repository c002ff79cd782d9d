"""Notebook and class say the same about every answer the course knows, to the word."""

import inspect
import textwrap

import pytest

from course_utils.grading.exercise import Exercise, Quiz, function_source, reference_source, registry
from course_utils.grading.grade import grade_resolved
from course_utils.grading.resolver import resolve
from course_utils.grading.steps import Step

TASKS = registry()
EXERCISES = [task for task in TASKS.values() if isinstance(task, Exercise)]
QUIZZES = [task for task in TASKS.values() if isinstance(task, Quiz)]
SEED = 20_261_121
BODIES = (
    "...",
    "pass",
    "raise NotImplementedError('later')",
    "return None",
    "raise ValueError('no')",
    "return object()",
    "return {1, 2}",
    "return 'x'",
    "return x_is_not_defined",
    "import scipy",
    "import os\n    return os.getcwd()",
    "return __import__('scipy').special",
    "try:\n        __import__('torch')\n    except ImportError:\n        return 0",
    "print('here', 3)\n    return [1, (2.5, None), {'a': True}]",
    "return open('/etc/passwd').read()",
    "raise SystemExit(3)",
    "return 10**400",
    "a = []\n    a.append(a)\n    return a",
)


def both(sandbox, task, source, seed=SEED):
    """Grade a source in this process and in the sandbox."""
    resolved = resolve([source], task.name)
    return grade_resolved(task, resolved, seed), sandbox.grade(task, resolved, seed).result


def functions(task):
    return [task.reference, *task.alternatives, *(wrong.function for wrong in task.wrong)]


@pytest.mark.parametrize("task", EXERCISES, ids=lambda task: task.id)
def test_every_answer_of_an_exercise(sandbox, task):
    verdicts = []
    for function in functions(task):
        here, there = both(sandbox, task, function_source(function, task.name))
        assert here == there, function.__name__
        verdicts.append(there.passed)
    n_right = 1 + len(task.alternatives)
    assert verdicts == [True] * n_right + [False] * len(task.wrong)


@pytest.mark.parametrize("quiz", QUIZZES, ids=lambda quiz: quiz.id)
def test_every_answer_of_a_question(sandbox, quiz):
    values = [*(repr(letter) for letter in quiz.letters), "None", "2", "'z'", "['b']", "1 / 0", "{1, 2}", "b"]
    points = 0
    for value in values:
        here, there = both(sandbox, quiz, f"{quiz.name} = {value}")
        assert here == there, value
        points += there.points
    assert points == quiz.points
    assert sandbox.grade(quiz, resolve([reference_source(quiz.id)], quiz.name), 0).result.passed


@pytest.mark.parametrize("task", EXERCISES, ids=lambda task: task.id)
def test_answers_that_are_none(sandbox, task):
    arguments = ", ".join(inspect.signature(task.reference).parameters)
    for body in BODIES:
        source = f"def {task.name}({arguments}):\n    {body}"
        here, there = both(sandbox, task, source)
        assert here == there, body
        assert there.points == 0
        assert (there.status == "forbidden") == ("import" in body), body


@pytest.mark.parametrize("task", EXERCISES, ids=lambda task: task.id)
def test_a_planted_exception_drops_the_grade(sandbox, task):
    planted = f"""
    CALLS = []

    def {task.name}(*args):
        CALLS.append(None)
        if len(CALLS) == 2:
            raise RuntimeError("planted")
        return right(*args)
    """
    source = function_source(task.reference, "right") + textwrap.dedent(planted)
    here, there = both(sandbox, task, source)
    assert here == there
    assert there.status == "failed"
    assert there.points < task.points
    assert "planted" in repr(there)


@pytest.mark.parametrize("task", EXERCISES, ids=lambda task: task.id)
def test_changed_inputs_are_seen_through_the_wire(sandbox, task):
    spoiling = f"""
    def {task.name}(*args):
        value = right(*args)
        for array in args:
            for part in array if isinstance(array, list) else [array]:
                if isinstance(part, np.ndarray):
                    part += 1
        return value
    """
    source = "import numpy as np\n" + function_source(task.reference, "right") + textwrap.dedent(spoiling)
    here, there = both(sandbox, task, source)
    assert here == there


@pytest.mark.parametrize("use", ["np.random.default_rng(0).normal()", "np.testing.assert_allclose(1.0, 1.0)"])
def test_parts_of_numpy_that_load_on_first_use_are_there(sandbox, use):
    source = f"import numpy as np\n\ndef f():\n    {use}\n    return 1.0"
    answer = sandbox.run(resolve([source], "f"), ("numpy",))
    answer.define()
    assert answer.attempt(Step(()), False)[0] == 1.0
