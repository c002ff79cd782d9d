"""Exercises without solutions: inputs, and what the reference and the wrong answers made of them.

`freeze` runs every answer on the inputs that `check` draws in a notebook, and keeps what came of it as plain
data. `thaw` makes exercises of that data which judge as the full ones do. Who reads the file finds inputs,
expected outputs and the letters of the quiz questions, but no line of a solution.
"""

from __future__ import annotations

import ast
import dataclasses
import hashlib
import inspect
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import numpy as np

from course_utils.grading.exercise import Case, Exercise, Option, Quiz, Task, Wrong, function_source
from course_utils.grading.grade import LOCAL_SEED
from course_utils.grading.judging import steps_of
from course_utils.grading.sandbox.wire import decode, encode
from course_utils.grading.steps import Step
from course_utils.grading.trials import AnswerError, Plain
from course_utils.grading.values import copied, same

_VERSION = 2
_Made = TypeVar("_Made")


class FrozenAnswer:
    """Replays what an answer did in each step that it was frozen with.

    Parameters
    ----------
    name : str
        Of the function or class.
    signatures : dict
        Names of the arguments: of the answer itself under "", of its methods under their names.
    made : dict
        For the digest of each step, ``("value", value, arguments afterwards)``, None for each that is as
        it was, or ``("error", kind, message)``.
    stateful : bool
        Whether the answer is a class.
    """

    def __init__(
        self,
        name: str,
        signatures: dict[str, list[str]],
        made: dict[str, tuple[Any, ...]],
        stateful: bool,
    ) -> None:
        self.__name__, self.stateful = name, stateful
        self.__signature__ = _signature(signatures[""])
        for method, names in signatures.items():
            if method:
                vars(self)[method] = _Named(_signature(names))
        self._made = made
        self._digests: dict[int, str] = {}  # of all that was done with each object so far

    def __call__(self, *args: Any) -> Any:
        """Replay one call."""
        return self.attempt(Step(args), False)[0]

    def attempt(self, step: Step, strict: bool) -> tuple[Any, tuple[Any, ...]]:
        """Replay a step; see `Plain.attempt`."""
        kind, *found = self._made[_digest(step, self._digests)]
        if kind == "error":
            raise AnswerError(*found)
        value, after = found
        afterwards = zip(step.values, after, strict=True)
        return copied(value), tuple(old if new is None else copied(new) for old, new in afterwards)


class _Named:
    """Stands for a method whose arguments have names."""

    def __init__(self, signature: inspect.Signature) -> None:
        self.__signature__ = signature

    def __call__(self) -> None:
        """Only its signature is asked for."""


def _signature(names: Iterable[str]) -> inspect.Signature:
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Signature([inspect.Parameter(name, kind) for name in names])


def _digest(step: Step, so_far: dict[int, str]) -> str:
    """Identify a step by what is given, functions by their names; with an object, by all done before, too."""
    given = [_function_name(value) if callable(value) else value for value in step.values]
    text = encode((step.kind, step.name, given, list(step.keywords)))
    before = so_far.get(step.object, "") if step.kind in ("method", "fetch") else ""
    digest = hashlib.sha256(before.encode() + text).hexdigest()[:24]
    if step.kind != "call":
        so_far[step.object] = digest
    return digest


def _function_name(function: Callable[..., Any]) -> str:
    """Name a function among the inputs, which may be wrapped to count its calls."""
    return str(getattr(getattr(function, "function", function), "__name__", ""))


def freeze(tasks: Iterable[Task]) -> bytes:
    """Write exercises and questions as bytes without any solution.

    Raises
    ------
    ValueError
        If an exercise's inputs or its own check cannot be told without the solution.
    """
    frozen = [_freeze_quiz(task) if isinstance(task, Quiz) else _freeze_exercise(task) for task in tasks]
    return encode([_VERSION, frozen])


def _freeze_quiz(quiz: Quiz) -> dict[str, Any]:
    return {"quiz": _fields(quiz, "options"), "options": [(one.text, one.why) for one in quiz.options]}


def _freeze_exercise(exercise: Exercise) -> dict[str, Any]:
    drawn = [
        case.inputs(np.random.default_rng([LOCAL_SEED, place])) for place, case in enumerate(exercise.cases)
    ]
    steps = [steps_of(exercise, case, one) for case, one in zip(exercise.cases, drawn, strict=True)]
    methods = {step.name for one in steps for step in one if step.calls_method}
    names = {name: list(inspect.signature(getattr(exercise.reference, name)).parameters) for name in methods}
    answers = [exercise.reference, *(wrong.function for wrong in exercise.wrong)]
    return {
        "exercise": _fields(exercise, "reference", "cases", "wrong", "alternatives"),
        "name": exercise.name,
        "stateful": exercise.stateful,
        "signatures": {"": list(inspect.signature(exercise.reference).parameters), **names},
        "cases": [_freeze_case(exercise, case, one) for case, one in zip(exercise.cases, drawn, strict=True)],
        "hints": [wrong.hint for wrong in exercise.wrong],
        "made": [_made(answer, exercise.cases, steps) for answer in answers],
    }


def _fields(task: Task, *without: str) -> dict[str, Any]:
    return {
        field.name: getattr(task, field.name)
        for field in dataclasses.fields(task)
        if field.name not in without
    }


def _freeze_case(exercise: Exercise, case: Case, drawn: Any) -> dict[str, Any]:
    plain = [_as_data(step) for step in drawn] if exercise.stateful else drawn
    given = [value for step in steps_of(exercise, case, drawn) for value in step.values]
    inputs = _source(exercise, case.inputs) if any(map(callable, given)) else ""
    verify = _source(exercise, case.verify) if case.verify is not None else ""
    return {
        "case": {
            field.name: getattr(case, field.name)
            for field in dataclasses.fields(case)
            if field.name not in ("inputs", "verify")
        },
        "inputs": (case.inputs.__name__, inputs) if inputs else ("", plain),
        "verify": (case.verify.__name__, verify) if case.verify is not None else ("", ""),
    }


def _as_data(step: Step) -> tuple[Any, ...]:
    return step.args, step.keywords, step.kind, step.name, step.object


def _source(exercise: Exercise, function: Callable[..., Any]) -> str:
    """Self-contained source of a function that makes inputs or verifies, if it gives nothing away."""
    if function.__name__ == "<lambda>":
        raise ValueError(f"{exercise.id}: expected a function with a name for inputs that hold a function")
    source = function_source(function)
    solutions = (exercise.reference, *exercise.alternatives, *(wrong.function for wrong in exercise.wrong))
    used = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    leaks = sorted(used & {answer.__name__ for answer in solutions})
    if leaks:
        raise ValueError(f"{exercise.id}: `{function.__name__}` uses {leaks[0]}, which is a solution")
    return source


def _made(answer: Any, cases: Iterable[Case], steps: Iterable[list[Step]]) -> dict[str, tuple[Any, ...]]:
    """Run an answer through all cases, as `observe` does, and keep what came of each step."""
    made: dict[str, tuple[Any, ...]] = {}
    for case, several in zip(cases, steps, strict=True):
        runner, so_far = Plain(answer), dict[int, str]()
        for step in several:
            digest = _digest(step, so_far)
            try:
                value, after = runner.attempt(step.given(case.budget), case.strict)
            except Exception as error:  # noqa: BLE001 - what a wrong answer raises is what it did
                made[digest] = ("error", type(error).__name__, str(error))
                break
            made[digest] = ("value", value, list(map(_if_changed, step.values, after)))
    return made


def _if_changed(old: Any, new: Any) -> Any:
    """Return an argument as an answer left it, or None if it did not touch it: most are only read."""
    return None if callable(old) or same(old, new, 0.0, 0.0) else new


def thaw(data: bytes) -> tuple[Task, ...]:
    """Make exercises and questions of what `freeze` wrote.

    Raises
    ------
    ValueError
        If another version of the course wrote it.
    """
    version, frozen = decode(data)
    if version != _VERSION:
        raise ValueError(f"expected frozen exercises of version {_VERSION}, got {version}")
    return tuple(_thaw_quiz(one) if "quiz" in one else _thaw_exercise(one) for one in frozen)


def _thaw_quiz(data: dict[str, Any]) -> Quiz:
    return Quiz(**data["quiz"], options=tuple(Option(*option) for option in data["options"]))


def _thaw_exercise(data: dict[str, Any]) -> Exercise:
    name, signatures, stateful = data["name"], data["signatures"], data["stateful"]
    answers: list[Any] = [FrozenAnswer(name, signatures, made, stateful) for made in data["made"]]
    return Exercise(
        **data["exercise"],
        reference=answers[0],
        cases=tuple(_thaw_case(case, place, stateful) for place, case in enumerate(data["cases"])),
        wrong=tuple(Wrong(*pair) for pair in zip(answers[1:], data["hints"], strict=True)),
        alternatives=(),
    )


def _thaw_case(data: dict[str, Any], place: int, stateful: bool) -> Case:
    name, given = data["inputs"]
    if name:
        make = _defined(name, given)

        def inputs(rng: np.random.Generator) -> Any:
            return make(np.random.default_rng([LOCAL_SEED, place]))  # those that the answers were run on
    else:

        def inputs(rng: np.random.Generator) -> Any:
            return [Step(*step) for step in copied(given)] if stateful else copied(given)

    verify = _defined(*data["verify"]) if data["verify"][0] else None
    return Case(**data["case"], inputs=inputs, verify=verify)


def _defined(name: str, source: str) -> Callable[..., Any]:
    namespace: dict[str, Any] = {"__name__": __name__}
    exec(compile(source, f"<{name}>", "exec"), namespace)
    function: Callable[..., Any] = namespace[name]
    return function
