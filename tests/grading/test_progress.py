"""Progress survives concurrent kernels, killed kernels, damaged files and folders that cannot be written."""

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from course_utils.grading import panels, progress
from course_utils.grading.exercise import registry

WRITER = """
import sys
from course_utils.grading import progress
for k in range(int(sys.argv[2])):
    progress.record_attempt(f"ex{sys.argv[1]}", "failed", k, 100)
    print(k, flush=True)
"""


def test_best_points_and_attempts():
    for points in (1, 3, 2):
        progress.record_attempt("ex01_4", "failed", points, 3)
    progress.record_attempt("ex01_5", "failed", 0, 3)
    best = progress.best_results()
    assert (best["ex01_4"].points, best["ex01_4"].attempts, best["ex01_4"].solved) == (3, 3, True)
    assert (best["ex01_5"].points, best["ex01_5"].solved) == (0, False)
    assert progress.attempts("ex01_4") == 3
    assert progress.attempts("ex01_6") == 0


def test_reading_creates_no_file(progress_file):
    assert progress.best_results() == {}
    assert progress.predictions() == []
    assert not progress_file.exists()


def test_several_kernels_write_at_once():
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(k), "25"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for k in range(4)
    ]
    for writer in writers:
        output, errors = writer.communicate(timeout=120)
        assert writer.returncode == 0, errors.decode()
        assert len(output.split()) == 25
    assert {id: best.attempts for id, best in progress.best_results().items()} == {
        f"ex{k}": 25 for k in range(4)
    }


def test_a_killed_kernel_loses_nothing_that_was_recorded():
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, "9", "1000000"], stdout=subprocess.PIPE, text=True
    )
    seen = [writer.stdout.readline() for _ in range(20)]
    writer.send_signal(signal.SIGKILL)
    rest = writer.communicate(timeout=60)[0].split()
    assert seen[-1].strip() == "19"
    assert progress.attempts("ex9") >= 20 + len(rest)
    progress.record_attempt("ex9", "passed", 100, 100)
    assert progress.best_results()["ex9"].solved


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
    assert progress.attempts("ex01_4") == 0
    assert progress_file.with_name("progress.sqlite.damaged-2").read_bytes() == content
    assert aside.read_bytes() == content


def test_a_good_file_is_not_set_aside_because_of_an_old_error(progress_file):
    progress.record_attempt("ex01_4", "passed", 3, 3)
    progress._set_aside(progress_file, sqlite3.DatabaseError("seen by another kernel"))
    assert progress.best_results()["ex01_4"].solved


def test_a_file_that_cannot_be_written_is_said_and_not_fatal(monkeypatch, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "file" / "progress.sqlite"))
    progress.record_attempt("ex01_4", "passed", 3, 3)
    assert "could not be saved" in capsys.readouterr().out
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path))
    progress.record_attempt("ex01_4", "passed", 3, 3)
    assert "could not be" in capsys.readouterr().out


def test_a_defect_of_the_course_is_not_taken_for_a_damaged_file(progress_file):
    progress.record_attempt("ex01_4", "passed", 3, 3)
    with pytest.raises(sqlite3.IntegrityError):
        progress.record_attempt(None, "passed", 3, 3)
    assert progress.attempts("ex01_4") == 1


def test_the_file_is_a_plain_database(progress_file):
    progress.record_attempt("ex01_4", "failed", 1, 3)
    with closing(sqlite3.connect(progress_file)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("SELECT exercise, status, points FROM attempts").fetchall() == [
            ("ex01_4", "failed", 1)
        ]


def test_location(monkeypatch):
    monkeypatch.delenv("COURSE_PROGRESS")
    assert progress.location().parts[-2:] == ("work", "progress.sqlite")


def predicted(id, choice, confidence, answer):
    progress.save_prediction(id, choice, confidence)
    progress.settle_prediction(id, answer)


def test_a_prediction_is_settled_once():
    progress.save_prediction("p01_1", "a", 0.8)
    progress.settle_prediction("p01_1", "a")
    made = progress.settle_prediction("p01_1", "b")  # a later run, with another seed
    assert (made.answer, made.right, made.late) == ("a", True, False)


def test_calibration_by_hand():
    predicted("p01_1", "a", 0.8, "a")  # (0.8 - 1)^2 = 0.04
    predicted("p01_2", "a", 0.6, "b")  # (0.6 - 0)^2 = 0.36
    predicted("p00_1", "a", 1.0, "a")
    progress.settle_prediction("p01_3", "b")
    progress.save_prediction("p01_3", "b", 1.0)  # late
    progress.save_prediction("p01_4", "b", 1.0)  # not settled
    first, second = panels.calibration()
    assert (first.topic, first.predictions, first.brier) == ("00", 1, 0.0)
    assert (second.topic, second.predictions, second.right) == ("01", 2, 1)
    assert second.brier == pytest.approx(0.2)
    assert second.confidence == pytest.approx(0.7)


def test_summary_counts_what_is_solved():
    before = {row.chapter.number: row for row in panels.summary()}
    assert before["01a"].minutes_left == before["01a"].chapter.minutes
    tasks = [task for task in registry().values() if task.chapter == "01a"]
    assert before["01a"].exercises == len(tasks)
    for task in tasks:
        progress.record_attempt(task.id, "passed", task.points, task.points)
    progress.record_attempt("ex01_7", "failed", 1, 3)
    after = {row.chapter.number: row for row in panels.summary()}
    assert (after["01a"].solved, after["01a"].minutes_left) == (len(tasks), 0)
    assert after["01a"].points == after["01a"].max_points
    assert (after["01b"].solved, after["01b"].attempted, after["01b"].points) == (0, 1, 1)


def test_panels_say_the_same_in_text_and_html():
    fresh = repr(panels.progress())
    assert fresh == repr(panels.progress())
    assert "none settled yet" in fresh
    predicted("p01_1", "a", 0.8, "a")
    progress.record_attempt("ex00_1", "passed", 2, 2)
    bundle = panels.progress()._repr_mimebundle_()
    for part in ("2 of 38 points", "1 of 1 came true", "80 % sure", "Brier score 0.04"):
        assert part in bundle["text/plain"]
        assert part in bundle["text/html"]
    assert 'aria-label="chapter 00: 1 of 2 exercises solved"' in bundle["text/html"]


def test_overview_links_to_the_chapters_that_are_ready():
    bundle = panels.overview()._repr_mimebundle_()
    assert 'href="00_start_here.ipynb"' in bundle["text/html"]
    assert "17  Capstone: Can you do it on your own? (in preparation)" in bundle["text/plain"]
    assert bundle["text/html"].count("<a href") == sum(
        "in preparation" not in line for line in bundle["text/plain"].splitlines()
    )
