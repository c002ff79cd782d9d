"""Whatever happens to a run: every grade is there once, and equal to an undisturbed run's."""

import contextlib
import ctypes
import functools
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace

import psutil
import pytest

from course_utils.grading.classroom.gradebook import Gradebook, GradebookError
from course_utils.grading.classroom.gradebook_file import one_run_at_a_time
from course_utils.grading.classroom.grading_one import Judge, Settings, grade_one, unjudged
from course_utils.grading.classroom.intake import take_in
from course_utils.grading.classroom.run import WorkersFailedError, grade_class, to_do
from course_utils.grading.classroom.scores import final_scores, to_look_at
from course_utils.grading.classroom.workers import on_this_machine
from course_utils.grading.exercise import find
from tests.grading.classroom import build_class as build

TRUST = Settings(trust=True)
SEGFAULT = "import numpy as np\ndef neuron(x, weight, bias):\n    return np.ctypeslib.ctypes.string_at(0)"


def start(folder, *arguments, jobs=2, trust=True):
    """Start `course grade` in a session of its own, as a shell does."""
    command = [sys.executable, "-m", "course_utils.cli", "grade", "in", "--jobs", str(jobs)]
    # Tests that run as a shell's background job ignore Ctrl-C, and so would what they start.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        [*command, *["--trust"] * trust, *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([os.getcwd(), os.environ.get("PYTHONPATH", "")])},
    )
    signal.signal(signal.SIGINT, before)
    return process


def finish(process, code=0, seconds=60):
    output = process.communicate(timeout=seconds)[0]
    assert process.returncode == code, output
    assert "Traceback" not in output, output
    return output


def wait_for(condition, seconds=30.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def n_saved(place):
    with contextlib.suppress(sqlite3.OperationalError), contextlib.closing(_read_only(place)) as book:
        return book.execute("SELECT count(DISTINCT submission) FROM results").fetchone()[0]
    return 0  # not there yet


def _read_only(place):
    return sqlite3.connect(f"file:{place}?mode=ro", uri=True)


def is_running(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def results(place):
    with Gradebook(place, create=False) as book:
        return {(one.student, one.exercise): (one.points, one.status) for one in final_scores(book)}


def expected(students):
    return {(one.id, id): (one.points[id], one.statuses[id]) for one in students for id in one.points}


def whole(place):
    with contextlib.closing(_read_only(place)) as book:
        return book.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


@pytest.fixture
def students():
    return build.class_of(40)


@pytest.fixture
def classroom(tmp_path, students):
    build.as_folder(tmp_path / "in", students)
    return tmp_path


@pytest.fixture
def survivors():
    """Adopt what a killed run leaves behind; yields a function that lists it."""
    libc = ctypes.CDLL(None)
    before = set(psutil.Process().children(recursive=True))
    assert libc.prctl(36, 1, 0, 0, 0) == 0  # PR_SET_CHILD_SUBREAPER: orphans become this process's children

    def left():
        found = [one for one in psutil.Process().children(recursive=True) if one not in before]
        with contextlib.suppress(psutil.NoSuchProcess):
            for one in found:
                if one.ppid() == os.getpid() and one.status() == psutil.STATUS_ZOMBIE:
                    os.waitpid(one.pid, 0)
                    return left()
        return found

    yield left
    libc.prctl(36, 0, 0, 0, 0)


def all_of(place):
    """All grades in a gradebook, by student, but for the time of day; however it was left behind."""
    query = "SELECT student, file, results.* FROM results JOIN submissions ON number = submission"
    with contextlib.suppress(sqlite3.OperationalError), contextlib.closing(_read_only(place)) as book:
        book.row_factory = sqlite3.Row
        assert book.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        rows = [dict(row) for row in book.execute(f"{query} ORDER BY student, exercise")]
        return [{key: row[key] for key in row if key not in ("at", "submission")} for row in rows]
    return []  # not there yet


@pytest.mark.skipif(sys.platform != "linux", reason="answers are isolated on Linux")
@pytest.mark.parametrize(
    ("n_students", "n_kills"), [(150, 5), pytest.param(1000, 20, marks=pytest.mark.full)]
)
def test_killed_again_and_again_a_run_goes_on(tmp_path, survivors, n_students, n_kills):
    students = build.class_of(n_students)
    build.as_folder(tmp_path / "in", students)
    rng, place, saved = random.Random(n_kills), tmp_path / "grades.sqlite", 0
    goals = sorted(rng.sample(range(n_students * 9 // 10), n_kills))
    started = functools.partial(start, tmp_path, "--seed-file", "seed", trust=False)
    finish(started("--gradebook", "undisturbed.sqlite"), seconds=600)
    undisturbed = all_of(tmp_path / "undisturbed.sqlite")
    assert len(undisturbed) == 2 * n_students
    for count, goal in enumerate(goals):
        process = started()
        if count % 4 == 0:  # while it reads the class, makes the gradebook, starts and tests the sandbox
            time.sleep(rng.uniform(0, 2))
        else:
            wait_for(lambda goal=goal, run=process: n_saved(place) >= goal or run.poll() is not None, 120)
            time.sleep(rng.uniform(0, 0.02))  # anywhere in a transaction or between two
        process.kill()
        output = process.communicate(timeout=20)[0]  # who outlived the run would keep its pipe open
        assert process.returncode == -signal.SIGKILL, output
        wait_for(lambda: not survivors(), 20)  # no worker, no server of a sandbox, no answer
        found, before = all_of(place), saved
        saved = n_saved(place)
        assert before <= saved < n_students
        assert all(row in undisturbed for row in found)
        assert len(found) == 2 * saved
    output = finish(started(), seconds=600)
    assert f"{n_students - saved} to grade" in output
    assert all_of(place) == undisturbed
    assert results(place) == expected(students)
    assert not survivors()


def dawdling(student):
    """Have a student answer rightly, and slowly."""
    body = f"    sum(range(3 * 10**7))  # {student.id}\n    return weight @ x + bias"
    source = f"def neuron(x, weight, bias):\n{body}"
    return replace(
        student,
        data=build.notebook("00", {"ex00_1": source}),
        points={"ex00_1": find("ex00_1").points, "q00_1": 0},
        statuses={"ex00_1": "passed", "q00_1": "not attempted"},
    )


def test_ctrl_c_stops_at_once_and_keeps_what_is_graded(tmp_path):
    students = build.class_of(40)
    students[-2:] = map(dawdling, students[-2:])  # so that no run is over before it is stopped
    build.as_folder(tmp_path / "in", students)
    process = start(tmp_path)
    wait_for(lambda: n_saved(tmp_path / "grades.sqlite") >= 3)
    os.killpg(process.pid, signal.SIGINT)  # a terminal tells all processes of the command
    output = finish(process, 130)
    assert "Stopped. What was graded is kept" in output
    assert 3 <= n_saved(tmp_path / "grades.sqlite") < 40
    wait_for(lambda: not is_running(process.pid), 10)
    finish(start(tmp_path))
    assert results(tmp_path / "grades.sqlite") == expected(students)


def test_two_runs_at_once_take_turns(classroom, students):
    first, second = start(classroom, jobs=1), start(classroom, jobs=1)
    outputs = [finish(first), finish(second)]
    assert sorted("Another `course grade` is working on" in output for output in outputs) == [False, True]
    assert sorted("40 to grade" in output for output in outputs) == [False, True]
    assert sorted(" 0 to grade" in output for output in outputs) == [False, True]
    assert results(classroom / "grades.sqlite") == expected(students)


def test_a_lock_is_waited_for_and_given_back(tmp_path):
    said, place = [], tmp_path / "grades.sqlite"
    with one_run_at_a_time(place, said.append):
        code = (
            "import sys; from pathlib import Path\n"
            "from course_utils.grading.classroom.gradebook_file import one_run_at_a_time\n"
            f"with one_run_at_a_time(Path({str(place)!r}), lambda text: print('waits', flush=True)): pass"
        )
        other = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        assert other.stdout.readline() == "waits\n"
        assert other.poll() is None
    assert other.communicate(timeout=20)[0] == ""
    assert other.returncode == 0
    with one_run_at_a_time(place, said.append):
        assert said == []


def disk(place, size):
    """Mount a small disk; False where this system does not allow it."""
    place.mkdir()
    if shutil.which("mount") is None:
        return False
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_a_full_disk_stops_clearly_and_corrupts_nothing(classroom, students):
    small = classroom / "small"
    if not disk(small, "160k"):
        pytest.skip("this system does not let the tests mount a small disk")
    try:
        place = small / "grades.sqlite"
        output = finish(start(classroom, "--gradebook", str(place)), 2)
        assert "is full or failing" in output
        assert "run the same command again" in output
        assert 0 < n_saved(place) < 40
        assert whole(place)
        subprocess.run(["mount", "-o", "remount,size=4m", str(small)], check=True)
        finish(start(classroom, "--gradebook", str(place)))
        assert results(place) == expected(students)
        assert whole(place)
    finally:
        subprocess.run(["umount", str(small)], check=True)


def here(work, seed, settings):
    for item in work:
        yield item.number, grade_one(item.name, item.read(), item.ids, seed, settings)


def grade(place, folder, executor=here):
    with Gradebook(place) as book:
        numbered = book.add(take_in([folder]))
        work = to_do(book, numbered, TRUST)
        grade_class(book, work, book.seed(), TRUST, executor)
        return len(work)


def book_pages(book):
    return book._connection.execute("PRAGMA page_count").fetchone()[0]


def test_a_full_database_stops_clearly_and_goes_on_later(classroom, students):
    place = classroom / "grades.sqlite"
    with Gradebook(place) as book:
        work = to_do(book, book.add(take_in([classroom / "in"])), TRUST)
        book._connection.execute(f"PRAGMA max_page_count = {book_pages(book) + 6}")
        with pytest.raises(GradebookError, match="is full or failing"):
            grade_class(book, work, book.seed(), TRUST, here)
    saved = n_saved(place)
    assert 0 < saved < 40
    assert whole(place)
    assert grade(place, classroom / "in") == 40 - saved
    assert results(place) == expected(students)


def crew(work, seed, settings):
    return on_this_machine(work, seed, settings, n_jobs=2)


def test_a_process_that_dies_costs_the_exercise_that_kills_it(tmp_path):
    students = build.class_of(6)
    build.as_folder(tmp_path / "in", students)
    bad = build.notebook("00", {"ex00_1": SEGFAULT, "q00_1": build.right("q00_1")})
    (tmp_path / "in" / "s0003" / build.file_name("00")).write_bytes(bad)
    place = tmp_path / "grades.sqlite"
    grade(place, tmp_path / "in", crew)
    wanted = expected(students)
    wanted["s0003", "ex00_1"], wanted["s0003", "q00_1"] = (0, "crashed"), (1, "passed")
    assert results(place) == wanted
    with Gradebook(place) as book:
        (finding,) = to_look_at(book)
        assert (finding.student, "died, twice" in finding.what) == ("s0003", True)
        work = to_do(book, book.add(take_in([tmp_path / "in"])), TRUST)
        assert [item.ids for item in work] == [("ex00_1",)]  # and the next run tries again


def test_a_grader_that_fails_everywhere_stops(classroom):
    def lost(work, seed, settings):
        for item in work:
            yield item.number, unjudged(item.name, item.ids, "no memory.")

    with pytest.raises(WorkersFailedError, match=r"5 submissions in a row .* no memory\."):
        grade(classroom / "grades.sqlite", classroom / "in", lost)
    assert n_saved(classroom / "grades.sqlite") == 5


def test_a_defect_of_the_grader_costs_one_exercise(tmp_path, monkeypatch):
    original = Judge.grade

    def broken(self, task, resolved, seed):
        if task.id == "ex00_1":
            raise ZeroDivisionError("a defect")
        return original(self, task, resolved, seed)

    monkeypatch.setattr(Judge, "grade", broken)
    build.as_folder(tmp_path / "in", [build.student(1, full=True)])
    grade(tmp_path / "grades.sqlite", tmp_path / "in")
    assert results(tmp_path / "grades.sqlite") == {
        ("s0001", "ex00_1"): (0, "crashed"),
        ("s0001", "q00_1"): (1, "passed"),
    }
    monkeypatch.undo()
    assert grade(tmp_path / "grades.sqlite", tmp_path / "in") == 1
    assert results(tmp_path / "grades.sqlite")["s0001", "ex00_1"] == (2, "passed")


def test_a_file_that_vanishes_meanwhile_costs_nobody_else(tmp_path):
    students = build.class_of(3)
    build.as_folder(tmp_path / "in", students)

    def executor(work, seed, settings):
        shutil.rmtree(tmp_path / "in" / "s0002")
        return on_this_machine(work, seed, settings, n_jobs=1)

    place = tmp_path / "grades.sqlite"
    grade(place, tmp_path / "in", executor)
    found = results(place)
    assert {found.pop(("s0002", id)) for id in ("ex00_1", "q00_1")} == {(0, "crashed")}
    assert found == expected([students[0], students[2]])
