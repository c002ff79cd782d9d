"""The picture of `Schedules`: the rate and the loss of each step, and the range test beside them."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from course_utils.explorers._canvas import INK, TEXT_SIZE, add_axes, log_scale
from course_utils.explorers._lettering import add_lettering
from course_utils.explorers.schedules_run import CHANCE, LOSSES, N_STEPS, RATES, Run, range_test
from course_utils.explorers.schedules_words import headline
from course_utils.figures import COLOURS


def draw(figure: Figure, run: Run) -> dict[str, Artist]:
    """Draw the axes and the range test; return the curves and marks."""
    rate = add_axes(figure, (0.09, 240 / 420, 0.43, 120 / 420), x="", y="", title="learning rate")
    loss = add_axes(figure, (0.09, 50 / 420, 0.43, 140 / 420), x="step", y="", title="mini-batch loss")
    test = add_axes(figure, (0.63, 50 / 420, 0.345, 310 / 420), x="learning rate", y="", title="range test")
    for axes, limits in ((rate, (1e-5, 20)), (loss, LOSSES), (test, LOSSES)):
        log_scale(axes)
        axes.set_ylim(*limits)
    for axes in (rate, loss):
        axes.set(xlim=(-1, N_STEPS + 1))
    for axes in (loss, test):
        axes.yaxis.set_major_locator(FixedLocator([0.1, 1, 10]))
        axes.axhline(CHANCE, color="#777777", linewidth=1, linestyle=":")
        place: dict[str, Any] = {"ha": "left", "va": "top", "fontsize": TEXT_SIZE - 1.5, "color": INK}
        axes.text(0.02, 0.97 * CHANCE, "chance", transform=axes.get_yaxis_transform(), **place)
    test.set(xscale="log", xlim=RATES)
    test.xaxis.set_major_locator(FixedLocator([1e-3, 1e-2, 0.1, 1, 10]))
    test.set_xticklabels(["0.001", "0.01", "0.1", "1", "10"])
    test.xaxis.set_minor_locator(NullLocator())
    found = range_test()
    test.plot(found.rates, found.losses, color=COLOURS["sky"], linewidth=0.8)
    test.plot(found.rates, found.smoothed, color=COLOURS["blue"], linewidth=2)
    if found.suggestion:
        at = float(np.interp(found.suggestion, found.rates, found.smoothed))
        test.plot([found.suggestion], [at], "D", color=COLOURS["green"], markersize=8, label="suggested")
    line: dict[str, Any] = {"linewidth": 2, "zorder": 4}
    mark: dict[str, Any] = {"color": COLOURS["vermillion"], "zorder": 5}
    artists: dict[str, Any] = {
        "rates": rate.plot([], [], color=COLOURS["vermillion"], **line)[0],
        "losses": loss.plot([], [], color=COLOURS["blue"], **line)[0],
        "highest": test.plot([], [], linestyle="--", linewidth=2, **mark)[0],
    }
    knob: dict[str, Any] = {
        **mark,
        "markersize": 11,
        "markeredgecolor": "white",
        "zorder": 6,
        "linestyle": "",
    }
    artists["rate"] = test.plot([], [], "o", label="highest here: drag it", **knob)[0]
    artists["test"] = test.plot(found.rates, found.smoothed, linestyle="")[0]  # unseen: it speaks
    test.legend(loc="lower left", frameon=False, fontsize=TEXT_SIZE - 1, labelcolor=INK)
    bold: dict[str, Any] = {"fontsize": TEXT_SIZE + 2, "color": INK, "weight": "bold", "va": "center"}
    return artists | {"headline": add_lettering(figure, 0.02, 0.955, **bold)}


def move(artists: dict[str, Any], run: Run) -> None:
    """Set both curves, the mark in the range test and the headline."""
    steps = np.arange(N_STEPS)
    artists["rates"].set_data(steps, np.maximum(run.rates, 1e-7))
    finite = np.isfinite(run.losses)
    artists["losses"].set_data(steps[finite], np.minimum(run.losses[finite], 1e6))
    artists["highest"].set_data([run.rates.max()] * 2, [0.25, 1e3])
    found = range_test()
    loss = np.interp(run.rates.max(), found.rates, found.smoothed)
    artists["rate"].set_data([run.rates.max()], [np.clip(loss, *LOSSES)])
    artists["headline"].set_text(headline(run))
