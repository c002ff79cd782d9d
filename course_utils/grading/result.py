"""What a check found, as data, as text and as a card."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any

from course_utils.grading.cards import card, code_block, escape, inline_code

STATUSES = (
    *("passed", "failed", "timed out", "crashed", "forbidden", "unreadable", "missing", "not attempted"),
)
_TONES = {"passed": "good", "missing": "quiet", "not attempted": "quiet"}


@dataclass(frozen=True)
class CaseResult:
    """One case of a check: its name, whether the answer passed it, points, and the fact found."""

    name: str
    passed: bool
    points: int
    max_points: int
    message: str = ""


@dataclass(frozen=True)
class CheckResult:
    """The outcome of a check; a notebook shows it as a card.

    Parameters
    ----------
    id, name : str
        The exercise and the function (or variable) it asks for.
    status : str
        One of `STATUSES`; "timed out" and "crashed" come from a class alone.
    points, max_points : int
        Points reached and points to reach.
    cases : tuple of CaseResult
        One entry a case, empty if nothing ran.
    hint : str
        The one thing to look at next; after full marks, what one can do now.
    notes : tuple of str
        Further remarks, such as names that will not exist in class.
    printed : str
        What the answer printed.
    """

    id: str
    name: str
    status: str
    points: int
    max_points: int
    cases: tuple[CaseResult, ...] = ()
    hint: str = ""
    notes: tuple[str, ...] = ()
    printed: str = ""

    @property
    def passed(self) -> bool:
        """Whether the answer reached full marks."""
        return self.status == "passed"

    def as_dict(self) -> dict[str, Any]:
        """Return the result as plain values, for other programs."""
        return {
            "id": self.id,
            "status": self.status,
            "points": self.points,
            "max_points": self.max_points,
            "cases": [vars(case) for case in self.cases],
            "hint": self.hint,
            "notes": list(self.notes),
        }

    @property
    def _subject(self) -> str:
        return self.id if self.name == self.id else f"{self.id} {self.name}"

    @property
    def _score(self) -> str:
        return f"{self.points} of {self.max_points} {'point' if self.max_points == 1 else 'points'}"

    def __repr__(self) -> str:
        """Return the result as text."""
        lines = [f"{self._subject}: {self.status} ({self._score})"]
        for case in self.cases if self.status != "passed" else ():
            lines.append(f"  {'passed' if case.passed else 'FAILED'}  {case.name}")
            if case.message:
                lines += textwrap.wrap(case.message, 92, initial_indent=" " * 10, subsequent_indent=" " * 10)
        if self.hint:
            lines += _wrapped(self.hint if self.passed else f"Hint: {self.hint}")
        for note in self.notes:
            lines += _wrapped(f"Note: {note}")
        if self.printed:
            lines += ["  Your code printed:", textwrap.indent(self.printed.rstrip("\n"), "    | ")]
        return "\n".join(lines)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self._html()}

    def _html(self) -> str:
        title = (
            escape(self.id)
            if self.name == self.id
            else f"{escape(self.id)} &middot; {inline_code(f'`{self.name}`')}"
        )
        body = ""
        if self.cases and self.status != "passed":
            body += '<ul style="list-style:none;margin:8px 0 0;padding:0">'
            body += "".join(_case_html(case) for case in self.cases) + "</ul>"
        if self.hint:
            label = "" if self.passed else "<strong>Hint: </strong>"
            body += f'<div style="margin-top:6px">{label}{inline_code(self.hint)}</div>'
        for note in self.notes:
            body += f'<div style="margin-top:8px"><strong>Note: </strong>{inline_code(note)}</div>'
        if self.printed:
            body += f'<div style="margin-top:8px">Your code printed:{code_block(self.printed)}</div>'
        heading = f'{title} <span style="font-weight:400">({self._score})</span>'
        return card(_TONES.get(self.status, "bad"), self.status, heading, body)


def _case_html(case: CaseResult) -> str:
    sign, word = ("&#10003;", "passed") if case.passed else ("&#10007;", "failed")
    line = f'<span aria-hidden="true">{sign}</span> {word}: {inline_code(case.name)}'
    if not case.passed:
        line = f"<strong>{line}</strong>"
    if case.message:
        line += f'<div style="margin-left:18px">{inline_code(case.message)}</div>'
    return f"<li>{line}</li>"


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, 98, initial_indent="  ", subsequent_indent="    ")
