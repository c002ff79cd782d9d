"""Running an answer in a fresh namespace of this process, and saying where in it an exception arose."""

from __future__ import annotations

import ast
import builtins
import contextlib
import io
import traceback
from collections.abc import Callable, Iterator
from typing import Any

from course_utils.grading.imports import Imports
from course_utils.grading.names import BUILTINS
from course_utils.grading.resolver import Resolved
from course_utils.grading.trials import AnswerError

_PRINTED_LIMIT = 1500  # characters


class LocalAnswer:
    """An answer, executed once; calls go to the function it defines.

    Parameters
    ----------
    resolved : Resolved
        A self-contained answer.
    imports : Imports, optional
        What it may import while it runs; anything, unless given.

    Raises
    ------
    AnswerError
        If executing the definitions raises.
    """

    def __init__(self, resolved: Resolved, imports: Imports | None = None) -> None:
        self._lines = resolved.source.split("\n")
        self._file = f"<answer {resolved.name}>"
        self._output = io.StringIO()
        known = {name: getattr(builtins, name) for name in BUILTINS}  # without what IPython adds
        if imports is not None:
            known["__import__"] = imports
        self._namespace: dict[str, Any] = {"__name__": "__answer__", "__builtins__": known}
        with self._guarded():
            exec(compile(resolved.source, self._file, "exec", dont_inherit=True), self._namespace)
        self.value: Any = self._namespace.get(resolved.name)

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


def is_stub(resolved: Resolved) -> bool:
    r"""Whether an answer is still the stub: a body without code, or the value None.

    >>> from course_utils.grading.resolver import resolve
    >>> is_stub(resolve(["def f(x):\n    '''Doc.'''\n    ...  # your code here"], "f"))
    True
    """
    node = resolved.node
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        return isinstance(node.value, ast.Constant) and node.value.value in (None, ...)
    if not isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return False
    return all(_is_empty(statement) for statement in node.body)


def _is_empty(statement: Any) -> bool:
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)
    if isinstance(statement, ast.Raise):
        raised = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
        return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
    return isinstance(statement, ast.Pass)
