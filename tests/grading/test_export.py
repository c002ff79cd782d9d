"""The export holds every record, is written whole or not at all, and no cell of it is a formula."""

import csv
import json

import pytest

from course_utils.grading import progress, spacing, store
from course_utils.grading.export import export, harmless


@pytest.fixture
def records(monkeypatch):
    progress.record_attempt("ex01_4", "failed", 1, 3)
    progress.record_attempt("ex01_4", "passed", 3, 3)
    progress.take_hint("ex01_4", 3)
    progress.save_prediction("p01_1", '=HYPERLINK("x"),"≤ 1"\n', 0.9)
    progress.settle_prediction("p01_1", "-1, or +1")
    late = store.now().replace(year=store.now().year + 1, day=1)
    monkeypatch.setattr(store, "now", lambda: late)
    assert len(spacing.save_review("p01_1", "-1, or +1").reviews) == 1


def test_json_holds_everything(records, tmp_path):
    n_records = export(tmp_path / "mine.json")
    found = json.loads((tmp_path / "mine.json").read_text(encoding="utf-8"))
    assert {kind: len(rows) for kind, rows in found.items()} == {
        "attempts": 2,
        "best": 1,
        "hints": 1,
        "predictions": 1,
        "reviews": 1,
    }
    assert n_records == 6
    assert [row["points"] for row in found["attempts"]] == [1, 3]
    assert found["best"] == [{"id": "ex01_4", "points": 3, "max_points": 3, "attempts": 2}]
    assert found["hints"][0]["step"] == 1
    made = found["predictions"][0]
    assert made["choice"] == '=HYPERLINK("x"),"≤ 1"\n'
    assert (made["confidence"], made["answer"], made["late"]) == (0.9, "-1, or +1", False)
    assert found["reviews"][0]["correct"] is True
    assert all(row["at"] for kind in ("attempts", "hints", "predictions", "reviews") for row in found[kind])


def test_csv_holds_everything_and_no_formula(records, tmp_path):
    assert export(tmp_path / "mine.CSV") == 6
    with (tmp_path / "mine.CSV").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["kind"] for row in rows] == [
        "attempts",
        "attempts",
        "hints",
        "predictions",
        "reviews",
        "best",
    ]
    assert rows[3]["choice"] == '\'=HYPERLINK("x"),"≤ 1"\n'
    assert rows[3]["answer"] == rows[4]["choice"] == "'-1, or +1"
    assert rows[1]["points"] == rows[5]["points"] == "3.0"
    assert not [cell for row in rows for cell in row.values() if cell.lstrip()[:1] in tuple("=+-@")]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "  =", "＝", "\t="])
def test_whatever_begins_a_formula_is_made_harmless(start):
    assert harmless(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("value", ["", "a = b", "10 to 100", -3, -0.5, None, True])
def test_other_values_stay_as_they_are(value):
    assert harmless(value) is value


def test_an_empty_record_is_exported_too(tmp_path):
    assert export(tmp_path / "none.csv") == 0
    assert len((tmp_path / "none.csv").read_text().splitlines()) == 1
    assert export(tmp_path / "none.json") == 0
    assert all(rows == [] for rows in json.loads((tmp_path / "none.json").read_text()).values())


@pytest.mark.parametrize("name", ["mine.txt", "mine", "missing/mine.csv"])
def test_a_name_that_cannot_be_written(name, tmp_path):
    with pytest.raises(
        ValueError, match=r"expected a file ending in \.csv or \.json in a folder that exists"
    ):
        export(tmp_path / name)


def test_an_existing_file_is_replaced_whole(records, tmp_path, monkeypatch):
    path = tmp_path / "mine.json"
    path.write_text("old")
    monkeypatch.setattr("os.replace", lambda source, target: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        export(path)
    assert path.read_text() == "old"
