"""How fast the explorers answer: milliseconds in the kernel, and from slider to pixel against `interact`.

Run it from anywhere: ``python benchmarks/explorers.py``. The second part needs a Chromium and is left out
without one. Both ways of that part are measured in the same run, since a machine's speed varies more from
hour to hour than one way differs from the other; by default both show the same scene, gradient descent.

``python benchmarks/explorers.py OptimizerRace`` measures that one explorer, in the kernel and in the browser;
``--soak`` adds how much memory 2,000 changes cost, which takes half a minute an explorer.
"""

from __future__ import annotations

import argparse
import gc
import inspect
import os
import sys
import tempfile
import textwrap
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # for tests.browser, which knows how to start JupyterLab

import nbformat  # noqa: E402
import numpy as np  # noqa: E402
import psutil  # noqa: E402

from bootstrap import KERNEL_ENV  # noqa: E402

KERNEL_BUDGET, P50_BUDGET, P95_BUDGET, SETTLE_BUDGET = 25, 100, 150, 300  # ms
MEMORY_BUDGET = 20  # MB
N_CHANGES, N_SOAK = 60, 2000
N_WARM_UP = 200  # changes before memory is looked at: caches fill, imports happen

# Of an explorer with another name the defaults are shown.
CALLS = {"GradientDescent": 'GradientDescent(surface="ravine", lr=0.03, momentum=0.5)'}


def interact_baseline() -> None:
    """Show the explorer's scene the plain way; the body becomes a cell of a notebook."""
    import ipywidgets
    import matplotlib.pyplot as plt
    import numpy as np

    from course_utils.explorers.gradient_descent import compute

    x = np.linspace(-2.4, 2.4, 121)
    loss = (x**2 + 25 * x[:, None] ** 2) / 2
    levels = np.linspace(0, loss.max() ** 0.4, 15) ** 2.5

    @ipywidgets.interact(
        steps=(5, 200), lr=ipywidgets.FloatLogSlider(0.03, min=-4, max=1), momentum=(0, 0.98)
    )
    def show(steps=50, lr=0.03, momentum=0.5):
        run = compute(surface="ravine", lr=lr, momentum=momentum, x0=-1.8, y0=1.2, steps=steps)
        _, (left, right) = plt.subplots(1, 2, figsize=(7.2, 4.2), dpi=100)
        left.contourf(x, x, loss, levels=levels, cmap="cividis")
        left.contour(x, x, loss, levels=levels, colors="white", linewidths=0.4)
        left.plot(*run.path.T, "-o", markersize=3.5)
        left.plot(*run.path[-1], "*", markersize=15)
        left.set(xlabel="weight x", ylabel="weight y", xlim=(-2.4, 2.4), ylim=(-2.4, 2.4))
        right.semilogy(run.losses, "-o", markersize=3.5)
        right.set(xlabel="step", title="loss", ylim=(1e-6, 1e4))
        plt.show()


def kernel_milliseconds(kind: Any) -> tuple[float, float]:
    """Return median and 95th percentile of the time from a moved slider to the bytes on their way."""
    from course_utils.explorers._controls import Slider

    explorer, rng = kind(), np.random.default_rng(0)
    sliders = [name for name, control in kind.controls().items() if isinstance(control, Slider)]
    times = []
    for _ in range(N_CHANGES):
        name = str(rng.choice(sliders))
        value = kind.controls()[name].interior(rng)
        start = time.perf_counter()
        setattr(explorer, name, value)
        times.append(1000 * (time.perf_counter() - start))
    explorer.close()
    return float(np.median(times)), float(np.percentile(times, 95))


def memory_growth(kind: Any, n_changes: int = N_SOAK) -> float:
    """Return by how many MB the process is larger after `n_changes` through all controls of an explorer.

    The picture is that of an ordinary screen, a quarter of the pixels; whole numbers are more often small
    than large, and the first of several names comes more often, since large networks and trainings take long:
    what grows with every change grows all the same.
    """
    explorer, rng = kind(), np.random.default_rng(0)
    explorer.picture.scale = 1
    controls = list(kind.controls().items())
    process = psutil.Process()
    before = 0
    for i in range(N_WARM_UP + n_changes):
        if i == N_WARM_UP:
            gc.collect()
            before = process.memory_info().rss
        name, control = controls[i % len(controls)]
        explorer.set(**{name: often_small(control, rng)})
    gc.collect()
    grown = process.memory_info().rss - before
    explorer.close()
    return grown / 1e6


def often_small(control: Any, rng: np.random.Generator) -> Any:
    """Draw a value of a control; of one that counts, uniform in the logarithm of 1 + the place."""
    from course_utils.explorers._controls import Choice, IntegerSlider

    if isinstance(control, IntegerSlider):
        return int(control.minimum) + place_often_small(int(control.maximum - control.minimum) + 1, rng)
    if isinstance(control, Choice):
        return control.options[place_often_small(len(control.options), rng)]
    return control.interior(rng)


def place_often_small(n_places: int, rng: np.random.Generator) -> int:
    """Draw a place from 0 to n_places - 1."""
    return int((n_places + 1) ** rng.random()) - 1


def write_notebook(path: Path, source: str) -> None:
    """Write a notebook of one cell."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source.strip())])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, path)


def browser_milliseconds(chromium_path: str, name: str) -> None:
    """Measure the explorer of that name and `interact` in one JupyterLab and print a line for each."""
    from benchmarks.slider_latency import measure
    from tests.browser.jupyterlab import chromium, running_lab

    body = inspect.getsource(interact_baseline).split('"""')[2]
    shown = f"from course_utils.explorers import {name}\n{CALLS.get(name, f'{name}()')}"
    sources = {"interact": textwrap.dedent(body), "explorer": shown}
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        root, private = Path(folder, "notebooks"), Path(folder, "private")
        root.mkdir()
        private.mkdir()
        for name, source in sources.items():
            write_notebook(root / f"{name}.ipynb", source)
        with running_lab(root, private) as url, chromium(chromium_path) as browser:
            for way in sources:
                one = found[way] = measure(browser, url, f"{way}.ipynb")
                print(
                    f"{way:<10} p50 {one.p50:4.0f} ms, p95 {one.p95:4.0f} ms; in a drag "
                    f"{one.frames_per_second:.0f} pictures/s, settled after {one.settle:.0f} ms, "
                    f"{one.blank_frames} blank and {one.collapses} collapsed frames"
                )
    live, plain = found["explorer"], found["interact"]
    judge("p50", live.p50, P50_BUDGET)
    judge("p95", live.p95, P95_BUDGET)
    judge("settled", live.settle, SETTLE_BUDGET)
    judge("p50 against interact, %", 100 * live.p50 / plain.p50, 50)


def judge(name: str, value: float, budget: float, besides: str = "") -> None:
    """Print a figure beside its budget."""
    verdict = "ok" if value <= budget else "TOO MUCH"
    print(f"  {name:<26} {value:6.1f} of at most {budget:g}: {verdict}{besides}")


def main() -> None:
    """Measure and print."""
    from course_utils.explorers import all_explorers
    from tests.browser.jupyterlab import find_chromium

    kinds = {kind.__name__: kind for kind in all_explorers()}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("name", nargs="?", choices=kinds, help="measure this explorer only")
    parser.add_argument("--soak", action="store_true", help=f"also the memory that {N_SOAK:,} changes cost")
    given = parser.parse_args()
    chosen = [kinds[given.name]] if given.name else list(kinds.values())

    print("kernel: compute, raster and encode after a moved slider, median in ms")
    for kind in chosen:
        median, late = kernel_milliseconds(kind)
        judge(kind.__name__, median, KERNEL_BUDGET, f"; 95th percentile {late:.1f}")
    if given.soak:
        print(f"memory: growth by {N_SOAK:,} changes through all controls, MB")
        for kind in chosen:
            judge(kind.__name__, memory_growth(kind), MEMORY_BUDGET)
    path = find_chromium()
    if path is None:
        print("slider to pixel: not measured, no Chromium found")
        return
    name = given.name or "GradientDescent"
    print(f"slider to pixel, in JupyterLab: {name}")
    browser_milliseconds(path, name)


if __name__ == "__main__":
    os.environ.update(KERNEL_ENV)  # before anything computes
    main()
