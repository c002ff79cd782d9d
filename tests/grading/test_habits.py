"""What learners type out of habit: other ways to import, `async`, magics, a stray comma, a factory."""

import warnings

import numpy as np
import pytest

from course_utils.grading import progress
from course_utils.grading.check import check, solution
from course_utils.grading.exercise import reference_source
from course_utils.grading.imports import Imports
from course_utils.grading.resolver import resolve
from course_utils.grading.running import LocalAnswer

RIGHT = reference_source("ex01_4")
STUB = "def softmax(logits):\n    ..."
NUMPY = "import numpy as np"


@pytest.mark.parametrize(
    "source",
    [
        "def softmax(x):\n    return __import__('scipy.special').special.softmax(x, axis=1)",
        "def softmax(x):\n    exec('import scipy')\n    return x",
        "def softmax(x):\n    exec('import scipy', {})\n    return x",
        "def softmax(x):\n    return __import__('scipy', globals(), globals(), []).special.softmax(x)",
        "def softmax(x, scipy=eval('__import__')('scipy')):\n    return x",
        "def softmax(x):\n    try:\n        exec('import scipy')\n    except ImportError:\n        return x",
    ],
)
def test_an_import_made_while_the_answer_runs_is_refused_like_any_other(source):
    result = check("ex01_4", sources=[NUMPY, source])
    assert (result.status, result.points) == ("forbidden", 0)
    plain = check("ex01_4", sources=["def softmax(x):\n    import scipy\n    return x"])
    assert result.hint == plain.hint


def test_imports_that_are_allowed_and_those_numpy_makes_itself_still_work():
    extra = (
        "    __import__('collections.abc')\n    exec('import math, numpy.linalg')\n"
        "    np.array(['2024-01-01'], dtype='datetime64[D]').astype(object)\n"
        "    np.array([1.0, 2.0]).dumps()\n    np.median(logits)\n    str(np.arange(3.0))\n    shifted"
    )
    result = check("ex01_4", sources=[NUMPY, RIGHT.replace("    shifted", extra, 1)])
    assert result.passed, repr(result)


def test_what_numpy_imports_on_its_own_is_never_the_answers_fault():
    source = "def f(x):\n    return x.mean(), (3).__reduce_ex__(2), f'{x}'"
    answer = LocalAnswer(resolve([source], "f"), {"math"})
    answer.define()
    assert answer(np.arange(3.0))[0] == 1.0  # its C code imports numpy._core._methods
    assert answer.refused == []
    imports = Imports({"math"})
    assert imports("datetime", {}, {}, []).__name__ == "datetime"  # as C code asks
    assert imports.refused == []
    with pytest.raises(ImportError, match="`datetime` does not exist in class"):
        imports("datetime")


@pytest.mark.parametrize(
    "sources",
    [
        ["def make():\n    return abs", "softmax = make()"],
        ["for k in range(2):\n    def softmax(x):\n        return x"],
    ],
)
def test_a_function_made_by_running_code_is_to_be_written_as_a_definition(sources):
    result = check("ex01_4", sources=sources)
    assert result.status == "unreadable"
    assert result.hint.startswith("`softmax` is made by running code")
    assert result.hint.endswith("Write `def softmax(...)` at the top level of a cell.")
    assert "argument" not in result.hint


def test_a_letter_made_by_running_code_is_to_be_written_itself():
    hint = check("q00_1", sources=["q00_1 = chr(97)"]).hint
    assert hint.endswith('Write the letter itself, in quotes: `q00_1 = "a"`.')
    assert "argument" not in hint


def test_a_comma_after_the_value_makes_a_tuple():
    source = RIGHT.rstrip().replace("return ", "return (") + "),"
    result = check("ex01_4", sources=[NUMPY, source])
    assert result.status == "failed"
    assert result.hint == "You returned a tuple of one: is there a comma after the value?"


@pytest.mark.parametrize(
    ("sources", "name"),
    [
        (["async def softmax(x):\n    return x"], "softmax"),
        (["async def helper(x):\n    return x", "def softmax(x):\n    return helper(x) + 1"], "helper"),
    ],
)
def test_an_answer_needs_no_async(sources, name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = check("ex01_4", sources=sources)
    assert (result.status, result.points) == ("failed", 0)
    assert result.hint == f"Remove `async` before `def {name}`: an answer is called, not awaited."


@pytest.mark.parametrize(
    "line", ["%time SHIFT = 1", "if True:\n    %time SHIFT = 1", "%time %time SHIFT = 1"]
)
def test_a_timed_assignment_is_an_assignment(line):
    resolved = resolve([line, "def f(x):\n    return x + SHIFT"], "f")
    assert resolved.missing == ()
    assert "SHIFT = 1" in resolved.source


def test_a_magic_that_times_and_forgets_defines_nothing():
    assert resolve(["%timeit SHIFT = 1", "def f(x):\n    return x + SHIFT"], "f").missing == ("SHIFT",)
    assert resolve(["%time\n%time %pwd", "def f(x):\n    return x"], "f").source


@pytest.mark.parametrize(("before", "status"), [([], "missing"), ([STUB], "not attempted")])
def test_an_answer_below_a_cell_magic_is_noticed(before, status):
    result = check("ex01_4", sources=[*before, f"%%timeit -n 3\n{RIGHT}"])
    assert result.status == status
    assert result.hint == (
        "A cell that begins with `%%timeit` keeps what it defines to itself: remove that line above "
        "`softmax` and run the cell again."
    )
    assert check("ex01_4", sources=[f"%%timeit\n{RIGHT}", STUB]).hint == ""


def test_the_solution_opens_after_an_attempt_that_cannot_be_saved(tmp_path, monkeypatch, capsys):
    (tmp_path / "a file").touch()
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "a file" / "progress.sqlite"))
    assert "Try it first" in repr(solution("ex01_4"))
    check("ex01_4", sources=["def softmax(x):\n    return x"])
    assert "keepdims=True" in repr(solution("ex01_4"))
    assert "Try it first" in repr(solution("ex01_5"))
    assert "could not be saved" in capsys.readouterr().out
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "elsewhere.sqlite"))
    assert progress.attempts("ex01_4") == 0


def test_the_docstring_says_what_is_graded():
    assert "Restart Kernel and Run All" in " ".join((check.__doc__ or "").split())
