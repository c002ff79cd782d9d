"""The gradebook: grades of a class in one SQLite file, a transaction for each submission.

Whatever stops a run, each submission is in it whole or not at all. Manual marks stand in a table of their
own, which grading never writes.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from course_utils.grading.classroom.gradebook_file import GradebookError, connect, explained, now, seed_in
from course_utils.grading.classroom.intake import Submission
from course_utils.grading.classroom.roster import Person

__all__ = ["Gradebook", "GradebookError"]


class Gradebook:
    """A gradebook, created if it does not exist.

    Parameters
    ----------
    place : Path
        The file.
    create : bool
        Whether a missing file is created; else GradebookError.
    """

    def __init__(self, place: Path, create: bool = True) -> None:
        self.place = place
        self.is_new = not place.exists()
        if self.is_new and not create:
            raise GradebookError(f"There is no gradebook {place}: name it with --gradebook.")
        self._connection = connect(place)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> Gradebook:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def seed(self, seed_file: Path | None = None) -> int:
        """Return the secret seed; the first run draws it, and keeps it here or in the file named.

        Raises
        ------
        GradebookError
            If the grades in here were made with another seed than the file's.
        """
        with self._transaction():
            kept, digest = self._meta("seed"), self._meta("seed_digest")
            if seed_file is None:
                if kept is None and digest is not None:
                    raise GradebookError(
                        f"The seed of {self.place} is kept in a file of its own: name it with --seed-file."
                    )
                return int(kept or self._set("seed", str(secrets.randbits(63))))
            seed = seed_in(seed_file)
            own = hashlib.sha256(str(seed).encode()).hexdigest()
            if (kept is not None and int(kept) != seed) or digest not in (None, own):
                raise GradebookError(
                    f"The grades in {self.place} were made with another seed than that in {seed_file}: name "
                    "the file they were made with, leave --seed-file out if there was none, or use a new "
                    "gradebook."
                )
            self._set("seed_digest", own)
            return seed

    def note_class(self, people: Iterable[Person]) -> None:
        """Keep the roster in the place of an older one; all of it are listed, whoever hands nothing in."""
        rows = [(person.id, person.name, person.email, person.user) for person in people]
        with self._transaction():
            self._connection.execute("DELETE FROM students")
            self._connection.executemany("INSERT INTO students VALUES (?, ?, ?, ?)", rows)

    @property
    def people(self) -> list[Person]:
        """The roster that was kept."""
        return [Person(*row) for row in self.rows("students")]

    def note_attempts(self, policy: str) -> None:
        """Keep which attempt counts, "latest" or "best"."""
        with self._transaction():
            self._set("attempts", policy)

    def note_pattern(self, pattern: str) -> None:
        """Keep the pattern that finds students in paths."""
        with self._transaction():
            self._set("pattern", pattern)

    @property
    def pattern(self) -> str:
        """The pattern that was kept, or nothing."""
        return self._meta("pattern") or ""

    @property
    def attempts(self) -> str:
        """Which attempt counts."""
        return self._meta("attempts") or "latest"

    def add(self, submissions: Iterable[Submission]) -> dict[int, Submission]:
        """Enter submissions, each once; returns the number of each.

        The same file under a better name of its student (after a roster came, say) keeps its grades.
        """
        numbers = {}
        with self._transaction():
            for submission in submissions:
                numbers[self._add(submission)] = submission
        return numbers

    def _add(self, one: Submission) -> int:
        known = self._connection.execute(
            "SELECT * FROM submissions WHERE digest = ? AND (student = ? OR file = ?) "
            "ORDER BY student = ? DESC",
            (one.digest, one.student, one.file, one.student),
        ).fetchone()
        details = (one.student, one.name, one.file, one.chapter, one.number, one.late, one.matched)
        if known is None:
            self._connection.execute(  # what could not be read under this name is replaced
                "DELETE FROM submissions WHERE student = ? AND file = ? AND chapter = ''",
                (one.student, one.file),
            )
            return self._connection.execute(
                "INSERT INTO submissions (student, name, file, chapter, attempt, late, matched, digest, "
                "modified, problem) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING number",
                (*details, one.digest, one.modified, one.problem),
            ).fetchone()["number"]
        if known["student"] != one.student:
            self._rename(known["student"], one.student)
        if known["chapter"] != one.chapter:
            self._connection.execute("DELETE FROM results WHERE submission = ?", (known["number"],))
        self._connection.execute(
            "UPDATE submissions SET student = ?, name = ?, file = ?, chapter = ?, attempt = ?, late = ?, "
            "matched = ? WHERE number = ?",
            (*details, known["number"]),
        )
        return known["number"]

    def _rename(self, old: str, new: str) -> None:
        """Hand over the marks of a name that was only a file's, and not a student's of its own."""
        is_own = self._connection.execute("SELECT 1 FROM students WHERE id = ?", (old,)).fetchone()
        files = self._connection.execute(
            "SELECT count(DISTINCT digest) FROM submissions WHERE student = ?", (old,)
        ).fetchone()[0]
        if is_own is None and files == 1:
            self._connection.execute(
                "UPDATE OR IGNORE overrides SET student = ? WHERE student = ?", (new, old)
            )

    def finished(self, number: int) -> dict[str, sqlite3.Row]:
        """Results of a submission by exercise."""
        with explained(self.place):
            rows = self._connection.execute(
                "SELECT * FROM results WHERE submission = ?", (number,)
            ).fetchall()
        return {row["exercise"]: row for row in rows}

    def save(self, number: int, outcome: Mapping[str, Any], time_limit: float = 0.0) -> None:
        """Save what `grade_one` returned, in one transaction."""
        at = now()
        rows = [
            (
                *(number, result["id"], result["status"], result["points"], result["max_points"]),
                *(_text(result["hint"]), _json(result["notes"]), _json(result["cases"])),
                *(_text(result["printed"]), _text(result["source"]), result["checks"]),
                *(result["isolation"], time_limit, at),
            )
            for result in outcome["results"]
        ]
        with self._transaction():
            self._connection.executemany(
                f"INSERT OR REPLACE INTO results VALUES ({', '.join('?' * 14)})", rows
            )
            self._connection.execute(
                "UPDATE submissions SET problem = ?, seconds = ? WHERE number = ?",
                (_text(outcome["problem"]), outcome["seconds"], number),
            )

    def mark(self, student: str, exercise: str, points: float, comment: str) -> None:
        """Set a manual mark, which counts instead of the automatic one, whatever is graded later."""
        with self._transaction():
            self._connection.execute(
                "INSERT OR REPLACE INTO overrides VALUES (?, ?, ?, ?, ?)",
                (student, exercise, points, _text(comment), now()),
            )

    def unmark(self, student: str, exercise: str) -> bool:
        """Remove a manual mark; returns whether there was one."""
        with self._transaction():
            return bool(
                self._connection.execute(
                    "DELETE FROM overrides WHERE student = ? AND exercise = ?", (student, exercise)
                ).rowcount
            )

    def rows(self, table: str) -> list[sqlite3.Row]:
        """Every row of a table: students, submissions, results or overrides, in a lasting order."""
        order = {"students": "id", "submissions": "number", "results": "submission, exercise"}
        with explained(self.place):
            return self._connection.execute(
                f"SELECT * FROM {table} ORDER BY {order.get(table, 'student, exercise')}"
            ).fetchall()

    def known_students(self) -> set[str]:
        """Ids of the roster and of all who handed something in."""
        rows = [*self.rows("students"), *self.rows("submissions")]
        return {row["id"] if "id" in row.keys() else row["student"] for row in rows}  # noqa: SIM118

    def _meta(self, key: str) -> str | None:
        row = self._connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row["value"])

    def _set(self, key: str, value: str) -> str:
        self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))
        return value

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Do all of it or nothing."""
        with explained(self.place):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # a full disk may have ended it already
                    self._connection.execute("ROLLBACK")
                raise


def _text(text: object) -> str:
    """Text that SQLite can keep: an answer may hold halves of letters."""
    return str(text).encode("utf-8", "backslashreplace").decode()


def _json(value: Any) -> str:
    return json.dumps(value)  # ASCII alone
