"""The pages of a class's report in Chromium: accessible, and as wide as the window, on a telephone, too."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from course_utils.grading.classroom.gradebook import Gradebook
from course_utils.grading.classroom.grading_one import Settings, grade_one
from course_utils.grading.classroom.identity import Identifier
from course_utils.grading.classroom.intake import take_in
from course_utils.grading.classroom.roster import Person
from course_utils.grading.report.writing import write_report
from tests.grading.classroom import build_class as build

LONG = "an_exceedingly_long_file_name_without_any_space_" * 2


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of twelve students with everything that a page can show."""
    folder = tmp_path_factory.mktemp("report")
    students = build.class_of(12)
    files = {
        f"surname{n}given{n}_{'LATE_' if n == 1 else ''}{100 + n}_{900 + n}_{LONG}.ipynb": one.data
        for n, one in enumerate(students, 1)
    }
    files["surname2given2_102_999_essay.docx"] = b"x"
    files["stranger_7_8_hw.ipynb"] = students[0].data
    build.as_zip(folder / "class.zip", files)
    people = [Person(one.id, one.name) for one in [*students, build.student(99)]]
    with Gradebook(folder / "grades.sqlite") as book:
        book.note_class(people)
        for number, one in book.add(take_in([folder / "class.zip"], Identifier(people))).items():
            if one.chapter:
                book.save(number, grade_one(one.file, one.data, ("ex00_1", "q00_1"), 1, Settings(trust=True)))
        book.mark("s0001", "ex00_1", 1.5, "right idea")
        write_report(book, folder)
    return folder


@pytest.mark.parametrize("width", [360, 1100])
@pytest.mark.parametrize("page", ["index.html", "feedback/s0001.html", "feedback/s0099.html"])
def test_pages_are_accessible_and_fit_the_window(
    browser: Browser, report: Path, page: str, width: int
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 800}, bypass_csp=True
    )  # axe is a script
    shown = context.new_page()
    shown.goto((report / page).as_uri())
    results = Axe().run(shown)
    assert results.response["passes"], "axe found nothing to check"
    assert results.violations_count == 0, results.generate_report()
    assert shown.evaluate("document.documentElement.scrollWidth") == width
    for table in shown.locator(".wide").all():  # wide ones scroll by themselves, by keys, too
        table.focus()
        assert table.evaluate("element => document.activeElement === element")
    context.close()
