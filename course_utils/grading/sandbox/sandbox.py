"""`Sandbox`: what the class uses to run answers, and to read notebooks, that nobody trusts."""

from __future__ import annotations

import contextlib
import threading
import weakref
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any

import numpy as np

from course_utils.grading.exercise import ALWAYS_ALLOWED, DEFAULT_ALLOWS, Task
from course_utils.grading.grade import grade_resolved
from course_utils.grading.resolver import Resolved
from course_utils.grading.result import CheckResult
from course_utils.grading.sandbox.layers import Layers, Limits
from course_utils.grading.sandbox.reader import MAX_BYTES, Reading, as_reading
from course_utils.grading.sandbox.remote import RemoteAnswer
from course_utils.grading.sandbox.servers import LostError, Server
from course_utils.grading.trials import AnswerError

_READER = "reader"

_DEAR = ("random", "testing")  # parts of NumPy that double the cost of a fork, for answers that name them


@dataclass(frozen=True)
class Graded:
    """A result and what it cost: CPU seconds and largest memory (bytes) in the sandbox, children used."""

    result: CheckResult
    cpu: float = 0.0
    peak: int = 0
    children: int = 0


class Sandbox:
    """Owns the warm servers of this process, and starts each when it is first needed.

    One exercise at a time: it is no help to call it from several threads, which wait for each other.

    Parameters
    ----------
    limits : Limits, optional
        How much an answer may use.
    layers : Layers, optional
        The walls; all, unless a test takes some away.

    Examples
    --------
    ::

        with Sandbox() as sandbox:
            reading = sandbox.read(path.read_bytes(), ["softmax"])
            if not reading.problem:
                graded = sandbox.grade(find("ex01_4"), reading.answers["softmax"], seed)
    """

    def __init__(self, limits: Limits | None = None, layers: Layers | None = None) -> None:
        self.limits, self.layers = limits or Limits(), layers or Layers()
        self._servers: dict[tuple[str, ...], Server] = {}
        self._answer: RemoteAnswer | None = None
        self._lock = threading.RLock()
        weakref.finalize(self, _close, self._servers)  # at the end of the process, if nobody did so before

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def run(self, resolved: Resolved, allowed: Collection[str]) -> RemoteAnswer:
        """Prepare an answer to run; the answer before it is ended.

        This is the `run` of `grade_resolved`.
        """
        with self._lock:
            self.finish()
            packages = set(allowed) - {*ALWAYS_ALLOWED, *DEFAULT_ALLOWS}
            packages |= {f"numpy.{part}" for part in _DEAR if part in resolved.source}
            server = self.server(tuple(sorted(packages)))
            self._answer = RemoteAnswer(server, resolved, allowed, self.limits)
            return self._answer

    def grade(self, task: Task, resolved: Resolved, seed: int) -> Graded:
        """Judge an answer that was taken from a notebook, and say what that cost."""
        with self._lock:
            try:
                return self._grade(task, resolved, seed)
            except LostError:  # the server's end is no fault of the answer's
                return self._grade(task, resolved, seed)

    def _grade(self, task: Task, resolved: Resolved, seed: int) -> Graded:
        self.finish()
        result = grade_resolved(task, resolved, seed, self.run)
        answer = self.finish()
        if answer is None:  # nothing had to run
            return Graded(result)
        if answer.lost is not None:  # the judge took it for an exception of the answer's
            raise answer.lost
        return Graded(result, answer.cpu, answer.peak, answer.children)

    def read(self, data: bytes, names: Sequence[str], chapter: str = "") -> Reading:
        """Take answers from a notebook file; hostile text is parsed in a locked-down child, too.

        Parameters
        ----------
        data : bytes
            The file.
        names : sequence of str
            The answers to look for.
        chapter : str
            Such as "01a": what stands in it as shipped need not be parsed again for every file.
        """
        if len(data) > MAX_BYTES:
            size = f"{len(data) / 2**20:.0f} MB"
            return Reading(problem=f"the file is too large for a notebook: {size}, at most 20 MB are read")
        with self._lock:
            self.finish()
            server = self.server((_READER, chapter))
            self._answer = RemoteAnswer(server, Resolved("notebook"), (), self._reading_limits)
            try:
                value = self._answer.read(np.frombuffer(data, np.uint8), list(names))
                return as_reading(value, list(names))
            except AnswerError as error:
                late = error.kind == "TimeoutError"
                why = "takes too long to read" if late else f"cannot be read ({error.kind})"
                return Reading(problem=f"the notebook {why}")
            except ValueError:
                return Reading(problem="the notebook cannot be read: what came back is no reading")
            finally:
                self.finish()

    @property
    def _reading_limits(self) -> Limits:
        return replace(self.limits, seconds=self.limits.call_seconds)

    def finish(self) -> RemoteAnswer | None:
        """End the child of the last answer, and return that answer."""
        answer, self._answer = self._answer, None
        if answer is not None:
            with contextlib.suppress(LostError):
                answer.close()
        return answer

    def close(self) -> None:
        """End everything."""
        with self._lock:
            self.finish()
            _close(self._servers)

    @property
    def facts(self) -> dict[str, Any]:
        """What the server of plain answers says about itself: process, user, threads, bubblewrap."""
        server = self.server()
        server.start()
        return server.facts

    def server(self, packages: tuple[str, ...] = ()) -> Server:
        """Return the server that has these packages loaded beyond numpy."""
        if packages not in self._servers:
            reader = packages[1] if packages[:1] == (_READER,) else None
            memory = self.limits.memory * (2 if "torch" in packages else 1)
            self._servers[packages] = Server(packages if reader is None else (), reader, self.layers, memory)
        return self._servers[packages]


def _close(servers: dict[tuple[str, ...], Server]) -> None:
    while servers:
        servers.popitem()[1].close()
