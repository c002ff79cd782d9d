"""Who handed a file in: by a pattern, by the naming of Canvas and Moodle, by the roster, by file or folder.

Nothing is dropped for want of a match: an unmatched file keeps its own name as the student and is reported.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from course_utils.chapters import CHAPTERS
from course_utils.grading.classroom.roster import Person

# Canvas: surnamename_[LATE_]user_attachment_file; the attachment's number grows with time.
_CANVAS = re.compile(
    r"(?P<name>[^_]+)_(?P<late>LATE_)?(?P<user>\d+)_(?P<number>\d+)_(?P<file>.+)", re.IGNORECASE
)
# Moodle: Name Surname_participant_assignsubmission_file_, a folder or the beginning of the file's name.
_MOODLE = re.compile(r"(?P<name>.+)_(?P<user>\d+)_assignsubmission_(?:file|onlinetext)_?(?P<file>.*)", re.I)
_COPY = re.compile(r"\s*\((\d+)\)$")  # "file (2)", as browsers name a second download


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
        self._by_user = {person.user: person for person in roster if person.user}
        marks = [(mark.casefold(), person.id) for person in roster for mark in (person.id, person.email)]
        self._marks = {mark: id for mark, id in marks if mark}
        longest_first = sorted(map(re.escape, self._marks), key=len, reverse=True)
        self._any_mark = re.compile(rf"(?<![^\W_])(?:{'|'.join(longest_first)})(?![^\W_])")

    def identify(self, path: Sequence[str], common: int = 1) -> Identity:
        """Identify by a path, of which the first `common` parts are the same for all files beside it."""
        if self.pattern is not None:
            return self._by_pattern("/".join(path))
        by_platform = _by_platform(path)
        guess = by_platform or _by_place(path, common)
        user = guess.user if guess.number else ""  # Canvas numbers people; Moodle, places in a list
        platform = f"{'canvas' if guess.number else 'moodle'} {guess.user}"
        person = self._by_user.get(platform) or self._find(guess.student, guess.name, user)
        if person is None and by_platform is None:  # a platform knows better than a student's file name
            person = self._in_path(path)
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

    def namesakes(self, name: str) -> list[str]:
        """Ids of all people of the roster whose name this is."""
        return sorted(self._by_key.get(_key(name), ()))

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


def _outside_in(path: Sequence[str]) -> list[int]:
    """List the places of a path from the outside, for a student names what lies within.

    The first part, which the instructor has named, comes last.
    """
    return [*range(1, len(path)), 0]


def _by_platform(path: Sequence[str]) -> Identity | None:
    """Recognise the names that Canvas and Moodle give to downloads."""
    for place in _outside_in(path):
        found = _MOODLE.fullmatch(path[place]) or _CANVAS.fullmatch(path[place])
        if found is None:
            continue
        name, user = found["name"], found["user"]
        if found.re is _MOODLE:
            return Identity(name, name, user=user)
        number, late = int(found["number"]), bool(found["late"])
        return Identity(f"{name}_{user}", name, True, number, late, user)
    return None


def prefix_of(path: Sequence[str]) -> tuple[str, str]:
    """Return the platform of a download, and what its name for a student's file begins with; or nothing.

    >>> prefix_of(["class.zip", "lovelaceada_LATE_17_42_01a.ipynb"])
    ('canvas', 'lovelaceada_LATE_17_42_')
    >>> prefix_of(["class.zip", "Ada Lovelace_17_assignsubmission_file_", "01a.ipynb"])
    ('moodle', 'Ada Lovelace_17_assignsubmission_file_/')
    """
    for place in _outside_in(path):
        name = path[place]
        if found := _MOODLE.fullmatch(name):
            return "moodle", f"{name.removesuffix(found['file'])}{'' if found['file'] else '/'}"
        if found := _CANVAS.fullmatch(name):
            return "canvas", name.removesuffix(found["file"])
    return "", ""


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
