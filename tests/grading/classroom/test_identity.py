"""Whose file it is."""

import pytest

from course_utils.grading.classroom.identity import Identifier, compile_pattern
from course_utils.grading.classroom.roster import Person, read_roster

PEOPLE = [
    Person("ad01", "Ada Lovelace", "ada@example.org"),
    Person("zo-02", "Zoë O'Brien", "zoe@example.org"),
    Person("77", "Lovelace Byron Ada Jr"),
    Person("jd1", "Jane Doe"),
    Person("jd2", "Jane Doe"),
]
CHAPTER = "01a_fundamentals_forward_backward.ipynb"


def student(*path, roster=(), pattern=None, common=1):
    compiled = compile_pattern(pattern) if pattern else None
    return Identifier(roster, compiled).identify(path, common)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("c.zip", f"lovelaceada_1815_90210_{CHAPTER}"), "ad01"),
        (("c.zip", f"lovelaceada_LATE_1815_90210_{CHAPTER}"), "ad01"),
        (("c.zip", "Ada Lovelace_657737_assignsubmission_file_", CHAPTER), "ad01"),
        (("c.zip", f"Zoë O'Brien_657737_assignsubmission_file_{CHAPTER}"), "zo-02"),
        (("c.zip", f"obrienzoe_5_6_{CHAPTER}"), "zo-02"),
        (("in", "ad01.ipynb"), "ad01"),
        (("in", "AD01 (2).ipynb"), "ad01"),
        (("in", "hw1-ad01-final.ipynb"), "ad01"),
        (("in", "zo-02", CHAPTER), "zo-02"),
        (("in", "from ada@example.org.ipynb"), "ad01"),
        (("in", "Lovelace, Ada.ipynb"), "ad01"),
        (("c.zip", f"somebody_77_90210_{CHAPTER}"), "77"),  # Canvas' own number of a person
    ],
)
def test_the_roster_is_found_in_names(path, expected):
    found = student(*path, roster=PEOPLE)
    assert (found.student, found.matched) == (expected, True)
    assert found.name == next(person.name for person in PEOPLE if person.id == expected)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("c.zip", "Grace Hopper_77_assignsubmission_file_", CHAPTER), "Grace Hopper"),  # a place in a list
        (("c.zip", f"hoppergrace_5_77_{CHAPTER}"), "hoppergrace_5"),  # an upload's number
        (("in", "ad012.ipynb"), "ad012"),
        (("in", "mad01.ipynb"), "mad01"),
        (("in", "ad01 and zo-02.ipynb"), "ad01 and zo-02"),
        (("c.zip", "Jane Doe_9_assignsubmission_file_", CHAPTER), "Jane Doe"),  # there are two of her
        # the platform knows better than the name that a student gives to a file
        (("c.zip", "Eve Adams_9_assignsubmission_file_", "ad01.ipynb"), "Eve Adams"),
        (("c.zip", "adamseve_5_78_ad01.ipynb"), "adamseve_5"),
    ],
)
def test_no_guess_beyond_the_roster(path, expected):
    found = student(*path, roster=PEOPLE)
    assert (found.student, found.matched) == (expected, False)


@pytest.mark.parametrize(
    ("path", "common", "expected", "number"),
    [
        (("in", "ada.ipynb"), 1, "ada", 0),
        (("in", "ada (3).ipynb"), 1, "ada", 3),
        (("in", "s-01.ipynb"), 1, "s-01", 0),
        (("in", "ada", "homework", CHAPTER), 1, "ada", 0),
        (("in", "class", "ada", CHAPTER), 2, "ada", 0),
        (("ada", CHAPTER), 1, "ada", 0),
        (("ada.zip", CHAPTER), 1, "ada", 0),
        (("in", "ada.zip", CHAPTER), 1, "ada", 0),
        ((CHAPTER,), 1, CHAPTER.removesuffix(".ipynb"), 0),
        (("c.zip", f"lovelaceada_1815_90210_{CHAPTER}"), 1, "lovelaceada_1815", 90210),
    ],
)
def test_without_a_roster_the_place_speaks(path, common, expected, number):
    found = student(*path, common=common)
    assert (found.student, found.matched, found.number) == (expected, True, number)


def test_late_and_attempts_of_canvas():
    first = student("c.zip", "doejane_5_100_x.ipynb")
    second = student("c.zip", "doejane_LATE_5_101_x-1.ipynb")
    assert (first.student, first.number, first.late) == ("doejane_5", 100, False)
    assert (second.student, second.number, second.late) == ("doejane_5", 101, True)


def test_a_pattern_goes_first():
    pattern = r"hw\d/(?P<student>\w+)_try(?P<attempt>\d+)"
    found = student("c.zip", "hw1", "ad01_try2.ipynb", roster=PEOPLE, pattern=pattern)
    assert (found.student, found.name, found.number, found.matched) == ("ad01", "Ada Lovelace", 2, True)
    unknown = student("c.zip", "hw1", "eve_try2.ipynb", roster=PEOPLE, pattern=pattern)
    assert (unknown.student, unknown.matched) == ("eve", False)
    without = student("c.zip", "other", "ad01.ipynb", roster=PEOPLE, pattern=pattern)
    assert (without.student, without.matched) == ("c.zip/other/ad01.ipynb", False)
    assert student("hw1", "eve_try2.ipynb", pattern=pattern).matched


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("(?P<student>", "expected a regular expression"),
        (r"(\w+)\.ipynb", r"expected a group \(\?P<student>"),
    ],
)
def test_bad_patterns(pattern, message):
    with pytest.raises(ValueError, match=message):
        compile_pattern(pattern)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_rosters_as_spreadsheets_write_them(tmp_path, encoding, delimiter):
    rows = [["Name", "ID", "Group", "Email"], ["Zoë", " 1 ", "x", "z@example.org"], ["Max", "2", "", ""]]
    text = "\r\n".join(delimiter.join(row) for row in rows) + "\r\n" + delimiter * 3 + "\r\n"
    (tmp_path / "r.csv").write_bytes(text.encode(encoding))
    assert read_roster(tmp_path / "r.csv") == [Person("1", "Zoë", "z@example.org"), Person("2", "Max", "")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "columns id, name, email in .*, got: none"),
        ("student,mark\na,1\n", "columns id, name, email in .*, got: student, mark"),
        ("id,name\n1,a\n1,b\n", "the id '1' a second time in line 3"),
        ("id,name\n,a\n", "an empty id in line 2"),
        ("id,name\n", "expected at least one student"),
    ],
)
def test_bad_rosters(tmp_path, text, message):
    (tmp_path / "r.csv").write_text(text)
    with pytest.raises(ValueError, match=message):
        read_roster(tmp_path / "r.csv")


def test_exports_of_platforms_are_rosters(tmp_path):
    place = tmp_path / "list.csv"
    place.write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section,Quiz (1)\n    Points Possible,,,,,10\n"
        '"Müller, Max",2000,0007,max@uni.example,A,\n"Free, Guest",2001,,guest,A,\n"Student, Test",9,,t,A,\n',
        encoding="utf-8-sig",
    )
    assert read_roster(place) == [
        Person("0007", "Müller, Max", "max@uni.example", "canvas 2000"),
        Person("guest", "Free, Guest", "", "canvas 2001"),
    ]
    place.write_text("Identifier,Full name,ID number,Email address\nParticipant 5007,Max Müller,0007,m@x\n")
    assert read_roster(place) == [Person("0007", "Max Müller", "m@x", "moodle 5007")]
    place.write_text("First name;Last name;Email address\nMax;Müller;m@x\n", encoding="cp1252")
    assert read_roster(place) == [Person("m@x", "Max Müller", "m@x")]


def test_numbers_of_one_platform_are_not_the_others():
    identifier = Identifier(
        [Person("1", "Max Müller", "", "canvas 17"), Person("2", "Max Müller", "", "moodle 18")]
    )
    assert identifier.identify(["c.zip", "mullermax_17_90_hw.ipynb"]).student == "1"
    assert identifier.identify(["m.zip", "Max Müller_18_assignsubmission_file_", "hw.ipynb"]).student == "2"
    assert not identifier.identify(["m.zip", "Max Müller_17_assignsubmission_file_", "hw.ipynb"]).matched
    assert identifier.namesakes("mullermax") == ["1", "2"]
