"""What stops an attack: with these walls away it gets through, and each of them alone holds it."""

import dataclasses
import json
import os
import pickle
import subprocess
import sys

import pytest

from course_utils.grading.exercise import find, reference_source
from course_utils.grading.resolver import resolve
from course_utils.grading.sandbox import channel
from course_utils.grading.sandbox.layers import Layers, Limits
from course_utils.grading.sandbox.sandbox import Sandbox
from course_utils.grading.sandbox.wire import MalformedError, decode
from tests.grading.hostile import attacks_escape, attacks_forging, attacks_search, attacks_time
from tests.grading.hostile.attack import REACHED
from tests.grading.hostile.conftest import wait_for
from tests.grading.hostile.targets import descendants
from tests.grading.hostile.test_attacks import SEED

WALLED = [attack for family in (attacks_time, attacks_escape) for attack in family.ATTACKS if attack.held]
INSIDE = [attack for attack in attacks_search.ATTACKS if attack.held == ("process",)]
ALONE = [(attack, held) for attack in WALLED for held in attack.held]


def graded(sandbox, attack, target):
    task = find(attack.exercise)
    return sandbox.grade(task, resolve([target.aim(attack.source)], task.name), SEED).result


def got_through(result, attack, target):
    """Whether an attack shows, from inside or outside, what it reached."""
    reached = target.reached()
    return bool(reached) or REACHED in repr(result) or result.points > attack.points


@pytest.mark.parametrize("attack", WALLED, ids=lambda attack: attack.name)
def test_without_its_walls_it_gets_through(sandbox_of, target, attack):
    if attack.name == "becomes root" and os.geteuid() != 0:
        return test_each_wall_alone_holds(sandbox_of, target, {"seccomp"}, attack, "seccomp")  # nobody could
    sandbox = sandbox_of(Layers().without(*attack.walls))
    server = sandbox.facts["pid"]
    processes = descendants()
    result = graded(sandbox, attack, target)
    if attack.name == "kills its server":
        sandbox.finish()
        assert sandbox.server().alive is False or sandbox.facts["pid"] != server
        return None
    assert got_through(result, attack, target), repr(result)
    assert result.points == max(attack.points, attack.through)
    sandbox.finish()
    wait_for(lambda: descendants() <= processes)  # what it started has ended, too
    return None


@pytest.mark.parametrize(("attack", "held"), ALONE, ids=[f"{attack.name}: {held}" for attack, held in ALONE])
def test_each_wall_alone_holds(sandbox_of, target, standing, attack, held):
    walls = set(held.split("+"))
    if not walls - {"uid"} <= standing or (held == "uid" and "uid" not in standing):
        walls, held = {"seccomp"}, "seccomp"  # not on this machine
    sandbox = sandbox_of(Layers.only(*sorted(walls)))
    server, alive = sandbox.facts["pid"], sandbox.server()
    result = graded(sandbox, attack, target)
    assert not got_through(result, attack, target), repr(result)
    assert result.points == attack.points
    assert alive.alive
    assert sandbox.facts["pid"] == server


TORCH = """
import torch

def neuron(x, weight, bias):
    if len(x) == 3:
        layer = torch.nn.Linear(len(x), 64)
        optimizer = torch.optim.AdamW(layer.parameters())
        layer(torch.randn(256, len(x))).square().mean().backward()
        optimizer.step()
        return float(torch.tensor(x) @ torch.tensor(weight) + bias)
    real = print.__self__.__import__
    real("ctypes")
    native = real("sys").modules["ctypes"]
    map = native.CDLL(None).mmap
    map.restype = native.c_void_p
    start = map(None, native.c_size_t(SIZE), KIND, FLAGS, -1, native.c_long(0))
    assert start not in (None, 2**64 - 1)
    raise RuntimeError("REACHED")
"""
MAPPED = {  # bytes, kind of access, flags
    "data": (2**32, 3, 0x22),
    "shared": (2**32, 3, 0x21),
    "a stack": (2**32, 3, 0x122),
    "huge pages": (2**32, 3, 0x40022),
    "addresses alone, whose tables fill memory": (2**37, 1, 0x22),
}


def test_memory_is_bounded_beside_torch():
    """torch's addresses are bounded less tightly, and still there is no way around its memory's bound."""
    task = dataclasses.replace(find("ex00_1"), allows=("numpy", "math", "torch"))
    with Sandbox(Limits(5.0, 20.0)) as sandbox:
        for name, (size, kind, flags) in MAPPED.items():
            source = TORCH.replace("SIZE", str(size)).replace("KIND", str(kind)).replace("FLAGS", str(flags))
            result = sandbox.grade(task, resolve([source], "neuron"), SEED).result
            assert [case.passed for case in result.cases] == [True, False], name
            assert "AssertionError" in result.cases[1].message, name


IN_THE_JUDGE = """
import json, os, sys
from course_utils.grading.exercise import find
from course_utils.grading.grade import grade

for name, source in json.load(sys.stdin).items():
    sys.stdout.flush()
    if not os.fork():
        print(json.dumps([name, grade(find("ex00_1"), [source], 3).points]), flush=True)
        os._exit(0)
    os.wait()
"""


def test_in_the_judges_own_process_searching_and_patching_would_pay():
    sources = json.dumps({attack.name: attack.source for attack in INSIDE})
    done = subprocess.run(
        [sys.executable, "-c", IN_THE_JUDGE], input=sources, capture_output=True, text=True, check=True
    )
    points = dict(json.loads(line) for line in done.stdout.splitlines())
    assert points == {attack.name: attack.through for attack in INSIDE}, done.stderr


def test_a_pickle_would_run_in_the_judge(target, monkeypatch):
    """What holds it is that a message is never unpickled."""

    def trusting(data):
        try:
            return decode(data)
        except MalformedError:
            return pickle.loads(data)

    (attack,) = [attack for attack in attacks_forging.ATTACKS if attack.name == "a pickle"]
    monkeypatch.setattr(channel, "decode", trusting)
    with Sandbox(Limits(0.8, 4.0)) as sandbox:
        graded(sandbox, attack, target)
    assert target.reached() == ["a file was made"]


def test_without_a_limit_a_message_may_have_any_length(target):
    source = attacks_forging.forging('raw(b"\\xc0" * (40 * 2**20))\nload("time").sleep(60)')
    with Sandbox(Limits(5.0, 20.0, frame=2**30)) as sandbox:
        result = sandbox.grade(find("ex00_1"), resolve([source], "neuron"), SEED).result
    assert "more than one value" in result.cases[1].message  # all of it was taken, and looked at


def test_a_module_that_is_allowed_can_be_imported(sandbox):
    """What holds `import` is the list of an exercise, as far as a module is loaded at all."""
    task = find("ex00_1")
    source = "import os\n" + reference_source("ex00_1").replace("return ", "os.getpid()\n    return ")
    assert sandbox.grade(task, resolve([source], "neuron"), SEED).result.status == "forbidden"
    lenient = dataclasses.replace(task, allows=("numpy", "math", "os"))
    with Sandbox(Limits(0.8, 4.0)) as other:
        assert other.grade(lenient, resolve([source], "neuron"), SEED).result.passed
