"""The proof of the proof: one gradient with the wrong sign, and the suite turns red. See mutations.py."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.nn.test_gradcheck import engine_primitives

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [
    pytest.mark.full,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="mutations run in forked processes"),
]


@pytest.fixture(scope="module")
def outcomes():
    """Return {primitive: {position of the gradient: the test that saw the flip, or None}}."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.nn.mutations"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    found = {}
    for name, position, test in map(json.loads, done.stdout.splitlines()):
        found.setdefault(name, {})[position] = test
    return found


@pytest.mark.parametrize("name", engine_primitives())
def test_a_flipped_sign_turns_the_suite_red(name, outcomes):
    assert -1 not in outcomes[name], f"no call of {name} is known: give it an entry in GRADCHECKS"
    survivors = [position for position, test in outcomes[name].items() if test is None]
    assert not survivors, f"no test sees the wrong sign of the gradients {survivors} of {name}"


def test_a_primitive_without_tests_is_reported(outcomes):
    assert outcomes["untested"] == {0: None}
