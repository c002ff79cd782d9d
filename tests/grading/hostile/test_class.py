"""A class with hostile and honest students, through `course grade` as an instructor types it."""

import os
import subprocess
import sys

import pytest

from course_utils.grading.classroom.gradebook import Gradebook
from course_utils.grading.classroom.identity import Identifier, prefix_of
from course_utils.grading.classroom.scores import final_scores
from tests.grading.classroom import build_class as build
from tests.grading.hostile.attack import REACHED, notebook
from tests.grading.hostile.attacks_files import FILES
from tests.grading.hostile.test_attacks import ATTACKS

CHOSEN = (
    "endless loop",
    "endless loop while Python reads the definition",
    "memory: arrays",
    "fork bomb",
    "flood of prints",
    "os._exit",
    "segmentation fault",
    "kills its server",
    "writes a file",
    "reads a file",
    "reads the exercises module",
    "connects to a port",
    "patches numpy's comparisons",
    "patches builtins",
    "forged value",
    "a length of four gigabytes",
    "slow drip",
    "a pickle",
    "keys of one hash in a message",
    "returns an object that equals everything",
    "returns an object with a hostile class name",
    "raises an exception with a hostile text",
    "imports that it never asked for",
)
FILE_CHOICE = (
    "half a notebook",
    "fifty megabytes",
    "ten thousand magics in a cell",
    "hostile metadata",
    "stale outputs",
)
NAMES = (
    "<script>alert(1)</script>",
    "\x1b[31mred\x1b]0;owned\x07",
    "\u202egnp.evil",
    "line\nbreak",
    "'; DROP TABLE submissions; --",
    "=HYPERLINK(1)",
)
FILE = build.file_name("00")


def course(*arguments):
    """Run the command in a process of its own, which must leave none behind; return what it printed."""
    command = [sys.executable, "-c", "from course_utils.cli import app; app()", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def graded(target, tmp_path_factory):
    """Grade them all; return what was printed, the points by student, and the folder."""
    place = tmp_path_factory.mktemp("class")
    handed_in, expected = place / "in", {}

    def hand_in(name, data, points):
        (handed_in / name).mkdir(parents=True)
        (handed_in / name / FILE).write_bytes(data)
        expected[name] = points

    attacks = {attack.name: attack for attack in ATTACKS}
    files = {file.name: file for file in FILES}
    for number, name in enumerate(CHOSEN):
        honest = build.student(number, "00", full=True)
        hand_in(f"h{number:02d}", honest.data, 3)
        hand_in(f"h{number:02d}x", notebook(target.aim(attacks[name].source)), attacks[name].points)
    for number, name in enumerate(FILE_CHOICE):
        hand_in(f"i{number:02d}x", files[name].data, files[name].points)
        hand_in(f"i{number:02d}", build.student(100 + number, "00", full=True).data, 3)
    for number, name in enumerate(NAMES):
        hand_in(name, build.student(200 + number, "00", full=True).data, None)
    (handed_in / "links").mkdir()
    (handed_in / "links" / FILE).symlink_to(handed_in / "h00" / FILE)
    (handed_in / "passwords").mkdir()
    (handed_in / "passwords" / FILE).symlink_to("/etc/passwd")
    (handed_in / "folder" / FILE).mkdir(parents=True)
    (handed_in / "pipe").mkdir()
    os.mkfifo(handed_in / "pipe" / FILE)
    (handed_in / "zz").mkdir()
    (handed_in / "zz" / FILE).write_bytes(build.student(999, "00", full=True).data)
    expected["zz"] = 3
    book = place / "grades.sqlite"
    arguments = ["grade", handed_in, "--gradebook", book, "--chapter", "00", "--jobs", 1, "--time-limit", 1]
    output = course(*arguments)
    with Gradebook(book, create=False) as opened:
        points: dict[str, float] = {}
        for score in final_scores(opened):
            points[score.student] = points.get(score.student, 0) + score.points
    return output, points, expected, place


def test_everyone_gets_what_he_earned(graded, target):
    _, points, expected, _ = graded
    wanted = {name: score for name, score in expected.items() if score is not None}
    assert {name: points.get(name, 0) for name in wanted} == wanted
    assert target.reached() == []


def test_odd_names_are_students_like_others_or_set_aside(graded):
    output, points, _, _ = graded
    honest = [name for name in points if name[0] != "h" and name[0] != "i"]
    assert all(points[name] in (0, 3) for name in honest)
    for sign in ("\x1b", "\x07", "\u202e", REACHED):
        assert sign not in output
        assert not any(sign in name for name in points)


@pytest.mark.parametrize(
    "name", ["raises an exception with a hostile text", "returns an object with a hostile class name"]
)
def test_a_trial_shows_hostile_texts_as_text(target, tmp_path, name):
    (attack,) = [attack for attack in ATTACKS if attack.name == name]
    (tmp_path / "one.ipynb").write_bytes(notebook(target.aim(attack.source)))
    output = course("grade", "--try", tmp_path / "one.ipynb", "--only", "ex00_1")
    assert "failed" in output
    for sign in ("\x1b", "\x07", "\u202e", "\x00"):
        assert sign not in output


@pytest.mark.parametrize(
    ("path", "own"),
    [
        (
            (
                "c.zip",
                "Eve Moor_5002_assignsubmission_file_",
                "Adam Lee_5001_assignsubmission_file_",
                "00.ipynb",
            ),
            "Eve Moor",
        ),
        (("c.zip", "Eve Moor_5002_assignsubmission_file_", "leeadam_1001_90001_00.ipynb"), "Eve Moor"),
        (("c.zip", "mooreve_1002_90002_leeadam_1001_90001_00.ipynb"), "mooreve_1002"),
        (("c.zip", "mooreve_LATE_1002_90002_x_assignsubmission_file_.ipynb"), "mooreve_1002"),
        (("hw_2026_11_x.zip", "mooreve_1002_90002_work.zip", "leeadam_1001_90001_00.ipynb"), "mooreve_1002"),
    ],
)
def test_nobody_hands_in_as_somebody_else(path, own):
    """What stands outside is the platform's; what stands within may be any name a student chose."""
    assert Identifier().identify(path, common=1).student == own
    assert prefix_of(path)[1].startswith(own.partition("_")[0])


def test_links_and_pipes_are_not_read(graded):
    _, points, _, _ = graded
    assert {"links", "passwords", "folder", "pipe"} & {
        name for name, score in points.items() if score
    } == set()


def test_the_feedback_runs_nothing(graded):
    _, _, _, place = graded
    course("report", place / "report", "--gradebook", place / "grades.sqlite")
    pages = [path.read_text(encoding="utf-8") for path in (place / "report").rglob("*.html")]
    assert len(pages) > 50
    for page in pages:
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "\x1b" not in page
