"""What `Schedules` says: what the training does, and its alternative text."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from course_utils.explorers._numbers import number
from course_utils.explorers.schedules_run import N_STEPS, Run, range_test


def headline(run: Run) -> str:
    """Say what the training does."""
    loss = number(run.loss) if run.loss < 1e4 else "beyond 1e4"
    return f"{run.state}: test loss {loss}, accuracy {100 * run.accuracy:.3g} %"


def readouts(run: Run) -> dict[str, list[str]]:
    """Return what the points of the curves say under the mouse."""
    steps = [
        (f"step {i}: rate {number(rate)}", f"loss {number(loss)}", np.isfinite(loss))
        for i, (rate, loss) in enumerate(zip(run.rates, run.losses, strict=True))
    ]
    found = range_test()
    return {
        "rates": [rate for rate, _, _ in steps],
        "losses": [f"{rate}, {loss}" for rate, loss, is_drawn in steps if is_drawn],
        "test": [
            f"rate {number(rate)}: loss {number(loss)}"
            for rate, loss in zip(found.rates, found.smoothed, strict=True)
        ],
    }


def describe(run: Run, idle: Collection[str]) -> str:
    """Name schedule, its rates and what became of the training."""
    settings, found = run.settings, range_test()
    options = [
        f"{name} {number(settings[name])}" for name in ("warmup", "period", "gamma") if name not in idle
    ]
    suggestion = "nothing" if found.suggestion is None else number(found.suggestion)
    return (
        f"Schedule {settings['schedule']}, learning rate {number(settings['lr'])}, {', '.join(options)}: "
        f"the rate goes from {number(run.rates[0])} over at most {number(run.rates.max())} to "
        f"{number(run.rates[-1])} in {N_STEPS} steps on digits. {headline(run).capitalize()}. The range "
        f"test suggests {suggestion}."
    )
