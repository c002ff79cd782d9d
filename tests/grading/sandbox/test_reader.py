"""Hostile and broken notebooks are reported, within limits, and never end the reading of the next one."""

import json
import time

import pytest

from course_utils.grading.exercise import find, reference_source
from course_utils.grading.resolver import resolve
from course_utils.grading.sandbox.layers import Limits
from course_utils.grading.sandbox.reader import Reading, as_reading
from course_utils.grading.sandbox.sandbox import Sandbox
from course_utils.grading.values import Uncrossable

RIGHT = reference_source("ex01_4")
NAMES = ["softmax", "sigmoid"]


@pytest.fixture(scope="module")
def quick():
    """A sandbox that reads for two seconds at most."""
    with Sandbox(Limits(call_seconds=2.0)) as shared:
        yield shared


def notebook(*sources, **more):
    cells = [{"cell_type": "code", "source": source, **more} for source in sources]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def test_a_notebook_as_text_or_lines(sandbox):
    as_text = sandbox.read(notebook("import numpy as np", RIGHT), NAMES)
    as_lines = sandbox.read(notebook(["import numpy as np"], RIGHT.splitlines(keepends=True)), NAMES)
    assert as_text == as_lines
    assert sandbox.read(b"\xef\xbb\xbf" + notebook("import numpy as np", RIGHT), NAMES) == as_text
    assert as_text.answers["softmax"] == resolve(["import numpy as np", RIGHT], "softmax")
    assert as_text.answers["sigmoid"] == resolve([RIGHT], "sigmoid")
    assert as_text.defined == ("softmax",)
    assert len(as_text.digest) == 64
    assert not as_text.problem
    assert sandbox.grade(find("ex01_4"), as_text.answers["softmax"], 1).result.passed


def test_other_cells_do_not_count(sandbox):
    data = json.dumps(
        {"cells": [{"cell_type": "markdown", "source": RIGHT}, {"cell_type": "raw", "source": RIGHT}, {}]}
    )
    read = sandbox.read(data.encode(), NAMES)
    assert (read.defined, read.problem) == ((), "")


def test_all_that_an_answer_says_about_itself_arrives(sandbox):
    sources = [
        "import torch\nmodel = torch.load('x')\nSCALE = 2",
        "def softmax(x):\n    return SCALE * model(torch.relu(x)) + missing",
        "%%timeit\nsigmoid = 3",
        "async def sigmoid(x):\n    pass",
        "b = 'a'\nq01_1 = b",
        "def broken(:",
        "def softmix(x): pass",
    ]
    names = ["softmax", "sigmoid", "q01_1", "broken"]
    read = sandbox.read(notebook(*sources), names)
    assert read.answers == {name: resolve(sources, name) for name in names}
    assert read.answers["softmax"].missing == ("missing", "model")
    assert set(read.defined) == set(names)


HOSTILE = {
    "nothing": (b"", "not JSON"),
    "not JSON": (b"{'cells': []}", "not JSON"),
    "cut": (notebook(RIGHT)[:-20], "not JSON"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not text in UTF-8"),
    "another encoding": (notebook(RIGHT).decode().encode("utf-16"), "not text in UTF-8"),
    "zeros": (b"\0" * 1000, "not JSON"),
    "deep JSON": (b"[" * 10**6, "nested too deep"),
    "deep JSON, closed": (b'{"cells":' * 10**5 + b"1" + b"}" * 10**5, "nested too deep"),
    "a number": (b"3", "no list of cells"),
    "a list": (b"[]", "no list of cells"),
    "no cells": (b"{}", "no list of cells"),
    "cells of text": (b'{"cells": ["a"]}', "no list of cells"),
    "a cell of numbers": (notebook([1, 2]), "something else than text"),
    "a cell of dicts": (notebook({"a": 1}), "something else than text"),
    "an old format": (b'{"worksheets": [{"cells": []}]}', "too old"),
    "50 MB": (notebook(RIGHT) + b" " * (50 * 2**20), "too large for a notebook: 50 MB"),
    "50 MB of outputs": (notebook(RIGHT, outputs="x" * (50 * 2**20)), "too large"),
    "a hundred thousand cells": (notebook(*["x = 1"] * 100_000), "100000 cells, more than 5000"),
    "quadratic magics": (notebook("%magic\n" * 100_000), "takes too long"),
    "quadratic regular expressions": (notebook(("a" * 40 + " ") * 20_000 + "="), ""),
    "endless digits": (b'{"cells": ' + b"9" * 10**6 + b"}", "not JSON"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_reported_within_limits(quick, name):
    data, said = HOSTILE[name]
    begun = time.monotonic()
    read = quick.read(data, NAMES)
    assert time.monotonic() - begun < 15
    assert said in read.problem
    assert bool(read.problem) == bool(said)
    if said:
        assert read == Reading(problem=read.problem)
    assert quick.read(notebook(RIGHT), NAMES).defined == ("softmax",)


ODD = {
    "surrogates": "x = '\ud800'",
    "null bytes": "x = '\0'",
    "deep brackets": "x = " + "(" * 5000 + ")" * 5000,
    "deep minus": "x = " + "-" * 100_000 + "1",
    "a long expression": "x = " + "+".join(["1"] * 50_000),
    "deep indentation": "\n".join(" " * n + "if x:" for n in range(200)),
    "only a magic": "%%bash\nrm -rf /",
    "two thousand magics": "!ls\n" * 500,
    "strange line ends": "x = 1\r\ry = 2\f\x0b\x1c",
    "huge numbers": "x = " + "9" * 10_000,
    "an IPython hook": "get_ipython().register_magics(print)",
    "a byte order mark": "\ufeffx = 1",
}


@pytest.mark.parametrize("name", ODD)
def test_odd_cells_do_not_hide_the_others(sandbox, name):
    read = sandbox.read(notebook(ODD[name], RIGHT), NAMES)
    assert not read.problem, read.problem
    assert read.defined == ("softmax",)
    assert sandbox.grade(find("ex01_4"), read.answers["softmax"], 1).result.passed


def test_an_answer_of_megabytes_is_refused(sandbox):
    read = sandbox.read(notebook(f"def softmax(x):\n    '''{'x' * 10**6}'''\n    return x"), NAMES)
    assert read.answers["softmax"].source == ""
    assert "longer than" in read.answers["softmax"].problem


@pytest.mark.parametrize(
    "value",
    [
        None,
        3,
        [],
        Uncrossable("a set"),
        {},
        {"problem": 3},
        {"digest": "a", "answers": []},
        {"digest": 1, "answers": [{}]},
        {"digest": "a", "answers": [{"stub": 1}]},
        {"digest": "a", "answers": [{"stub": "yes"}]},
        {"digest": "a", "answers": [{"source": 1}]},
        {"digest": "a", "answers": [{"imports": ["numpy"]}]},
        {"digest": "a", "answers": [{"imports": (1,)}]},
        {"digest": "a", "answers": [{"reasons": {"a": 1}}]},
        {"digest": "a", "answers": [{"reasons": {1: "a"}}]},
        {"digest": "a", "answers": [{"run": "me"}]},
        {"digest": "a", "answers": [{}, {}]},
    ],
)
def test_what_a_reading_child_may_not_say(value):
    with pytest.raises(ValueError, match="no reading|no answer"):
        as_reading(value, ["softmax"])


def test_what_it_may_say():
    read = as_reading({"digest": "a", "answers": [{"name": "other", "imports": ("numpy",)}]}, ["softmax"])
    assert read.answers["softmax"].name == "softmax"
    assert as_reading({"problem": "x" * 1000}, ["softmax"]).problem == "x" * 300
