"""The scene of schedules: the rates of each, and what presets promise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from course_utils.explorers import Schedules
from course_utils.explorers.schedules_run import CHANCE, N_STEPS, SCHEDULES, Run, compute, range_test
from course_utils.explorers.schedules_words import headline


def run(**changes: Any) -> Run:
    return compute(**{**Schedules.defaults(), **changes})


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_schedule_never_passes_its_rate_and_a_warm_up_ends_at_it(schedule: str) -> None:
    rates = run(schedule=schedule, lr=0.5, warmup=10, period=10).rates
    assert len(rates) == N_STEPS
    assert rates.max() <= 0.5 * (1 + 1e-12)
    assert rates[0] == pytest.approx(0.02 if schedule == "one cycle" else 0.005)
    assert (np.diff(rates[:10]) > 0).all()
    if schedule != "one cycle":
        assert rates[10] == pytest.approx(0.5)


def test_rates_without_warm_up() -> None:
    given = {"lr": 1.0, "warmup": 0, "period": 10, "gamma": 0.5}
    assert set(run(schedule="constant", **given).rates) == {1.0}
    np.testing.assert_allclose(run(schedule="steps", **given).rates[[9, 10, 29, 30]], [1, 0.5, 0.25, 0.125])
    np.testing.assert_allclose(run(schedule="exponential", **given).rates[[0, 5, 10]], [1, 0.5**0.5, 0.5])
    np.testing.assert_allclose(run(schedule="cosine", **given).rates[[0, 20]], [1, 0.5])
    np.testing.assert_allclose(run(schedule="warm restarts", **given).rates[[0, 5, 10, 15]], [1, 0.5, 1, 0.5])


def test_the_first_loss_is_that_of_the_same_network_under_every_schedule() -> None:
    first = {run(schedule=schedule, lr=lr).losses[0] for schedule in SCHEDULES for lr in (0.01, 5.0)}
    assert len(first) == 1
    assert abs(first.pop() - CHANCE) < 0.2


def test_presets_show_what_their_names_say() -> None:
    found = {name: run(**preset) for name, preset in Schedules.presets.items()}
    states = {name: one.state for name, one in found.items()}
    assert states.pop("too small") == "hardly moving"
    assert states.pop("too large") == "diverging"
    assert set(states.values()) == {"learning"}
    for name in ("constant", "cosine after warm-up", "warm restarts", "one cycle"):
        assert found[name].accuracy > 0.8, name


def test_states() -> None:
    settings = Schedules.defaults()
    cases = [
        (np.nan, np.inf, "diverging"),
        (30.0, 2.31, "diverging"),
        (2.4, 2.31, "hardly moving"),
        (2.4, 0.3, "learning"),
        (30.0, 0.3, "learning"),  # it has come back
    ]
    for highest, loss, state in cases:
        assert Run(settings, np.ones(2), np.array([2.3, highest]), loss, 0.5).state == state
    exploded = Run(settings, np.ones(2), np.array([2.3, np.nan]), np.inf, 0.1)
    assert headline(exploded) == "diverging: test loss beyond 1e4, accuracy 10 %"


def test_the_range_test_suggests_a_rate_that_learns() -> None:
    found = range_test()
    assert found.suggestion is not None
    for rate in (found.suggestion / 2, found.suggestion):
        assert run(schedule="constant", warmup=0, lr=rate).state == "learning"


def test_idle_controls() -> None:
    explorer = Schedules()
    for schedule, idle in (("constant", {"period", "gamma"}), ("steps", set()), ("warm restarts", {"gamma"})):
        explorer.schedule = schedule
        assert {name for name, widget in explorer.widgets.items() if widget.disabled} == idle
    explorer.close()
