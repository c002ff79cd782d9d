"""What hostile values, messages and files may cost the judge itself, and what they may tell a student.

The judge computes with what an answer returned after its time limit has passed: each step there must have a
bound of its own. Bounds are checked by counting, not by clocks.
"""

import functools
import time
from itertools import permutations

import msgpack
import numpy as np
import pytest

from course_utils.grading import hints, judging, values
from course_utils.grading.classroom.grading_one import Settings, forget_judge, grade_one
from course_utils.grading.exercise import Case, Exercise, Wrong, find, reference_source, registry
from course_utils.grading.grade import grade_resolved
from course_utils.grading.judging import judge
from course_utils.grading.resolver import Resolved, resolve
from course_utils.grading.sandbox.layers import Layers
from course_utils.grading.sandbox.reader import as_reading
from course_utils.grading.sandbox.sandbox import Sandbox
from course_utils.grading.sandbox.wire import MalformedError, decode, encode
from course_utils.grading.trials import AnswerError
from course_utils.grading.values import Uncrossable, difference, is_larger, trouble
from tests.grading.hostile.attack import LOAD, notebook
from tests.grading.hostile.attacks_forging import FRAMES
from tests.grading.hostile.conftest import LIMITS

EXERCISES = [task for task in registry().values() if isinstance(task, Exercise)]
LARGEST = 240_000  # parts of a message, nearly
HOSTILE = {
    "small arrays": [np.zeros(1)] * (LARGEST // 2),
    "numbers": [0.5] * LARGEST,
    "lists of numbers": [[0.5] * (LARGEST // 6)] * 5,
    "two kinds of arrays": [[np.zeros(2)] * (LARGEST // 3), [np.zeros(3)] * (LARGEST // 3)],
    "two long lists": ([0.5] * (LARGEST // 3), [0.5] * (LARGEST // 3)),
    "rows without entries": np.zeros((2**31 - 1, 0)),
    "many arrays without entries": [np.zeros((2**31 - 1, 0))] * 5,
    "bytes": np.zeros(2**25, np.uint8),
    "half precision": np.full(2**24, np.nan, np.float16),
    "a text": "x" * 2**25,
    "a long text and many short": ["x" * 10**6, *["y"] * 5000],
    "a text among numbers": [0.5, "x" * 10**6, 0.5],
    "a dict": {number: number for number in range(LARGEST // 2)},
    "huge numbers": [10**299] * 100_000,
    "a huge number": 10**299,
    "lists in lists": functools.reduce(lambda nest, _: [nest], range(29), 0.5),
    "nothing": [],
    "a tuple of nothing": (),
    "what could not cross": Uncrossable("a \x1b[31m thing"),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("task", EXERCISES, ids=lambda task: task.id)
def test_every_exercise_bears_every_value(task, name):
    """No exception leaves the judge; no message is long; it takes seconds at most."""

    class Hostile:
        def attempt(self, step, strict):
            return HOSTILE[name], step.values  # as it came off the wire

    begun = time.process_time()
    result = judge(task, Hostile(), 1)
    assert time.process_time() - begun < 20.0  # some take 0.5 s; without bounds it was minutes
    assert result.points == 0
    assert len(repr(result)) < 20_000


def test_a_text_among_numbers_is_not_made_an_array_of_texts(monkeypatch):
    made = []
    monkeypatch.setattr(values.np, "asarray", lambda value, *a: made.append(value) or np.array(value))
    assert "a list of 3" in difference(np.zeros(3), ["x" * 1000, 1.0, 2.0], 0.0, 0.0)
    assert not any(isinstance(value, list) for value in made)
    assert "a list of 20000" in difference(np.zeros(3), [0.0] * 20_000, 0.0, 0.0)
    assert not any(isinstance(value, list) for value in made)
    assert difference(np.zeros(3), [0.0, 0, np.float32(0)], 0.0, 0.0) is None


def test_only_few_values_are_tried_in_every_order(monkeypatch):
    tried = []
    monkeypatch.setattr(hints, "permutations", lambda got: tried.append(len(got)) or permutations(got))
    for n_values in (2, 5, 6, 12):
        right = tuple(np.full(3, float(n)) for n in range(n_values))
        hint = hints.form_hint(right, right[::-1])
        assert ("another order" in hint) == (n_values <= 5)
    assert tried == [2, 5]


def test_size_is_counted_without_looking_at_all():
    nest = []
    for _ in range(60):
        nest = [nest, nest]  # 2**60 parts, if one followed them all
    assert is_larger(nest, 1000)
    assert is_larger(np.zeros((10**6, 0)), 1000)
    assert is_larger({"a": "x" * 1001}, 1000)
    assert not is_larger({"a": ["x" * 900, np.zeros(50)]}, 1000)


def test_keys_of_one_hash_are_no_keys():
    prime = 2**61 - 1
    assert hash(3 * prime) == hash(5 * prime) == 0
    pack = msgpack.Packer(autoreset=False)
    pack.pack_ext_type(3, (4).to_bytes(4, "big"))
    for number in (3, 5):
        pack.pack_ext_type(6, (number * prime).to_bytes(9, "big"))
        pack.pack(None)
    with pytest.raises(MalformedError, match="a key"):
        decode(pack.bytes())
    for key, kind in ((3 * prime, "a huge number"), ((1, 2), "a tuple"), (frozenset(), "a frozenset")):
        assert trouble({key: 1}) == f"a dict with {kind} as a key"
        assert trouble(decode(encode({"a": {key: 1}}))) == f"a dict with {kind} as a key"
    kept = {"a": 1, 2: 2, 3.5: 3, True: 4, np.int64(7): 5, np.float32(0.5): 6, None: 7}
    assert decode(encode(kept)) == kept


def test_a_call_back_takes_no_more_than_it_should(monkeypatch):
    given = []
    callback = values.Callback(lambda x: given.append(x) or 1.0, 5)
    with pytest.raises(ValueError, match="at most 200,000"):
        callback(np.zeros((10**6, 1, 1), np.uint8))
    assert callback(np.zeros(1000)) == 1.0
    assert len(given) == 1


@pytest.mark.parametrize(
    "line", ["# a remark", "", "   ", "\x00", "(" * 300, "x = = 1", "\ud7ff", "if x:", "'''"]
)
def test_any_line_that_an_answer_claims_to_have_failed_in(line):
    class Undefined:
        refused, stopped, printed = (), "", ""

        def define(self):
            raise AnswerError("X", "y", line)

    result = grade_resolved(find("ex00_1"), Resolved("neuron", "source"), 1, lambda *a: Undefined())
    assert (result.status, result.points) == ("failed", 0)


def test_what_a_rule_says_is_cut():
    def keep(x):
        return x

    case = Case("any", lambda rng: (1.0,), "Hint.", verify=lambda value, x: f"got {value}")
    task = Exercise("ex99_9", "99", "", "", keep, (case,), (Wrong(lambda x: 2 * x, "No."),), (keep,))
    result = judge(task, lambda x: "y" * 100_000)
    assert len(result.cases[0].message) < 3000
    assert len(result.hint) < 3000
    assert judging._LONGEST < 3000


def test_names_and_reasons_of_a_notebook_are_cut():
    long = "n" * 10**6
    answer = {"source": long, "reasons": {long: long}, "imports": (long,), "problem": long, "near": (long,)}
    read = as_reading({"digest": "d", "answers": [answer]}, ["f"]).answers["f"]
    assert len(read.source) == 10**6
    assert (
        max(map(len, (read.problem, *read.imports, *read.near, *read.reasons, *read.reasons.values()))) <= 500
    )


def test_a_server_lost_on_the_way_costs_nobody_a_point(monkeypatch):
    """Its end in the middle of an exercise is not taken for an exception of the answer's."""
    original, killed = judging.steps_of, []

    def steps_of(*args):
        killed.append(1)
        if len(killed) == 2:
            server._process.kill()
            server._process.wait()
        return original(*args)

    monkeypatch.setattr(judging, "steps_of", steps_of)
    with Sandbox(LIMITS, Layers().without("bubblewrap")) as sandbox:
        server = sandbox.server()
        answer = resolve([reference_source("ex00_1")], "neuron")
        assert sandbox.grade(find("ex00_1"), answer, 1).result.passed
    assert len(killed) == 4  # both cases were judged twice


LEAKING = f"""{FRAMES}
def leak(x, weight, bias):
    send(["error", "X", "y", repr([*x, *weight, bias]), [repr(list(x)), repr(list(weight)), repr(bias)], ""])
    load("time").sleep(60)

def neuron(x, weight, bias):
    leak(x, weight, bias)
"""
REMEMBERING = f"""{LOAD}
def neuron(x, weight, bias):
    KNOWN = REPLACED
    return KNOWN[float(x[0])]
"""


@pytest.fixture
def in_class():
    settings = Settings(time_limit=2.0)
    yield lambda data, ids=("ex00_1",): grade_one("a.ipynb", data, list(ids), 99, settings)["results"][0]
    forget_judge()


def test_a_line_that_is_none_of_the_answers_own_is_not_shown(sandbox):
    source = f"{FRAMES}\ndef neuron(x, weight, bias):\n    send(['error', 'X', 'y', repr(x), [], ''])\n"
    result = sandbox.grade(find("ex00_1"), resolve([source], "neuron"), 1).result
    assert "array(" not in result.hint
    source = "def neuron(x, weight, bias):\n    return x.nothing\n"
    assert "`return x.nothing`" in sandbox.grade(find("ex00_1"), resolve([source], "neuron"), 1).result.hint


def test_what_one_attempt_finds_out_is_of_no_use_to_the_next(in_class):
    """A student sends the inputs home by whatever way; the next file meets others."""
    seen = in_class(notebook(LEAKING))
    assert seen["points"] == 0
    source = (
        "def neuron(x, weight, bias):\n    print([*x]); print(repr(float(x @ weight + bias)))\n    return 0.0"
    )
    first = in_class(notebook(source))["printed"]
    lines = first.split("\n")
    known = {
        eval(row.replace("np.float64", ""))[0]: float(value)
        for row, value in zip(lines[::2], lines[1::2], strict=False)
    }
    assert len(known) == 2
    assert (
        in_class(notebook(source))["printed"] == first
    )  # the same file meets the same inputs: a regrade is fair
    result = in_class(notebook(REMEMBERING.replace("REPLACED", repr(known))))
    assert result["points"] == 0
    assert "KeyError" in result["cases"][0]["message"]
