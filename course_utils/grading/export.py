"""Everything that the progress file holds, as JSON or as one CSV table."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path
from typing import Any

from course_utils.grading import store
from course_utils.grading.progress import best_results

# For each kind of record the names of its columns, and where they come from.
_QUERIES = {
    "attempts": (
        ("id", "at", "status", "points", "max_points"),
        "SELECT exercise, at, status, points, max_points FROM attempts ORDER BY number",
    ),
    "hints": (("id", "at", "step"), "SELECT exercise, at, step FROM hints ORDER BY exercise, step"),
    "predictions": (
        ("id", "at", "choice", "confidence", "answer", "settled_at", "late"),
        "SELECT id, made_at, choice, confidence, answer, settled_at, late FROM predictions ORDER BY id",
    ),
    "reviews": (
        ("id", "at", "choice", "correct"),
        "SELECT prediction, at, choice, correct FROM reviews ORDER BY number",
    ),
}
_COLUMNS = [
    "kind",
    "id",
    "at",
    "status",
    "points",
    "max_points",
    "attempts",
    "step",
    "choice",
    "confidence",
    "answer",
    "settled_at",
    "late",
    "correct",
]
SUFFIXES = (".csv", ".json")


def everything() -> dict[str, list[dict[str, Any]]]:
    """Return all attempts, best results, hints, predictions and reviews, as plain values."""
    records = {
        kind: [dict(zip(names, row, strict=True)) for row in store.read(query)]
        for kind, (names, query) in _QUERIES.items()
    }
    records["best"] = [
        {"id": b.exercise, "points": b.points, "max_points": b.max_points, "attempts": b.attempts}
        for b in best_results().values()
    ]
    for row in records["predictions"]:
        row["late"] = bool(row["late"])
    for row in records["reviews"]:
        row["correct"] = bool(row["correct"])
    return records


def export(path: Path) -> int:
    """Write everything to a file, whole or not at all; returns the number of records.

    Parameters
    ----------
    path : Path
        Ends in ``.json``, or in ``.csv`` for one table in which ``kind`` tells the records apart.

    Raises
    ------
    ValueError
        If the name ends otherwise, or its folder does not exist.
    """
    if path.suffix.lower() not in SUFFIXES or not path.parent.is_dir():
        raise ValueError(f"expected a file ending in .csv or .json in a folder that exists, got {path}")
    records = everything()
    as_json = path.suffix.lower() == ".json"
    text = json.dumps(records, indent=1, ensure_ascii=False) + "\n" if as_json else _as_csv(records)
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, encoding="utf-8", newline="")
    os.replace(part, path)
    return sum(map(len, records.values()))


def _as_csv(records: dict[str, list[dict[str, Any]]]) -> str:
    table = io.StringIO()
    writer = csv.DictWriter(table, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    for kind, rows in records.items():
        for row in rows:
            writer.writerow({name: harmless(value) for name, value in {"kind": kind, **row}.items()})
    return table.getvalue()


def harmless(value: Any) -> Any:
    """Put an apostrophe before a text that a spreadsheet would take for a formula.

    Examples
    --------
    >>> harmless("=1+1"), harmless(" -2"), harmless("a - b"), harmless(-2)
    ("'=1+1", "' -2", 'a - b', -2)
    """
    if isinstance(value, str) and (value[:1] in "\t\r\n" or value.lstrip()[:1] in tuple("=+-@＝＋－＠")):
        return f"'{value}" if value else value
    return value
