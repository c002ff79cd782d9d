"""How fast the explorers answer: milliseconds in the kernel, and from slider to pixel against `interact`.

Run it from anywhere: ``python benchmarks/explorers.py``. The second part needs a Chromium and is left out
without one. Both ways of that part show the same scene and are measured in the same run, since a machine's
speed varies more from hour to hour than one way differs from the other.
"""

from __future__ import annotations

import inspect
import os
import sys
import tempfile
import textwrap
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # for tests.browser, which knows how to start JupyterLab

import nbformat  # noqa: E402
import numpy as np  # noqa: E402

from bootstrap import KERNEL_ENV  # noqa: E402

KERNEL_BUDGET, P50_BUDGET, P95_BUDGET, SETTLE_BUDGET = 25, 100, 150, 300  # ms
N_CHANGES = 60

EXPLORER = """
from course_utils.explorers import GradientDescent
GradientDescent(surface="ravine", lr=0.03, momentum=0.5)
"""


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


def kernel_milliseconds() -> dict[str, float]:
    """Return the median time from a changed control to the bytes on their way, for every explorer."""
    from course_utils.explorers import all_explorers

    medians = {}
    for kind in all_explorers():
        explorer, rng = kind(), np.random.default_rng(0)
        sliders = [name for name, control in kind.controls().items() if control.step]
        times = []
        for _ in range(N_CHANGES):
            name = str(rng.choice(sliders))
            value = kind.controls()[name].interior(rng)
            start = time.perf_counter()
            setattr(explorer, name, value)
            times.append(1000 * (time.perf_counter() - start))
        medians[kind.__name__] = float(np.median(times))
        explorer.close()
    return medians


def write_notebook(path: Path, source: str) -> None:
    """Write a notebook of one cell."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source.strip())])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, path)


def browser_milliseconds(chromium_path: str) -> None:
    """Measure both notebooks in one JupyterLab and print a line for each."""
    from benchmarks.slider_latency import measure
    from tests.browser.jupyterlab import chromium, running_lab

    body = inspect.getsource(interact_baseline).split('"""')[2]
    sources = {"interact": textwrap.dedent(body), "explorer": EXPLORER}
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        root, private = Path(folder, "notebooks"), Path(folder, "private")
        root.mkdir()
        private.mkdir()
        for name, source in sources.items():
            write_notebook(root / f"{name}.ipynb", source)
        with running_lab(root, private) as url, chromium(chromium_path) as browser:
            for name in sources:
                found[name] = measure(browser, url, f"{name}.ipynb")
                one = found[name]
                print(
                    f"{name:<10} p50 {one.p50:4.0f} ms, p95 {one.p95:4.0f} ms; in a drag "
                    f"{one.frames_per_second:.0f} pictures/s, settled after {one.settle:.0f} ms, "
                    f"{one.blank_frames} blank and {one.collapses} collapsed frames"
                )
    live, plain = found["explorer"], found["interact"]
    judge("p50", live.p50, P50_BUDGET)
    judge("p95", live.p95, P95_BUDGET)
    judge("settled", live.settle, SETTLE_BUDGET)
    judge("p50 against interact, %", 100 * live.p50 / plain.p50, 50)


def judge(name: str, value: float, budget: float) -> None:
    """Print a figure beside its budget."""
    print(f"  {name:<26} {value:6.1f} of at most {budget:g}: {'ok' if value <= budget else 'TOO SLOW'}")


def main() -> None:
    """Measure and print."""
    os.environ.update(KERNEL_ENV)
    print("kernel: compute, raster and encode, median")
    for name, median in kernel_milliseconds().items():
        judge(name, median, KERNEL_BUDGET)
    from tests.browser.jupyterlab import find_chromium

    path = find_chromium()
    if path is None:
        print("slider to pixel: not measured, no Chromium found")
        return
    print("slider to pixel, in JupyterLab")
    browser_milliseconds(path)


if __name__ == "__main__":
    main()
