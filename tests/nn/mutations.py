"""Flip the sign of one gradient of one primitive, and see whether the suite turns red; for all in turn.

``python -m tests.nn.mutations [NAME ...]`` prints a line of JSON for each: the primitive, the position of the
gradient, and the test that failed (null: none did). Everything is imported once, and each mutation runs in a
forked process: first gradcheck of the primitive, then its comparison with torch, then all of ``tests/nn``. A
test that fails without a mutation tells nothing, and is left out.
"""

from __future__ import annotations

import gc
import importlib.metadata
import json
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from course_utils.nn import primitive
from course_utils.nn.autodiff import computed
from tests.nn.test_gradcheck import CASES, engine_primitives

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests" / "nn"
STAGES = (
    ([TESTS / "test_gradcheck.py"], True),  # only tests that name the primitive
    ([TESTS / "test_functions_against_torch.py"], True),
    (sorted(path for path in TESTS.glob("test_*.py") if path.name != "test_mutations.py"), False),
)
SECONDS_ALLOWED = 1200


@primitive
def untested(x):
    """A primitive that no test knows: every mutation of it must survive."""
    return 2 * x, lambda dy: (2 * dy,)


def gradients_of(operation: Callable[..., Any], calls: list[Any]) -> list[int]:
    """Return the positions at which the calls get a gradient."""
    positions = set()
    for arguments, options in calls:
        value, pullback = operation.vjp(*arguments, **options)  # type: ignore[attr-defined]
        gradients = pullback(np.ones_like(value))
        positions |= {i for i, gradient in enumerate(gradients) if gradient is not None}
    return sorted(positions)


def flip(apply: Callable[..., Any], position: int) -> None:
    """Have a primitive return minus its gradient at a position, on arrays, on tensors and from ``vjp``."""
    cell = apply.__closure__[apply.__code__.co_freevars.index("operation")]  # type: ignore[attr-defined]
    operation = cell.cell_contents

    def flipped(*arguments: Any, **options: Any) -> Any:
        value, pullback = operation(*arguments, **options)

        def turned(dy: Any) -> tuple[Any, ...]:
            gradients = list(pullback(dy))
            if position < len(gradients) and gradients[position] is not None:
                gradient = computed(gradients[position])
                gradients[position] = None if gradient is None else -gradient
            return tuple(gradients)

        return value, turned

    cell.cell_contents = flipped


class FailedTests:
    """A plugin that remembers which tests failed, in which way ever."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.names.append(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            raise RuntimeError(f"{report.nodeid} cannot be collected: {report.longrepr}")


def failing(files: list[Path], options: list[str]) -> list[str]:
    """Return the tests that fail in this process."""
    failed = FailedTests()
    fixed = ["-q", f"--rootdir={ROOT}", "-p", "no:cacheprovider", "-p", "no:xdist"]
    fixed += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # plugins were imported before the fork
    code = pytest.main([*fixed, *options, *map(str, files)], plugins=[failed])
    if code not in (0, 1, 5) or (code == 1) != bool(failed.names):
        raise RuntimeError(f"pytest ended with code {code} and the failures {failed.names}")
    return failed.names


def run_tests(files: list[Path], options: list[str], mutate: Callable[[], None]) -> list[str]:
    """Return the tests that fail in a forked process after `mutate`."""
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        answer, output = Path(folder, "answer.json"), Path(folder, "output.txt")
        child = os.fork()
        if child == 0:
            status = 1
            try:
                with open(output, "w") as stream:
                    os.dup2(stream.fileno(), 1)
                    os.dup2(stream.fileno(), 2)
                signal.alarm(SECONDS_ALLOWED)
                tempfile.tempdir = folder  # what the tests leave goes away with it
                mutate()
                answer.write_text(json.dumps(failing(files, options)))
                status = 0
            except BaseException:  # nothing may leave the fork but its answer
                traceback.print_exc()
                sys.stderr.flush()
            os._exit(status)
        _, status = os.waitpid(child, 0)
        if status:
            raise RuntimeError(f"the tests did not run to an end (status {status}):\n{output.read_text()}")
        return json.loads(answer.read_text())


@cache
def is_red_anyhow(test: str) -> bool:
    """Tell whether a test fails without any mutation."""
    return bool(run_tests([ROOT / test], [], lambda: None))


def killer(operation: Callable[..., Any], position: int, n_stages: int = len(STAGES)) -> str | None:
    """Return the first test that fails when, and only when, the gradient at a position has the wrong sign."""
    for files, by_name in STAGES[:n_stages]:
        options = ["-x", "-k", operation.__name__] if by_name else ["-x"]
        while failed := run_tests(files, options, lambda: flip(operation, position)):
            if not is_red_anyhow(failed[0]):
                return failed[0]
            options.append(f"--deselect={failed[0]}")
    return None


def mutations(names: list[str]) -> Iterator[tuple[str, int, str | None]]:
    """Yield primitive, position and killer; a primitive without known calls yields position -1."""
    everything = engine_primitives() | {"untested": untested}
    calls = CASES | {"untested": [((np.ones(2),), {})]}
    for name in names or everything:
        positions = gradients_of(everything[name], calls.get(name, []))
        if not positions:
            yield name, -1, None
        for position in positions:
            n_stages = 2 if name == "untested" else len(STAGES)
            yield name, position, killer(everything[name], position, n_stages)


def main() -> None:
    """Print the outcomes."""
    os.chdir(ROOT)
    for plugin in importlib.metadata.entry_points(group="pytest11"):
        plugin.load()  # once here instead of in every fork
    gc.freeze()
    os.environ["COURSE_FULL"] = "0"
    for name, position, test in mutations(sys.argv[1:]):
        print(json.dumps([name, position, test]), flush=True)


if __name__ == "__main__":
    main()
