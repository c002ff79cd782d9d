"""What a learner has done: attempts and predictions, in a local SQLite file.

One transaction a record, write-ahead logging and a busy timeout: several kernels may write at once and
a killed kernel loses nothing. A damaged file is set aside, never deleted.
"""

from __future__ import annotations

import datetime
import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

_SCHEMA = """
CREATE TABLE IF NOT EXISTS attempts (
    number INTEGER PRIMARY KEY, exercise TEXT NOT NULL, status TEXT NOT NULL,
    points REAL NOT NULL, max_points REAL NOT NULL, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS predictions (
    id TEXT PRIMARY KEY, choice TEXT, confidence REAL, made_at TEXT,
    answer TEXT, settled_at TEXT, late INTEGER NOT NULL DEFAULT 0);
"""
_BUSY_SECONDS = 20.0
_unsaved: Counter[tuple[Path, str]] = Counter()  # attempts of this process that no file took
_Found = TypeVar("_Found")


@dataclass(frozen=True)
class Best:
    """The best result of an exercise and the number of attempts."""

    exercise: str
    points: float
    max_points: float
    attempts: int

    @property
    def solved(self) -> bool:
        """Whether an attempt reached full marks."""
        return self.points >= self.max_points


@dataclass(frozen=True)
class Prediction:
    """A prediction: what was chosen, how surely (0 to 1), and what came true (None before)."""

    id: str
    choice: str | None
    confidence: float | None
    answer: str | None
    late: bool

    @property
    def scored(self) -> bool:
        """Whether it counts: made before the answer was shown, and settled."""
        return self.choice is not None and self.answer is not None and not self.late

    @property
    def right(self) -> bool:
        """Whether the choice came true."""
        return self.choice == self.answer


def percent(share: float | None) -> str:
    """Write a share between 0 and 1 as a percentage.

    >>> percent(0.7)
    '70 %'
    """
    return f"{round(100 * (share or 0.0))} %"


def location() -> Path:
    """Return the progress file: $COURSE_PROGRESS, else ``work/`` in the checkout, else the home folder."""
    named = os.environ.get("COURSE_PROGRESS")
    if named:
        return Path(named)
    root = Path(__file__).resolve().parents[2]
    if (root / "notebooks").is_dir():
        return root / "work" / "progress.sqlite"
    return Path.home() / ".deep-learning-put-to-the-test" / "progress.sqlite"


def record_attempt(exercise: str, status: str, points: float, max_points: float) -> None:
    """Record one check of an answer that was attempted; where no file can be written, in this process."""
    row = (exercise, status, points, max_points, _now())
    if not _write(
        "INSERT INTO attempts (exercise, status, points, max_points, at) VALUES (?, ?, ?, ?, ?)", row
    ):
        _unsaved[location(), exercise] += 1


def attempts(exercise: str) -> int:
    """Count the recorded attempts at an exercise, those of this process that could not be saved included."""
    saved = _read("SELECT count(*) FROM attempts WHERE exercise = ?", (exercise,))[0][0]
    return saved + _unsaved[location(), exercise]


def best_results() -> dict[str, Best]:
    """Return the best result of every exercise attempted, by id."""
    rows = _read("SELECT exercise, max(points), max_points, count(*) FROM attempts GROUP BY exercise")
    return {row[0]: Best(*row) for row in rows}


def save_prediction(id: str, choice: str, confidence: float) -> Prediction:
    """Save or replace a prediction; once its answer was shown the first choice stays.

    A prediction first made after the answer was shown is kept as late, and not scored.
    """
    _write(
        "INSERT INTO predictions (id, choice, confidence, made_at) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (id) DO UPDATE SET choice = excluded.choice, confidence = excluded.confidence, "
        "made_at = excluded.made_at, late = settled_at IS NOT NULL "
        "WHERE settled_at IS NULL OR choice IS NULL",
        (id, choice, confidence, _now()),
    )
    return prediction(id)


def settle_prediction(id: str, answer: str) -> Prediction:
    """Note what came true; the first settlement stays."""
    _write(
        "INSERT INTO predictions (id, answer, settled_at) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE "
        "SET answer = excluded.answer, settled_at = excluded.settled_at WHERE settled_at IS NULL",
        (id, answer, _now()),
    )
    return prediction(id)


def prediction(id: str) -> Prediction:
    """Return what is known of a prediction."""
    return {item.id: item for item in predictions()}.get(id, Prediction(id, None, None, None, False))


def predictions() -> list[Prediction]:
    """Return all predictions made or settled, in the order of their ids."""
    rows = _read("SELECT id, choice, confidence, answer, late FROM predictions ORDER BY id")
    return [Prediction(row[0], row[1], row[2], row[3], bool(row[4])) for row in rows]


def _write(statement: str, values: tuple) -> bool:
    """Write in one transaction; returns whether it could be saved."""

    def work(connection: sqlite3.Connection) -> bool:
        with connection:
            connection.execute(statement, values)
        return True

    return _with_file(work, False)


def _read(statement: str, values: tuple = ()) -> list[tuple]:
    fresh = [(0,)] if statement.startswith("SELECT count") else []
    if not location().exists():
        return fresh
    return _with_file(lambda connection: connection.execute(statement, values).fetchall(), fresh)


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
    if not _is_damaged(path):
        return
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    for suffix in ("", "-wal", "-shm"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.replace(aside.with_name(aside.name + suffix))
    print(f"The progress file could not be read ({error}). It was kept as {aside.name}; a new one begins.")


def _is_damaged(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(path, timeout=_BUSY_SECONDS)) as connection:
            return connection.execute("PRAGMA quick_check").fetchall() != [("ok",)]
    except sqlite3.OperationalError:
        return False
    except sqlite3.DatabaseError:
        return True


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
