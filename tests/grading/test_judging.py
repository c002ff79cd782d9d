"""The judge: comparison, hints, mutation, call-backs, values that may not cross."""

import collections

import numpy as np
import pytest

from course_utils.grading import judging
from course_utils.grading.exercise import Case, Exercise, Wrong, find, registry
from course_utils.grading.judging import AnswerError, judge
from course_utils.grading.values import Callback, copied, difference, same, trouble


def scale(x, factor):
    return x * factor


def scale_twice(x, factor):
    return x * factor * 2


def unscaled(x, factor):
    return np.array(x)


def inverted(x, factor):
    return x / factor


def make_exercise(**changes):
    cases = (
        Case("three numbers", lambda rng: (rng.normal(size=3), 2.5), "Multiply."),
        Case("one number", lambda rng: (rng.normal(size=1), 1.0), "Multiply, with any size.", points=2),
    )
    settings = {
        "id": "ex99_1",
        "chapter": "99",
        "title": "Scaling",
        "skill": "scale",
        "reference": scale,
        "cases": cases,
        "wrong": (Wrong(scale_twice, "Twice."), Wrong(unscaled, "Not at all."), Wrong(inverted, "Inverted.")),
        "alternatives": (lambda x, factor: factor * x,),
    }
    return Exercise(**{**settings, **changes})


EXERCISE = make_exercise()


def test_full_marks():
    result = judge(EXERCISE, scale, seed=3)
    assert (result.status, result.points, result.max_points, result.passed) == ("passed", 3, 3, True)
    assert [case.passed for case in result.cases] == [True, True]
    assert result.hint == "You can now scale."


def test_a_wrong_answer_that_fails_some_cases_only_gets_its_hint_and_the_other_points():
    result = judge(EXERCISE, lambda x, factor: x.copy())
    assert (result.status, result.points, result.hint) == ("failed", 2, "Not at all.")


def test_a_known_mistake_is_recognised_beside_an_exception():
    def two_mistakes(x, factor):
        if x.size == 3:
            raise RuntimeError("the second mistake")
        return x * factor * 2

    assert judge(EXERCISE, two_mistakes).hint == "Twice."


def test_an_unknown_mistake_gets_the_hint_of_its_first_failing_case():
    assert judge(EXERCISE, lambda x, factor: x * factor + 1).hint == "Multiply."
    other = judge(EXERCISE, lambda x, factor: x * factor + (x.size == 1))
    assert (other.hint, other.points) == ("Multiply, with any size.", 1)


def test_the_inputs_depend_on_the_seed_alone():
    seen = []
    for seed in (1, 1, 2):
        judge(EXERCISE, lambda x, factor: seen.append(x.copy()), seed)
    assert np.array_equal(seen[0], seen[2])
    assert not np.array_equal(seen[0], seen[4])
    assert not np.array_equal(seen[0][:1], seen[1])


@pytest.mark.parametrize(
    ("answer", "message", "hint"),
    [
        (lambda x, factor: None, "returned None", "`return`"),
        (lambda x, factor: {1, 2}, "returned a set", "Return numbers"),
        (lambda x, factor: x.astype(complex), "an array of type complex128", "Return numbers"),
        (lambda x, factor: np.array([object()]), "an array of type object", "Return numbers"),
        (lambda x, factor: [iter(x)], "iterator", "Return numbers"),
        (lambda x, factor: (v * factor for v in x), "returned a generator", "collect them in a list"),
        (lambda x, factor: [(v * factor for v in x)], "returned a generator", "collect them in a list"),
        (lambda x, factor: (x * factor)[:, None], "expected shape (3,), got (3, 1)", "another arrangement"),
        (lambda x, factor: 7.0, "expected shape (3,), got a single number (7)", "need an `axis`?"),
        (lambda x, factor: "text", "got the text 'text'", "Multiply."),
        (lambda x, factor: x * np.nan, "got nan in 3 of 3 places", "Multiply."),
        (lambda x, factor: [[1.0], [2.0, 3.0]], "got a list of 2", "Multiply."),
        (lambda x: x, "TypeError", "Keep the arguments of the stub: `scale(x, factor)`."),
        (lambda x, factor: x / [][0], "IndexError: list index out of range", "Python stopped"),
    ],
)
def test_findings(answer, message, hint):
    result = judge(EXERCISE, answer)
    assert (result.status, result.points) == ("failed", 0)
    assert message in result.cases[0].message
    assert hint in result.hint


def test_values_are_shown():
    message = judge(EXERCISE, lambda x, factor: x * factor + [0, 0, 1.0]).cases[0].message
    assert message.startswith("at [2]: expected ")


def test_the_learners_own_line_is_named():
    def fails(*args):
        raise AnswerError("ValueError", "shapes differ", "y = a @ b")

    result = judge(EXERCISE, fails)
    assert "ValueError: shapes differ in your line `y = a @ b`" in result.cases[0].message
    assert "`y = a @ b`" in result.hint
    assert "shapes differ" not in result.hint  # said once, with the case


def test_changing_an_input_is_a_finding_even_if_the_result_is_right():
    def changing(x, factor):
        x *= factor
        return x.copy()

    result = judge(EXERCISE, changing)
    assert result.cases[0].message == "your function changed its input `x`; copy first"
    assert "`x`" in result.hint
    assert result.cases[1].passed  # times 1.0 changes nothing


def test_changing_an_input_is_not_taken_for_a_wrong_answer_of_the_same_value():
    def changing(x, factor):
        result = x * factor
        if x.size == 1:  # there the factor is 1, and several wrong answers are right, too
            x[:] = 0.0
        return result

    result = judge(EXERCISE, changing)
    assert (result.points, "changes its input `x`" in result.hint) == (1, True)


def test_returning_an_input_that_is_changed_later_does_not_help():
    kept = []

    def lazy(x, factor):
        kept.append(x)
        if len(kept) > 1:
            kept[0][:] = 0.0
        return x * factor

    assert judge(EXERCISE, lazy).passed


def test_an_answer_may_use_the_same_array_for_every_result():
    buffer = np.zeros(2)

    def reusing(x):
        np.multiply(x, 2, out=buffer)
        return buffer

    case = Case("twice", lambda rng: [(np.ones(2),), (np.zeros(2),)], "Double.", many=True)
    exercise = make_exercise(reference=lambda x: 2 * x, cases=(case,), wrong=())
    assert judge(exercise, reusing).passed
    assert judge(exercise, lambda x: x).cases[0].message == "call 1: at [0]: expected 2, got 1"


def test_call_backs_are_counted_and_bounded():
    def total(f, n):
        return sum(f(k) for k in range(n))

    case = Case("squares", lambda rng: (lambda k: k**2, 5), "Sum.", budget=5)
    exercise = make_exercise(reference=total, cases=(case,), wrong=())
    assert judge(exercise, total).passed
    greedy = judge(exercise, lambda f, n: sum(f(k) for k in range(n)) + 0 * f(0))
    assert "called more than 5 times" in greedy.cases[0].message
    assert "counted" in greedy.hint


def test_a_call_back_sees_copies():
    given = []
    callback = Callback(given.append, 3)
    array = np.zeros(2)
    callback(array)
    array += 1
    assert np.array_equal(given[0], [0, 0])
    assert callback.calls == 1


@pytest.mark.parametrize("strict", [True, False])
def test_strict_cases_refuse_overflow(strict):
    case = Case("large", lambda rng: (np.array([-1000.0]),), "It overflows.", strict=strict)

    def stable(z):
        return np.exp(-np.logaddexp(0.0, -z))

    exercise = make_exercise(reference=stable, cases=(case,), wrong=())
    result = judge(exercise, lambda z: 1 / (1 + np.exp(-z)))
    assert result.passed != strict
    if strict:
        assert result.cases[0].message.startswith("FloatingPointError: overflow")
        assert result.hint == "It overflows."


def test_verify_replaces_the_comparison():
    def verify(result, n):
        return None if sorted(result) == list(range(n)) else "Not a permutation."

    case = Case("any order", lambda rng: (5,), "Return a permutation.", verify=verify)
    exercise = make_exercise(reference=lambda n: list(range(n)), cases=(case,), wrong=())
    assert judge(exercise, lambda n: list(range(n))[::-1]).passed
    assert judge(exercise, lambda n: [0] * n).hint == "Not a permutation."
    assert "does not have the form" in judge(exercise, lambda n: 3.0).cases[0].message


@pytest.mark.parametrize(
    ("second", "third", "message"),
    [
        (7.0, {1}, "call 2: expected"),
        ({1}, 7.0, "your function returned a set"),
    ],
)
def test_calls_are_examined_in_turn_up_to_the_first_fault(monkeypatch, second, third, message):
    looked_at = []
    monkeypatch.setattr(judging, "trouble", lambda value: looked_at.append(value) or trouble(value))
    case = Case("many", lambda rng: [(rng.normal(size=2), i) for i in (1.0, 2.0, 3.0)], "Hint.", many=True)
    returned = {2.0: second, 3.0: third}
    result = judge(make_exercise(cases=(case,)), lambda x, factor: returned.get(factor, x * factor))
    assert message in result.cases[0].message
    assert len(looked_at) == 2


def test_a_defect_of_the_reference_is_not_blamed_on_the_answer():
    def broken(x, factor):
        raise RuntimeError("defect of the exercise")

    exercise = make_exercise(reference=broken)
    with pytest.raises(AnswerError, match="defect of the exercise"):
        judge(exercise, scale)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (1, 1.0, True),
        (1.0, np.array(1.0), True),
        (np.float32(0.5), 0.5, True),
        (True, 1, True),
        (1.0, np.array([1.0]), False),
        ((1, 2), [1, 2], True),
        ((1, 2), (1, 2, 3), False),
        (np.array([1.0, 2.0]), [1.0, 2.0], True),
        (np.array([1.0, np.nan]), np.array([1.0, np.nan]), True),
        (np.array([1.0, np.inf]), np.array([1.0, np.inf]), True),
        (np.array([1.0, np.inf]), np.array([1.0, -np.inf]), False),
        (np.array([1.0, 2.0]), np.array([1.0, np.nan]), False),
        (np.zeros((0, 3)), np.zeros((0, 3)), True),
        (np.zeros((0, 3)), np.zeros((0, 2)), False),
        ({"a": 1}, {"a": 1}, True),
        ({"a": 1}, {"b": 1}, False),
        ({"a": 1}, 3, False),
        ("a", "a", True),
        ("1", 1, False),
        (1, "1", False),
        (None, None, True),
        (None, 0, False),
        (0, None, False),
        ([np.zeros(2), {"a": (1, "x")}], [np.zeros(2), {"a": [1, "x"]}], True),
    ],
)
def test_same(one, other, alike):
    assert same(one, other, 1e-6, 1e-9) == alike


@pytest.mark.parametrize(
    ("expected", "got", "message"),
    [
        (13.0621, 13.0623, "expected 13.0621, got 13.0623"),
        (13.06, 13.07, "expected 13.06, got 13.07"),
        (1.0, 1.0 + 2**-52, "expected 1, got 1.0000000000000002"),
        (np.float32(0.1), 0.1, "expected 0.100000001, got 0.1"),
        (123456, 123457, "expected 123456, got 123457"),
        (np.array([False]), np.array([True]), "at [0]: expected False, got True"),
        (True, 0, "expected True, got 0"),
    ],
)
def test_numbers_are_shown_with_as_many_digits_as_tell_them_apart(expected, got, message):
    assert difference(expected, got, 0, 0) == message


def test_differences_are_located():
    assert difference({"w": np.zeros(2)}, {"w": np.ones(2)}, 0, 0) == "w: at [0]: expected 0, got 1"
    assert difference([1, [2, 3]], [1, [2, 4]], 0, 0) == "item 1: item 1: expected 3, got 4"
    assert difference({"a": 1}, {"b": 1}, 0, 0) == "expected the keys ['a'], got ['b']"
    assert difference(np.zeros(3), np.array([0, np.nan, 0]), 0, 0) == "got nan in 1 of 3 places"


def test_trouble_and_copies():
    assert trouble({"a": [np.float32(1), (None, "x", np.zeros(2))]}) is None
    assert trouble({"a": {1}}) == "a set"
    assert trouble(np.datetime64("2020-01-01")) == "a datetime64"
    nested = {"a": [np.zeros(2)], "b": (1, "x")}
    copy = copied(nested)
    copy["a"][0] += 1
    assert np.array_equal(nested["a"][0], [0, 0])
    assert copy["b"] == (1, "x")


def test_odd_containers():
    Pair = collections.namedtuple("Pair", "a b")
    assert copied(Pair(1, 2)) == (1, 2)
    endless = []
    endless.append(endless)
    result = judge(EXERCISE, lambda x, factor: endless)
    assert (result.status, "lists in lists" in result.cases[0].message) == ("failed", True)


def test_results_are_machine_readable():
    result = judge(EXERCISE, unscaled).as_dict()
    assert result["id"] == "ex99_1"
    assert result["status"] == "failed"
    assert (result["points"], result["max_points"]) == (2, 3)
    assert [case["passed"] for case in result["cases"]] == [False, True]


def test_find_names_near_matches():
    with pytest.raises(ValueError, match="got 'ex1_4'; did you mean .*ex01_4"):
        find("ex1_4")
    with pytest.raises(ValueError, match="did you mean"):
        find("something else entirely")


def test_an_id_used_twice_is_refused(monkeypatch):
    import course_utils.exercises.ch01b_questions as module

    registry.cache_clear()
    monkeypatch.setattr(module, "EXERCISES", (*module.EXERCISES, find("q01_4")))
    registry.cache_clear()
    with pytest.raises(ValueError, match="'q01_4' is used twice"):
        registry()
    registry.cache_clear()


def test_named_mistakes_run_once_for_a_seed():
    calls = []

    def counted(x, factor):
        calls.append(x.copy())
        return scale_twice(x, factor)

    def spoiling(x, factor):
        x += 1.0
        return unscaled(x, factor)

    exercise = make_exercise(wrong=(Wrong(counted, "Twice."), Wrong(spoiling, "Spoilt."), EXERCISE.wrong[2]))
    for _ in range(3):
        assert judge(exercise, scale_twice, seed=5).hint == "Twice."
        assert judge(exercise, inverted, seed=5).hint == "Inverted."
        assert judge(exercise, lambda x, factor: spoiling(x, factor), seed=5).hint == "Spoilt."
    assert len(calls) == len(exercise.cases)
    assert judge(exercise, scale_twice, seed=6).hint == "Twice."
    assert len(calls) == 2 * len(exercise.cases)
    assert not np.array_equal(calls[0], calls[2])
