"""What an answer does to itself costs its case only, and the next exercise on the same server works."""

import dataclasses
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from course_utils.grading.exercise import Case, Exercise, Wrong, find, reference_source
from course_utils.grading.resolver import resolve
from course_utils.grading.sandbox.channel import Channel, Closed
from course_utils.grading.sandbox.layers import Layers, Limits
from course_utils.grading.sandbox.sandbox import Sandbox


def double(x):
    return 2 * x


def halve(x):
    return x / 2


NUMBERS = ("a small one", 1.0), ("a bad one", 2.0), ("another", 3.0)
DOUBLE = Exercise(
    id="ex99_9",
    chapter="99",
    title="Double",
    skill="double",
    reference=double,
    cases=tuple(Case(name, lambda rng, x=x: (np.full(3, x),), f"Hint of {name}.") for name, x in NUMBERS),
    wrong=(Wrong(halve, "You halve."),),
    alternatives=(double,),
)
ENDLESS = "def double(x):\n    while True:\n        pass"
RIGHT = reference_source("ex01_4")

# What happens in the second of three cases; `native` calls C.
BAD = {
    "an endless loop": ("while True:\n    pass", "timed out", "stopped after 0.7 seconds"),
    "an endless loop that catches everything": (
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        "timed out",
        "stopped after 0.7 seconds",
    ),
    "a long sleep": ("import time\ntime.sleep(60)", "timed out", "stopped"),
    "a hog of memory": ("a = []\nwhile True:\n    a.append(np.ones(10**7))", "failed", "allocate"),
    "a hog of small things": ("a = []\nwhile True:\n    a.append([0] * 1000)", None, ""),
    "the end of the process": ("os._exit(0)", "crashed", "exited with status 0"),
    "an end with another status": ("os._exit(3)", "crashed", "exited with status 3"),
    "a segmentation fault": ("native.string_at(1)", "crashed", "segmentation fault"),
    "an abort": ("native.CDLL(None).abort()", "crashed", "the Python process"),
    "endless recursion": ("return double(x)", "failed", "recursion"),
    "recursion that eats the stack": (
        "sys.setrecursionlimit(10**9)\na = []\nfor _ in range(10**6):\n    a = [a]\nreturn repr(a)",
        "crashed",
        "segmentation fault",
    ),
    "a flood of prints": ("while True:\n    print('x' * 1000)", "timed out", "stopped"),
    "the end of the interpreter": ("raise KeyboardInterrupt", "failed", "KeyboardInterrupt"),
    "an error that cannot be told": ("raise Mute", "failed", ""),
    "a result too large": ("return np.zeros(6 * 10**6)", "failed", "at most 32 MB can"),
    "a result of too many parts": ("return [0] * 300_000", "failed", "too large"),
    "bytes in the channel": ("os.write(3, b'x' * 100)", "crashed", ""),
    "a frame that claims gigabytes": (
        "os.write(3, b'\\xff\\xff\\xff\\xff')",
        "crashed",
        "a message of 4294967295",
    ),
    "half a frame, then nothing": ("os.write(3, b'\\0\\0\\1\\0')\nwhile True:\n    pass", "timed out", ""),
    "a slow drip": (
        "os.write(3, b'\\0\\1\\0\\0')\nwhile True:\n    os.write(3, b'x')\n    time.sleep(0.01)",
        "timed out",
        "",
    ),
    "a pickle": ("os.write(3, b'\\0\\0\\0\\x14cos\\nsystem\\n(S\\'true\\'\\ntR.')", "crashed", ""),
    "a closed channel": ("os.close(3)", "crashed", ""),
    "calls of functions that are none": ("send(['call', 0, (1,)])\nwhile True:\n    pass", "crashed", ""),
    "a forged status": ("send(['ended', 'passed', 3])", "crashed", ""),
    "a reply that is no pair": ("send(['value', 1, [], ''])", "crashed", ""),
    "a reply with refused imports that are none": ("send(['value', 1, [2], ''])", "crashed", ""),
    "an error that is no text": ("send(['error', 1, 2, 3, [], ''])", "crashed", ""),
    "too many arguments afterwards": ("send(['value', (1, (2, 3)), [], ''])", "crashed", ""),
}
HELPERS = """
import ctypes as native
import os
import sys
import time
import numpy as np
from course_utils.grading.sandbox.wire import HEADER, encode

class Mute(Exception):
    def __str__(self):
        raise ValueError

def send(message):
    data = encode(message)
    os.write(3, HEADER.pack(len(data)) + data)

"""
ALLOWED = ("ctypes", "os", "time", "sys", "numpy", "course_utils")  # what it takes to misbehave
EXERCISE = dataclasses.replace(DOUBLE, allows=ALLOWED)


@pytest.fixture(scope="module")
def patient():
    """A sandbox with little memory and time enough to fill it."""
    with Sandbox(Limits(call_seconds=20.0, seconds=60.0, memory=2**28)) as shared:
        yield shared


def bad_source(body):
    source = "def double(x):\n    if x[0] == 2.0:\n" + textwrap.indent(body, " " * 8) + "\n    return 2 * x\n"
    return HELPERS + source


@pytest.mark.parametrize("name", BAD)
def test_what_goes_wrong_costs_its_case_only(patient, hasty, name):
    body, status, said = BAD[name]
    sandbox = hasty if status == "timed out" else patient
    graded = sandbox.grade(EXERCISE, resolve([bad_source(body)], "double"), 1)
    result = graded.result
    assert [case.passed for case in result.cases] == [True, False, True], repr(result)
    assert result.points == 2
    assert result.status in ([status] if status else ["failed", "crashed", "timed out"])
    assert said in result.cases[1].message
    assert result.hint
    assert sandbox.grade(find("ex01_4"), resolve([RIGHT], "softmax"), 1).result.passed


def test_an_endless_loop_at_the_top_level(hasty):
    source = "import itertools\n\nBIG = sum(itertools.count())\n\ndef softmax(logits):\n    return BIG"
    begun = time.monotonic()
    result = hasty.grade(find("ex01_4"), resolve([source], "softmax"), 1).result
    assert (result.status, result.points) == ("timed out", 0)
    assert "took too long" in repr(result) or "stopped" in repr(result)
    assert time.monotonic() - begun < 10
    assert hasty.grade(find("ex01_4"), resolve([RIGHT], "softmax"), 1).result.passed


def test_the_whole_exercise_has_a_time_limit():
    cases = tuple(Case(f"{n}", lambda rng: (np.ones(3),), f"Hint {n}.") for n in range(20))
    exercise = dataclasses.replace(DOUBLE, cases=cases)
    with Sandbox(Limits(call_seconds=0.3, seconds=1.0)) as sandbox:
        begun = time.monotonic()
        graded = sandbox.grade(
            exercise, resolve(["def double(x):\n    while True:\n        pass"], "double"), 1
        )
        assert time.monotonic() - begun < 8  # not 20 times 0.3 seconds, on a slow machine
    assert graded.result.status == "timed out"
    assert graded.children <= 5


def test_cpu_time_is_limited_too(sandbox):
    server = sandbox.server()
    channel = Channel(server.fork(1, 2**20), 2**20)
    deadline = time.monotonic() + 60.0  # the judge's clock does not interfere
    assert channel.receive(deadline)[0] == "ready"
    channel.send(["define", "double", ENDLESS, ["numpy"]], deadline)
    assert channel.receive(deadline) == ["value", None, [], ""]
    channel.send(["step", "call", "", 0, [np.ones(3)], {}, False], deadline)
    with pytest.raises(Closed):
        channel.receive(deadline)
    channel.close()
    ended = server.end()
    assert ended.status == -signal.SIGKILL
    assert 0.5 < ended.cpu < 2.5


def test_an_answer_that_lost_its_server_is_tried_again(sandbox):
    server = sandbox.server()
    server.start()
    server._process.kill()
    server._process.wait()
    assert sandbox.grade(find("ex01_4"), resolve([RIGHT], "softmax"), 1).result.passed


def test_a_server_lost_in_the_middle_is_no_fault_of_the_answers():
    with Sandbox(layers=Layers().without("bubblewrap")) as alone:
        killed = []

        def inputs(rng):
            if not killed:
                process = alone.server()._process
                process.kill()
                killed.append(process.wait())
            return (np.ones(3),)

        exercise = dataclasses.replace(DOUBLE, cases=(*DOUBLE.cases, Case("late", inputs, "Hint.")))
        source = "def double(x):\n    return 2 * x"
        assert alone.grade(exercise, resolve([source], "double"), 1).result.passed
        assert killed


def test_nothing_is_left_behind_after_three_hundred_answers():
    with Sandbox() as sandbox:
        task, answer = find("ex01_4"), resolve([RIGHT], "softmax")
        assert sandbox.grade(task, answer, 0).result.passed
        descriptors, children = len(os.listdir("/proc/self/fd")), _descendants()
        passed = sum(sandbox.grade(task, answer, seed).result.passed for seed in range(300))
        assert passed == 300
        assert len(os.listdir("/proc/self/fd")) == descriptors
        assert _descendants() == children
    assert not _descendants() & (children - _descendants())
    assert len(os.listdir("/proc/self/fd")) == descriptors - 2  # the control socket, the server's complaints


JUDGE = """
    import sys
    sys.path.insert(0, sys.argv[1])
    from course_utils.grading.resolver import Resolved
    from course_utils.grading.sandbox.sandbox import Sandbox
    from course_utils.grading.steps import Step
    answer = Sandbox().run(Resolved("f", source="def f():\\n    while True:\\n        pass"), ("numpy",))
    answer.define()
    print("defined", flush=True)
    answer.attempt(Step())
"""


def test_nothing_outlives_a_judge_that_is_killed():
    command = [sys.executable, "-c", textwrap.dedent(JUDGE), str(Path(__file__).parents[3])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as judge:
        assert judge.stdout is not None
        assert judge.stdout.readline() == "defined\n"
        below = _descendants(judge.pid)
        assert len(below) >= 2  # the server and the endless child
        judge.kill()
    limit = time.monotonic() + 20
    while any(Path(f"/proc/{number}").exists() for number in below) and time.monotonic() < limit:
        time.sleep(0.05)
    assert not [number for number in below if Path(f"/proc/{number}").exists()]


def _descendants(process=None):
    """Processes below this one, zombies included."""
    found, todo = set(), [process or os.getpid()]
    while todo:
        for task in Path(f"/proc/{todo.pop()}/task").glob("*/children"):
            numbers = [int(number) for number in task.read_text().split()]
            found |= {*numbers}
            todo += numbers
    return found


@pytest.mark.parametrize("source", ['q01_1 = "b"', "q01_1='B)'", 'q01_1 = "b" + ""', 'q01_1 = "\\x62"'])
def test_a_letter_in_quotes_is_read_and_anything_else_runs(sandbox, source):
    graded = sandbox.grade(find("q01_1"), resolve([source], "q01_1"), 1)
    assert graded.result.cases[0].name == "answer b"
    assert graded.children == ("+" in source or "x62" in source)
