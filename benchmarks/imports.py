"""How long the imports take: median milliseconds over fresh processes, alternating with bare ones.

Run ``python benchmarks/imports.py``. The time of a process that imports nothing is taken off; for the rest of
``import course_utils`` has a budget. NumPy alone is shown for comparison.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
N_ROUNDS = 9
BUDGETS: dict[str, float | None] = {
    "pass": None,
    "import course_utils": 300.0,
    "import numpy": None,
    "import course_utils.nn": None,
    "import course_utils.optim": None,
    "import course_utils.data": None,
}
"""Statements, and the most milliseconds allowed."""


def milliseconds(statement: str) -> float:
    """Return the time of a fresh process that executes a statement."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], cwd=ROOT, check=True)
    return 1000 * (time.perf_counter() - start)


def main() -> int:
    """Print the table; return 1 if an import is over its budget."""
    for statement in BUDGETS:
        milliseconds(statement)  # writes bytecode, fills the disk's cache
    times = np.array([[milliseconds(statement) for statement in BUDGETS] for _ in range(N_ROUNDS)])
    medians = np.median(times[:, 1:] - times[:, :1], axis=0)
    table = Table("statement", "ms", "budget", title=f"imports, median of {N_ROUNDS} fresh processes")
    over = False
    for (statement, budget), median in zip(list(BUDGETS.items())[1:], medians, strict=True):
        is_over = budget is not None and bool(median > budget)
        over |= is_over
        table.add_row(statement, f"{median:.0f}" + (" over" if is_over else ""), f"{budget or ''}")
    Console().print(table)
    return int(over)


if __name__ == "__main__":
    sys.exit(main())
