"""Training steps of this engine against torch on one thread, side by side in one run.

Run ``python benchmarks/engine.py [PART OF A NAME] [--json FILE]``. The steps of a pair alternate, so that a
busy machine slows both; trust the median ratio. What is compared stands in ``benchmarks/pairs/``.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # run as a script, for `benchmarks.pairs`

import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from benchmarks.pairs import Pair, Step, all_pairs

SECONDS_A_PAIR, FEWEST_STEPS, MOST_STEPS, N_WARM_UP = 4.0, 30, 400, 10


def alternate(first: Step, second: Step) -> np.ndarray:
    """Return milliseconds (N, 2) of steps taken in turn, for some seconds."""
    times: list[list[float]] = []
    end = time.perf_counter() + SECONDS_A_PAIR
    while len(times) < N_WARM_UP + FEWEST_STEPS or (
        time.perf_counter() < end and len(times) < N_WARM_UP + MOST_STEPS
    ):
        row = []
        for step in (first, second):
            start = time.perf_counter()
            step()
            row.append(1000 * (time.perf_counter() - start))
        times.append(row)
    return np.array(times[N_WARM_UP:])


def measure(pair: Pair) -> dict[str, float | str]:
    """Return one row of the table."""
    times = alternate(pair.engine(), pair.torch())
    engine, other = np.median(times, axis=0)
    ratio = float(np.median(times[:, 0] / times[:, 1]))
    return {"name": pair.name, "engine_ms": engine, "torch_ms": other, "ratio": ratio, "budget": pair.budget}


def main() -> int:
    """Print the table; return 1 if a ratio is over its budget."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("part", nargs="?", default="", help="measure only pairs with this in their name")
    parser.add_argument("--json", type=Path, help="write the rows to this file too")
    options = parser.parse_args()
    torch.set_num_threads(1)
    rows = [measure(pair) for pair in all_pairs() if options.part.lower() in pair.name.lower()]
    table = Table(
        "step, float32", "engine ms", "torch ms", "median ratio", "budget", title="one step, one thread"
    )
    for row in rows:
        over = " over" if row["ratio"] > row["budget"] else ""  # type: ignore[operator]
        figures = [f"{row[name]:.3f}" for name in ("engine_ms", "torch_ms")]
        table.add_row(str(row["name"]), *figures, f"{row['ratio']:.2f}{over}", f"{row['budget']}")
    Console(width=100).print(table)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return int(any(row["ratio"] > row["budget"] for row in rows))  # type: ignore[operator]


if __name__ == "__main__":
    sys.exit(main())
