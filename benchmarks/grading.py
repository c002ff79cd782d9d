"""How fast a class is graded, in the sandbox, beside nbgrader; and how long `check` takes in a notebook.

``python benchmarks/grading.py`` grades a class of 200 with `course grade`, on two cores, from the folder of
notebooks to the gradebook, the start of the program included. A class of 1,000 has two endless loops in it:
``python benchmarks/grading.py --class 1000 --nbgrader`` installs nbgrader in an environment of its own in a
temporary folder, and gives it a sample of 20 of the class in the same run, since a machine's speed varies
more from hour to hour than most differences; ``--nbgrader PATH`` takes the environment at PATH.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # run as a script, for `tests` and `benchmarks`

import numpy as np  # noqa: E402

from benchmarks.class_grading import mix, nbgrader_way  # noqa: E402
from benchmarks.class_grading.mix import Handed  # noqa: E402
from benchmarks.class_grading.process_tree import Cost, measured  # noqa: E402
from bootstrap import KERNEL_ENV  # noqa: E402

RATE, TIMES_NBGRADER = 20, 30  # submissions a second, and how many times nbgrader's
JOBS = 2
N_FOR_NBGRADER = 20
N_FOR_PARTS = 60
N_CHECKS = 5  # rounds of `check`


def grade_class(folder: Path, handed: Sequence[Handed], chapter: str) -> Cost:
    """Grade a class with the command that an instructor types."""
    from course_utils.grading.classroom.chapters_of import wanted
    from course_utils.grading.classroom.gradebook import Gradebook

    mix.write(folder / "in", list(handed), chapter)
    command = [sys.executable, "-m", "course_utils.cli", "grade", "in", "--jobs", str(JOBS)]
    cost = measured(command, folder, {**os.environ, "PYTHONPATH": str(ROOT)})
    with Gradebook(folder / "grades.sqlite", create=False) as book:
        n_results = len(book.rows("results"))
    if n_results != len(handed) * len(wanted(chapter)):
        raise RuntimeError(f"expected every exercise of {len(handed)} submissions graded, got {n_results}")
    return cost


# ---------------------------------------------------------------- where the time goes


class Parts:
    """Seconds by part; a part that begins within another stops the other's clock, but for `whole` ones."""

    whole = ("reading",)

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._open: list[str] = []
        self._since = 0.0

    def enter(self, part: str) -> None:
        """Begin a part."""
        self._count()
        self._open.append(self._open[-1] if self._open and self._open[-1] in self.whole else part)

    def leave(self) -> None:
        """End the part begun last."""
        self._count()
        self._open.pop()

    def _count(self) -> None:
        now = time.perf_counter()
        if self._open:
            self.seconds[self._open[-1]] += now - self._since
        self._since = now

    def timed(self, owner: type, name: str, part: str) -> None:
        """Have a method count as a part."""
        original: Callable[..., Any] = getattr(owner, name)

        def method(*args: Any, **keywords: Any) -> Any:
            self.enter(part)
            try:
                return original(*args, **keywords)
            finally:
                self.leave()

        setattr(owner, name, method)


def print_parts(handed: Sequence[Handed], chapter: str) -> None:
    """Grade ordinary submissions in this process, one after the other, and print where the time goes."""
    from course_utils.grading.classroom.chapters_of import wanted
    from course_utils.grading.classroom.grading_one import Settings, forget_judge, grade_one
    from course_utils.grading.sandbox.remote import RemoteAnswer
    from course_utils.grading.sandbox.sandbox import Sandbox

    ids, settings, parts = wanted(chapter), Settings(), Parts()
    grade_one("warm", handed[0].data, ids, 1, settings)
    own = resource.getrusage(resource.RUSAGE_SELF)
    parts.timed(Sandbox, "read", "reading")
    parts.timed(RemoteAnswer, "_fork", "forking and locking down")
    parts.timed(RemoteAnswer, "close", "ending the child")
    parts.timed(RemoteAnswer, "_ask", "the answers")
    parts.enter("judging")
    answers = sum(grade_one("a", one.data, ids, 1, settings)["cpu"] for one in handed)
    parts.leave()
    forget_judge()
    total = sum(parts.seconds.values())
    print(f"one submission after the other: {1000 * total / len(handed):.0f} ms each on the clock, of which")
    for part, seconds in sorted(parts.seconds.items(), key=lambda item: -item[1]):
        print(f"  {part:<26} {1000 * seconds / len(handed):6.1f} ms, {100 * seconds / total:3.0f} %")
    used = resource.getrusage(resource.RUSAGE_SELF)
    judge = used.ru_utime + used.ru_stime - own.ru_utime - own.ru_stime
    each = f"{1000 * judge / len(handed):.0f} ms in the judge"
    print(f"  CPU: {each}, {1000 * answers / len(handed):.0f} ms in the answers' processes")


# ---------------------------------------------------------------- in the notebook


def print_check(chapter: str) -> None:
    """Print how long `check` takes from the call to the shown result, over right and wrong answers."""
    from course_utils.grading.check import check
    from course_utils.grading.classroom.chapters_of import chapter_tasks
    from course_utils.grading.sandbox.reader import code_cells
    from tests.grading.classroom import build_class as build

    cells = code_cells(build.notebook(chapter, {}))  # a whole chapter has been run before
    times = []
    for number in range(N_CHECKS + 1):
        for task in chapter_tasks(chapter):
            for source in (build.right(task.id), build.wrong(task.id, number)):
                start = time.perf_counter()
                result = check(task.id, sources=[*cells, source])
                result._repr_mimebundle_()
                times.append(1000 * (time.perf_counter() - start))
    times = times[len(times) // (N_CHECKS + 1) :]  # the first round imports
    median, late = np.median(times), np.percentile(times, 95)
    print(f"check in the notebook: median {median:.1f} ms, 95th percentile {late:.1f} ms")


# ---------------------------------------------------------------- all of it


def judge(name: str, value: float, least: float) -> None:
    """Print a figure beside its target."""
    verdict = "ok" if value >= least else "TOO LITTLE"
    print(f"  {name:<26} {value:6.1f} of at least {least:g}: {verdict}")


def print_nbgrader(given: str, folder: Path, handed: Sequence[Handed], chapter: str, rate: float) -> None:
    """Give nbgrader a sample of the class, and print its figures beside ours."""
    python = Path(given, "bin", "python") if given else nbgrader_way.install(folder / "environment")
    place = folder / "nbgrader"
    place.mkdir()
    cost, points = nbgrader_way.grade(python, place, handed, chapter)
    n = len(handed)
    print(
        f"nbgrader {nbgrader_way.version(python)}: {n} submissions in {cost.seconds:.1f} s, "
        f"{n / cost.seconds:.2f} a second, {cost.cpu / n:.2f} CPU s each, {points:g} points in all"
    )
    judge("times nbgrader's rate", rate * cost.seconds / n, TIMES_NBGRADER)


def main() -> None:
    """Measure and print."""
    from course_utils.grading.classroom.chapters_of import chapters_with_exercises

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--class", type=int, default=200, dest="n", metavar="N", help="submissions; 200")
    parser.add_argument("--chapter", default="01a", choices=chapters_with_exercises())
    parser.add_argument("--nbgrader", nargs="?", const="", metavar="PATH", help="measure nbgrader, too")
    given = parser.parse_args()
    if sys.platform != "linux":
        print("grading a class: not measured, answers are isolated on Linux only")
        return
    handed = mix.class_of(given.n, given.chapter)
    ordinary = [one for one in handed if one.kind in mix.ORDINARY]
    with tempfile.TemporaryDirectory(prefix="course-bench-") as name:
        folder = Path(name)
        os.environ["COURSE_PROGRESS"] = str(folder / "progress.sqlite")
        print(f"a class of {given.n} in chapter {given.chapter}: {mix.described(handed)}")
        cost = grade_class(folder, handed, given.chapter)
        rate = given.n / cost.seconds
        print(
            f"course grade --jobs {JOBS}: {cost.seconds:.1f} s, {cost.cpu / given.n:.3f} CPU s each, "
            f"{cost.peak / 2**20:.0f} MB at most in all processes"
        )
        judge("submissions a second", rate, RATE)
        if given.nbgrader is None:
            print("nbgrader: not measured, see --help")
        else:
            print_nbgrader(given.nbgrader, folder, ordinary[:N_FOR_NBGRADER], given.chapter, rate)
        print_parts(ordinary[:N_FOR_PARTS], given.chapter)
        print_check(given.chapter)


if __name__ == "__main__":
    os.environ.update(KERNEL_ENV)  # before anything computes
    main()
