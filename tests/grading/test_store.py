"""The progress file survives concurrent kernels, killed kernels, damage and read-only folders."""

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from course_utils.grading import progress, store

# Writes into every table. A number is printed once all of its records are saved.
WRITER = """
import datetime, sys
from course_utils.grading import progress, spacing, store
me, start = sys.argv[1], datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
progress.save_prediction(f"p{me}", "a", 0.9)
progress.save_question(f"p{me}", "Which?", ["a", "b"])
progress.settle_prediction(f"p{me}", "b")
for k in range(int(sys.argv[2])):
    store.now = lambda: datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=2 * k + 2)
    progress.record_attempt(f"ex{me}", "failed", k, 100)
    progress.take_hint("ex_shared", 1_000_000)
    spacing.save_review(f"p{me}", "a")  # wrong again, and due again a day later
    progress.save_question(f"p{me}_{k}", f"Question {k}", ["a", "b"])
    print(k, flush=True)
"""
OLD_FILE = """
CREATE TABLE attempts (
    number INTEGER PRIMARY KEY, exercise TEXT NOT NULL, status TEXT NOT NULL,
    points REAL NOT NULL, max_points REAL NOT NULL, at TEXT NOT NULL);
CREATE TABLE predictions (
    id TEXT PRIMARY KEY, choice TEXT, confidence REAL, made_at TEXT,
    answer TEXT, settled_at TEXT, late INTEGER NOT NULL DEFAULT 0);
INSERT INTO attempts VALUES (1, 'ex01_4', 'failed', 1, 3, '2026-01-05T10:00:00+00:00');
INSERT INTO attempts VALUES (2, 'ex01_4', 'passed', 3, 3, '2026-01-05T10:05:00+00:00');
INSERT INTO predictions VALUES ('p01_1', 'a', 0.9, '2026-01-05T09:00:00+00:00', 'b',
    '2026-01-05T09:10:00+00:00', 0);
INSERT INTO predictions VALUES ('p01_2', NULL, NULL, NULL, 'b', '2026-01-05T09:20:00+00:00', 0);
"""


def start_writer(name, n):
    command = [sys.executable, "-c", WRITER, name, str(n)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def count(table, where="1"):
    return store.read(f"SELECT count(*) FROM {table} WHERE {where}")[0][0]


def test_reading_creates_no_file(progress_file):
    assert progress.best_results() == {}
    assert progress.predictions() == []
    assert progress.questions() == {}
    assert progress.hints_taken() == {}
    assert not progress_file.exists()


def test_several_kernels_write_at_once_to_every_table():
    writers = [start_writer(str(k), 12) for k in range(4)]
    for writer in writers:
        output, errors = writer.communicate(timeout=120)
        assert writer.returncode == 0, errors
        assert len(output.split()) == 12
    assert {id: best.attempts for id, best in progress.best_results().items()} == {
        f"ex{k}": 12 for k in range(4)
    }
    steps = store.read("SELECT step FROM hints WHERE exercise = 'ex_shared' ORDER BY step")
    assert [step for (step,) in steps] == list(range(1, 49))
    assert [count("reviews", f"prediction = 'p{k}'") for k in range(4)] == [12] * 4
    assert len(progress.questions()) == 4 + 48
    assert len(progress.predictions()) == 4


def test_a_killed_kernel_loses_nothing_that_was_recorded():
    writer = start_writer("9", 1_000_000)
    seen = [writer.stdout.readline() for _ in range(12)]
    writer.send_signal(signal.SIGKILL)
    done = 12 + len(writer.communicate(timeout=60)[0].split())
    assert seen[-1].strip() == "11"
    records = [count("attempts"), count("hints"), count("reviews"), count("questions") - 1]
    assert records == sorted(records, reverse=True)  # in the order in which they are written
    assert done <= records[-1] <= records[0] <= done + 1
    with closing(sqlite3.connect(store.location())) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert progress.take_hint("ex_shared", 10**6) == records[1] + 1


def test_a_file_of_the_first_version_is_completed_in_place(progress_file):
    with closing(sqlite3.connect(progress_file)) as connection:
        connection.executescript(OLD_FILE)
        before = [connection.execute(f"SELECT * FROM {t}").fetchall() for t in ("attempts", "predictions")]
    best = progress.best_results()["ex01_4"]
    assert (best.points, best.attempts, best.last_status) == (3, 2, "passed")
    assert [(made.id, made.scored) for made in progress.predictions()] == [("p01_1", True), ("p01_2", False)]
    assert progress.take_hint("ex01_5", 3) == 1
    progress.save_question("p01_1", "Which?", ["a", "b"])
    assert progress.questions()["p01_1"].options == ("a", "b")
    with closing(sqlite3.connect(progress_file)) as connection:
        after = [connection.execute(f"SELECT * FROM {t}").fetchall() for t in ("attempts", "predictions")]
    assert after == before
    assert [path.name for path in progress_file.parent.glob("*damaged*")] == []


@pytest.mark.parametrize(
    "content",
    [b"this is no database at all, but a text of some length" * 40, b"SQLite format 3\0" + b"\1" * 5000],
)
def test_a_damaged_file_is_set_aside_and_never_dropped(progress_file, capsys, content):
    progress_file.write_bytes(content)
    progress.record_attempt("ex01_4", "passed", 3, 3)
    aside = progress_file.with_name("progress.sqlite.damaged-1")
    assert aside.read_bytes() == content
    assert "damaged-1" in capsys.readouterr().out
    assert progress.best_results()["ex01_4"].solved

    for part in progress_file.parent.glob("progress.sqlite*"):
        if "damaged" not in part.name:
            part.unlink()
    progress_file.write_bytes(content)
    assert progress.take_hint("ex01_4", 3) == 1
    assert progress_file.with_name("progress.sqlite.damaged-2").read_bytes() == content
    assert aside.read_bytes() == content


def test_a_file_damaged_in_its_middle_is_set_aside(progress_file, capsys):
    for k in range(200):
        progress.save_question(f"p{k}", "Which? " * 20, ["a", "b"])
    with closing(sqlite3.connect(progress_file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = progress_file.read_bytes()
    assert len(content) > 30_000
    progress_file.write_bytes(content[:8192] + b"\xff" * (len(content) - 8192))
    assert progress.questions() == {}
    assert "It was kept as progress.sqlite.damaged-1; a new one begins." in capsys.readouterr().out
    assert len(progress_file.with_name("progress.sqlite.damaged-1").read_bytes()) == len(content)


def test_a_good_file_is_not_set_aside_because_of_an_old_error(progress_file):
    progress.record_attempt("ex01_4", "passed", 3, 3)
    store._set_aside(progress_file, sqlite3.DatabaseError("seen by another kernel"))
    assert progress.best_results()["ex01_4"].solved


def test_a_new_file_is_not_set_aside_in_the_place_of_the_damaged_one(progress_file, monkeypatch, capsys):
    """Another kernel sees the same damage, is quicker, and has begun a new file."""

    def look_slowly(path):
        path.rename(path.with_name("progress.sqlite.damaged-1"))
        progress.record_attempt("ex01_4", "passed", 3, 3)
        return True

    progress_file.write_bytes(b"no database " * 500)
    monkeypatch.setattr(store, "_is_damaged", look_slowly)
    store._set_aside(progress_file, sqlite3.DatabaseError("seen a moment ago"))
    assert progress.best_results()["ex01_4"].solved
    assert [p.name for p in progress_file.parent.glob("*.damaged-*")] == ["progress.sqlite.damaged-1"]
    assert capsys.readouterr().out == ""


def test_a_file_that_cannot_be_written_is_said_and_not_fatal(monkeypatch, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "file" / "progress.sqlite"))
    progress.record_attempt("ex01_4", "passed", 3, 3)
    assert "could not be saved" in capsys.readouterr().out
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path))
    progress.record_attempt("ex01_4", "passed", 3, 3)
    assert "could not be" in capsys.readouterr().out


def test_a_defect_of_the_course_is_not_taken_for_a_damaged_file():
    progress.record_attempt("ex01_4", "passed", 3, 3)
    with pytest.raises(sqlite3.IntegrityError):
        progress.record_attempt(None, "passed", 3, 3)
    assert progress.attempts("ex01_4") == 1


def test_a_transaction_that_fails_leaves_nothing_behind():
    def work(connection):
        connection.execute("INSERT INTO hints VALUES ('ex01_4', 1, 'now')")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.transact(work, None)
    assert count("hints") == 0


def test_the_file_is_a_plain_database(progress_file):
    progress.record_attempt("ex01_4", "failed", 1, 3)
    with closing(sqlite3.connect(progress_file)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("SELECT exercise, status, points FROM attempts").fetchall() == [
            ("ex01_4", "failed", 1)
        ]


def test_location(monkeypatch):
    monkeypatch.delenv("COURSE_PROGRESS")
    assert store.location().parts[-2:] == ("work", "progress.sqlite")
