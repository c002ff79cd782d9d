"""The environment's self-check: Python, packages, kernel, writable folder.

Standard library only, so that it runs where packages are missing: ``python -m course_utils.selfcheck``,
``course check-env``, or `selfcheck` in a notebook.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

OLDEST, NEWEST = (3, 11), (3, 14)
_ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Finding:
    """One line of the self-check: what was looked at, whether it is fine, and a remedy if not."""

    subject: str
    fine: bool
    detail: str
    remedy: str = ""

    def __str__(self) -> str:
        """Return the finding as one line, with a second one for the remedy."""
        line = f"{'ok     ' if self.fine else 'PROBLEM'}  {self.subject}: {self.detail}"
        return line if self.fine else f"{line}\n         To do: {self.remedy}"


class Report(tuple[Finding, ...]):
    """The findings, shown line by line."""

    @property
    def fine(self) -> bool:
        """Whether nothing needs attention."""
        return all(finding.fine for finding in self)

    def __repr__(self) -> str:
        """Return one line a finding."""
        return "\n".join(str(finding) for finding in self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        from course_utils.grading.cards import card, escape

        items = "".join(_item(finding, escape) for finding in self)
        body = f'<ul style="list-style:none;margin:8px 0 0;padding:0">{items}</ul>'
        tone, badge = ("good", "ready") if self.fine else ("bad", "needs attention")
        return {"text/plain": repr(self), "text/html": card(tone, badge, "Your environment", body)}


def _item(finding: Finding, escape: Callable[[str], str]) -> str:
    sign, word = ("&#10003;", "ok") if finding.fine else ("&#10007;", "problem")
    remedy = "" if finding.fine else f"<div>To do: {escape(finding.remedy)}</div>"
    said = f"<strong>{escape(finding.subject)}</strong>: {escape(finding.detail)}"
    return f'<li><span aria-hidden="true">{sign}</span> {word}: {said}{remedy}</li>'


def selfcheck(root: Path = _ROOT, folder: Path | None = None) -> Report:
    """Look at Python, packages, kernel and the folder that keeps your progress.

    Parameters
    ----------
    root : Path
        The checkout; its requirements.txt names the versions the course was tested with.
    folder : Path, optional
        A folder that must be writable; by default the one that keeps your progress.
    """
    if folder is None:
        from course_utils.grading.progress import location

        folder = location().parent
    return Report((check_python(), check_packages(root), check_kernel(), check_folder(folder)))


def check_python(version: tuple[int, int] = sys.version_info[:2]) -> Finding:
    """Compare Python's version with those supported."""
    supported = f"{'.'.join(map(str, OLDEST))} to {'.'.join(map(str, NEWEST))}"
    if OLDEST <= version <= NEWEST:
        return Finding("Python", True, f"a supported version ({supported})")
    found = ".".join(map(str, version))
    return Finding(
        "Python",
        False,
        f"{found}, outside {supported}",
        f"install Python {'.'.join(map(str, NEWEST))} and run `make lab` again.",
    )


def check_packages(root: Path, version_of: Callable[[str], str] = metadata.version) -> Finding:
    """Compare the installed packages with the pins in requirements.txt."""
    requirements = root / "requirements.txt"
    if not requirements.is_file():
        return Finding("Packages", True, "installed outside a checkout, so there are no pins to compare with")
    pins = re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[^]]*\])?==([^\s;#]+)", requirements.read_text("utf-8"), re.M)
    wrong = []
    for name, pinned in pins:
        try:
            found = version_of(name).partition("+")[0]  # torch says 2.13.0+cpu
        except metadata.PackageNotFoundError:
            wrong.append(f"{name} is missing")
        else:
            if found != pinned:
                wrong.append(f"{name} is {found} instead of {pinned}")
    if not wrong:
        return Finding("Packages", True, f"all {len(pins)} as pinned in requirements.txt")
    return Finding("Packages", False, "; ".join(wrong), "run `make setup` in the course's folder.")


def check_kernel(prefix: Path = Path(sys.prefix)) -> Finding:
    """Look for the kernel that runs notebooks with this very Python."""
    specification = prefix / "share" / "jupyter" / "kernels" / "python3" / "kernel.json"
    remedy = "run `make setup` in the course's folder, or `python -m ipykernel install --sys-prefix`."
    if not specification.is_file():
        return Finding("Kernel", False, f"none in {prefix}", remedy)
    try:
        command = json.loads(specification.read_text("utf-8"))["argv"][0]
    except (ValueError, KeyError, IndexError, TypeError):
        return Finding("Kernel", False, f"{specification} cannot be read", remedy)
    if command not in ("python", "python3") and not Path(command).exists():
        return Finding("Kernel", False, f"it starts {command}, which does not exist", remedy)
    return Finding("Kernel", True, "notebooks run with this Python")


def check_folder(folder: Path) -> Finding:
    """Write and delete a small file where your progress is kept."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x")
    except OSError as error:
        remedy = f"make {folder} writable, or set COURSE_PROGRESS to a file in a folder of your own."
        return Finding("Your progress", False, f"cannot be saved in {folder} ({error.strerror})", remedy)
    return Finding("Your progress", True, "can be saved")


if __name__ == "__main__":
    report = selfcheck()
    print(report)
    sys.exit(0 if report.fine else 1)
