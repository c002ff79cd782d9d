"""The learning-rate range test: what it finds, and that nothing remains of it."""

import numpy as np
import pytest

from course_utils.data import load_digits
from course_utils.models import mlp
from course_utils.nn import Linear, Module, Sequential
from course_utils.nn import functional as F
from course_utils.optim import SGD, Adam, RangeTest, learning_rate_range_test


class Noisy(Module):
    """A line behind noise from a generator of its own; counts its calls in a buffer."""

    def __init__(self, seed=0):
        self.line = Linear(3, 1, rng=np.random.default_rng(seed), dtype=np.float64)
        self.rng = np.random.default_rng(1)
        self.register_buffer("n_calls", np.array(0))

    def forward(self, x):
        self.n_calls += 1  # in place, as a careless layer might
        return self.line(x + 0.01 * self.rng.normal(size=x.shape) * self.training)


def data():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 3))
    return x, x @ np.array([[1.0], [-2.0], [0.5]])


def everything(model, optimizer, rng):
    """Write down all that a test might change."""
    return str(
        (
            model.state_dict(),
            [p.grad for p in model.parameters()],
            [module.training for _, module in model.named_modules()],
            model.rng.bit_generator.state,
            rng.bit_generator.state,
            optimizer.state_dict(),
        )
    )


def trained(kind=Adam):
    """Return a model and an optimizer in the midst of a run."""
    model, (x, y) = Noisy(), data()
    optimizer = kind(model.parameters(), lr=0.01)
    for _ in range(3):
        optimizer.zero_grad()
        F.mse_loss(model(x), y).backward()
        optimizer.step()
    return model.eval(), optimizer


def run(model, optimizer, rng, loss_fn=F.mse_loss, **options):
    x, y = data()
    return learning_rate_range_test(
        model, loss_fn, x, y, optimizer, **{"batch_size": 8, "n_steps": 60, **options}, rng=rng
    )


def test_rates_grow_by_the_same_factor():
    model, optimizer = trained()
    seen = run(model, optimizer, np.random.default_rng(0), lr_min=1e-4, lr_max=1e-2, n_steps=3)
    np.testing.assert_allclose(seen.rates, [1e-4, 1e-3, 1e-2])
    assert not seen.diverged


@pytest.mark.parametrize("kind", [SGD, Adam])
@pytest.mark.parametrize("largest", [0.1, 1e6])
def test_nothing_remains(kind, largest):
    model, optimizer = trained(kind)
    rng = np.random.default_rng(5)
    rng.normal(size=3)
    before = everything(model, optimizer, rng)
    seen = run(model, optimizer, rng, lr_max=largest)
    assert seen.diverged is (largest > 1)
    assert len(seen.losses) > 20
    assert everything(model, optimizer, rng) == before


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_nothing_remains_after_a_break(error):
    model, optimizer = trained()
    rng, calls = np.random.default_rng(5), []

    def loss_fn(predictions, targets):
        calls.append(1)
        if len(calls) == 7:
            raise error
        return F.mse_loss(predictions, targets)

    before = everything(model, optimizer, rng)
    with pytest.raises(error):
        run(model, optimizer, rng, loss_fn)
    assert len(calls) == 7
    assert everything(model, optimizer, rng) == before


def test_parameters_outside_the_model_come_back_too():
    model, outside = Noisy(), Linear(1, 1, rng=np.random.default_rng(3), dtype=np.float64)
    optimizer = SGD([*model.parameters(), *outside.parameters()], lr=0.1)
    before = str(outside.state_dict())
    run(model, optimizer, np.random.default_rng(0), lambda p, t: F.mse_loss(outside(p), t))
    assert str(outside.state_dict()) == before
    assert [p.grad for p in outside.parameters()] == [None, None]


def test_losses_are_those_of_the_steps_written_out():
    model, optimizer = trained(SGD)
    seen = run(model, optimizer, np.random.default_rng(5), lr_min=1e-3, lr_max=0.1, n_steps=12)
    rng, (x, y), losses, average = np.random.default_rng(5), data(), [], 0.0
    model.train()
    for epoch in range(3):
        order = rng.permutation(40)
        for k in range(5):
            i = epoch * 5 + k
            if i < 12:
                batch = order[k * 8 : k * 8 + 8]
                optimizer.lr = 1e-3 * 100 ** (i / 11)
                optimizer.zero_grad()
                loss = F.mse_loss(model(x[batch]), y[batch])
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
                average = 0.9 * average + 0.1 * losses[-1]
                assert seen.smoothed[i] == pytest.approx(average / (1 - 0.9 ** (i + 1)))
    np.testing.assert_allclose(seen.losses, losses, rtol=1e-12)


def test_without_smoothing_the_losses_themselves():
    model, optimizer = trained()
    seen = run(model, optimizer, np.random.default_rng(0), smoothing=0.0, lr_max=0.01)
    np.testing.assert_allclose(seen.smoothed, seen.losses)


def test_the_suggestion_lies_where_the_loss_falls():
    """Plain descent on squares: far below 2 / curvature nothing happens, and above it diverges."""
    model = Sequential(Linear(3, 1, rng=np.random.default_rng(0), dtype=np.float64))
    optimizer = SGD(model.parameters(), lr=0.1)
    seen = run(model, optimizer, np.random.default_rng(0), smoothing=0.5, batch_size=40)
    assert seen.diverged
    assert 0.005 < seen.suggestion < 1.0
    assert 0.3 < seen.rates[-1] < 10


def test_the_suggestion_by_hand():
    rates = np.array([1.0, 10.0, 100.0, 1000.0])

    def suggestion(losses):
        return RangeTest(rates, np.array(losses), np.array(losses), False).suggestion

    assert suggestion([5.0, 4.0, 1.0, 0.5]) == 10.0  # slopes per decade: -1, -2, -1.75, -0.5
    assert suggestion([5.0, 4.0, 1.0, np.nan]) == 100.0
    assert suggestion([1.0, 2.0, 3.0, 4.0]) is None
    assert suggestion([np.nan] * 4) is None


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_a_loss_that_is_not_finite_ends_the_test(broken):
    model, optimizer = trained()
    seen = run(model, optimizer, np.random.default_rng(0), lambda p, t: F.mse_loss(p, t) * broken)
    assert seen.diverged
    assert len(seen.losses) == 1
    assert seen.suggestion is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lr_min": 0.0}, "expected 0 < lr_min < lr_max, got 0.0 and 10.0"),
        ({"lr_min": 1.0, "lr_max": 1.0}, "expected 0 < lr_min < lr_max, got 1.0 and 1.0"),
        ({"lr_max": np.inf}, "expected 0 < lr_min < lr_max, got 1e-05 and inf"),
        ({"n_steps": 1}, "expected n_steps >= 2, got 1"),
        ({"batch_size": 0}, "expected batch_size >= 1, got 0"),
        ({"smoothing": 1.0}, "expected smoothing at least 0 and below 1, got 1.0"),
        ({"stop_factor": 1.0}, "expected stop_factor > 1, got 1.0"),
    ],
)
def test_options_out_of_range(options, message):
    model, optimizer = trained()
    with pytest.raises(ValueError, match=message):
        run(model, optimizer, np.random.default_rng(0), **options)


def test_data_that_do_not_fit():
    model, optimizer = trained()
    with pytest.raises(ValueError, match=r"same first length, at least 1, got shapes \(4, 3\) and \(5, 1\)"):
        learning_rate_range_test(
            model,
            F.mse_loss,
            np.ones((4, 3)),
            np.ones((5, 1)),
            optimizer,
            batch_size=2,
            rng=np.random.default_rng(0),
        )


def test_the_suggestion_does_not_lag_behind_the_loss():
    """A smooth fall around one rate: smoothing must not move the suggestion up."""
    rates = np.geomspace(1e-5, 10.0, 50)
    losses = 2 / (1 + (rates / 0.01) ** 1.5) + 0.1
    suggestions = {}
    for smoothing in (0.0, 0.5, 0.9):
        average, smoothed = 0.0, []
        for i, loss in enumerate(losses, start=1):
            average = smoothing * average + (1 - smoothing) * loss
            smoothed.append(average / (1 - smoothing**i))
        suggestions[smoothing] = RangeTest(rates, losses, np.array(smoothed), False, smoothing).suggestion
    assert all(0.004 < rate < 0.018 for rate in suggestions.values()), suggestions


def test_the_lag_by_hand():
    rates = np.array([1.0, 10.0, 100.0, 1000.0])
    losses = np.array([5.0, 4.0, 3.0, 0.5])  # steepest at the end
    assert RangeTest(rates, losses, losses, False, smoothing=0.5).suggestion == 100.0  # half is a step old


def test_the_start_of_the_running_average_does_not_count():
    """A fall by chance among the first losses is the steepest of all, and none of learning's."""
    rates = np.geomspace(1e-5, 10.0, 100)
    losses = 2 / (1 + (rates / 0.01) ** 1.5) + 0.1
    losses[:3] += [1.5, 0.0, -1.0]
    assert RangeTest(rates, losses, losses, False, smoothing=0.0).suggestion < 1e-4  # every loss counts
    average, smoothed = 0.0, []
    for i, loss in enumerate(losses, start=1):
        average = 0.9 * average + 0.1 * loss
        smoothed.append(average / (1 - 0.9**i))
    assert 0.004 < RangeTest(rates, losses, np.array(smoothed), False, smoothing=0.9).suggestion < 0.018


def test_too_short_a_test_suggests_nothing():
    falling = np.array([5.0, 4.0, 3.0, 0.5])
    assert RangeTest(np.geomspace(1, 1000, 4), falling, falling, False, smoothing=0.9).suggestion is None


@pytest.mark.parametrize("seed", [0, 3, 7, 12])
def test_small_batches_do_not_suggest_the_lowest_rate(seed):
    """With these seeds the first two or three batches of four digits fall more steeply than learning does."""
    digits, rng = load_digits(), np.random.default_rng([seed, 8])
    model = mlp((64, 16, 10), rng=rng)
    optimizer = SGD(model.parameters(), lr=0.1, momentum=0.9)
    part = digits.x_train, digits.y_train
    seen = learning_rate_range_test(model, F.cross_entropy, *part, optimizer, batch_size=4, rng=rng)
    lowest = int(np.nanargmin(seen.smoothed))
    slopes = np.gradient(seen.smoothed[: lowest + 1], np.log(seen.rates[: lowest + 1]))
    assert seen.rates[np.argmin(slopes)] < 1e-4
    assert 0.01 < seen.suggestion < 1.0


def test_a_test_remembers_its_smoothing():
    assert run(*trained(), np.random.default_rng(0), smoothing=0.7).smoothing == 0.7
