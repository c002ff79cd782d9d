"""Explorer: schedules of the learning rate, a small training under each, and the range test. Chapter 05."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

import course_utils.nn.functional as F
from course_utils.data.digits import load_digits
from course_utils.explorers._canvas import INK, TEXT_SIZE, add_axes, log_scale
from course_utils.explorers._controls import Choice, IntegerSlider, LogSlider, Slider
from course_utils.explorers._live import Explorer
from course_utils.explorers._numbers import number
from course_utils.figures import COLOURS
from course_utils.nn.layers import Linear, ReLU, Sequential
from course_utils.optim import SGD, RangeTest, learning_rate_range_test
from course_utils.optim.lr_scheduler import (
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    ExponentialLR,
    LinearLR,
    LRScheduler,
    OneCycleLR,
    SequentialLR,
    StepLR,
)

SCHEDULES = ("constant", "steps", "exponential", "cosine", "warm restarts", "one cycle")
N_STEPS, BATCH_SIZE, N_HIDDEN, MOMENTUM = 40, 32, 24, 0.9
CHANCE = float(np.log(10))  # the loss, in nats, of giving each digit the same probability
RATES, LOSSES = (1e-3, 10.0), (0.1, 20.0)  # ends of the axes
START = 0.01  # of a warm-up, as a share of the rate


@dataclass(frozen=True)
class Run:
    """A training under a schedule: what `compute` found.

    Parameters
    ----------
    settings : dict
        The controls' values.
    rates, losses : ndarray (N_STEPS,)
        The learning rate of each step, and the loss of its mini-batch before it.
    loss, accuracy : float
        On the digits' test part at the end; the loss is inf if the weights overflowed.
    """

    settings: dict[str, Any]
    rates: np.ndarray
    losses: np.ndarray
    loss: float
    accuracy: float

    @property
    def state(self) -> str:
        """What the training does.

        "learning": it ends below 0.7 of the loss at chance. If not, "diverging" if a mini-batch's loss has
        passed 1.3 times that of chance, and "hardly moving" otherwise.
        """
        if self.loss < 0.7 * CHANCE:
            return "learning"
        return "hardly moving" if self.losses.max() < 1.3 * CHANCE else "diverging"  # nan fails too


def compute(*, schedule: str, lr: float, warmup: int, period: int, gamma: float) -> Run:
    """Train a 64-24-10 network on digits for 40 steps of SGD with momentum under the schedule."""
    settings = {"schedule": schedule, "lr": lr, "warmup": warmup, "period": period, "gamma": gamma}
    return Run(settings, *train(**settings))


@functools.lru_cache(maxsize=64)
@np.errstate(all="ignore")  # a diverging run may overflow
def train(**settings: Any) -> tuple[np.ndarray, np.ndarray, float, float]:
    """Return the rates and losses of a run, and loss and accuracy on the test part."""
    model, x_test, y_test = network(), *batches()[1]
    optimizer = SGD(model.parameters(), lr=settings["lr"], momentum=MOMENTUM)
    scheduler = schedule_of(optimizer, **settings)
    rates, losses = [], []
    for x, y in batches()[0]:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        rates.append(optimizer.lr)
        losses.append(loss.item())
        loss.backward()
        optimizer.step()
        scheduler.step()
    logits = model(x_test).data
    loss = float(F.cross_entropy(logits, y_test)) if np.isfinite(logits).all() else np.inf
    return np.array(rates), np.array(losses), loss, float((logits.argmax(axis=1) == y_test).mean())


def schedule_of(
    optimizer: SGD, *, schedule: str, lr: float, warmup: int, period: int, gamma: float
) -> LRScheduler:
    """Return the engine's schedule, after a linear warm-up; the one cycle brings a rise of its own."""
    if schedule == "one cycle":
        share = max(warmup, 1) / N_STEPS
        return OneCycleLR(
            optimizer, max_lr=lr, total_steps=N_STEPS + 1, pct_start=share, cycle_momentum=False
        )
    warm = [LinearLR(optimizer, start_factor=START, total_iters=warmup)] if warmup else []
    if schedule == "steps":
        main: LRScheduler = StepLR(optimizer, period, gamma)
    elif schedule == "cosine":
        main = CosineAnnealingLR(optimizer, N_STEPS - warmup)
    elif schedule == "warm restarts":
        main = CosineAnnealingWarmRestarts(optimizer, period)
    else:
        main = ExponentialLR(optimizer, gamma ** (1 / period) if schedule == "exponential" else 1.0)
    return SequentialLR(optimizer, [*warm, main], [warmup]) if warm else main


def network() -> Sequential:
    """Return the network as it was drawn, always the same."""
    rng = np.random.default_rng(0)
    layers = Linear(64, N_HIDDEN, rng=rng), ReLU(), Linear(N_HIDDEN, 10, rng=rng)
    return Sequential(*layers)


@functools.cache
def batches() -> tuple[list[tuple[np.ndarray, np.ndarray]], tuple[np.ndarray, np.ndarray]]:
    """Return the mini-batches of all steps, always the same, and the test part."""
    digits = load_digits()
    rng = np.random.default_rng(1)
    drawn = [rng.choice(len(digits.x_train), BATCH_SIZE, replace=False) for _ in range(N_STEPS)]
    return [(digits.x_train[i], digits.y_train[i]) for i in drawn], (digits.x_test, digits.y_test)


@functools.cache
def range_test() -> RangeTest:
    """Return the range test of the same network and optimizer."""
    digits, model = load_digits(), network()
    optimizer = SGD(model.parameters(), lr=1e-3, momentum=MOMENTUM)
    options: dict[str, Any] = {"lr_min": RATES[0], "lr_max": RATES[1], "batch_size": BATCH_SIZE}
    options["rng"] = np.random.default_rng(2)
    return learning_rate_range_test(
        model, F.cross_entropy, digits.x_train, digits.y_train, optimizer, **options
    )


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
        "highest": test.plot([], [], linestyle="--", linewidth=2, label="highest here", **mark)[0],
    }
    test.legend(loc="lower left", frameon=False, fontsize=TEXT_SIZE - 1, labelcolor=INK)
    bold: dict[str, Any] = {"fontsize": TEXT_SIZE + 2, "color": INK, "weight": "bold", "va": "center"}
    return artists | {"headline": figure.text(0.02, 0.955, "", **bold)}


def move(artists: dict[str, Any], run: Run) -> None:
    """Set both curves, the mark in the range test and the headline."""
    steps = np.arange(N_STEPS)
    artists["rates"].set_data(steps, np.maximum(run.rates, 1e-7))
    finite = np.isfinite(run.losses)
    artists["losses"].set_data(steps[finite], np.minimum(run.losses[finite], 1e6))
    artists["highest"].set_data([run.rates.max()] * 2, [0.25, 1e3])
    artists["headline"].set_text(headline(run))


def headline(run: Run) -> str:
    """Say what the training does."""
    loss = number(run.loss) if run.loss < 1e4 else "beyond 1e4"
    return f"{run.state}: test loss {loss}, accuracy {100 * run.accuracy:.3g} %"


class Schedules(Explorer):
    """A schedule of the learning rate, the training under it, and the range test of the same network.

    Trained is a network of 64-24-10 units with ReLU on mini-batches of 32 digits, for 40 steps of SGD with
    momentum 0.9; weights and mini-batches are the same each time, so that only the schedule differs.

    Questions it lets one answer:

    - Which constant rate is best after 40 steps, and where does it lie on the curve of the range test?
    - A rate at which the constant schedule fails: does a warm-up save it? How long must it be?
    - Which schedule reaches the lowest test loss if you may choose its rate?
    - What does the loss do at each warm restart, and is the end worth it?

    Parameters
    ----------
    schedule : str
        Its name.
    lr : float
        The rate that the schedule scales (the highest), 0.001 to 10.
    warmup : int
        Steps on a line from a hundredth of `lr` up, 0 to 20; in "one cycle", the steps of its rise.
    period : int
        Steps from one drop or restart to the next, 5 to 40.
    gamma : float
        Factor of the rate after each period, 0.05 to 1.

    Examples
    --------
    >>> explorer = Schedules(schedule="steps", lr=0.5, warmup=0, period=15, gamma=0.1)
    >>> print(explorer.result.rates[[0, 14, 15, 30]].round(4))
    [0.5   0.5   0.05  0.005]
    >>> explorer.close()
    """

    title = "Learning-rate schedules"
    size = (720, 420)

    schedule = Choice("schedule", SCHEDULES, default="steps")
    lr = LogSlider("learning rate", *RATES, default=0.2)
    warmup = IntegerSlider("warm-up steps", 0, 20, default=8)
    period = IntegerSlider("period", 5, N_STEPS, default=16)
    gamma = Slider("factor gamma", 0.05, 1, default=0.3)

    presets = {
        "too small": {"schedule": "constant", "lr": 0.002, "warmup": 0},
        "constant": {"schedule": "constant", "lr": 0.25, "warmup": 0},
        "too large": {"schedule": "constant", "lr": 3.0, "warmup": 0},
        "cosine after warm-up": {"schedule": "cosine", "lr": 0.3, "warmup": 8},
        "warm restarts": {"schedule": "warm restarts", "lr": 0.2, "warmup": 0, "period": 10},
        "one cycle": {"schedule": "one cycle", "lr": 0.4, "warmup": 12},
    }

    compute = staticmethod(compute)

    def idle(self, run: Run) -> tuple[str, ...]:
        """Grey out what the schedule has not."""
        used = {
            "steps": ("period", "gamma"),
            "exponential": ("period", "gamma"),
            "warm restarts": ("period",),
        }
        has = used.get(run.settings["schedule"], ())
        return tuple(name for name in ("period", "gamma") if name not in has)

    def draw(self, figure: Figure, run: Run) -> dict[str, Artist]:
        """Draw axes and range test."""
        return draw(figure, run)

    def move(self, artists: dict[str, Any], run: Run) -> None:
        """Set curves and marks."""
        move(artists, run)

    def describe(self, run: Run) -> str:
        """Name schedule, its rates and what became of the training."""
        settings, found = run.settings, range_test()
        idle = self.idle(run)
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
