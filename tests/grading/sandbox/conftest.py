"""One sandbox for the tests that need no special one: its servers are warm."""

import sys

import pytest

from course_utils.grading.sandbox.layers import Limits
from course_utils.grading.sandbox.sandbox import Sandbox

if sys.platform != "linux":  # it says so itself, see test_selftest.py
    collect_ignore_glob = ["test_*.py"]

SHORT = Limits(call_seconds=0.7, seconds=4.0)


@pytest.fixture(scope="session")
def sandbox():
    with Sandbox() as shared:
        yield shared


@pytest.fixture(scope="session")
def hasty():
    """A sandbox that waits 0.7 seconds for an answer."""
    with Sandbox(SHORT) as shared:
        yield shared
