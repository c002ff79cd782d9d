"""`check`, `solution` and `question` in a real IPython shell."""

import warnings

import pytest

from course_utils.grading import progress
from course_utils.grading.check import check, solution
from course_utils.grading.exercise import find, reference_source, registry
from course_utils.grading.grade import _mistyped, grade
from course_utils.grading.quiz import question
from course_utils.grading.resolver import Resolved


@pytest.fixture
def notebook(capsys, shell):
    """Run cells as a notebook does and return the value of the last one."""

    def run(*cells):
        result = None
        for cell in cells:
            result = shell.run_cell(cell, store_history=True)
        return result.result

    run("from course_utils import check, solution, question", "import numpy as np")
    return run


STUB = "def softmax(logits):\n    '''Return the softmax of every row.'''\n    ...  # your code here"
NAIVE = "def softmax(logits):\n    e = np.exp(logits)\n    return e / e.sum(axis=1, keepdims=True)"
RIGHT = reference_source("ex01_4")


def test_the_way_of_a_learner(notebook):
    assert notebook('check("ex01_4")').status == "missing"
    first = notebook(STUB, 'check("ex01_4")')
    assert (first.status, first.points) == ("not attempted", 0)
    assert repr(first) == "ex01_4 softmax: not attempted (0 of 3 points)"
    assert progress.attempts("ex01_4") == 0
    assert "Try it first" in repr(notebook('solution("ex01_4")'))

    second = notebook(NAIVE, 'check("ex01_4")')
    assert (second.status, second.points) == ("failed", 1)
    assert "Subtract every row's maximum" in second.hint
    assert progress.attempts("ex01_4") == 1
    assert "keepdims=True" in repr(notebook('solution("ex01_4")'))

    third = notebook(RIGHT, 'check("ex01_4")')
    assert (third.status, third.points) == ("passed", 3)
    best = progress.best_results()["ex01_4"]
    assert (best.points, best.attempts, best.solved) == (3, 2, True)


def test_the_second_failure_mentions_hints(notebook):
    first = notebook(NAIVE, 'check("ex01_4")')
    assert "Stuck?" not in repr(first)
    assert 'Stuck? `hint("ex01_4")` helps' in repr(notebook('check("ex01_4")'))
    assert "Stuck?" not in repr(notebook(RIGHT, 'check("ex01_4")'))


def test_magics_and_broken_cells_in_the_history(notebook):
    result = notebook("%time x = 1", "y = = 3", "1 / 0", RIGHT, "!true", 'check("ex01_4")')
    assert result.passed


def test_a_syntax_error_in_the_last_attempt_is_said(notebook):
    result = notebook(RIGHT, "def softmax(logits):\n    return (logits", 'check("ex01_4")')
    assert (result.status, result.points) == ("unreadable", 0)
    assert "`return (logits`" in result.hint


def test_the_answer_runs_apart_from_the_notebook(notebook):
    source = NAIVE.replace("np.exp(logits)", "np.exp(logits) * scale")
    result = notebook("scale = get_ipython().execution_count", source, 'check("ex01_4")')
    assert result.status == "failed"
    assert "`scale` is made by running code in a cell" in result.hint
    assert "NameError" in repr(result)


def test_what_ipython_adds_to_the_builtins_does_not_exist_in_class(notebook):
    for name in ("display", "get_ipython", "open", "input"):
        result = notebook(f"def softmax(logits):\n    {name}()", 'check("ex01_4")')
        assert "NameError" in result.cases[0].message
        assert f"`{name}` does not exist in class" in result.hint


def test_a_missing_name_that_is_never_reached_is_noted(notebook):
    source = RIGHT.replace("    shifted", "    if logits is None:\n        return model\n    shifted")
    result = notebook("model = print(1)", source, 'check("ex01_4")')
    assert result.passed
    assert any("`model` is made by running code" in note for note in result.notes)


@pytest.mark.parametrize("module", ["torch", "course_utils", "sklearn", "scipy"])
def test_imports_that_do_the_work_are_forbidden(module):
    result = check("ex01_4", sources=[f"import {module}", f"def softmax(x):\n    return {module}.softmax(x)"])
    assert (result.status, result.points) == ("forbidden", 0)
    assert f"`{module}`" in result.hint
    assert "in class only math and numpy exist" in result.hint
    inside = check("ex01_4", sources=[f"def softmax(x):\n    import {module} as m\n    return m.softmax(x)"])
    assert inside.status == "forbidden"


def test_an_import_does_not_count_as_an_answer():
    assert check("ex01_4", sources=["from course_utils.nn.functional import softmax"]).status == "forbidden"


def test_exceptions_name_the_learners_line():
    source = "def helper(a):\n    return a @ a[0, 0]\n\ndef softmax(logits):\n    return helper(logits)"
    result = check("ex01_4", sources=[source])
    assert "ValueError" in result.cases[0].message
    assert "`return a @ a[0, 0]`" in result.cases[0].message


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("def softmax(x):\n    raise SystemExit", "SystemExit"),
        ("def softmax(x):\n    quit()", "`quit` does not exist in class"),
        ("def softmax(x):\n    return softmax(x)", "RecursionError"),
        ("def softmax(x, size=1 // 0):\n    return x", "ZeroDivisionError"),
        ("softmax = 3", "TypeError"),
        ("class softmax:\n    size = 3", "TypeError"),
    ],
)
def test_answers_that_stop(source, kind):
    result = check("ex01_4", sources=[source])
    assert (result.status, result.points) == ("failed", 0)
    assert kind in repr(result)


def test_what_the_answer_prints_is_shown_and_cut(capsys):
    source = RIGHT.replace("    shifted", "    print('<i>' * 10_000)\n    shifted")
    result = check("ex01_4", sources=[source])
    assert result.passed
    assert len(result.printed) < 2000
    assert capsys.readouterr().out == ""
    assert "&lt;i&gt;" in result._repr_mimebundle_()["text/html"]


def test_html_escapes_what_comes_from_the_learner():
    attack = "<img src=x onerror=alert(1)>"
    sources = [f"def softmax(logits):\n    raise ValueError({attack!r})", f"q01_1 = {attack!r}"]
    for id, source in zip(("ex01_4", "q01_1"), sources, strict=True):
        bundle = check(id, sources=[source])._repr_mimebundle_()
        assert "<img" not in bundle["text/html"]
        assert "&lt;img" in bundle["text/html"]
        assert attack in " ".join(bundle["text/plain"].split())


def test_state_is_said_in_words():
    for source, word in (
        (RIGHT, "passed"),
        (f"import numpy as np\n{NAIVE}", "failed"),
        (STUB, "not attempted"),
    ):
        bundle = check("ex01_4", sources=[source])._repr_mimebundle_()
        assert f">{word}<" in bundle["text/html"]
        assert f": {word} (" in bundle["text/plain"]


def test_unknown_ids():
    with pytest.raises(ValueError, match="did you mean ex01_4"):
        check("ex1_4", sources=[])
    with pytest.raises(ValueError, match="did you mean"):
        solution("ex01-4")
    with pytest.raises(ValueError, match="expected a quiz question"):
        question("ex01_4")


def test_outside_a_notebook():
    with pytest.raises(RuntimeError, match="sources="):
        check("ex01_4")


def test_warnings_of_an_answer_disturb_nobody():
    source = RIGHT.replace("    shifted", "    import warnings\n    warnings.warn('old')\n    shifted")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert grade(find("ex01_4"), [source]).status == "forbidden"
        assert grade(find("ex01_4"), [f"import numpy as np\n{NAIVE}"]).points == 1


def test_question_and_solution_of_a_quiz():
    text = repr(question("q01_2"))
    assert text.startswith("q01_2. ")
    assert "  b) (0.2, -0.3, 0.1)" in text
    assert "b) (0.2" in question("q01_2")._repr_mimebundle_()["text/html"]
    assert "Try it first" in repr(solution("q01_2"))
    check("q01_2", sources=["q01_2 = 'a'"])
    assert 'q01_2 = "b"' in repr(solution("q01_2"))


def test_no_answer_is_recorded_for_what_was_not_attempted(progress_file):
    for sources in ([], [STUB], ["q01_1 = None"]):
        check("ex01_4", sources=sources)
        check("q01_1", sources=sources)
    assert not progress_file.exists()


def test_names_that_the_notebook_fills_in_later_are_not_taken_for_constants():
    cells = [
        "import numpy as np\nbounds = np.zeros(3)\nruns = []",
        "for k in range(3):\n    bounds[k] = k + 1",
    ]
    result = check("ex01_4", sources=[*cells, "def softmax(logits):\n    return logits / bounds.sum()"])
    assert "name 'bounds' is not defined" in repr(result)
    assert "`bounds` is made by running code in a cell" in result.hint
    derived = ["share = 1 / bounds", "def softmax(logits):\n    return logits * share.sum()"]
    result = check("ex01_4", sources=[*cells, *derived])
    assert "name 'share' is not defined" in repr(result)
    assert result.hint.startswith(
        "`share` comes from another cell and cannot be rebuilt in class: `bounds` is"
    )


def test_an_assignment_that_fails_in_a_fresh_namespace_is_not_the_answers_fault():
    sources = ["k = 2", "half = 1 / k", "k = [0]", "def softmax(logits):\n    return half * logits"]
    result = check("ex01_4", sources=sources)
    assert "TypeError" in result.cases[0].message
    assert result.hint == (
        "`half` comes from another cell and cannot be rebuilt in class. Pass it as an argument or "
        "define it inside."
    )


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        (["def softmax(x):\n    return F.softmax(x)"], "Your answer uses `F` from `course_utils`;"),
        (
            ["def helper(x):\n    return F.softmax(x)", "def softmax(x):\n    return helper(x)"],
            "Your answer uses `helper`, which uses `F` from `course_utils`;",
        ),
        (
            ["def helper(x):\n    import torch\n    return torch", "def softmax(x):\n    return helper(x)"],
            "Your answer uses `helper`, which imports `torch`;",
        ),
        (["import torch\ndef softmax(x):\n    return torch.softmax(x)"], "Your answer uses `torch`;"),
        (["from torch import softmax"], "Your answer imports `torch`;"),
    ],
)
def test_a_forbidden_module_is_named_with_the_way_to_it(sources, said):
    result = check("ex01_4", sources=["import course_utils.nn.functional as F", *sources])
    assert result.status == "forbidden"
    assert result.hint.startswith(said)


TYPO = "def sotfmax(logits):\n    return logits"


@pytest.mark.parametrize(
    ("sources", "status"),
    [
        (["def softmax(logits):\n    return (logits", TYPO], "unreadable"),
        ([STUB, TYPO], "not attempted"),
        ([TYPO], "missing"),
    ],
)
def test_a_mistyped_name_is_noticed(sources, status):
    result = check("ex01_4", sources=sources)
    assert (result.status, result.points) == (status, 0)
    assert "Another cell defines `sotfmax`: did you mean `softmax`?" in result.hint


def test_the_name_of_another_exercise_is_no_typing_mistake():
    names = [task.name for task in registry().values()]
    sources = [f"def {name}():\n    return 1" for name in names if not name.startswith("q")]
    for task in registry().values():
        others = [source for source in sources if f"def {task.name}(" not in source]
        assert "did you mean" not in check(task.id, sources=others).hint
    assert _mistyped(find("ex01_4"), Resolved("softmax", near=("mlp_forward",))) == ""


def test_a_letter_without_quotes():
    result = check("q01_1", sources=["q01_1 = b"])
    assert "NameError" not in repr(result)
    assert result.hint == 'Write your answer as a letter in quotes: `q01_1 = "b"`.'
