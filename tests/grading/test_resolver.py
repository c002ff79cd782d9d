"""The resolver takes an answer and what it uses from a notebook's text, and nothing else."""

import textwrap

import pytest

from course_utils.grading.cells import read_cells
from course_utils.grading.resolver import resolve


def cells(*sources):
    return [textwrap.dedent(source).strip("\n") for source in sources]


def run(resolved):
    """Execute a resolved answer in a fresh namespace and return the answer."""
    namespace = {}
    exec(compile(resolved.source, "<answer>", "exec", dont_inherit=True), namespace)
    return namespace[resolved.name]


USED = {
    "helper functions": (
        ["def g(x):\n    return h(x) + 1", "def h(x):\n    return 2 * x", "def f(x):\n    return g(x)"],
        (3,),
        7,
    ),
    "mutual recursion": (
        ["def f(n):\n    return n == 0 or odd(n - 1)", "def odd(n):\n    return n != 0 and f(n - 1)"],
        (4,),
        True,
    ),
    "constants of constants": (["A = 2", "B = A**2 + 1", "def f():\n    return B"], (), 5),
    "a constant run again later": (["A = 2", "B = A + 1", "A = 5", "def f():\n    return B"], (), 6),
    "a default argument": (["RATE = 0.5", "def f(x, rate=RATE):\n    return rate * x"], (4,), 2.0),
    "a keyword-only default": (["RATE = 0.5", "def f(x, *, rate=RATE):\n    return rate * x"], (4,), 2.0),
    "a decorator": (
        ["def twice(g):\n    return lambda x: 2 * g(x)", "@twice\ndef f(x):\n    return x + 1"],
        (3,),
        8,
    ),
    "decorators over several lines": (
        ["import functools\n@functools.lru_cache(\n    maxsize=None,\n)\ndef f(x):\n    return x"],
        (3,),
        3,
    ),
    "a decorator defined after its user": (
        [
            "def twice(g):\n    return lambda x: 3 * g(x)",
            "@twice\ndef f(x):\n    return x + 1",
            "def twice(g):\n    return lambda x: scale(2) * g(x)",
            "def scale(x):\n    return x",
        ],
        (3,),
        8,
    ),
    "a class with a base": (
        [
            "class A:\n    size = 3",
            "class B(A):\n    def get(self):\n        return self.size",
            "def f():\n    return B().get()",
        ],
        (),
        3,
    ),
    "a class as the answer's helper of a class body": (
        ["SIZE = 3", "class A:\n    size = SIZE\n    both = size + SIZE", "def f():\n    return A.both"],
        (),
        6,
    ),
    "a lambda": (["f = lambda x: x + ONE", "ONE = 1"], (2,), 3),
    "an alias": (["def g(x):\n    return x + 1", "f = g"], (2,), 3),
    "a name in an f-string": (["UNIT = 'cm'", "def f(x):\n    return f'{x} {UNIT}'"], (3,), "3 cm"),
    "a nested function": (
        ["K = 2", "def f(x):\n    def inner(y):\n        return K * y\n    return inner(x)"],
        (3,),
        6,
    ),
    "a comprehension": (["K = 2", "def f(xs):\n    return [K * x for x in xs if x > K]"], ([1, 3],), [6]),
    "a nested comprehension": (
        ["K = 2", "def f(xs):\n    return [[K * y for y in x] for x in xs]"],
        ([[1]],),
        [[2]],
    ),
    "import with a new name": (["import math as m", "def f(x):\n    return m.floor(x)"], (2.5,), 2),
    "from-import": (["from math import floor as fl, ceil", "def f(x):\n    return fl(x)"], (2.5,), 2),
    "a dotted import": (["import os.path", "def f(x):\n    return os.path.basename(x)"], ("a/b",), "b"),
    "a future import": (
        ["from __future__ import annotations", "def f(x: Undefined) -> int:\n    return x"],
        (3,),
        3,
    ),
    "unpacked constants": (["a, (b, *c) = 1, (2, 3, 4)", "def f():\n    return a, b, c"], (), (1, 2, [3, 4])),
    "an annotated constant": (["LIMIT: int = 3", "def f():\n    return LIMIT"], (), 3),
    "a conditional definition": (
        ["QUICK = True", "if QUICK:\n    N = 3\nelse:\n    N = 30", "def f():\n    return N"],
        (),
        3,
    ),
    "a conditional definition that uses itself": (
        [
            "if True:\n    N = 3\n    M = N + 1\n    def g():\n        return M",
            "def f():\n    return g() + N",
        ],
        (),
        7,
    ),
    "an import with a fallback": (
        [
            "try:\n    import nowhere_to_be_found as m\nexcept ImportError:\n    import math as m",
            "def f(x):\n    return m.sqrt(x)",
        ],
        (4,),
        2.0,
    ),
    "a constant computed by numpy": (
        [
            "import numpy as np",
            "W = np.array([1.0, 2.0]).sum() + np.sqrt(4)",
            "def f():\n    return float(W)",
        ],
        (),
        5.0,
    ),
    "a constant by comprehension": (
        ["SQUARES = [k**2 for k in range(4)]", "def f(k):\n    return SQUARES[k]"],
        (3,),
        9,
    ),
    "a global counter": (
        ["count = 0", "def f():\n    global count\n    count += 1\n    return count"],
        (),
        1,
    ),
    "a global made by the function": (
        ["def f():\n    global made\n    made = 4\n    return made"],
        (),
        4,
    ),
    "statements on one line": (["A = 1; B = 2; print('no')", "def f(): return A + B"], (), 3),
    "several statements after an umlaut": (["ä = 'ü'; B = 2", "def f(): return ä, B"], (), ("ü", 2)),
    "unicode names, normalised": (["ﬁne = 3", "def f():\n    return fine"], (), 3),
    "line ends of Windows": (["K = 2\r\n", "def f(x):\r\n    y = K * x\r\n    return y\r\n"], (3,), 6),
    "an indented cell": (["    K = 2\n    def f(x):\n        return K * x"], (3,), 6),
    "a local that shadows experiment code": (
        [
            "x = input('?')",
            "def f(x):\n    total = x\n    for k in range(2):\n        total += k\n    return total",
        ],
        (1,),
        2,
    ),
    "an exception's name": (
        [
            "e = load()",
            "def f():\n    try:\n        1 / 0\n    except ZeroDivisionError as e:\n        return str(e)",
        ],
        (),
        "division by zero",
    ),
    "walrus and match": (
        [
            "def f(x):\n    if (n := x + 1) > 2:\n        match [n, 4]:\n            case [a, b]:\n"
            "                return a + b\n    return 0"
        ],
        (2,),
        7,
    ),
    "star arguments": (["def f(*args, **more):\n    return sum(args) + more['z']"], (1, 2), None),
}


@pytest.mark.parametrize("name", USED)
def test_what_is_used_travels(name):
    sources, args, expected = USED[name]
    resolved = resolve(sources, "f")
    assert resolved.missing == ()
    assert resolved.problem == ""
    answer = run(resolved)
    if name == "star arguments":
        assert answer(*args, z=3) == 6
    else:
        assert answer(*args) == expected


def test_what_is_not_used_stays():
    resolved = resolve(
        cells(
            "import os, numpy as np, torch",
            "SECRET = 1\nprint('experiment')",
            "def helper():\n    return SECRET",
            "def f(x):\n    return np.sum(x)",
            "for k in range(3):\n    f([k])",
        ),
        "f",
    )
    assert resolved.source == "import numpy as np\n\ndef f(x):\n    return np.sum(x)"
    assert resolved.imports == ("numpy",)


def test_the_last_definition_wins():
    sources = [
        "def f():\n    return g()",
        "def g():\n    return 1",
        "def f():\n    return 10 * g()",
        "def g():\n    return 2",
    ]
    assert run(resolve(sources, "f"))() == 20


def test_a_statement_that_binds_two_names_travels_once():
    resolved = resolve(["a, b = 1, 2", "def f():\n    return a + b"], "f")
    assert resolved.source.count("a, b = 1, 2") == 1


MISSING = {
    "a result of notebook code": (
        ["model = train(3)", "def f(x):\n    return model(x)"],
        "model",
        "running code in a cell",
    ),
    "a loop variable": (
        ["for k in range(3):\n    pass", "def f():\n    return k"],
        "k",
        "running code in a cell",
    ),
    "a file": (
        ["with open('x') as file:\n    text = file.read()", "def f():\n    return text"],
        "text",
        "running code",
    ),
    "a file read by numpy": (
        ["import numpy as np\nX = np.load('x.npy')", "def f():\n    return X"],
        "X",
        "running code",
    ),
    "an augmented constant": (["n = 0", "n += 1", "def f():\n    return n"], "n", "running code in a cell"),
    "a walrus": (["print(n := 3)", "def f():\n    return n"], "n", "running code in a cell"),
    "a walrus in a comprehension": (
        ["[last := k for k in range(3)]", "def f():\n    return last"],
        "last",
        "running code",
    ),
    "a drawn number": (
        ["import numpy as np\nrng = np.random.default_rng(0)", "w = rng.normal()", "def f():\n    return w"],
        "w",
        "running code in a cell",
    ),
    "a shadowed builtin": (
        ["def abs(x):\n    return x", "K = abs(-1)", "def f():\n    return K"],
        "K",
        "running code",
    ),
    "an overwritten constant": (
        ["K = 1", "K = fit()", "def f():\n    return K"],
        "K",
        "Pass it as an argument",
    ),
    "a conditional experiment": (
        ["if QUICK:\n    data = load()", "def f():\n    return data"],
        "data",
        "running code",
    ),
    "a deleted constant": (["K = 1", "del K", "def f():\n    return K"], "K", "was deleted by `del K`"),
    "a deleted function": (["def g():\n    pass\n", "del (g)", "def f():\n    return g()"], "g", "deleted"),
    "a typing mistake": (["def f(logits):\n    return logit + 1"], "logit", "typing mistake"),
    "a star import": (
        ["from numpy import *", "def f(x):\n    return exp(x)"],
        "exp",
        "`from numpy import exp`",
    ),
    "the notebook's display": (["def f(x):\n    display(x)"], "display", "does not exist in class"),
    "the last output": (["def f():\n    return _ + 1"], "_", "does not exist in class"),
    "a name used by a helper": (
        ["data = load()", "def g():\n    return data", "def f():\n    return g()"],
        "data",
        "running",
    ),
    "a name in a default": (["data = load()", "def f(x=data):\n    return x"], "data", "running code"),
    "a name in a class body": (
        ["data = load()", "class A:\n    x = data", "def f():\n    return A.x"],
        "data",
        "running",
    ),
    "a name in a comprehension's source": (
        ["rows = load()", "def f():\n    return [r for r in rows]"],
        "rows",
        "running",
    ),
    "a name deep inside": (
        ["rows = load()", "def f():\n    def g():\n        return lambda: rows\n    return g()()"],
        "rows",
        "running code",
    ),
    "an assigned magic": (["names = !ls", "def f():\n    return names"], "names", "running code"),
    "an annotation without a value": (["K: int", "def f():\n    return K"], "K", "typing mistake"),
    "a subscript is no definition": (["K = load()\nK[0] = 3", "def f():\n    return K"], "K", "running code"),
    "something awaited": (["K = await result", "def f():\n    return K"], "K", "running code"),
    "a constant made from itself": (
        ["K = 1", "K = K + 1", "def f():\n    return K"],
        "K",
        "its own earlier value",
    ),
    "constants in a circle": (
        ["A = 1", "B = A + 1", "A = 2 * B", "def f():\n    return B"],
        "B",
        "its own earlier",
    ),
    "a constant computed from a result": (
        ["data = load()", "half = data / 2", "def f():\n    return half"],
        "half",
        "`data` is made by running code",
    ),
    "a file opened": (["def f():\n    return open('x')"], "open", "does not exist in class"),
    "a global, unlike a local elsewhere": (
        ["rows = load()", "def g(rows):\n    return rows", "def f():\n    return rows + g(1)"],
        "rows",
        "running code",
    ),
}


@pytest.mark.parametrize("name", MISSING)
def test_what_will_not_exist_in_class_is_named_with_a_reason(name):
    sources, missing, reason = MISSING[name]
    resolved = resolve(sources, "f")
    assert resolved.missing == (missing,)
    assert reason in resolved.reasons[missing]
    assert f"`{missing}`" in resolved.reasons[missing]


def test_experiment_code_never_travels():
    resolved = resolve(
        ["SIDE = []\nSIDE.append(1)", "data = open('/dev/null').read()", "def f():\n    return SIDE, data"],
        "f",
    )
    assert "append" not in resolved.source
    assert "open" not in resolved.source
    assert resolved.missing == ("SIDE", "data")


CHANGES = [
    "K[0] = 3",
    "K[0] += 3",
    "K += [3]",
    "K.size = 3",
    "K[0].size[1] = 3",
    "del K[0]",
    "K.append(3)",
    "last = K.pop()",
    "K[0].update(a=3)",
    "for k in range(3):\n    K[k] = k",
    "for k in range(3):\n    if k:\n        K.append(k)",
    "for K[0] in range(3):\n    pass",
    "for row in K:\n    row[0] = 3",
    "for i, row in enumerate(K):\n    row.append(i)",
    "[row.append(3) for row in K]",
    "with open('x') as K[0]:\n    pass",
    "while len(K) < 3:\n    K.append(1)",
    "(a, K[0]) = 1, 2",
    "np.add.at(K, 0, 1)",
    "rng.shuffle(K)",
    "np.exp(3, out=K)",
    "L = K\nL.append(3)",
    "L = K[0]\nL[1] = 3",
    "L = K\nL += [3]",
    "L = K\nM = L\nM[0] = 3",
    "for k in range(3):\n    row = K[k]\n    row[0] = 3",
    "def g():\n    pass\nK[0] = g()",
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_name_changed_later_is_no_constant(change):
    sources = ["import numpy as np\nK = J = [[0], {}, 1]", change]
    for name in "KJ" if change != "K += [3]" else "K":
        resolved = resolve([*sources, f"def f():\n    return {name}"], "f")
        assert resolved.missing == (name,)
        assert resolved.reasons[name].startswith(f"`{name}` is made by running code in a cell")
        assert "[0]" not in resolved.source
    assert resolve([*sources, "K = [5]", "def f():\n    return K"], "f").missing == ()


UNCHANGED = [
    "print(K)\nK.copy()\nsum(K)",
    "x = sorted(K)\nx.append(3)",
    "L = list(K)\nL.append(3)",
    "for k in K:\n    print(k)",
    "for k in range(len(K)):\n    K2[k] = 3",
    "def g(K):\n    K.append(3)",
    "g = lambda K: K.append(3)",
    "class A:\n    K = []\n    K.append(3)",
    "L = K\nL = []\nL.append(3)",
    "M = N\nM += 1",
    "np.random.seed(0)\nnp.size = 3",
    "h.calls = 3",
]


@pytest.mark.parametrize("code", UNCHANGED)
def test_a_name_only_read_stays_a_constant(code):
    first = "import numpy as np\nK = [1, 2]\nN = 3\ndef h():\n    return np.sum(K) + N"
    resolved = resolve([first, code, "def f():\n    return h()"], "f")
    assert resolved.missing == ()
    assert run(resolved)() == 6


def test_a_function_may_change_what_it_travels_with():
    sources = ["MEMO = {}", "def f(n):\n    MEMO[n] = n\n    MEMO.update(a=1)\n    return len(MEMO)"]
    assert run(resolve(sources, "f"))(3) == 2


def test_an_answer_made_by_experiment_code_is_a_problem():
    resolved = resolve(["f = make_answer()"], "f")
    assert resolved.source == ""
    assert "made by running code" in resolved.problem
    assert "was deleted" in resolve(["def f():\n    pass", "del f"], "f").problem


def test_a_name_that_is_not_defined():
    resolved = resolve(["def g():\n    pass", "x = f(3)"], "f")
    assert (resolved.source, resolved.problem, resolved.missing) == ("", "", ())


READABLE = {
    "line magic": ["%matplotlib inline\n%load_ext x\nK = 2", "def f(): return K"],
    "shell line": ["!pip list\nK = 2", "def f(): return K"],
    "help lines": ["?print\nprint?\nprint??\nK = 2", "def f(): return K"],
    "magic in a block": ["K = 2\nif True:\n    %time K\n    pass", "def f(): return K"],
    "%%time": ["%%time\nK = 2", "%%time\ndef f(): return K"],
    "a modulo that looks like magic": ["K = (17\n     % 5)", "def f(): return K"],
    "magic beside a docstring with a percent sign": [
        "%matplotlib inline\nK = 2\ndef f():\n    '''Doc.\n    % of people\n    '''\n"
        "    return K if '%' in f.__doc__ else 0"
    ],
    "an unrelated syntax error": ["def broken(:\n    pass", "K = 2", "x = = 3", "def f(): return K"],
    "a null byte elsewhere": ["x = '\0'", "K = 2", "def f(): return K"],
    "a lone surrogate elsewhere": ["x = '\ud800'", "K = 2", "def f(): return K"],
    "absurd nesting elsewhere": ["(" * 5000 + ")" * 5000, "K = 2", "def f(): return K"],
    "another language": ["%%bash\ndef f(", "%%html\n<b>", "K = 2", "def f(): return K"],
    "top-level await": ["await something()", "K = 2", "def f(): return K"],
    "empty cells": ["", "\n\n", "# only a comment", "K = 2", "def f(): return K"],
    "a repaired syntax error": ["def f(:\n    return 3", "K = 2", "def f(): return K"],
}


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@pytest.mark.parametrize("name", READABLE)
def test_cells_as_people_write_them(name):
    assert run(resolve(READABLE[name], "f"))() == 2


def test_a_broken_last_attempt_is_reported_although_an_older_one_runs():
    resolved = resolve(["def f():\n    return 1", "def f():\n    return (2"], "f")
    assert resolved.source == ""
    assert "syntax error" in resolved.problem
    assert "line 2" in resolved.problem
    assert "`return (2`" in resolved.problem
    assert "syntax error" in resolve(["q = 'b"], "q").problem


def test_text_in_cells_of_magics_defines_nothing():
    assert resolve(["%%writefile x.py\ndef f():\n    return 1"], "f").source == ""
    assert resolve(["%%timeit\ndef f():\n    return 1"], "f").source == ""
    assert resolve(["text = '''\ndef f():\n    return 1\n'''"], "f").source == ""


def test_imports_are_listed_wherever_they_stand():
    resolved = resolve(
        cells(
            "import numpy as np, torch",
            "from sklearn.metrics import accuracy_score",
            """
            def helper(x):
                import course_utils.nn.functional as F
                from . import sibling
                return F.relu(x)
            """,
            "def f(x):\n    return accuracy_score(x, helper(x))",
        ),
        "f",
    )
    assert resolved.imports == (".", "course_utils", "sklearn")


def test_source_keeps_the_learners_own_lines():
    source = "def f(x):  # my answer\n    return (x  # why\n            + 1)"
    assert resolve([f"A = 1; B = 2\n{source}\nprint(f(1))"], "f").source == source


def test_hostile_text_is_only_read(tmp_path):
    mark = tmp_path / "mark"
    resolve([f"open({str(mark)!r}, 'w')", f"K = open({str(mark)!r}, 'w')", "def f():\n    return K"], "f")
    assert not mark.exists()


def test_read_cells_reports_what_it_cannot_read():
    broken = read_cells(["x = 1\ny = = 2"])[0]
    assert broken.statements == ()
    assert "line 2" in broken.error


def test_loop_variables_of_a_comprehension_are_its_own():
    sources = [
        "k = load()",
        "ROWS = [[1, 2], [3]]",
        "FLAT = [x for row in ROWS for x in row]",
        "BOTH = [k for k in range(2)] + [{x: y for x, y in [(1, 2)]}]",
        "CALLS = [lambda: j for j in range(2)]",
        "def f():\n    return FLAT, BOTH, len(CALLS)",
    ]
    resolved = resolve(sources, "f")
    assert resolved.missing == ()
    assert run(resolved)() == ([1, 2, 3], [0, 1, {1: 2}], 2)
    mixed = ["k = load()", "A = [k for k in range(2)] + [j + k for j in range(2)]", "def f():\n    return A"]
    assert resolve(mixed, "f").missing == ("A",)
    assert "`k` is made by running code" in resolve(mixed, "f").reasons["A"]


def test_annotations_count_as_they_are_evaluated():
    sources = [
        "Array = load()",
        "def f(x: Array, *args: Array, size: Array = 3) -> Array:\n    y: Array = x\n    return y",
    ]
    assert resolve(sources, "f").missing == ("Array",)
    assert resolve(["from __future__ import annotations", *sources], "f").missing == ()
    assert resolve(["Array = load()", "N: Array = 3", "def f():\n    return N"], "f").missing == ("N",)
