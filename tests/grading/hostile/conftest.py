"""The sandbox that the hostile class meets, its targets, and a look at the surroundings afterwards."""

import builtins
import hashlib
import os
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from course_utils.grading import grade, judging, values
from course_utils.grading.sandbox import channel, remote, wire
from course_utils.grading.sandbox.layers import Layers, Limits
from course_utils.grading.sandbox.sandbox import Sandbox
from course_utils.grading.sandbox.servers import bubblewrap_command
from tests.grading.hostile.targets import descendants, targets

if sys.platform != "linux":
    collect_ignore_glob = ["test_*.py"]

LIMITS = Limits(call_seconds=0.8, seconds=4.0, memory=2**27)
PACKAGE = Path(grade.__file__).parents[1]
WATCHED = (PACKAGE / "grading" / "sandbox", Path(__file__).parent)
JUDGES_MODULES = (np, builtins, grade, judging, values, channel, remote, wire)


def fingerprint():
    """What attacks might change in the judge's process and in the repository."""
    files = sorted(path for folder in WATCHED for path in folder.rglob("*.py"))
    return {
        "files": {path: hashlib.sha256(path.read_bytes()).digest() for path in files},
        "environment": dict(os.environ) | {"PYTEST_CURRENT_TEST": ""},
        "process": {
            "folder": os.getcwd(),
            "user": os.getuid(),
            "recursion": sys.getrecursionlimit(),
            **np.geterr(),
        },
        **{
            module.__name__: {name: id(value) for name, value in vars(module).items()}
            for module in JUDGES_MODULES
        },
    }


@pytest.fixture(scope="session")
def target():
    with targets() as shared:
        yield shared


@pytest.fixture(scope="session")
def sandbox():
    with Sandbox(LIMITS) as shared:
        assert shared.facts
        shared.server(("reader", "")).start()
        yield shared


@pytest.fixture(scope="module")
def sandbox_of():
    """Sandboxes with other walls, each made once."""
    made = {}

    def of(layers):
        if layers not in made:
            made[layers] = Sandbox(LIMITS, layers)
        return made[layers]

    yield of
    for one in made.values():
        one.close()


@pytest.fixture(scope="session")
def standing():
    """Walls that this machine can build."""
    names = set(Layers().names) - (set() if bubblewrap_command() else {"bubblewrap"})
    return names - (set() if os.geteuid() == 0 else {"uid"})


@pytest.fixture(scope="module", autouse=True)
def surroundings(sandbox, target):
    """Nothing is changed, reached or left behind when the attacks of a module are over."""
    before, processes = fingerprint(), descendants()
    yield
    after = fingerprint()
    for key, value in before.items():
        assert {name: after[key].get(name) for name in value} == value, (
            key
        )  # numpy loads parts of itself late
    sandbox.finish()
    wait_for(lambda: descendants() <= processes)
    assert target.reached() == []


def wait_for(condition, seconds=10.0):
    """Wait until processes that were ended are gone."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
