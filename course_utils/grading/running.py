"""Running an answer in a fresh namespace of this process, and saying where in it an exception arose."""

from __future__ import annotations

import builtins
import contextlib
import io
from collections.abc import Collection, Iterator
from typing import Any

from course_utils.grading.imports import Imports
from course_utils.grading.names import BUILTINS
from course_utils.grading.resolver import Resolved
from course_utils.grading.steps import Step
from course_utils.grading.trials import AnswerError, floating_point

_PRINTED_LIMIT = 1500  # characters


class LocalAnswer:
    """An answer in this process: `define` executes it once, steps go to the function or class it defines.

    Parameters
    ----------
    resolved : Resolved
        A self-contained answer.
    allowed : collection of str, optional
        Packages that it may import while it runs; any, unless given.

    Attributes
    ----------
    refused : list of str
        Packages that it asked for while it ran and may not import.
    stopped : str
        Always empty: nobody but the learner stops an answer here.
    """

    stopped = ""

    def __init__(self, resolved: Resolved, allowed: Collection[str] | None = None) -> None:
        self._resolved = resolved
        self._lines = resolved.source.split("\n")
        self._file = f"<answer {resolved.name}>"
        self._output = Output()
        self._objects: dict[int, Any] = {}
        known = {name: getattr(builtins, name) for name in BUILTINS}  # without what IPython adds
        self.refused: list[str] = []
        if allowed is not None:
            known["__import__"] = imports = Imports(allowed)
            self.refused = imports.refused
        self._namespace: dict[str, Any] = {"__name__": "__answer__", "__builtins__": known}

    def define(self) -> None:
        """Execute the definitions; AnswerError if that raises."""
        with self._guarded():
            code = compile(self._resolved.source, self._file, "exec", dont_inherit=True)
            exec(code, self._namespace)

    @property
    def value(self) -> Any:
        """What the answer's name stands for."""
        return self._namespace.get(self._resolved.name)

    def attempt(self, step: Step, strict: bool = False) -> tuple[Any, tuple[Any, ...]]:
        """Do a step; return what came back, and the arguments as they are afterwards."""
        if not callable(self.value):
            raise AnswerError("TypeError", f"expected a function, got {self.value!r:.60}")
        with self._guarded(), floating_point(strict):
            return step.carry_out(self.value, self._objects)

    def __call__(self, *args: Any) -> Any:
        """Call the function."""
        return self.attempt(Step(args))[0]

    @property
    def printed(self) -> str:
        """What the answer printed, cut to a readable length."""
        return self._output.text

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        """Keep what is printed, and turn any exception into an AnswerError with the learner's own line."""
        try:
            with contextlib.redirect_stdout(self._output):
                yield
        except (Exception, SystemExit) as error:
            own, trace = 0, error.__traceback__
            while trace is not None:
                own = trace.tb_lineno if trace.tb_frame.f_code.co_filename == self._file else own
                trace = trace.tb_next
            line = self._lines[own - 1].strip() if own else ""
            raise AnswerError(type(error).__name__, str(error), line) from error


class Output(io.TextIOBase):
    """A file that keeps the beginning of what is printed to it."""

    def __init__(self) -> None:
        self._kept = ""

    def writable(self) -> bool:
        """Say that one may print to it."""
        return True

    def write(self, text: str) -> int:
        """Keep what fits."""
        if len(self._kept) <= _PRINTED_LIMIT:
            self._kept += text[: _PRINTED_LIMIT + 1]
        return len(text)

    @property
    def text(self) -> str:
        """What was printed, cut to a readable length."""
        return self._kept if len(self._kept) <= _PRINTED_LIMIT else f"{self._kept[:_PRINTED_LIMIT]}\n..."
