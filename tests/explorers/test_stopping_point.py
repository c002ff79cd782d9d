"""Early stopping on live curves: the rule, what is drawn, and what presets show over all seeds."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest

from course_utils.data import load_digits
from course_utils.exercises.ch06a_early_stopping import EarlyStopping as Exercise
from course_utils.explorers import StoppingPoint
from course_utils.explorers.stopping_point_rule import Moment, compute, verdict, watch
from course_utils.explorers.stopping_point_runs import OTHER, SAME, UNCHECKED, Training, scans, training
from course_utils.explorers.stopping_point_words import headline, outcomes
from course_utils.nn.callbacks import EarlyStopping
from tests.explorers.oracle_stopping_point import Watcher, train

SEEDS = range(21)
MEMORIZING, PATIENT, ONE, TEN, UNCHECKED_TWENTY, CLEAN, SLOW = StoppingPoint.presets


def at(**values: Any) -> Moment:
    return compute(**{**StoppingPoint.defaults(), **values})


@functools.cache
def runs(*presets: str) -> list[list[Moment]]:
    """Return what each preset shows for each seed; those of one call share their runs."""
    rows = [[at(**{**StoppingPoint.presets[one], "seed": seed}) for one in presets] for seed in SEEDS]
    return [list(column) for column in zip(*rows, strict=True)]


def restored(moments: list[Moment]) -> np.ndarray:
    return np.array([moment.right[moment.watched.best] for moment in moments])


def last(moments: list[Moment]) -> np.ndarray:
    return np.array([moment.right[-1] for moment in moments])


def states(moments: list[Moment]) -> list[str]:
    return [moment.state for moment in moments]


# The rule


def by_exercise(losses: np.ndarray, patience: int, min_delta: float) -> tuple[int, int | None]:
    rule = Exercise(1, patience, min_delta)
    for epoch, loss in enumerate(losses, start=1):
        if rule.update(loss):
            return rule.best_epoch, epoch
    return rule.best_epoch, None


@pytest.mark.parametrize("min_delta", [0.0, 0.05, 0.3])
@pytest.mark.parametrize("patience", [1, 2, 5, 50])
def test_the_rule_is_that_of_the_exercise(patience: int, min_delta: float) -> None:
    rng, stops = np.random.default_rng([patience, int(100 * min_delta)]), 0
    for _ in range(100):
        losses = np.linspace(1, 0.2, 30) + 0.2 * rng.standard_normal(30)
        losses[rng.random(30) < 0.1] = np.nan
        watched = watch(losses, patience, min_delta)
        assert watched[:2] == by_exercise(losses, patience, min_delta)
        assert watched.waited == (watched.stop or 30) - watched.best
        stops += watched.stop is not None
    assert stops == 0 if patience == 50 else stops > 10


def test_nothing_but_nan_ends_after_patience_without_a_best() -> None:
    assert watch([np.nan] * 5, patience=3, min_delta=0) == (0, 3, 3)
    assert watch([], patience=1, min_delta=0) == (0, None, 0)


@pytest.mark.parametrize("values", [{"patience": 1}, {"patience": 4, "min_delta": 0.03}, {"epoch": 20}])
def test_the_callback_of_the_engine_agrees(values: dict[str, Any]) -> None:
    moment = at(**{**values, "n_val": 50})
    settings, data = moment.settings, scans(100, 0.3, 0)
    callback = EarlyStopping(patience=settings["patience"], min_delta=settings["min_delta"])
    rows, length = slice(100, 150), Watcher(data.x[:1])
    train(
        settings,
        settings["epoch"],
        callback,
        length,
        validation=(data.x[rows], data.given[rows]),
    )
    assert callback.best_epoch == moment.watched.best
    assert callback.best == pytest.approx(moment.validation[moment.watched.best], rel=1e-4)
    assert len(length.logits) - 1 == (moment.watched.stop or settings["epoch"])


def test_verdicts() -> None:
    new = np.array([2.0, 1.0, 0.5, 0.51, 0.8])
    for best, state in ((1, "too early"), (2, "about right"), (3, "about right"), (4, "too late")):
        watched = watch([1.0] * 4, 1, 0)._replace(best=best)
        assert verdict(watched, new, 2) == f"stopped {state}"
    assert verdict(watch([3, 2, 1], 2, 0), new[:4], 2) == "improving"
    assert verdict(watch([3, 2, 1, 2], 2, 0), new, 2) == "waiting"
    assert verdict(watch([], 2, 0), new[:1], 0) == "not begun"


# What is learnt


def test_writers_and_sets_are_apart() -> None:
    digits, data = load_digits("writers"), scans(300, 0.3, 4)
    rows = {row.tobytes(): i for i, row in enumerate(digits.x_train)}
    found = np.array([rows[row.tobytes()] for row in data.x[:700]])
    assert len(set(found)) == 700
    assert found[:500].max() < 1029 <= found[500:].min()
    np.testing.assert_array_equal(data.x[700:], digits.x_test)
    np.testing.assert_array_equal(data.y, [*digits.y_train[found], *digits.y_test])


def test_wrong_labels_are_as_many_as_asked_and_only_where_they_belong() -> None:
    for n, wrong in ((50, 0.0), (50, 0.3), (300, 0.1), (173, 0.25)):
        data = scans(n, wrong, 2)
        assert data.wrong.sum() == round(n * wrong) == (data.given != data.y).sum()
    data = scans(300, 0.3, 2)
    share = (data.unchecked != data.y[300:500]).mean()
    assert 0.2 < share < 0.4
    assert (scans(300, 0.0, 2).unchecked == data.y[300:500]).all()


def test_less_data_is_a_part_of_more() -> None:
    few, many = scans(60, 0.1, 3), scans(200, 0.1, 3)
    np.testing.assert_array_equal(few.x[:60], many.x[:60])
    np.testing.assert_array_equal(few.x[60:], many.x[200:])
    np.testing.assert_array_equal(few.unchecked, many.unchecked)
    spoilt = scans(200, 0.3, 3)
    assert (spoilt.wrong >= many.wrong).all()
    np.testing.assert_array_equal(spoilt.given[:200][many.wrong], many.given[:200][many.wrong])


def test_what_the_rule_needs_never_trains_again(monkeypatch: pytest.MonkeyPatch) -> None:
    at(seed=7)

    def refuse(*args: Any) -> None:
        raise AssertionError("trained again")

    monkeypatch.setattr(Training, "_gradient", refuse)
    rules: list[dict[str, Any]] = [{"patience": 3}, {"min_delta": 0.1}, {"n_val": 31}, {"epoch": 17}]
    for values in [*rules, {"validation": OTHER}, {"validation": UNCHECKED}]:
        at(**{"seed": 7, **values})
    with pytest.raises(AssertionError, match="trained again"):
        at(seed=8, epoch=1)


def test_going_on_equals_starting_over() -> None:
    parts = [at(seed=9, epoch=epoch) for epoch in (3, 40, 12)]
    training.cache_clear()
    whole = at(seed=9, epoch=40)
    for part in parts:
        for name in ("train", "validation", "new", "right", "learnt"):
            expected = getattr(whole, name)[: part.epoch + 1]
            np.testing.assert_array_equal(getattr(part, name), expected)


def test_a_smaller_validation_set_is_the_beginning_of_a_larger_one() -> None:
    losses = {n_val: at(n_val=n_val, validation=SAME).validation for n_val in (20, 21)}
    run = training(n=100, wrong="30 %", lr="0.01", batch="25", seed=0)
    run.advance(100)
    one_more = run.losses(100)[:, 120]
    np.testing.assert_allclose(21 * losses[21] - 20 * losses[20], one_more, rtol=1e-6, atol=1e-6)


# What presets show


def test_memorizing_is_shown_while_the_rule_waits() -> None:
    moment = at(**StoppingPoint.presets[MEMORIZING])
    assert moment.state == "waiting"
    assert moment.watched.waited >= 40
    assert moment.learnt[-1] >= 0.9 > 0.2 >= moment.learnt[moment.watched.best]
    assert moment.new[-1] > 1.4 * moment.new[moment.watched.best]


def test_patience_costs_epochs_and_restoring_gets_the_best_back() -> None:
    (moments,) = runs(PATIENT)
    for moment in moments:
        assert moment.watched.stop is not None
        assert moment.watched.stop - moment.watched.best == 50
    assert states(moments).count("stopped about right") >= 18
    assert moments[0].state == "stopped about right"
    assert (restored(moments) > last(moments)).sum() >= 20
    assert np.median(restored(moments)) > np.median(last(moments)) + 0.08
    assert np.median([moment.learnt[-1] for moment in moments]) > 0.95


def test_patience_of_one_stops_too_early_by_loss_though_hardly_by_accuracy() -> None:
    one, ten = runs(ONE, TEN)
    assert states(one).count("stopped too early") >= 20
    assert one[0].state == "stopped too early"
    assert restored(ten)[0] > restored(one)[0] + 0.04, "the seed that is shown"
    loss = [[moment.new[moment.watched.best] for moment in moments] for moments in (one, ten)]
    assert np.greater(*loss).sum() >= 15
    assert abs(np.median(restored(one)) - np.median(restored(ten))) < 0.04
    assert ten[0].state == "stopped about right"
    assert states(ten).count("stopped too late") >= 6, "twenty scans do not tell exactly"
    assert (restored(ten) > last(ten)).all()


def test_unchecked_labels_stop_too_early_and_clean_ones_leave_nothing_to_gain() -> None:
    (unchecked,) = runs(UNCHECKED_TWENTY)
    assert states(unchecked).count("stopped too early") >= 14
    assert unchecked[0].state == "stopped too early"
    (clean,) = runs(CLEAN)
    assert (restored(clean) <= last(clean)).sum() >= 15
    assert restored(clean)[0] <= last(clean)[0], "the seed that is shown"
    told = [moment.validation[moment.watched.best] / moment.new[moment.watched.best] for moment in clean]
    assert np.median(told) < 0.4, "the writers one has trained on flatter"
    assert all(np.isnan(moment.learnt).all() for moment in clean)
    rise = [moment.new[-1] / moment.new[moment.hindsight] for moment in clean]
    assert np.median(rise) > 1.2, "in loss it overfits all the same"


def test_a_large_min_delta_ends_a_slow_start() -> None:
    (slow,) = runs(SLOW)
    assert set(states(slow)) == {"stopped too early"}
    assert (restored(slow) < last(slow) - 0.3).all()
    assert at(**{**StoppingPoint.presets[SLOW], "min_delta": 0.0}).watched.best > 50


# Words


def test_headlines() -> None:
    assert headline(at(epoch=0)).startswith("not begun: new writers ")
    assert headline(at(epoch=12)).startswith("epoch 12, improving: new writers ")
    assert headline(at(epoch=20)).startswith("epoch 20, waited 5 of 10, best 15: new writers ")
    assert headline(at()).startswith("stop at epoch 25, about right: restored 61.")


def test_outcomes_before_and_after_the_stop() -> None:
    waiting, ended = outcomes(at(epoch=20)), outcomes(at())
    assert [outcome.name for outcome in waiting] == [
        "restored (15)",
        "no stop yet",
        "now (20)",
        "hindsight (14)",
    ]
    assert ended[1].name == "the stop (25)"
    assert ended[0].right == waiting[0].right > ended[2].right


def test_the_rule_is_grey_before_the_first_epoch() -> None:
    explorer = StoppingPoint(epoch=0)
    assert [name for name, widget in explorer.widgets.items() if widget.disabled] == ["patience", "min_delta"]
    explorer.epoch = 1
    assert not any(widget.disabled for widget in explorer.widgets.values())
    explorer.close()
