"""An answer that runs in a locked-down child: the judge's side of it."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Collection
from typing import Any

from course_utils.grading.resolver import Resolved
from course_utils.grading.sandbox.channel import Channel, Closed, Late
from course_utils.grading.sandbox.layers import Limits
from course_utils.grading.sandbox.servers import Ended, SandboxError, Server
from course_utils.grading.sandbox.wire import Function, MalformedError
from course_utils.grading.steps import Step
from course_utils.grading.trials import AnswerError, floating_point
from course_utils.grading.values import Uncrossable, trouble

_LITERAL = r"""(['"])([\w .()]{0,20})\1"""  # such as "b"
_READY_SECONDS = 30.0  # for a fork on a machine that is very busy


class RemoteAnswer:
    """An answer in a child of a server; see `Answer` and `LocalAnswer`.

    A child that hangs, crashes or talks nonsense is ended, which costs the case concerned; the next step has
    a new child, while the time for the whole exercise lasts.

    Parameters
    ----------
    server : Server
        Forks the children.
    resolved : Resolved
        The answer.
    allowed : collection of str
        Packages that it may import.
    limits : Limits
        How much it may use.

    Attributes
    ----------
    refused : list of str
        Packages that it asked for and may not import.
    stopped : str
        "timed out" or "crashed" if a child had to be ended, else empty.
    lost : SandboxError or None
        Set if a step failed because the server was lost, which is no fault of the answer's.
    cpu, peak, children : float, int, int
        CPU seconds and largest memory of all its children, and how many there were.
    """

    def __init__(self, server: Server, resolved: Resolved, allowed: Collection[str], limits: Limits) -> None:
        self._server, self._resolved, self._limits = server, resolved, limits
        self._allowed = sorted(allowed)
        self._channel: Channel | None = None
        self._left = limits.seconds
        self._literal = re.fullmatch(rf"{re.escape(resolved.name)} *= *{_LITERAL}", resolved.source)
        self._lines = {line.strip()[:300] for line in resolved.source.split("\n")}
        self.lost: SandboxError | None = None
        self.refused: list[str] = []
        self.printed = ""
        self.stopped = ""
        self.cpu, self.peak, self.children = 0.0, 0, 0

    def define(self) -> None:
        """Execute the definitions in a new child; AnswerError if that raises.

        A letter in quotes, as quiz questions ask for, needs no child: it is read.
        """
        if self._literal is None:
            self._start()

    def _start(self) -> None:
        self._fork()
        self._ask("define", self._resolved.name, self._resolved.source, self._allowed)

    @property
    def value(self) -> Any:
        """What the answer's name stands for."""
        if self._literal is not None:
            return self._literal[2]
        self._renew()
        return self._ask("fetch")

    def attempt(self, step: Step, strict: bool = False) -> tuple[Any, tuple[Any, ...]]:
        """Do a step; return what came back, and the arguments as they are afterwards."""
        try:
            return self._step(step, strict)
        except SandboxError as error:
            self.lost = error
            raise

    def _step(self, step: Step, strict: bool) -> tuple[Any, tuple[Any, ...]]:
        self._renew()
        functions = [value for value in step.values if callable(value)]
        given = [Function(functions.index(v)) if callable(v) else v for v in step.values]
        found = next((text for v in given if not isinstance(v, Function) and (text := trouble(v))), None)
        if found:
            raise TypeError(f"expected arguments that can cross to an answer, got {found}")
        named = dict(zip(step.keywords, given[len(step.args) :], strict=True))
        body = (step.kind, step.name, step.object, given[: len(step.args)], named, strict)
        reply = self._ask("step", *body, functions=functions, strict=strict)
        if not (isinstance(reply, tuple) and len(reply) == 2 and isinstance(reply[1], tuple)):
            raise self._stop("crashed", "a message that no answer sends")
        value, after = reply
        if len(after) != len(given):
            raise self._stop("crashed", "a message that no answer sends")
        return value, after

    def close(self) -> Ended:
        """End the child."""
        if self._channel is None:
            return Ended()
        self._channel.close()
        self._channel = None
        ended = self._server.end()
        self.cpu, self.peak = self.cpu + ended.cpu, max(self.peak, ended.peak)
        return ended

    def read(self, *body: Any) -> Any:
        """Have a child of the reader kind do its one task."""
        self._fork()
        return self._ask("read", *body)

    def _renew(self) -> None:
        """Define the answer in a new child if the last one was ended."""
        if self._channel is None:
            self._start()

    def _fork(self) -> None:
        self.close()
        if self._left <= 0:
            raise AnswerError(*self._out_of_time(self._limits.seconds))
        limit = self._limits.frame
        self._channel = Channel(self._server.fork(math.ceil(self._left) + 1, limit), limit)
        self.children += 1
        try:
            ready = self._channel.receive(time.monotonic() + _READY_SECONDS)
        except (Late, Closed, MalformedError):
            ready = None
        if not (isinstance(ready, list) and ready[:1] == ["ready"]):
            why = f"it said {ready}" if ready else f"exit status {self.close().status}"
            raise SandboxError(f"a child did not lock itself down: {why}")

    def _ask(
        self, *request: Any, functions: list[Callable[..., Any]] | None = None, strict: bool = False
    ) -> Any:
        """Send a request, serve call-backs, and return the value that comes back."""
        assert self._channel is not None
        begun = time.monotonic()
        allowance = min(self._limits.call_seconds, self._left)
        try:
            self._channel.send(list(request), begun + allowance)
            while True:
                message = self._channel.receive(begun + allowance)
                if not _is_call(message, functions or []):
                    break
                reply = _served((functions or [])[message[1]], message[2], strict)
                self._channel.send(reply, begun + allowance)
            return self._taken(message)
        except Late:
            raise self._stop("timed out", "", allowance) from None
        except Closed:
            raise self._stop("crashed", "", allowance) from None
        except MalformedError as error:
            raise self._stop("crashed", str(error)) from None
        finally:
            self._left -= time.monotonic() - begun

    def _taken(self, message: Any) -> Any:
        """Take a reply apart; MalformedError if it is none."""
        kind, *body = message if isinstance(message, list) and message else [""]
        if kind not in ("value", "error") or len(body) != (3 if kind == "value" else 5):
            raise MalformedError("a message that no answer sends")
        *said, refused, printed = body
        if not (isinstance(refused, list) and all(_is_text(name) for name in refused) and _is_text(printed)):
            raise MalformedError("a message that no answer sends")
        self.refused += [name[:60] for name in refused[:20] if name[:60] not in self.refused]
        self.printed = printed[:2000]
        if kind == "value":
            return said[0]
        if not all(_is_text(part) for part in said):
            raise MalformedError("a message that no answer sends")
        error, message, line = said
        raise AnswerError(error, message, line if line[:300] in self._lines else "")

    def _stop(self, status: str, detail: str, allowance: float = 0.0) -> AnswerError:
        """End the child; the error says why in plain words."""
        ended = self.close()
        if (
            status == "crashed"
            and ended.status in (-9, -24)
            and ended.cpu >= math.floor(self._limits.seconds)
        ):
            status = "timed out"  # its CPU time was up
        self.stopped = self.stopped or status
        if status == "timed out":
            return AnswerError(*self._out_of_time(allowance or self._limits.seconds))
        return AnswerError("Crash", *_crash(ended.status, detail))

    def _out_of_time(self, seconds: float) -> tuple[str, str, str, str]:
        return (
            "TimeoutError",
            f"it was stopped after {seconds:.3g} seconds",
            "",
            "Your answer was stopped because it took too long: look for a loop that never ends, or for a "
            "Python loop over what one array operation does at once.",
        )


def _crash(status: int, detail: str) -> tuple[str, str, str]:
    """Say how a child ended that was not meant to."""
    hint = "Your answer ended the whole process it ran in; an answer is to return its result."
    if detail:
        return f"your answer sent {detail}", "", "An answer is to return its result, and nothing else."
    if status == -11:
        return "the Python process crashed (segmentation fault)", "", hint
    if status < 0:
        return f"the Python process was ended by signal {-status}", "", hint
    return f"the Python process exited with status {status}", "", hint


def _is_text(value: Any) -> bool:
    return type(value) is str


def _is_call(message: Any, functions: list[Callable[..., Any]]) -> bool:
    """Whether a message asks for one of the judge's functions."""
    return (
        isinstance(message, list)
        and len(message) == 3
        and message[0] == "call"
        and type(message[1]) is int
        and 0 <= message[1] < len(functions)
        and isinstance(message[2], tuple)
    )


def _served(function: Callable[..., Any], args: tuple[Any, ...], strict: bool) -> list[Any]:
    """Call one of the judge's functions for the answer."""
    try:
        with floating_point(strict):
            value = function(*args)
    except Exception as error:  # noqa: BLE001 - whatever it raises is the answer's to handle
        return ["raise", type(error).__name__, str(error)[:2000]]
    found = trouble(value)
    if found or isinstance(value, Uncrossable):
        raise TypeError(f"expected a call-back to return what can cross, got {found}")
    return ["return", value]
