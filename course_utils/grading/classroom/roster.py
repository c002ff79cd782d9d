"""The list of a class: a CSV file of one's own, or what Canvas and Moodle export."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_IDS = ("id", "id number", "username", "email address")  # the first that a list has; Moodle's are the latter
_CANVAS_IDS = ("sis user id", "sis login id", "id")
_NO_STUDENTS = ("points possible", "student, test")  # rows of Canvas's own


@dataclass(frozen=True)
class Person:
    """A student of the roster.

    Parameters
    ----------
    id, name, email : str
        As the list has them; ids are texts, so that leading zeros stay.
    user : str
        The learning platform's own number, such as "canvas 4711" or "moodle 5007"; it stands in the names of
        downloaded files, and tells people of one name apart.
    """

    id: str
    name: str = ""
    email: str = ""
    user: str = ""


def read_roster(place: Path) -> list[Person]:
    """Read a CSV file with the columns id, name and email (the last two may be missing).

    The gradebook that Canvas exports, Moodle's grading worksheet and its list of participants serve, too.

    Raises
    ------
    ValueError
        If the file is missing, has no column of ids, an id is empty or stands twice, or there is no student.
    """
    try:
        text = _decode(place.read_bytes())
    except OSError as error:
        raise ValueError(f"expected a roster in {place}: {error.strerror or error}") from error
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    rows = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    columns = {(name or "").strip().lower(): name for name in rows.fieldnames or ()}
    if not any(name in columns for name in (*_IDS, *_CANVAS_IDS)):
        found = ", ".join(name for name in columns if name) or "none"
        raise ValueError(
            f"expected a roster with the columns id, name, email in {place} (or an export of Canvas or "
            f"Moodle), got: {found}"
        )
    people: dict[str, Person] = {}
    for row in rows:
        cells = {key: (row.get(name) or "").strip() for key, name in columns.items()}
        person = _person(cells)
        if person is None or person == Person(""):
            continue
        if not person.id or person.id in people:
            what = "an empty id" if not person.id else f"the id {person.id!r} a second time"
            raise ValueError(
                f"expected a different id for each student in {place}, got {what} in line {rows.line_num}"
            )
        people[person.id] = person
    if not people:
        raise ValueError(f"expected at least one student in {place}, got none below the line of columns")
    return list(people.values())


def _person(row: Mapping[str, str]) -> Person | None:
    """Make a person of a row; None if it is one of Canvas's own."""
    if "sis user id" in row or "sis login id" in row:
        name, number = row.get("student", ""), row.get("id", "")
        if name.lower() in _NO_STUDENTS or (not number and not _first(row, *_CANVAS_IDS)):
            return None
        login = row.get("sis login id", "")
        email = login if "@" in login else ""
        return Person(_first(row, *_CANVAS_IDS), name, email, f"canvas {number}" if number else "")
    full = f"{row.get('first name', '')} {_first(row, 'last name', 'surname')}".strip()
    number = "".join(re.findall(r"\d+", row.get("identifier", ""))[:1])  # "Participant 5007"
    return Person(
        _first(row, *_IDS),
        _first(row, "name", "full name") or full,
        _first(row, "email", "email address"),
        f"moodle {number}" if number else "",
    )


def _first(row: Mapping[str, str], *columns: str) -> str:
    """Return the first of these columns that says something."""
    return next((row[column] for column in columns if row.get(column)), "")


def _decode(raw: bytes) -> str:
    """Decode as spreadsheets write: UTF-8, UTF-16 with its mark, or Windows' western code page."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")
