"""What was handed in: from folders, zip downloads and notebooks to one `Submission` for each file."""

from __future__ import annotations

import dataclasses
import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from course_utils.grading.classroom.archives import Found, RefusedError, files_of
from course_utils.grading.classroom.chapters_of import chapter_of
from course_utils.grading.classroom.identity import Identifier, Identity

NOT_A_NOTEBOOK = "not a notebook"
OTHER_CHAPTER = "no exercise of the course is in it"


@dataclass(frozen=True)
class Submission:
    """A file that somebody handed in.

    Parameters
    ----------
    student, name : str
        Id and name of the person; see `Identity`.
    file : str
        Where it was found, from the argument of the command line down.
    digest : str
        SHA-256 of its content; of the path, if the content is not read.
    chapter : str
        Number of the chapter that it answers, empty if it has a problem.
    number : int
        Grows with each attempt; 0 if unknown.
    modified : float
        Seconds since 1970.
    late, matched : bool
        See `Identity`.
    problem : str
        Why it is not graded; empty if it is.
    found : Found
        Reads the content again.
    """

    student: str
    name: str
    file: str
    digest: str
    chapter: str
    number: int
    modified: float
    late: bool
    matched: bool
    problem: str
    found: Found = dataclasses.field(repr=False, compare=False)

    @property
    def data(self) -> bytes:
        """The content, read anew; RefusedError if it changed since the intake, or OSError."""
        data = self.found.read()
        if hashlib.sha256(data).hexdigest() != self.digest:
            raise RefusedError("the file changed while the class was being graded: run the command again")
        return data


def take_in(
    arguments: Sequence[Path], identifier: Identifier | None = None, chapter: str = ""
) -> list[Submission]:
    """List what was handed in; a file that cannot be graded is listed with the reason.

    Parameters
    ----------
    arguments : sequence of Path
        Folders, zip archives and notebooks.
    identifier : Identifier
        Finds the student of each.
    chapter : str
        The chapter of all; by default each notebook's own.

    Raises
    ------
    ValueError
        If an argument does not exist, or nothing at all is found.
    """
    missing = [str(argument) for argument in arguments if not argument.exists()]
    if missing:
        raise ValueError(f"expected folders, zip archives or notebooks, but there is no {', '.join(missing)}")
    identifier = identifier or Identifier()
    submissions: dict[tuple[str, str], Submission] = {}  # the same file of the same student counts once
    for argument in arguments:
        files = list(files_of(argument))
        for found, identity in zip(files, _identities(files, identifier), strict=True):
            taken = _take(found, identity, chapter)
            submissions.setdefault((taken.student, taken.digest), taken)
    if not submissions:
        raise ValueError(f"expected notebooks in {', '.join(map(str, arguments))}, found no file at all")
    return list(submissions.values())


def _identities(files: Sequence[Found], identifier: Identifier) -> list[Identity]:
    """Identify the files of one argument; people of one name are told apart by the platform's number."""
    common = _common([found.path for found in files])
    identities = [identifier.identify(found.path, common) for found in files]
    users = {(identity.student, identity.user) for identity in identities if identity.user}
    namesakes = Counter(student for student, _ in users)
    return [
        dataclasses.replace(one, student=f"{one.student}_{one.user}")
        if one.user and namesakes[one.student] > 1 and one.student not in identifier.people
        else one
        for one in identities
    ]


def _common(paths: Sequence[Sequence[str]]) -> int:
    """How many parts, the file itself not counted, all paths begin with."""
    shared = 0
    for parts in zip(*(path[:-1] for path in paths), strict=False):
        if len(set(parts)) > 1:
            break
        shared += 1
    return shared


def _take(found: Found, identity: Identity, chapter: str) -> Submission:
    problem, data = found.problem, b""
    if not problem and not found.path[-1].lower().endswith(".ipynb"):
        problem = NOT_A_NOTEBOOK
    if not problem:
        try:
            data = found.read()
        except (RefusedError, OSError) as error:
            problem = (error.strerror if isinstance(error, OSError) else None) or str(error)
    own = "" if problem else chapter or chapter_of(data)
    content = f"file:{found.label}".encode() if problem else data
    return Submission(
        identity.student,
        identity.name,
        found.label,
        hashlib.sha256(content).hexdigest(),
        own,
        identity.number,
        found.modified,
        identity.late,
        identity.matched,
        problem or ("" if own else OTHER_CHAPTER),
        found,
    )
