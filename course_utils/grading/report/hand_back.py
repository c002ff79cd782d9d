"""Feedback pages in the zips that learning platforms take back: a page for each file that was downloaded.

Canvas ("Upload Submissions" of an assignment) finds the student by the numbers in the name of the download,
Moodle ("Upload multiple feedback files in a zip") by the name of the folder.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

from course_utils.grading.classroom.identity import prefix_of
from course_utils.grading.report.grades import Grades

_DATE = (2026, 1, 1, 0, 0, 0)


def write_uploads(folder: Path, grades: Grades, chapter: str, pages: Mapping[str, bytes]) -> None:
    """Write ``upload-canvas-<chapter>.zip`` and ``upload-moodle-<chapter>.zip``, unless nothing is in them.

    Parameters
    ----------
    folder : Path
        Of the report.
    grades : Grades
        Name the files that count.
    chapter : str
        The assignment.
    pages : mapping
        Content of each student's page, by id.
    """
    files: dict[str, dict[str, bytes]] = {"canvas": {}, "moodle": {}}
    for student, page in pages.items():
        platform, prefix = prefix_of(grades.file(student, chapter).split("/"))
        if platform:
            files[platform][f"{prefix}feedback.html"] = page
    for platform, content in files.items():
        place = folder / f"upload-{platform}-{chapter}.zip"
        place.unlink(missing_ok=True)
        if content:
            with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
                for name, page in sorted(content.items()):
                    archive.writestr(zipfile.ZipInfo(name, _DATE), page, zipfile.ZIP_DEFLATED)
