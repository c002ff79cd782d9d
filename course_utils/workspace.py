"""The learner's own copies of the chapters, in ``work/``.

A copy shows the stored outputs as shipped, so that there is something to see before a kernel runs; only
what would answer a prediction before it is made is left out. A copy is never written over. When a chapter
ships in a newer version, it is laid beside the old copy once, and a sentence says so; ``.shipped.json``
remembers which version of each chapter was handed out last.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from pathlib import Path

RECORD = ".shipped.json"
PREDICTED = re.compile(r"""\bpredict\(\s*["'](\w+)["']""")
SETTLED = re.compile(r"""\bsettle\(\s*["'](\w+)["']""")


def copy_chapters(shipped: Path, work: Path) -> list[str]:
    """Hand out the chapters in `shipped` that `work` does not hold yet.

    Parameters
    ----------
    shipped : Path
        Folder of the chapters as the course ships them.
    work : Path
        The learner's folder; made if it is missing.

    Returns
    -------
    list of str
        A sentence for each newer chapter that now lies beside an older copy.
    """
    work.mkdir(exist_ok=True)
    handed_out = _read_record(work / RECORD)
    sentences = []
    for source in sorted(shipped.glob("*.ipynb")):
        chapter = learners_copy(source.read_text(encoding="utf-8")).encode()
        version = _version(chapter)
        target = work / source.name
        if not target.exists():
            target.write_bytes(chapter)
        elif handed_out.get(source.name) != version and _version(target.read_bytes()) != version:
            beside = _free_name(work, source)
            beside.write_bytes(chapter)
            sentences.append(f"{source.name} has a newer version: work/{beside.name}, beside your own copy.")
        handed_out[source.name] = version
    _write_record(work / RECORD, handed_out)
    return sentences


def note_handed_out(work: Path, name: str, chapter: bytes) -> None:
    """Remember a chapter as the version handed out last, so that it is not offered as new.

    Parameters
    ----------
    work : Path
        The learner's folder.
    name : str
        The chapter's file name.
    chapter : bytes
        The learner's copy, as `learners_copy` makes it.
    """
    _write_record(work / RECORD, _read_record(work / RECORD) | {name: _version(chapter)})


def learners_copy(text: str) -> str:
    """Return a notebook without the outputs between each ``predict(...)`` and its ``settle(...)``.

    Parameters
    ----------
    text : str
        The notebook's JSON, as shipped.

    Returns
    -------
    str
        The same with those cells as if they had not run; the question itself stays.
    """
    notebook = json.loads(text)
    still_open: set[str] = set()
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            continue
        source = "".join(cell["source"])
        if still_open:
            cell.update(outputs=[], execution_count=None)
        still_open.update(PREDICTED.findall(source))
        still_open.difference_update(SETTLED.findall(source))
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def _version(chapter: bytes) -> str:
    return hashlib.sha256(chapter).hexdigest()


def _free_name(folder: Path, source: Path) -> Path:
    """Return ``01a_x (new).ipynb``, or ``(new 2)`` and so on where the learner works in an earlier offer."""
    for number in itertools.count(1):
        mark = "new" if number == 1 else f"new {number}"
        path = folder / f"{source.stem} ({mark}){source.suffix}"
        if not path.exists():
            break
    return path


def _read_record(path: Path) -> dict[str, str]:
    """Return the version of each chapter handed out last; a missing or damaged record counts as empty."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _write_record(path: Path, record: dict[str, str]) -> None:
    part = path.with_suffix(".part")
    part.write_text(json.dumps(record, indent=1, sort_keys=True), encoding="utf-8")
    part.replace(path)  # whole or not at all


if __name__ == "__main__":
    root = Path(__file__).resolve().parents[1]
    for line in copy_chapters(root / "notebooks", root / "work"):
        print(line)
