"""Functions among the arguments run on the judge's side, and behave as they do in the notebook."""

import numpy as np
import pytest

from course_utils.grading.exercise import Case, Exercise, Wrong
from course_utils.grading.grade import grade_resolved
from course_utils.grading.resolver import resolve


class OwnError(Exception):
    pass


def objective(x):
    """A bowl, with an error of every kind beside it."""
    if np.ndim(x):
        return float(np.exp(np.sum(np.square(x))))  # overflows far out
    errors = [ValueError("too low"), KeyError("key"), OwnError("own"), np.linalg.LinAlgError("singular")]
    if x < 0:
        raise errors[int(-x) % 4]
    return (x - 3.0) ** 2


def search(f, g):
    return min(range(10), key=f) + g(2.0)


def search_alone(f, g):
    return min(range(10), key=f)


def arguments(rng):
    shift = rng.normal()
    return objective, lambda x: x + shift


EXERCISE = Exercise(
    id="ex99_6",
    chapter="99",
    title="Search",
    skill="search",
    reference=search,
    cases=(
        Case("an objective", arguments, "Call both.", budget=50),
        Case("a strict one", arguments, "Call both strictly.", budget=50, strict=True),
    ),
    wrong=(Wrong(search_alone, "You forget g."),),
    alternatives=(search,),
)
BODIES = {
    "right": ("return min(range(10), key=f) + g(2.0)", "passed", ""),
    "keeps the function": ("h = f\n    return min(range(10), key=lambda n: h(n)) + g(2.0)", "passed", ""),
    "forgets one": ("return min(range(10), key=f)", "failed", "You forget g."),
    "too many calls": ("while True:\n        f(1.0)", "failed", "its calls are counted"),
    "an error": ("return f(-4)", "failed", "Python stopped in your line `return f(-4)`"),
    "an error with quotes": ("return f(-1)", "failed", ""),
    "an error of its own kind": ("return f(-2)", "failed", ""),
    "an error of numpy's": ("return f(-3)", "failed", ""),
    "catches an error": (
        "try:\n        f(-4)\n    except ValueError:\n        return 0 + 3 + g(2.0)",
        "passed",
        "",
    ),
    "overflows inside": ("f(np.full(3, 1e3))\n    return 3 + g(2.0)", "failed", "Call both strictly."),
    "passes a set": ("return f({1, 2})", "failed", ""),
    "passes itself": ("return f(f)", "failed", ""),
    "returns it": ("return f", "failed", "Return numbers"),
    "wrong number of arguments": ("return f()", "failed", ""),
}


@pytest.mark.parametrize("name", BODIES)
def test_call_backs_here_and_there(sandbox, name):
    body, status, hint = BODIES[name]
    source = f"import numpy as np\n\ndef search(f, g):\n    {body}"
    resolved = resolve([source], "search")
    here = grade_resolved(EXERCISE, resolved, 3)
    there = sandbox.grade(EXERCISE, resolved, 3).result
    assert there.status == status, repr(there)
    assert hint in there.hint
    if name not in ("returns it", "passes itself"):  # a call-back has another type there
        assert here == there
    assert (here.status, here.points) == (there.status, there.points)
