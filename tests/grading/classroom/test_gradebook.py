"""The gradebook: what it keeps, through whatever happens."""

import dataclasses
import os
import sqlite3
import stat

import pytest

from course_utils.grading.classroom.chapters_of import wanted
from course_utils.grading.classroom.gradebook import Gradebook, GradebookError
from course_utils.grading.classroom.grading_one import Settings, grade_one, unjudged
from course_utils.grading.classroom.intake import take_in
from course_utils.grading.classroom.roster import Person
from course_utils.grading.classroom.run import AnotherVersionError, grade_class, to_do
from course_utils.grading.classroom.scores import final_scores, to_look_at, without_submission
from tests.grading.classroom import build_class as build

TRUST = Settings(trust=True)


def here(work, seed, settings):
    for item in work:
        yield item.number, grade_one(item.name, item.read(), item.ids, seed, settings)


def grade(book, submissions, **options):
    numbered = book.add(submissions)
    work = to_do(book, numbered, TRUST, **options)
    grade_class(book, work, book.seed(), TRUST, here)
    return [id for item in work for id in item.ids]


@pytest.fixture
def book(tmp_path):
    with Gradebook(tmp_path / "grades.sqlite") as book:
        yield book


@pytest.fixture
def students():
    return build.class_of(6)


@pytest.fixture
def submissions(tmp_path, students):
    return take_in([build.as_folder(tmp_path / "in", students)])


def totals(book):
    return {(score.student, score.exercise): (score.points, score.status) for score in final_scores(book)}


def expected(students):
    return {(one.id, id): (one.points[id], one.statuses[id]) for one in students for id in one.points}


def test_a_class_gets_what_it_earned_and_is_not_graded_twice(book, submissions, students):
    assert len(grade(book, submissions)) == 12
    assert totals(book) == expected(students)
    assert grade(book, submissions) == []
    assert len(grade(book, submissions, only=["q00_1"], regrade=True)) == 6
    assert totals(book) == expected(students)


def test_only_what_is_new_or_changed_is_graded(tmp_path, book, submissions, students):
    grade(book, submissions)
    one = build.student(99)
    place = tmp_path / "in" / "s0001" / "00_start_here.ipynb"
    place.write_bytes(one.data)
    (tmp_path / "in" / "new").mkdir()
    (tmp_path / "in" / "new" / "00_start_here.ipynb").write_bytes(build.student(50).data)
    os.utime(place, (2e9, 2e9))
    again = take_in([tmp_path / "in"])
    assert len(grade(book, again)) == 4
    assert totals(book)["s0001", "ex00_1"] == (one.points["ex00_1"], one.statuses["ex00_1"])


def test_a_changed_exercise_is_graded_anew_and_manual_marks_stay(book, submissions, monkeypatch):
    grade(book, submissions)
    book.mark("s0002", "ex00_1", 1.5, "well argued")
    before = {row["submission"]: row["at"] for row in book.rows("results")}
    from course_utils.grading.classroom import grading_one, run

    def changed(id):
        return "new" if id == "ex00_1" else checks(id)

    checks = run.checks_hash
    monkeypatch.setattr(run, "checks_hash", changed)
    monkeypatch.setattr(grading_one, "checks_hash", changed)
    assert grade(book, submissions) == ["ex00_1"] * 6
    assert {row["checks"] for row in book.rows("results") if row["exercise"] == "ex00_1"} == {"new"}
    assert grade(book, submissions) == []
    (marked,) = [s for s in final_scores(book) if s.by_hand]
    assert (marked.student, marked.points, marked.comment) == ("s0002", 1.5, "well argued")
    assert len(before) == 6
    assert book.unmark("s0002", "ex00_1")
    assert not book.unmark("s0002", "ex00_1")
    assert not any(score.by_hand for score in final_scores(book))


def test_a_process_with_other_code_is_found_out(book, submissions, monkeypatch):
    def elsewhere(work, seed, settings):
        for number, outcome in here(work, seed, settings):
            outcome["results"][0]["checks"] = "other"
            yield number, outcome

    work = to_do(book, book.add(submissions), TRUST)
    with pytest.raises(AnotherVersionError, match="another version of the course"):
        grade_class(book, work, 1, TRUST, elsewhere)
    assert book.rows("results") == []


def test_trusted_results_do_not_count_for_a_class(book, submissions):
    grade(book, submissions)
    numbered = book.add(submissions)
    assert to_do(book, numbered, TRUST) == []
    assert len(to_do(book, numbered, Settings(trust=False))) == 6


def test_a_longer_time_limit_repeats_what_was_timed_out(book, submissions):
    numbered = book.add(submissions[:1])
    (work,) = to_do(book, numbered, TRUST)
    outcome = grade_one(work.name, work.read(), work.ids, 1, TRUST)
    outcome["results"][0]["status"] = "timed out"
    book.save(work.number, outcome, 10.0)
    assert to_do(book, numbered, Settings(True, 10.0)) == []
    assert [item.ids for item in to_do(book, numbered, Settings(True, 20.0))] == [("ex00_1",)]


def test_what_was_left_unfinished_is_tried_again(book, submissions):
    numbered = book.add(submissions[:1])
    (work,) = to_do(book, numbered, TRUST)
    book.save(work.number, unjudged(work.name, work.ids, "died"))
    assert [item.ids for item in to_do(book, numbered, TRUST)] == [("ex00_1", "q00_1")]
    assert {finding.what for finding in to_look_at(book)} == {f"{id} crashed: died" for id in work.ids}


def one_student(tmp_path, *versions):
    """Submissions of one student, the first the oldest."""
    taken = []
    for number, data in enumerate(versions):
        place = tmp_path / f"v{number}" / "ada.ipynb"
        place.parent.mkdir()
        place.write_bytes(data)
        os.utime(place, (1e9 + number, 1e9 + number))
        taken += take_in([place])
    return taken


RIGHT = build.notebook("00", {id: build.right(id) for id in wanted("00")})
HALF = build.notebook("00", {"q00_1": build.right("q00_1")})


@pytest.mark.parametrize(
    ("versions", "latest", "best"), [((RIGHT, HALF), 1, 3), ((HALF, RIGHT), 3, 3), ((HALF, b""), 1, 1)]
)
def test_latest_or_best(tmp_path, book, versions, latest, best):
    submissions = one_student(tmp_path, *versions)
    grade(book, submissions)
    for policy, points in (("latest", latest), ("best", best)):
        book.note_attempts(policy)
        assert sum(score.points for score in final_scores(book)) == points
    if all(versions):
        assert "2 attempts at chapter 00" in {finding.what for finding in to_look_at(book)}


def test_the_platforms_count_goes_before_the_files_time(tmp_path, book):
    old, new = one_student(tmp_path, RIGHT, HALF)
    grade(book, [dataclasses.replace(old, number=8), dataclasses.replace(new, number=7)])
    assert sum(score.points for score in final_scores(book)) == 3


def test_a_file_that_cannot_be_read_does_not_hide_one_that_can(tmp_path, book):
    broken = RIGHT[:-100]
    grade(book, one_student(tmp_path, RIGHT, broken))
    assert sum(score.points for score in final_scores(book)) == 3
    (finding,) = [one for one in to_look_at(book) if "not JSON" in one.what]
    assert finding.student == "ada"


def test_two_chapters_of_a_student_both_count(tmp_path, book):
    other = build.student(1, "01b", full=True)
    grade(book, one_student(tmp_path, RIGHT, other.data))
    assert {score.chapter for score in final_scores(book)} == {"00", "01b"}
    assert not to_look_at(book)


def test_copies_and_absent_students_are_found(tmp_path, book):
    (tmp_path / "ada.ipynb").write_bytes(RIGHT)
    (tmp_path / "bob.ipynb").write_bytes(RIGHT)
    book.note_class([Person("ada"), Person("bob"), Person("eve")])
    grade(book, take_in([tmp_path / "ada.ipynb", tmp_path / "bob.ipynb"]))
    (finding,) = to_look_at(book)
    assert (finding.student, finding.what) == ("ada, bob", "the same file, byte for byte")
    assert without_submission(book) == ["eve"]
    assert book.known_students() == {"ada", "bob", "eve"}


def test_a_roster_that_comes_later_keeps_grades_and_marks(book, submissions):
    nameless = [dataclasses.replace(one, student=f"x{one.student}", matched=False) for one in submissions]
    grade(book, nameless)
    book.mark("xs0001", "ex00_1", 0.5, "")
    assert sum("no match of the pattern" in finding.what for finding in to_look_at(book)) == 6
    assert grade(book, submissions) == []
    assert not to_look_at(book)
    assert totals(book)["s0001", "ex00_1"][0] == 0.5
    assert book.known_students() == {one.student for one in submissions}


def test_a_students_own_marks_stay_when_a_file_turns_out_to_be_somebody_elses(book, submissions):
    book.note_class([Person("s0002")])
    first = dataclasses.replace(submissions[0], student="s0002")
    grade(book, [first, submissions[1]])
    book.mark("s0002", "ex00_1", 0.5, "")
    grade(book, submissions[:1])
    assert totals(book)["s0002", "ex00_1"][0] == 0.5
    assert totals(book)["s0001", "ex00_1"][0] != 0.5


def test_a_file_that_was_unreadable_and_is_replaced_is_no_longer_listed(tmp_path, book):
    place = tmp_path / "ada.ipynb"
    place.write_bytes(b"")
    grade(book, take_in([place]))
    assert len(to_look_at(book)) == 1
    place.write_bytes(RIGHT)
    grade(book, take_in([place]))
    assert to_look_at(book) == []
    assert sum(score.points for score in final_scores(book)) == 3


def test_another_chapter_by_option_replaces_the_results(book, submissions):
    as_other = [dataclasses.replace(one, chapter="01b") for one in submissions]
    grade(book, as_other)
    grade(book, submissions)
    assert {score.chapter for score in final_scores(book)} == {"00"}


def test_a_mark_without_a_submission_counts(book):
    book.mark("eve", "ex01_4", 2, "oral exam")
    (score,) = final_scores(book)
    assert (score.points, score.max_points, score.chapter, score.status) == (2, 3, "01a", "marked by hand")


def test_the_seed_is_drawn_once_and_nobody_else_reads_it(tmp_path):
    with Gradebook(tmp_path / "a.sqlite") as book:
        seed = book.seed()
    with Gradebook(tmp_path / "a.sqlite") as book:
        assert book.seed() == seed > 0
    with Gradebook(tmp_path / "b.sqlite") as book:
        assert book.seed() != seed
    assert stat.S_IMODE((tmp_path / "a.sqlite").stat().st_mode) == 0o600


def test_a_seed_in_a_file_is_not_in_the_gradebook(tmp_path):
    seed_file = tmp_path / "seed"
    with Gradebook(tmp_path / "a.sqlite") as book:
        seed = book.seed(seed_file)
        assert seed_file.read_text() == f"{seed}\n"
        assert stat.S_IMODE(seed_file.stat().st_mode) == 0o600
        assert book.seed(seed_file) == seed
        with pytest.raises(GradebookError, match="name it with --seed-file"):
            book.seed()
    assert str(seed).encode() not in (tmp_path / "a.sqlite").read_bytes()
    other = tmp_path / "other"
    other.write_text("5")
    with (
        Gradebook(tmp_path / "a.sqlite") as book,
        pytest.raises(GradebookError, match="made with another seed"),
    ):
        book.seed(other)
    with Gradebook(tmp_path / "b.sqlite") as book:
        book.seed()
        with pytest.raises(GradebookError, match="made with another seed"):
            book.seed(other)


@pytest.mark.parametrize("content", ["", "abc", "-1", "1.5", "\xff"])
def test_bad_seed_files(tmp_path, content):
    (tmp_path / "seed").write_text(content, encoding="latin-1")
    with Gradebook(tmp_path / "a.sqlite") as book, pytest.raises(GradebookError, match="Expected a"):
        book.seed(tmp_path / "seed")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda place: place.write_bytes(b"no database at all" * 100), "none or damaged"),
        (lambda place: place.mkdir(), "cannot be read or written"),
        (lambda place: _tables(place, "CREATE TABLE t (x)"), "another kind of database"),
        (lambda place: _tables(place, "CREATE TABLE t (x)", "PRAGMA user_version = 9"), "got version 9"),
    ],
)
def test_files_that_are_no_gradebook_are_left_alone(tmp_path, make, message):
    place = tmp_path / "a.sqlite"
    make(place)
    before = place.read_bytes()[100:] if place.is_file() else b""
    with pytest.raises(GradebookError, match=message):
        Gradebook(place)
    assert (place.read_bytes()[100:] if place.is_file() else b"") == before


def _tables(place, *statements):
    connection = sqlite3.connect(place)
    for statement in statements:
        connection.execute(statement)
    connection.close()


def test_a_folder_that_does_not_exist(tmp_path):
    with pytest.raises(GradebookError, match="There is no folder"):
        Gradebook(tmp_path / "nowhere" / "a.sqlite")
    with pytest.raises(GradebookError, match="There is no gradebook"):
        Gradebook(tmp_path / "a.sqlite", create=False)
    assert not (tmp_path / "a.sqlite").exists()


def test_halves_of_letters_are_kept_as_text(book, submissions):
    numbered = book.add(submissions[:1])
    (work,) = to_do(book, numbered, TRUST)
    outcome = unjudged(work.name, work.ids, "a\ud800b")
    outcome["results"][0] |= {"notes": ["\udcff"], "printed": "\ud800\x00"}
    book.save(work.number, outcome)
    assert book.rows("results")[0]["hint"] == "a\\ud800b"


def test_a_submission_is_saved_whole_or_not_at_all(book, submissions):
    numbered = book.add(submissions[:1])
    (work,) = to_do(book, numbered, TRUST)
    outcome = grade_one(work.name, work.read(), work.ids, 1, TRUST)
    outcome["results"][1]["status"] = None
    with pytest.raises(sqlite3.IntegrityError):
        book.save(work.number, outcome)
    assert book.rows("results") == []
