"""The local SQLite file behind a learner's progress: opened, brought up to date, and set aside if damaged.

One transaction a record, write-ahead logging and a busy timeout: several kernels may write at once and
a killed kernel loses nothing. A damaged file is set aside, never deleted.
"""

from __future__ import annotations

import datetime
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

# Tables are only ever added: a file that an older version wrote is completed when it is next opened.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS attempts (
    number INTEGER PRIMARY KEY, exercise TEXT NOT NULL, status TEXT NOT NULL,
    points REAL NOT NULL, max_points REAL NOT NULL, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS predictions (
    id TEXT PRIMARY KEY, choice TEXT, confidence REAL, made_at TEXT,
    answer TEXT, settled_at TEXT, late INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS questions (
    id TEXT PRIMARY KEY, question TEXT NOT NULL, options TEXT NOT NULL, asked_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS reviews (
    number INTEGER PRIMARY KEY, prediction TEXT NOT NULL, choice TEXT NOT NULL,
    correct INTEGER NOT NULL, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS hints (
    exercise TEXT NOT NULL, step INTEGER NOT NULL, at TEXT NOT NULL, PRIMARY KEY (exercise, step));
"""
_BUSY_SECONDS = 20.0
_Found = TypeVar("_Found")


def location() -> Path:
    """Return the progress file: $COURSE_PROGRESS, else ``work/`` in the checkout, else the home folder."""
    named = os.environ.get("COURSE_PROGRESS")
    if named:
        return Path(named)
    root = Path(__file__).resolve().parents[2]
    if (root / "notebooks").is_dir():
        return root / "work" / "progress.sqlite"
    return Path.home() / ".deep-learning-put-to-the-test" / "progress.sqlite"


def now() -> datetime.datetime:
    """Return the time, in UTC."""
    return datetime.datetime.now(datetime.UTC)


def stamp() -> str:
    """Return the time as it is stored: ISO 8601, to the second, in UTC."""
    return now().isoformat(timespec="seconds")


def write(statement: str, values: tuple) -> bool:
    """Write in one transaction; returns whether it could be saved."""

    def work(connection: sqlite3.Connection) -> bool:
        connection.execute(statement, values)
        return True

    return transact(work, False)


def read(statement: str, values: tuple = ()) -> list[tuple]:
    """Return what a query finds; nothing, and no new file, where there is no file yet."""
    if not location().exists():
        return []
    return _with_file(lambda connection: connection.execute(statement, values).fetchall(), [])


def transact(work: Callable[[sqlite3.Connection], _Found], otherwise: _Found) -> _Found:
    """Read and write with no other writer in between; returns `otherwise` where nothing could be saved."""

    def whole(connection: sqlite3.Connection) -> _Found:
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            return work(connection)

    return _with_file(whole, otherwise)


def _with_file(work: Callable[[sqlite3.Connection], _Found], otherwise: _Found) -> _Found:
    """Work on the file; set a damaged one aside and go on with a new one, and say what went wrong."""
    path = location()
    for _ in range(2):
        try:
            with _connection(path) as connection:
                return work(connection)
        except sqlite3.OperationalError as error:  # read-only folder, full disk, locked for too long
            print(f"Your progress could not be read or saved in {path}: {error}.")
            return otherwise
        except sqlite3.DatabaseError as error:
            if type(error) is not sqlite3.DatabaseError:  # a constraint: a defect here, not of the file
                raise
            _set_aside(path, error)
        except OSError as error:
            print(f"Your progress could not be saved in {path}: {error.strerror or error}.")
            return otherwise
    return otherwise


@contextmanager
def _connection(path: Path) -> Iterator[sqlite3.Connection]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, timeout=_BUSY_SECONDS)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(_SCHEMA)
        yield connection


def _set_aside(path: Path, error: sqlite3.DatabaseError) -> None:
    """Rename a damaged file, unless another kernel has just done so."""
    found = _identity(path)
    if not _is_damaged(path) or _identity(path) != found:
        return
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    for suffix in ("", "-wal", "-shm"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.replace(aside.with_name(aside.name + suffix))
    print(f"The progress file could not be read ({error}). It was kept as {aside.name}; a new one begins.")


def _identity(path: Path) -> int:
    """Tell the file that is there from another of the same name."""
    return path.stat().st_ino if path.exists() else 0


def _is_damaged(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(path, timeout=_BUSY_SECONDS)) as connection:
            return connection.execute("PRAGMA quick_check").fetchall() != [("ok",)]
    except sqlite3.OperationalError:
        return False
    except sqlite3.DatabaseError:
        return True
