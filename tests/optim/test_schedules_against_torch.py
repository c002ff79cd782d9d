"""Every schedule against torch's: the rates, and the momenta, of two groups after each of 200 steps."""

from __future__ import annotations

import copy
import math
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from course_utils import optim
from course_utils.nn import Parameter
from course_utils.optim import lr_scheduler as schedules
from tests.nn.proof import Seen

N_STEPS = 200
GENERATE = [Phase.explicit, Phase.generate]  # shrinking two hundred steps takes minutes
THEIRS = {name: getattr(torch.optim.lr_scheduler, name, None) for name in schedules.__all__}
THEIRS["SWALR"] = torch.optim.swa_utils.SWALR

rates = st.floats(1e-4, 1.0)
factors = st.floats(0.05, 1.0)
counts = st.integers(1, 120)
flags = st.booleans()
ways = st.sampled_from(["cos", "linear"])
momenta = st.floats(0.5, 0.99)


def either(strategy):
    """One value for all groups, or a list of one for each."""
    return st.one_of(strategy, st.lists(strategy, min_size=2, max_size=2))


def fixed(**strategies):
    return st.fixed_dictionaries(strategies)


cycle = {
    "max_lr": either(rates),
    "pct_start": st.floats(0.05, 0.95),
    "anneal_strategy": ways,
    "cycle_momentum": flags,
    "base_momentum": either(momenta),
    "max_momentum": either(momenta),
    "div_factor": st.floats(2, 50),
    "final_div_factor": st.floats(2, 1e5),
    "three_phase": flags,
}
CASES: dict[type, st.SearchStrategy[dict[str, Any]]] = {
    schedules.StepLR: fixed(step_size=counts, gamma=st.floats(0.1, 1.1)),
    schedules.MultiStepLR: fixed(
        milestones=st.lists(st.integers(0, 190), max_size=6), gamma=st.floats(0.1, 1.1)
    ),
    schedules.ExponentialLR: fixed(gamma=st.floats(0.5, 1.02)),
    schedules.LinearLR: fixed(start_factor=factors, end_factor=factors, total_iters=counts),
    schedules.CosineAnnealingLR: fixed(T_max=counts, eta_min=st.floats(0, 0.1)),
    schedules.CosineAnnealingWarmRestarts: fixed(
        T_0=counts, T_mult=st.integers(1, 4), eta_min=st.floats(0, 0.1)
    ),
    schedules.OneCycleLR: st.one_of(
        fixed(total_steps=st.integers(N_STEPS, 400), **cycle),
        fixed(epochs=st.integers(10, 20), steps_per_epoch=st.integers(20, 30), **cycle),
    ),
    schedules.SWALR: fixed(swa_lr=either(rates), anneal_epochs=st.integers(0, 250), anneal_strategy=ways),
}
WITH_CASES_OF_THEIR_OWN = {schedules.LRScheduler, schedules.ReduceLROnPlateau, schedules.SequentialLR}
KINDS = list(CASES)


@dataclass(frozen=True)
class Side:
    """An optimizer of two groups, here or in torch."""

    optimizer: Any

    @property
    def rates(self) -> list[float]:
        return [group["lr"] for group in self.optimizer.param_groups]

    @property
    def momenta(self) -> list[Any]:
        return [group.get("momentum", group.get("betas")) for group in self.optimizer.param_groups]


def two_sides(rule: str, lrs) -> list[Side]:
    """Build both optimizers, each with two groups."""
    ours = [{"params": [Parameter(np.zeros(1))], "lr": lr} for lr in lrs]
    theirs = [{"params": [torch.zeros(1, requires_grad=True)], "lr": lr} for lr in lrs]
    return [Side(getattr(optim, rule)(ours)), Side(getattr(torch.optim, rule)(theirs))]


def both_of(kind, sides, *arguments, **options):
    """Build a schedule here and in torch."""
    makers = kind, THEIRS[kind.__name__]
    return [make(side.optimizer, *arguments, **options) for make, side in zip(makers, sides, strict=True)]


def compare_now(sides, both, when):
    """Compare rates, momenta and what the schedules say."""
    ours, theirs = sides
    scale = max(*theirs.rates, 1e-300)
    np.testing.assert_allclose(ours.rates, theirs.rates, rtol=1e-10, atol=1e-12 * scale, err_msg=when)
    np.testing.assert_allclose(ours.momenta, theirs.momenta, rtol=1e-10, err_msg=when)
    assert both[0].get_last_lr() == ours.rates
    assert both[0].last_epoch == both[1].last_epoch


def step_both(sides, both):
    sides[1].optimizer.step()  # or torch warns
    for schedule in both:
        schedule.step()


def test_every_schedule_has_a_case():
    public = {getattr(schedules, name) for name in schedules.__all__}
    assert public == set(CASES) | WITH_CASES_OF_THEIR_OWN


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_two_hundred_steps(kind):
    seen = Seen(kind, ignored=["last_epoch"])

    @settings(max_examples=18, phases=GENERATE)
    @given(options=CASES[kind], lrs=st.tuples(rates, rates), rule=st.sampled_from(["SGD", "RMSprop", "Adam"]))
    def compare(options, lrs, rule):
        sides = two_sides(rule, lrs)
        both = both_of(kind, sides, **options)
        compare_now(sides, both, "before")
        for i in range(N_STEPS):
            step_both(sides, both)
            compare_now(sides, both, f"step {i + 1}")
        seen.note(None, **options)

    compare()
    seen.check()


PRODUCTS = [schedules.StepLR, schedules.MultiStepLR, schedules.ExponentialLR, schedules.LinearLR]


@pytest.mark.parametrize("kind", PRODUCTS, ids=lambda kind: kind.__name__)
def test_a_rate_changed_by_hand_is_carried_on(kind):
    @settings(max_examples=10, phases=GENERATE)
    @given(options=CASES[kind], places=st.lists(st.integers(0, 190), min_size=1, max_size=5))
    def compare(options, places):
        sides = two_sides("SGD", (0.1, 0.3))
        both = both_of(kind, sides, **options)
        for i in range(N_STEPS):
            if i in places:
                for side in sides:
                    side.optimizer.param_groups[1]["lr"] = 0.01 * (i + 1)
            step_both(sides, both)
            compare_now(sides, both, f"step {i + 1}")

    compare()


def test_two_products_work_together():
    sides = two_sides("SGD", (0.1, 0.3))
    pairs = []
    for kind, options in (
        (schedules.LinearLR, {"total_iters": 20}),
        (schedules.ExponentialLR, {"gamma": 0.97}),
    ):
        pairs.append(both_of(kind, sides, **options))
    for i in range(60):
        for both in pairs:
            step_both(sides, both)
        compare_now(sides, pairs[-1], f"step {i + 1}")


@pytest.mark.parametrize("kind", KINDS[:-1], ids=lambda kind: kind.__name__)
def test_a_run_is_continued_by_last_epoch(kind):
    """After 30 steps a new schedule takes over, as if there had been no break."""
    options = {
        schedules.StepLR: {"step_size": 7},
        schedules.MultiStepLR: {"milestones": [4, 9, 50]},
        schedules.ExponentialLR: {"gamma": 0.9},
        schedules.LinearLR: {"total_iters": 40},
        schedules.CosineAnnealingLR: {"T_max": 25},
        schedules.CosineAnnealingWarmRestarts: {"T_0": 5, "T_mult": 2},
        schedules.OneCycleLR: {"max_lr": 0.5, "total_steps": 70},
    }[kind]
    whole, broken = (two_sides("Adam", (0.1, 0.3))[0] for _ in range(2))
    schedule, first = (kind(side.optimizer, **options) for side in (whole, broken))
    for _ in range(30):
        schedule.step()
        first.step()
    later = two_sides("Adam", (1.0, 1.0))[0]
    later.optimizer.load_state_dict(broken.optimizer.state_dict())
    second = kind(later.optimizer, **options, last_epoch=29)
    assert second.last_epoch == 30
    for _ in range(30):
        np.testing.assert_allclose(later.rates, whole.rates, rtol=1e-12, atol=1e-16)
        np.testing.assert_allclose(later.momenta, whole.momenta, rtol=1e-12)
        schedule.step()
        second.step()


def test_last_epoch_means_what_it_means_in_torch():
    sides = two_sides("SGD", (0.1, 0.3))
    both = []
    for make, side in zip((schedules.OneCycleLR, THEIRS["OneCycleLR"]), sides, strict=True):
        make(side.optimizer, 0.5, total_steps=50)  # leaves the range of rates and momenta in the groups
        both.append(make(side.optimizer, 0.5, total_steps=50, last_epoch=9))
    compare_now(sides, both, "resumed")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_run_is_continued_from_saved_states(kind):
    @settings(max_examples=5)
    @given(options=CASES[kind])
    def compare(options):
        whole, later = (two_sides("SGD", (0.1, 0.3))[0] for _ in range(2))
        schedule = kind(whole.optimizer, **options)
        for _ in range(30):
            schedule.step()
        saved, saved_rates = schedule.state_dict(), whole.optimizer.state_dict()
        frozen = copy.deepcopy(saved)
        second = kind(later.optimizer, **options)
        second.load_state_dict(saved)
        later.optimizer.load_state_dict(saved_rates)
        for _ in range(60):
            schedule.step()
            second.step()
            assert later.rates == whole.rates
            assert later.momenta == whole.momenta
        assert saved == frozen  # a state once saved does not change any more

    compare()


# ---------------------------------------------------------------- warm restarts between steps


@settings(max_examples=20)
@given(
    T_0=st.integers(1, 20),
    T_mult=st.integers(1, 3),
    epochs=st.lists(st.integers(0, 150), min_size=1, max_size=20),
)
def test_warm_restarts_may_be_asked_for_any_place(T_0, T_mult, epochs):
    sides = two_sides("SGD", (0.1, 0.3))
    both = both_of(schedules.CosineAnnealingWarmRestarts, sides, T_0, T_mult, 0.01)
    for epoch in epochs:
        for schedule in both:
            schedule.step(epoch + 0.3)
        compare_now(sides, both, f"epoch {epoch}.3")


def test_at_a_restart_the_rate_is_the_first_again():
    side = two_sides("SGD", (0.1, 0.3))[0]
    schedule = schedules.CosineAnnealingWarmRestarts(side.optimizer, 3, 3)
    for restart in (0, 3, 12, 39, 120):
        schedule.step(restart)
        assert side.rates == pytest.approx([0.1, 0.3])
    with pytest.raises(ValueError, match="expected epoch >= 0, got -1"):
        schedule.step(-1)


# ---------------------------------------------------------------- plateau

plateau = fixed(
    mode=st.sampled_from(["min", "max"]),
    factor=st.floats(0.1, 0.9),
    patience=st.integers(0, 8),
    threshold=st.sampled_from([0.0, 1e-4, 0.01, 0.2]),
    threshold_mode=st.sampled_from(["rel", "abs"]),
    cooldown=st.integers(0, 6),
    min_lr=either(st.floats(0, 0.05)),
    eps=st.sampled_from([0.0, 1e-8, 1e-3]),
)


def test_two_hundred_steps_on_a_plateau():
    seen = Seen(schedules.ReduceLROnPlateau)

    @settings(max_examples=25, phases=GENERATE)
    @given(
        options=plateau,
        seed=st.integers(0, 10**6),
        shift=st.sampled_from([-0.5, 0.0, 0.5]),
        digits=st.sampled_from([1, 12]),
    )
    def compare(options, seed, shift, digits):
        rng = np.random.default_rng(seed)
        metrics = np.exp(-np.arange(N_STEPS) / 40) + 0.05 * rng.normal(size=N_STEPS) + shift
        metrics = metrics.round(digits)  # with one digit many are equal
        metrics[rng.integers(N_STEPS, size=3)] = np.nan
        sides = two_sides("SGD", (0.1, 0.3))
        both = both_of(schedules.ReduceLROnPlateau, sides, **options)
        for i, metric in enumerate(metrics):
            for schedule in both:
                schedule.step(-metric if options["mode"] == "max" else metric)
            compare_now(sides, both, f"step {i}")
            for name in ("best", "num_bad_epochs", "cooldown_counter"):
                assert getattr(both[0], name) == getattr(both[1], name)
        seen.note(None, **options)

    compare()
    seen.check()


@pytest.mark.parametrize("mode", ["min", "max"])
def test_the_same_again_is_no_improvement_at_any_threshold(mode):
    side = two_sides("SGD", (0.1, 0.3))[0]
    schedule = schedules.ReduceLROnPlateau(side.optimizer, mode, 0.5, patience=1, threshold=0.0)
    for _ in range(3):
        schedule.step(1.0)
    assert side.rates == [0.05, 0.15]


def test_a_plateau_is_continued_from_saved_states():
    whole, later = (two_sides("SGD", (0.1, 0.3))[0] for _ in range(2))
    schedule = schedules.ReduceLROnPlateau(whole.optimizer, patience=3, factor=0.5, cooldown=2)
    for _ in range(9):
        schedule.step(1.0)
    second = schedules.ReduceLROnPlateau(later.optimizer)
    second.load_state_dict(schedule.state_dict())
    later.optimizer.load_state_dict(whole.optimizer.state_dict())
    for _ in range(9):
        schedule.step(1.0)
        second.step(1.0)
        assert later.rates == whole.rates
    assert whole.rates[0] < 0.05


# ---------------------------------------------------------------- sequences

PARTS: list[tuple[str, dict[str, Any]]] = [
    ("LinearLR", {"start_factor": 0.1, "total_iters": 15}),
    ("CosineAnnealingLR", {"T_max": 50, "eta_min": 0.001}),
    ("CosineAnnealingWarmRestarts", {"T_0": 7, "T_mult": 2}),
    ("ExponentialLR", {"gamma": 0.95}),
    ("StepLR", {"step_size": 6, "gamma": 0.5}),
    ("MultiStepLR", {"milestones": [0, 3, 30], "gamma": 0.5}),
    ("SWALR", {"swa_lr": 0.05, "anneal_epochs": 20}),
]


def sequences(parts, milestones):
    sides = two_sides("SGD", (0.1, 0.3))
    both = []
    for home, side in zip((vars(schedules), THEIRS), sides, strict=True):
        chain = [home[name](side.optimizer, **options) for name, options in parts]
        both.append(home["SequentialLR"](side.optimizer, chain, list(milestones)))
    return sides, both


@settings(max_examples=25, phases=GENERATE)
@given(seed=st.integers(0, 10**6))
def test_one_after_the_other(seed):
    rng = np.random.default_rng(seed)  # Hypothesis alone would mostly draw the same part again
    parts = [PARTS[i] for i in rng.integers(len(PARTS), size=rng.integers(1, 5))]
    milestones = 1 + np.sort(rng.permutation(150)[: len(parts) - 1])
    sides, both = sequences(parts, milestones.tolist())
    compare_now(sides, both, "before")
    for i in range(N_STEPS):
        step_both(sides, both)
        compare_now(sides, both, f"step {i + 1}")


@pytest.mark.parametrize("n_steps", [3, 15, 40])
def test_a_sequence_is_continued(n_steps):
    (whole, _), (schedule, _) = sequences(PARTS[:2], [15])
    for _ in range(n_steps):
        schedule.step()
    (later, _), (second, _) = sequences(PARTS[:2], [15])
    second.load_state_dict(schedule.state_dict())
    later.optimizer.load_state_dict(whole.optimizer.state_dict())
    third_side = two_sides("SGD", (0.1, 0.3))[0]
    chain = [getattr(schedules, name)(third_side.optimizer, **options) for name, options in PARTS[:2]]
    third_side.optimizer.load_state_dict(whole.optimizer.state_dict())
    third = schedules.SequentialLR(third_side.optimizer, chain, [15], last_epoch=n_steps - 1)
    for _ in range(40):
        assert later.rates == whole.rates
        assert third_side.rates == pytest.approx(whole.rates, rel=1e-12)
        for each in (schedule, second, third):
            each.step()


def test_a_warm_up_then_averaging():
    """The way to the rate of averaging begins where the first schedule has left the rate."""
    sides = two_sides("SGD", (0.1, 0.3))
    both = []
    for home, side in zip((vars(schedules), THEIRS), sides, strict=True):
        both.append(
            (home["ExponentialLR"](side.optimizer, 0.9), home["SWALR"](side.optimizer, 0.05, anneal_epochs=7))
        )
    for i in range(40):
        sides[1].optimizer.step()
        for pair in both:
            pair[i >= 20].step()
        np.testing.assert_allclose(sides[0].rates, sides[1].rates, rtol=1e-10)
    assert sides[0].rates == pytest.approx([0.05, 0.05])


# ---------------------------------------------------------------- by hand


def rates_of(schedule, n):
    seen = []
    for _ in range(n):
        seen.append(schedule.get_last_lr()[0])
        schedule.step()
    return seen


def optimizer_at(lr=0.8):
    return optim.SGD([Parameter(np.zeros(1))], lr=lr)


def test_rates_by_hand():
    assert rates_of(schedules.MultiStepLR(optimizer_at(), [2, 1], 0.5), 4) == pytest.approx(
        [0.8, 0.4, 0.2, 0.2]
    )
    assert rates_of(schedules.ExponentialLR(optimizer_at(), 0.5), 3) == pytest.approx([0.8, 0.4, 0.2])
    assert rates_of(schedules.LinearLR(optimizer_at(), 0.5, 1.0, 2), 4) == pytest.approx([0.4, 0.6, 0.8, 0.8])
    cycle_rates = rates_of(
        schedules.OneCycleLR(optimizer_at(), 0.8, 5, pct_start=0.6, anneal_strategy="linear", div_factor=4), 5
    )
    assert cycle_rates == pytest.approx([0.2, 0.5, 0.8, 0.40001, 0.00002])
    assert rates_of(schedules.SWALR(optimizer_at(), 0.2, 2, "linear"), 4) == pytest.approx(
        [0.8, 0.5, 0.2, 0.2]
    )


def test_factors_of_zero_end_the_run_and_do_not_divide():
    assert rates_of(schedules.ExponentialLR(optimizer_at(), 0.0), 3) == [0.8, 0.0, 0.0]
    assert rates_of(schedules.LinearLR(optimizer_at(), 1.0, 0.0, 2), 4) == pytest.approx([0.8, 0.4, 0, 0])
    tiny = rates_of(schedules.ExponentialLR(optimizer_at(), 1e-20), 40)
    assert all(math.isfinite(rate) for rate in tiny)
    assert tiny[-1] == 0.0


def test_the_shortest_cycles():
    assert rates_of(schedules.OneCycleLR(optimizer_at(), 0.5, 1), 1) == pytest.approx([2e-6])
    top_first = schedules.OneCycleLR(optimizer_at(), 0.5, 10, pct_start=0.1)  # torch divides by zero here
    assert rates_of(top_first, 1) == [0.5]
    rising = schedules.OneCycleLR(optimizer_at(), 0.5, 10, pct_start=1.0)
    assert rates_of(rising, 10)[-1] == pytest.approx(0.5)


def test_no_schedule_asks_for_a_step_of_the_optimizer_first():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        schedules.ExponentialLR(optimizer_at(), 0.5).step()


def test_the_cycle_ends():
    schedule = schedules.OneCycleLR(optimizer_at(), 0.5, 3)
    for _ in range(3):
        schedule.step()
    with pytest.raises(ValueError, match="expected at most total_steps 3 steps, got step 4"):
        schedule.step()


# ---------------------------------------------------------------- messages

S = schedules
WRONG = [
    (S.StepLR, {"step_size": 0}, "expected a whole number step_size >= 1, got 0"),
    (S.StepLR, {"step_size": 1.5}, "expected a whole number step_size >= 1, got 1.5"),
    (S.StepLR, {"step_size": True}, "expected a whole number step_size >= 1, got True"),
    (S.StepLR, {"step_size": math.nan}, "expected a whole number step_size >= 1, got nan"),
    (S.StepLR, {"step_size": math.inf}, "expected a whole number step_size >= 1, got inf"),
    (S.StepLR, {"step_size": 1, "gamma": -0.1}, "expected gamma >= 0, got -0.1"),
    (S.StepLR, {"step_size": 1, "last_epoch": -2}, "expected last_epoch >= -1, got -2"),
    (S.StepLR, {"step_size": 1, "last_epoch": 3}, "expected 'initial_lr' in group 0 with last_epoch 3"),
    (S.MultiStepLR, {"milestones": [3, -1]}, "expected a whole number in milestones >= 0, got -1"),
    (S.MultiStepLR, {"milestones": [3], "gamma": float("nan")}, "expected gamma >= 0, got nan"),
    (S.ExponentialLR, {"gamma": -1}, "expected gamma >= 0, got -1"),
    (S.LinearLR, {"start_factor": 0}, "expected start_factor above 0 and at most 1, got 0"),
    (S.LinearLR, {"start_factor": 1.1}, "expected start_factor above 0 and at most 1, got 1.1"),
    (S.LinearLR, {"end_factor": 1.1}, "expected end_factor from 0 to 1, got 1.1"),
    (S.LinearLR, {"total_iters": 0}, "expected a whole number total_iters >= 1, got 0"),
    (S.CosineAnnealingLR, {"T_max": 0}, "expected a whole number T_max >= 1, got 0"),
    (S.CosineAnnealingLR, {"T_max": 1, "eta_min": -1}, "expected eta_min >= 0, got -1"),
    (S.CosineAnnealingWarmRestarts, {"T_0": 0}, "expected a whole number T_0 >= 1, got 0"),
    (S.CosineAnnealingWarmRestarts, {"T_0": 1, "T_mult": 0}, "expected a whole number T_mult >= 1, got 0"),
    (S.CosineAnnealingWarmRestarts, {"T_0": 1, "eta_min": -1}, "expected eta_min >= 0, got -1"),
    (S.OneCycleLR, {"max_lr": 1}, "expected total_steps, or epochs and steps_per_epoch, got epochs None"),
    (S.OneCycleLR, {"max_lr": 1, "total_steps": 0}, "expected a whole number total_steps >= 1, got 0"),
    (S.OneCycleLR, {"max_lr": 1, "epochs": 0, "steps_per_epoch": 1}, "whole number epochs >= 1, got 0"),
    (S.OneCycleLR, {"max_lr": 1, "epochs": 1, "steps_per_epoch": 0}, "steps_per_epoch >= 1, got 0"),
    (S.OneCycleLR, {"max_lr": [1, 2], "total_steps": 9}, "expected one max_lr for each of 1 groups, got 2"),
    (S.OneCycleLR, {"max_lr": 1, "total_steps": 9, "pct_start": 1.1}, "pct_start from 0 to 1, got 1.1"),
    (
        S.OneCycleLR,
        {"max_lr": 1, "total_steps": 9, "anneal_strategy": "up"},
        "expected anneal_strategy 'cos' or 'linear', got 'up'",
    ),
    (S.OneCycleLR, {"max_lr": 1, "total_steps": 9, "div_factor": 0}, "expected div_factor > 0, got 0"),
    (S.OneCycleLR, {"max_lr": 1, "total_steps": 9, "final_div_factor": 0}, "expected final_div_factor > 0"),
    (S.OneCycleLR, {"max_lr": 1, "total_steps": 9, "max_momentum": 1.0}, "below 1, got 0.85 and 1.0"),
    (S.ReduceLROnPlateau, {"mode": "up"}, "expected mode 'min' or 'max', got 'up'"),
    (S.ReduceLROnPlateau, {"threshold_mode": "up"}, "expected threshold_mode 'rel' or 'abs', got 'up'"),
    (S.ReduceLROnPlateau, {"factor": 1.0}, "expected factor at least 0 and below 1, got 1.0"),
    (S.ReduceLROnPlateau, {"patience": -1}, "expected a whole number patience >= 0, got -1"),
    (S.ReduceLROnPlateau, {"cooldown": -1}, "expected a whole number cooldown >= 0, got -1"),
    (S.ReduceLROnPlateau, {"threshold": -1}, "expected threshold >= 0, got -1"),
    (S.ReduceLROnPlateau, {"eps": -1}, "expected eps >= 0, got -1"),
    (S.ReduceLROnPlateau, {"min_lr": -1}, "expected min_lr >= 0, got -1"),
    (S.ReduceLROnPlateau, {"min_lr": [0.0, 0.0]}, "expected one min_lr for each of 1 groups, got 2"),
    (S.SWALR, {"swa_lr": -1}, "expected swa_lr >= 0, got -1"),
    (S.SWALR, {"swa_lr": 1, "anneal_epochs": -1}, "expected a whole number anneal_epochs >= 0, got -1"),
    (S.SWALR, {"swa_lr": 1, "anneal_strategy": "up"}, "expected anneal_strategy 'cos' or 'linear'"),
    (S.SequentialLR, {"schedulers": [], "milestones": []}, "got 0 milestones and 0 schedules"),
]


@pytest.mark.parametrize(("kind", "options", "message"), WRONG)
def test_options_out_of_range(kind, options, message):
    with pytest.raises(ValueError, match=message):
        kind(optimizer_at(), **options)


def test_what_a_sequence_refuses():
    optimizer = optimizer_at()
    part = schedules.ExponentialLR(optimizer, 0.9)
    stranger = schedules.ExponentialLR(optimizer_at(), 0.9)
    with pytest.raises(ValueError, match="got 0 milestones and 2 schedules"):
        schedules.SequentialLR(optimizer, [part, part], [])
    with pytest.raises(ValueError, match=r"expected increasing milestones above 0, got \[5, 3\]"):
        schedules.SequentialLR(optimizer, [part] * 3, [5, 3])
    with pytest.raises(ValueError, match="expected schedules of this optimizer, number 1 has another"):
        schedules.SequentialLR(optimizer, [part, stranger], [5])
    with pytest.raises(ValueError, match="need no metric, got ReduceLROnPlateau as number 1"):
        schedules.SequentialLR(optimizer, [part, schedules.ReduceLROnPlateau(optimizer)], [5])
    chain = schedules.SequentialLR(optimizer, [part], [])
    with pytest.raises(ValueError, match="expected the states of 1 schedules, got 0"):
        chain.load_state_dict(part.state_dict())


@pytest.mark.parametrize("kind", [*CASES, schedules.ReduceLROnPlateau], ids=lambda kind: kind.__name__)
def test_what_is_no_optimizer_is_refused(kind):
    needed = {"step_size": 1, "milestones": [1], "gamma": 0.5, "T_max": 1, "T_0": 1, "max_lr": 1, "swa_lr": 1}
    options = {name: value for name, value in needed.items() if name in Seen(kind).signature.parameters}
    if kind is schedules.OneCycleLR:
        options["total_steps"] = 3
    with pytest.raises(TypeError, match=r"expected an optimizer of course_utils.optim, got list"):
        kind([Parameter(np.zeros(1))], **options)


def test_a_cycle_of_momentum_needs_one():
    with pytest.raises(ValueError, match="with momentum or betas for cycle_momentum=True, got Adagrad"):
        schedules.OneCycleLR(optim.Adagrad([Parameter(np.zeros(1))]), 0.1, 10)


def test_the_state_of_another_schedule_is_refused():
    state = schedules.StepLR(optimizer_at(), 3).state_dict()
    with pytest.raises(ValueError, match=r"expected the state \[.*'milestones'.*\], got \[.*'step_size'\]"):
        schedules.MultiStepLR(optimizer_at(), [3]).load_state_dict(state)
