"""Peak memory of one LeNet training step, here and in torch, each in a fresh process.

Both sides count alike: the largest sum of bytes that the library's own allocator had given out during a step,
above what it had given out before it (weights, momentum, data). NumPy reports its allocations to
`tracemalloc`, torch those of its CPU allocator to `torch.profiler`. Counted are arrays, to the byte and the
same in every run; not counted is what libraries below take for themselves: OpenBLAS keeps a fixed buffer, and
what oneDNN keeps aside makes torch look smaller than it is, never this engine.

As a check that nothing large escapes the count, the growth of the process's largest resident size from a step
on one image to a step on the whole batch is printed too, where the system tells it. It is coarse: pages not
given back and code loaded on first use count as well.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tracemalloc
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # run as a script, for `benchmarks.pairs`

import torch
from rich.console import Console
from rich.table import Table

from benchmarks.pairs import Step
from benchmarks.pairs.lenet import BATCH_SIZE, engine_step, torch_step

BUDGET = 3.0
N_WARM_UP = 2  # momentum and torch's own plans exist from then on


def peak_here(step: Step) -> int:
    """Return the bytes that NumPy held at most during a step, above those before."""
    tracemalloc.start()
    step()  # so that gradients of the step before are counted on both sides
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    step()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak - before


def peak_in_torch(step: Step) -> int:
    """Return the bytes that torch's allocator held at most during a step, above those before."""
    activities = [torch.profiler.ProfilerActivity.CPU]
    with torch.profiler.profile(activities=activities, profile_memory=True) as profile:
        step()
    held = highest = 0
    events = [event for event in profile.profiler.kineto_results.events() if event.name() == "[memory]"]
    for event in sorted(events, key=lambda event: event.start_ns()):
        held += event.nbytes()  # negative where memory is given back
        highest = max(highest, held)
    return highest


def resident() -> int:
    """Return the largest resident size so far in bytes; 0 where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return 0
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def measure(library: str) -> dict[str, int]:
    """Return both counts for one library; runs in a process of its own."""
    torch.set_num_threads(1)
    make, peak = {"engine": (engine_step, peak_here), "torch": (torch_step, peak_in_torch)}[library]
    one_image = make(1)
    one_image()
    before = resident()
    step = make(BATCH_SIZE)
    for _ in range(N_WARM_UP):
        step()
    growth = resident() - before
    return {"allocated": peak(step), "resident": growth}


def in_a_fresh_process(library: str) -> dict[str, int]:
    """Measure one library where nothing has run before."""
    command = [sys.executable, __file__, "--measure", library]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> int:
    """Print the table; return 1 if the ratio is over its budget."""
    engine, other = in_a_fresh_process("engine"), in_a_fresh_process("torch")
    table = Table("peak of a step, MB", "engine", "torch", "ratio", "budget", title="LeNet-5, batch 64")
    for name, budget in (("allocated", f"{BUDGET}"), ("resident", "")):
        ours, theirs = engine[name], other[name]
        if theirs:
            table.add_row(name, f"{ours / 1e6:.2f}", f"{theirs / 1e6:.2f}", f"{ours / theirs:.2f}", budget)
    Console().print(table)
    return int(engine["allocated"] > BUDGET * other["allocated"])


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measure(sys.argv[2])))
    else:
        sys.exit(main())
