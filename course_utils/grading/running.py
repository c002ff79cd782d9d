"""Running an answer in a fresh namespace of this process, and saying where in it an exception arose."""

from __future__ import annotations

import builtins
import contextlib
import io
import traceback
from collections.abc import Callable, Collection, Iterator
from typing import Any

from course_utils.grading.imports import Imports
from course_utils.grading.names import BUILTINS
from course_utils.grading.resolver import Resolved
from course_utils.grading.trials import AnswerError

_PRINTED_LIMIT = 1500  # characters


class LocalAnswer:
    """An answer in this process: `define` executes it once, calls go to the function it defines.

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
        self._output = io.StringIO()
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

    def __call__(self, *args: Any) -> Any:
        """Call the answer."""
        if not callable(self.value):
            raise AnswerError("TypeError", f"expected a function, got {self.value!r:.60}")
        function: Callable[..., Any] = self.value
        with self._guarded():
            return function(*args)

    @property
    def printed(self) -> str:
        """What the answer printed, cut to a readable length."""
        text = self._output.getvalue()
        return text if len(text) <= _PRINTED_LIMIT else f"{text[:_PRINTED_LIMIT]}\n..."

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        """Keep what is printed, and turn any exception into an AnswerError with the learner's own line."""
        try:
            with contextlib.redirect_stdout(self._output):
                yield
        except (Exception, SystemExit) as error:
            frames = traceback.extract_tb(error.__traceback__)
            own = [frame.lineno for frame in frames if frame.filename == self._file and frame.lineno]
            line = self._lines[own[-1] - 1].strip() if own else ""
            raise AnswerError(type(error).__name__, str(error), line) from error
