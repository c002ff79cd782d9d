"""Exercises without solutions judge as those with them."""

from __future__ import annotations

import inspect
from itertools import chain

import numpy as np
import pytest

from course_utils.exercises import reference_source, registry
from course_utils.grading.exercise import Case, Exercise, Wrong, function_source
from course_utils.grading.grade import grade
from course_utils.grading.judging import judge
from course_utils.grading.release.frozen import freeze, thaw
from course_utils.grading.sandbox.wire import decode, encode
from course_utils.grading.steps import construct, fetch, method

TASKS = registry()
DATA = freeze(TASKS.values())
FROZEN = {task.id: task for task in thaw(DATA)}
EXERCISES = [task for task in TASKS.values() if isinstance(task, Exercise)]
SET_UP = "import numpy as np"


def answers(task):
    """Sources of the right and the wrong answers, and of some that no list foresees."""
    arguments = ", ".join(inspect.signature(task.reference).parameters)
    yield reference_source(task.id)
    for function in (*task.alternatives, *(wrong.function for wrong in task.wrong)):
        yield function_source(function, task.name)
    for body in ("...", "return None", "raise ValueError('no')", "return {1, 2}", "return np.zeros(3)"):
        yield f"{SET_UP}\n\ndef {task.name}({arguments}):\n    {body}"


def test_all_tasks_come_back_in_order():
    assert list(FROZEN) == list(TASKS)
    assert [task.points for task in FROZEN.values()] == [task.points for task in TASKS.values()]


@pytest.mark.parametrize("task", EXERCISES, ids=lambda task: task.id)
def test_every_answer_gets_the_same_result(task):
    for source in answers(task):
        assert repr(grade(FROZEN[task.id], [source])) == repr(grade(task, [source])), source


@pytest.mark.parametrize("seed", [1, 2**62])
def test_the_inputs_stay_those_that_the_answers_were_run_on(seed):
    for task in EXERCISES:
        assert grade(FROZEN[task.id], [reference_source(task.id)], seed).passed


def test_quiz_questions_are_the_same():
    for id, task in TASKS.items():
        if not isinstance(task, Exercise):
            assert FROZEN[id] == task


def test_no_line_of_a_solution_is_in_the_data():
    hints = ([*(wrong.hint for wrong in task.wrong), *task.hints] for task in EXERCISES)
    said = "".join(chain.from_iterable(hints))  # which may quote a mistake
    for task in EXERCISES:
        for function in (task.reference, *task.alternatives, *(wrong.function for wrong in task.wrong)):
            lines = map(str.strip, inspect.getsource(function).split("\n")[1:])
            code = [line for line in lines if len(line) > 25 and '"""' not in line and line not in said]
            assert [line for line in code if line.encode() in DATA] == []
            if function is not task.reference:  # its name is in the notebook
                assert function.__name__.encode() not in DATA


def test_what_a_frozen_answer_returns_is_the_askers_own():
    task = FROZEN["ex01_4"]
    drawn = task.cases[0].inputs(np.random.default_rng(0))
    first = task.reference(*drawn)
    first += 1
    assert not np.array_equal(task.reference(*task.cases[0].inputs(np.random.default_rng(0))), first)


class Average:
    """Running mean of what was added."""

    def __init__(self, start):
        self.total, self.count = start, 1

    def add(self, value):
        """Add a value; return the mean."""
        self.total, self.count = self.total + value, self.count + 1
        return self.total / self.count


class LateAverage(Average):
    """Forget that the start counts."""

    def __init__(self, start):
        super().__init__(start)
        self.count = 0


class Sum(Average):
    """Return the sum."""

    def add(self, value):
        """Add a value."""
        return super().add(value) * self.count


class Last(Average):
    """Return the last value."""

    def add(self, value):
        """Add a value."""
        super().add(value)
        return value


def test_a_class_is_replayed_step_by_step():
    def inputs(rng):
        same = float(rng.normal())
        return [construct(2.0), method("add", same), method("add", same), fetch("count")]

    wrong = (Wrong(LateAverage, "late"), Wrong(Sum, "sum"), Wrong(Last, "last"))
    task = Exercise("ex99_2", "99", "t", "s", Average, (Case("c", inputs, "h"),), wrong, ())
    (frozen,) = thaw(freeze([task]))
    for answer in (Average, LateAverage, Sum, Last):
        found = judge(frozen, answer)
        assert repr(found) == repr(judge(task, answer))
        assert found.passed == (answer is Average)


def doubled(x):
    """Twice x, in a new array."""
    return 2.0 * x


def doubled_in_place(x):
    """Spoil the input."""
    x *= 2.0
    return x.copy()


def emptied(x):
    """Forget the values, and spoil the input with nan."""
    x[:] = np.nan
    return x.copy()


def test_arguments_are_kept_only_where_an_answer_changed_them():
    def inputs(rng):
        return (rng.normal(size=1000),)

    wrong = (Wrong(doubled_in_place, "spoils"), Wrong(emptied, "empties"))
    task = Exercise("ex99_3", "99", "t", "s", doubled, (Case("c", inputs, "h"),), wrong, ())
    data = freeze([task])
    assert 6 * 8000 < len(data) < 7 * 8000  # the input, three results, and two inputs that were changed
    (frozen,) = thaw(data)
    for answer in (doubled, doubled_in_place, emptied, lambda x: np.zeros(3)):
        found = judge(frozen, answer)
        assert repr(found) == repr(judge(task, answer))
        assert found.passed == (answer is doubled)
        if answer is doubled_in_place:
            assert "changed its input `x`" in repr(found)


def test_no_exercise_takes_a_megabyte():
    _, frozen = decode(DATA)
    assert len(frozen) == len(TASKS)
    for id, data in zip(TASKS, frozen, strict=True):
        assert len(encode(data)) < 1_000_000, id


def double(x):
    """Twice x."""
    return 2 * x


def triple(x):
    """Be wrong."""
    return 3 * x


def leaking(rng):
    """Make inputs with the solution."""
    return (lambda x: double(x),)


def exercise(inputs):
    wrong = tuple(Wrong(triple, f"hint {n}") for n in range(3))
    return Exercise("ex99_1", "99", "t", "s", double, (Case("c", inputs, "h"),), wrong, (double,))


@pytest.mark.parametrize(
    ("inputs", "message"),
    [(leaking, "`leaking` uses double, which is a solution"), (lambda rng: (abs,), "a function with a name")],
)
def test_what_would_give_a_solution_away_is_refused(inputs, message):
    with pytest.raises(ValueError, match=f"ex99_1: .*{message}"):
        freeze([exercise(inputs)])


def test_another_version_is_refused():
    with pytest.raises(ValueError, match="expected frozen exercises of version 2, got 1"):
        thaw(encode([1, []]))
