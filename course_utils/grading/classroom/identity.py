"""Who handed a file in: by a pattern, by the naming of Canvas and Moodle, by the roster, by file or folder.

Nothing is dropped for want of a match: an unmatched file keeps its own name as the student and is reported.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from course_utils.chapters import CHAPTERS

# Canvas: surnamename_[LATE_]user_attachment_file; the attachment's number grows with time.
_CANVAS = re.compile(
    r"(?P<name>[^_]+)_(?P<late>LATE_)?(?P<user>\d+)_(?P<number>\d+)_(?P<file>.+)", re.IGNORECASE
)
# Moodle: Name Surname_participant_assignsubmission_file_, a folder or the beginning of the file's name.
_MOODLE = re.compile(r"(?P<name>.+)_(?P<user>\d+)_assignsubmission_(?:file|onlinetext)_?(?P<file>.*)", re.I)
_COPY = re.compile(r"\s*\((\d+)\)$")  # "file (2)", as browsers name a second download
_COLUMNS = ("id", "name", "email")


@dataclass(frozen=True)
class Person:
    """A student of the roster."""

    id: str
    name: str = ""
    email: str = ""


@dataclass(frozen=True)
class Identity:
    """Whose file it is.

    Parameters
    ----------
    student : str
        Id from the roster or the pattern; else the best name that the file has.
    name : str
        Name of the person, if known.
    matched : bool
        Whether the pattern and the roster that were given name this student.
    number : int
        Grows with each attempt, as the learning platform counts; 0 if unknown.
    late : bool
        Whether the platform marked it as late.
    user : str
        The platform's own number of the person.
    """

    student: str
    name: str = ""
    matched: bool = True
    number: int = 0
    late: bool = False
    user: str = ""


def read_roster(place: Path) -> list[Person]:
    """Read a CSV file with the columns id, name and email (the last two may be missing).

    Raises
    ------
    ValueError
        If there is no column ``id``, an id is empty or stands twice, or there is no student at all.
    """
    raw = place.read_bytes()
    text = _decode(raw)
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    rows = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    columns = {(name or "").strip().lower(): name for name in rows.fieldnames or ()}
    if "id" not in columns:
        found = ", ".join(name for name in columns if name) or "none"
        raise ValueError(f"expected a roster with the columns id, name, email in {place}, got: {found}")
    people: dict[str, Person] = {}
    for row in rows:
        line = rows.line_num
        person = Person(*((row.get(columns.get(key, key)) or "").strip() for key in _COLUMNS))
        if person == Person(""):
            continue
        if not person.id or person.id in people:
            what = "an empty id" if not person.id else f"the id {person.id!r} a second time"
            raise ValueError(
                f"expected a different id for each student in {place}, got {what} in line {line}"
            )
        people[person.id] = person
    if not people:
        raise ValueError(f"expected at least one student in {place}, got none below the line of columns")
    return list(people.values())


def _decode(raw: bytes) -> str:
    """Decode as spreadsheets write: UTF-8, UTF-16 with its mark, or Windows' western code page."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def compile_pattern(pattern: str) -> re.Pattern[str]:
    r"""Compile the pattern that finds the student in a path.

    Raises
    ------
    ValueError
        If it is not a regular expression with a group named ``student``.

    Examples
    --------
    >>> compile_pattern(r"hw1_(?P<student>\w+)\.ipynb").search("class.zip/hw1_ada.ipynb")["student"]
    'ada'
    """
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise ValueError(f"expected a regular expression, got {pattern!r}: {error}") from error
    if "student" not in compiled.groupindex:
        raise ValueError(f"expected a group (?P<student>...) in the pattern, got {pattern!r}")
    return compiled


class Identifier:
    """Finds the student of each file of a class.

    Parameters
    ----------
    roster : sequence of Person
        The class, or nothing.
    pattern : re.Pattern or None
        As `compile_pattern` returns it; a group ``attempt`` may count the attempts.
    """

    def __init__(self, roster: Sequence[Person] = (), pattern: re.Pattern[str] | None = None) -> None:
        self.pattern = pattern
        self.people = {person.id: person for person in roster}
        self._by_key: dict[str, set[str]] = {}
        for person in roster:
            for key in _keys(person):
                self._by_key.setdefault(key, set()).add(person.id)
        marks = [(mark.casefold(), person.id) for person in roster for mark in (person.id, person.email)]
        self._marks = {mark: id for mark, id in marks if mark}
        longest_first = sorted(map(re.escape, self._marks), key=len, reverse=True)
        self._any_mark = re.compile(rf"(?<![^\W_])(?:{'|'.join(longest_first)})(?![^\W_])")

    def identify(self, path: Sequence[str], common: int = 1) -> Identity:
        """Identify by a path, of which the first `common` parts are the same for all files beside it."""
        if self.pattern is not None:
            return self._by_pattern("/".join(path))
        guess, rest = _by_platform(path) or (_by_place(path, common), path)
        user = guess.user if guess.number else ""  # Canvas numbers people; Moodle, places in a list
        person = self._find(guess.student, guess.name, user) or self._in_path(rest)
        if person is not None:
            return dataclasses.replace(guess, student=person.id, name=person.name)
        return dataclasses.replace(guess, matched=not self.people)

    def _by_pattern(self, label: str) -> Identity:
        found = self.pattern.search(label) if self.pattern is not None else None
        if found is None or not found["student"]:
            return Identity(label, matched=False)
        attempt = found.groupdict().get("attempt") or "0"
        number = int(attempt) if attempt.isdecimal() else 0
        person = self._find(found["student"])
        if person is not None:
            return Identity(person.id, person.name, True, number)
        return Identity(found["student"], "", not self.people, number)

    def _find(self, *texts: str) -> Person | None:
        """Find the one person whose id, email or name this is; the id goes first."""
        for text in texts:
            if text in self.people:
                return self.people[text]
            ids = self._by_key.get(_key(text), set()) if text else set()
            if len(ids) == 1:
                return self.people[next(iter(ids))]
        return None

    def _in_path(self, path: Sequence[str]) -> Person | None:
        """Find the one person whose id or email stands in the path as a word of its own."""
        if not self._marks:
            return None
        found = {self._marks[text] for text in self._any_mark.findall("/".join(path).casefold())}
        return self.people[found.pop()] if len(found) == 1 else None


def _by_platform(path: Sequence[str]) -> tuple[Identity, list[str]] | None:
    """Recognise the names that Canvas and Moodle give to downloads; returns what is left of the path, too."""
    for place in reversed(range(len(path))):
        found = _MOODLE.fullmatch(path[place]) or _CANVAS.fullmatch(path[place])
        if found is None:
            continue
        name, user, rest = found["name"], found["user"], [found["file"], *path[place + 1 :]]
        if found.re is _MOODLE:
            return Identity(name, name, user=user), rest
        number, late = int(found["number"]), bool(found["late"])
        return Identity(f"{name}_{user}", name, True, number, late, user), rest
    return None


def _by_place(path: Sequence[str], common: int) -> Identity:
    """Take the first part that differs between files; a file named like a chapter says nothing."""
    own = path[common:] or path[-1:]
    stem, number = _without_copy(own[0].rpartition(".")[0] if len(own) == 1 else own[0])
    if len(own) == 1 and any(stem.startswith(Path(item.file).stem) for item in CHAPTERS if item.file):
        folder = path[-2] if len(path) > 1 else stem
        return Identity(folder.removesuffix(".zip"), number=number)
    return Identity(stem.removesuffix(".zip") or path[-1], number=number)


def _without_copy(stem: str) -> tuple[str, int]:
    found = _COPY.search(stem)
    if found is None or not stem[: found.start()]:
        return stem, 0
    return stem[: found.start()], int(found[1])


def _keys(person: Person) -> set[str]:
    """All that a file may call a person: id, email, and the name with the surname first or last."""
    words = person.name.replace(",", " ").split()
    turned = ["".join(words[i:] + words[:i]) for i in range(len(words))]
    return {key for key in map(_key, (person.id, person.email, *turned)) if key}


def _key(text: str) -> str:
    """Letters and digits alone, without accents and case.

    >>> _key("O'Brien, Zoë") == _key("obrienzoe")
    True
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if letter.isalnum())
