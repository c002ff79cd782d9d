"""The locked-down side: serves one answer to the judge, message by message, until the judge hangs up.

Nothing that is said here is believed by the judge beyond its bytes.
"""

from __future__ import annotations

import builtins
import os
from collections.abc import Callable
from typing import Any

from course_utils.grading.resolver import Resolved
from course_utils.grading.running import LocalAnswer
from course_utils.grading.sandbox.lockdown import CHANNEL
from course_utils.grading.sandbox.wire import HEADER, Function, decode, encode
from course_utils.grading.steps import Step
from course_utils.grading.trials import AnswerError


class Child:
    """Serves an answer over the channel.

    Parameters
    ----------
    limit : int
        Bytes of the longest message that the judge takes.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._answer: LocalAnswer | None = None

    def serve(self) -> None:
        """Answer requests until the channel closes."""
        while True:
            kind, *body = self._receive()
            try:
                value = self._do(kind, *body)
                reply = ["value", value]
            except AnswerError as error:
                reply = ["error", error.kind, error.message, error.line]
            except BaseException as error:  # noqa: BLE001 - the judge is told, whatever it is
                reply = ["error", type(error).__name__, _text(error), ""]
            self._send_reply(reply)

    def _send_reply(self, reply: list[Any]) -> None:
        """Send a reply, or why it is too large."""
        notes = [self._refused(), self._printed()]
        try:
            data, why = encode([*reply, *notes]), f"at most {self._limit / 2**20:.0f} MB can be returned"
        except (ValueError, MemoryError) as error:
            data, why = b"", str(error) or "there is no memory left to return it"
        if not 0 < len(data) <= self._limit:
            data = encode(["error", "ValueError", f"the result is too large: {why}", "", *notes])
        self._write(data)

    def _do(self, kind: str, *body: Any) -> Any:
        if kind == "define":
            name, source, allowed = body
            self._answer = LocalAnswer(Resolved(name, source=source), allowed)
            return self._answer.define()
        if kind == "read":
            from course_utils.grading.sandbox.reader import read_notebook

            return read_notebook(*body)
        assert self._answer is not None
        if kind == "fetch":
            return self._answer.value
        step_kind, name, number, args, keywords, strict = body
        given = tuple(self._taken(value) for value in args)
        named = {key: self._taken(value) for key, value in keywords.items()}
        step = Step(given, named, step_kind, name, number)
        value, after = self._answer.attempt(step, strict)
        return value, tuple(None if callable(argument) else argument for argument in after)

    def _taken(self, value: Any) -> Any:
        return self._caller(value.number) if isinstance(value, Function) else value

    def _caller(self, number: int) -> Callable[..., Any]:
        """Make a function that runs on the judge's side."""

        def function(*args: Any) -> Any:
            self.send(["call", number, args])
            kind, *body = self._receive()
            if kind == "raise":
                raise _as_exception(*body)
            return body[0]

        return function

    def _refused(self) -> list[str]:
        return self._answer.refused[:20] if self._answer else []

    def _printed(self) -> str:
        return self._answer.printed if self._answer else ""

    def send(self, message: Any) -> None:
        """Send the judge a message."""
        self._write(encode(message))

    def _write(self, data: bytes) -> None:
        view = memoryview(HEADER.pack(len(data)) + data)
        while view:
            view = view[os.write(CHANNEL, view) :]

    def _receive(self) -> Any:
        (length,) = HEADER.unpack(self._read(HEADER.size))
        return decode(self._read(length))

    def _read(self, length: int) -> bytes:
        parts = []
        while length:
            part = os.read(CHANNEL, min(length, 2**20))
            if not part:
                os._exit(0)  # the judge has hung up
            parts.append(part)
            length -= len(part)
        return b"".join(parts)


def _as_exception(kind: str, message: str) -> BaseException:
    """Rebuild an exception of the judge's side: of the same builtin type, name and text."""
    base = getattr(builtins, kind, RuntimeError)
    if not (isinstance(base, type) and issubclass(base, Exception)):
        base = RuntimeError
    try:
        return type(kind, (base,), {"__str__": lambda self: message})()
    except TypeError:  # UnicodeDecodeError and its like want more arguments
        return type(kind, (RuntimeError,), {"__str__": lambda self: message})()


def _text(error: BaseException) -> str:
    """Text of an exception, even if it cannot be had."""
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - its own __str__ raises
        return ""
