"""The file behind a gradebook: its tables, what keeps it from being used, one run at a time."""

from __future__ import annotations

import datetime
import os
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

SCHEMA_VERSION = 1
_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE students (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL, user TEXT NOT NULL);
CREATE TABLE submissions (
    number INTEGER PRIMARY KEY, student TEXT NOT NULL, name TEXT NOT NULL, file TEXT NOT NULL,
    digest TEXT NOT NULL, chapter TEXT NOT NULL, attempt INTEGER NOT NULL, modified REAL NOT NULL,
    late INTEGER NOT NULL, matched INTEGER NOT NULL, problem TEXT NOT NULL, seconds REAL NOT NULL DEFAULT 0,
    UNIQUE (student, digest));
CREATE INDEX by_digest ON submissions (digest);
CREATE TABLE results (
    submission INTEGER NOT NULL REFERENCES submissions ON DELETE CASCADE, exercise TEXT NOT NULL,
    status TEXT NOT NULL, points REAL NOT NULL, max_points REAL NOT NULL, hint TEXT NOT NULL,
    notes TEXT NOT NULL, cases TEXT NOT NULL, printed TEXT NOT NULL, source TEXT NOT NULL,
    checks TEXT NOT NULL,
    isolation TEXT NOT NULL, time_limit REAL NOT NULL, at TEXT NOT NULL, PRIMARY KEY (submission, exercise));
CREATE TABLE overrides (
    student TEXT NOT NULL, exercise TEXT NOT NULL, points REAL NOT NULL, comment TEXT NOT NULL,
    at TEXT NOT NULL, PRIMARY KEY (student, exercise))
"""
_BUSY_SECONDS = 30.0


class GradebookError(Exception):
    """The gradebook cannot be read or written; the message says what to do."""


def connect(place: Path) -> sqlite3.Connection:
    """Open a gradebook, or create one that nobody else may read: it holds the secret seed."""
    check_folder(place)
    with explained(place):
        if not place.exists():
            os.close(os.open(place, os.O_CREAT | os.O_WRONLY, 0o600))
        connection = sqlite3.connect(place, timeout=_BUSY_SECONDS, isolation_level=None)
        connection.row_factory = sqlite3.Row
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")  # a power cut may cost the last few, no more
            _prepare(connection, place)
        except BaseException:
            connection.close()
            raise
    return connection


def check_folder(place: Path) -> None:
    """Refuse a gradebook where nothing can be written: SQLite keeps files beside it."""
    folder = place.absolute().parent
    if not folder.is_dir():
        raise GradebookError(f"There is no folder {folder} for the gradebook {place.name}: make it first.")
    if not os.access(folder, os.W_OK) or (place.exists() and not os.access(place, os.R_OK | os.W_OK)):
        raise GradebookError(
            f"The gradebook {place} and its folder must be writable, and are not: copy it to a folder of "
            "your own, or name another with --gradebook."
        )


def _prepare(connection: sqlite3.Connection, place: Path) -> None:
    """Create the tables in an empty file; refuse a file of another kind or version."""
    connection.execute("BEGIN IMMEDIATE")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version == 0 and connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None:
        for statement in _SCHEMA.split(";\n"):
            connection.execute(statement)
        version = SCHEMA_VERSION
        connection.execute(f"PRAGMA user_version = {version}")
    connection.execute("COMMIT")
    if version != SCHEMA_VERSION:
        raise GradebookError(
            f"Expected a gradebook of version {SCHEMA_VERSION} in {place}, got "
            f"{f'version {version}' if version else 'another kind of database'}: choose another file with "
            "--gradebook."
        )


@contextmanager
def explained(place: Path) -> Iterator[None]:
    """Turn what SQLite and the system say into a GradebookError with advice."""
    try:
        yield
    except (sqlite3.OperationalError, OSError) as error:
        raise GradebookError(_advice(place, error)) from error
    except sqlite3.DatabaseError as error:
        if type(error) is not sqlite3.DatabaseError:  # a constraint: a defect here, not of the file
            raise
        raise GradebookError(_advice(place, error)) from error


def _advice(place: Path, error: Exception) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR) or getattr(error, "errno", 0) == 28:
        return (
            f"The disk that holds {place} is full or failing ({error}). All grades saved so far are whole. "
            "Make room, and run the same command again: it goes on where it stopped."
        )
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return f"Another program has kept {place} locked for {_BUSY_SECONDS:.0f} s: close it, and try again."
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return (
            f"Expected a gradebook in {place}, got a file that is none or damaged ({error}): choose another."
        )
    return f"The gradebook {place} cannot be read or written ({error}): choose another with --gradebook."


@contextmanager
def one_run_at_a_time(place: Path, say: Callable[[str], None], poll: float = 0.2) -> Iterator[None]:
    """Wait until no other run grades into this gradebook; the system frees the lock of a killed run."""
    check_folder(place)
    lock = place.with_name(f".{place.name}.lock")
    with explained(lock), closing(sqlite3.connect(lock, timeout=0, isolation_level=None)) as connection:
        waited = False
        while True:
            try:
                connection.execute("BEGIN EXCLUSIVE")
                break
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                    raise
                if not waited:
                    say(
                        f"Another `course grade` is working on {place}: waiting for it to end "
                        "(Ctrl-C to give up)."
                    )
                waited = True
                time.sleep(poll)
        yield


def seed_in(place: Path) -> int:
    """Read a secret seed, or draw one and write it to a new file that nobody else may read."""
    if not place.exists():
        seed = secrets.randbits(63)
        half = place.with_name(f"{place.name}.new")  # a killed run leaves no half a seed
        with explained(place):
            with os.fdopen(os.open(half, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
                file.write(f"{seed}\n")
            half.replace(place)
        return seed
    try:
        seed = int(place.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise GradebookError(f"Expected a whole number in the seed file {place}, got: {error}") from error
    if seed < 0:
        raise GradebookError(f"Expected a seed of 0 or more in {place}, got {seed}")
    return seed


def now() -> str:
    """Time of day, in UTC."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
