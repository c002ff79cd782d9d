"""A small training under a schedule of the learning rate, and the range test. Chapter 05."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np

import course_utils.nn.functional as F
from course_utils.data.digits import load_digits
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
