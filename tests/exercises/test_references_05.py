"""The reference answers of chapter 05 against PyTorch, the course's optimizers and samples."""

import math

import numpy as np
import pytest
import torch

from course_utils import optim
from course_utils.exercises import find
from course_utils.grading.exercise import Quiz
from course_utils.nn import Tensor
from tests.exercises.inputs import by_seed, drawn, reference

DIAGNOSES = (
    *("diverges", "diverges", "step too small", "step too small"),
    *("plateau", "plateau", "noise floor", "overfits"),
)


@by_seed
@pytest.mark.parametrize("batch_size", [1, 4, 25])
def test_noise_against_batches_that_are_drawn(seed, batch_size):
    rng = np.random.default_rng(seed)
    gradients = rng.normal(size=4) + rng.normal(size=(25, 4)) * np.array([0.3, 1.0, 2.0, 4.0])
    mean, noise = reference("ex05_1")(gradients, batch_size)
    np.testing.assert_allclose(mean, gradients.mean(axis=0), rtol=1e-12)
    batches = gradients[rng.integers(25, size=(20_000, batch_size))].mean(axis=1)
    measured = np.sqrt(np.mean(np.sum((batches - mean) ** 2, axis=1)))
    assert noise == pytest.approx(measured, rel=0.02)


class Ours:
    """Run a reference answer as an optimizer on a list of arrays."""

    def __init__(self, weights, step):
        self.weights, self.step_of = [weight.copy() for weight in weights], step
        self.state = [[np.zeros_like(weight) for weight in weights] for _ in range(2)]
        self.t = 0

    def step(self, gradients):
        self.t += 1
        self.weights, self.state = self.step_of(self.weights, gradients, self.state, self.t)


def nesterov(weights, gradients, state, t):
    moved, speeds = reference("ex05_2")(weights, gradients, state[0], 0.05, 0.8)
    return moved, [speeds, state[1]]


def rmsprop(weights, gradients, state, t):
    moved, squares = reference("ex05_4")(weights, gradients, state[0], 0.02, 0.9, 0.03)
    return moved, [squares, state[1]]


def one_by_one(step, weights, gradients, state, t, *options):
    done = [step(w, g, m, v, t, *options) for w, g, m, v in zip(weights, gradients, *state, strict=True)]
    moved, means, squares = zip(*done, strict=True)
    return list(moved), [list(means), list(squares)]


def adam(weights, gradients, state, t):
    return one_by_one(reference("ex05_5"), weights, gradients, state, t, 0.02, (0.8, 0.95), 0.03)


def adamw(weights, gradients, state, t):
    return one_by_one(reference("ex05_6"), weights, gradients, state, t, 0.02, (0.8, 0.95), 0.03, 0.4)


OPTIMIZERS = {
    "SGD": (nesterov, {"lr": 0.05, "momentum": 0.8, "nesterov": True}),
    "RMSprop": (rmsprop, {"lr": 0.02, "alpha": 0.9, "eps": 0.03}),
    "Adam": (adam, {"lr": 0.02, "betas": (0.8, 0.95), "eps": 0.03}),
    "AdamW": (adamw, {"lr": 0.02, "betas": (0.8, 0.95), "eps": 0.03, "weight_decay": 0.4}),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
@by_seed
def test_fifty_steps_of_each_optimizer_with_torch_and_with_the_course(name, seed):
    step, options = OPTIMIZERS[name]
    rng = np.random.default_rng(seed)
    start = [rng.normal(size=(2, 3)), rng.normal(size=4)]
    ours = Ours(start, step)
    theirs = [torch.nn.Parameter(torch.tensor(weight)) for weight in start]
    engine = [Tensor(weight.copy(), requires_grad=True) for weight in start]
    others = getattr(torch.optim, name)(theirs, **options), getattr(optim, name)(engine, **options)
    for _ in range(50):
        gradients = [rng.normal(scale=0.3, size=weight.shape) for weight in start]
        ours.step(gradients)
        for parameter, tensor, gradient in zip(theirs, engine, gradients, strict=True):
            parameter.grad, tensor.grad = torch.tensor(gradient), gradient
        for optimizer in others:
            optimizer.step()
    for weight, parameter, tensor, first in zip(ours.weights, theirs, engine, start, strict=True):
        np.testing.assert_allclose(weight, parameter.detach().numpy(), rtol=1e-9)
        np.testing.assert_allclose(weight, tensor.data, rtol=1e-9)
        assert np.abs(weight - first).min() > 1e-4


@pytest.mark.parametrize("seed", range(30))
def test_rate_and_momentum_arrive_with_margin_and_momentum_is_needed(seed):
    task = find("ex05_3")
    check = task.cases[0].verify
    for place, (curvatures, n_steps) in enumerate(drawn("ex05_3", seed)):
        for answer in (task.reference, *task.alternatives):
            assert check(answer(curvatures, n_steps), curvatures, round(0.9 * n_steps)) is None
        best = [
            check((share * 2.0 / curvatures.max(), 0.0), curvatures, n_steps)
            for share in np.linspace(0.02, 0.999, 99)
        ]
        assert all(best) == (place in (1, 2))


def test_what_is_checked_is_what_torch_does_from_the_hardest_start():
    curvatures, lr, momentum, n_steps = np.array([3.0, 0.05, 1.0]), 0.4, 0.6, 30
    w = torch.nn.Parameter(torch.eye(3, dtype=torch.float64))
    optimizer = torch.optim.SGD([w], lr=lr, momentum=momentum)
    for _ in range(n_steps):
        optimizer.zero_grad()
        (0.5 * (torch.tensor(curvatures) * w**2).sum()).backward()
        optimizer.step()
    left = w.detach().abs().max(dim=1).values.numpy()
    assert left.argmax() == 1
    said = find("ex05_3").cases[0].verify((lr, momentum), curvatures, n_steps)
    assert f"curvature 0.05 still has {100 * left[1]:.2g} % of its start" in said


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ((0.2, 0.0), "it creeps"),
        ((1.9, 0.0), "thrown from side to side"),
        ((1.0, 0.97), "Less momentum helps"),
        ((2.5, 0.1), "no shorter after 40 steps"),
        ((1e300, 0.9), "no shorter after 40 steps"),
        ((-0.1, 0.0), "a positive learning rate"),
        ((0.1, 1.0), "below 1"),
        ((math.nan, 0.0), "a positive learning rate"),
        (("0.1", "much"), "Return two numbers"),
        ((np.array([0.1, 0.2]), 0.0), "Return two numbers"),
        (0.1, "Return two numbers"),
    ],
)
def test_what_is_said_about_a_poor_choice(result, said):
    curvatures = np.array([1.0, 0.04]) if said == "it creeps" else np.array([1.0, 0.5])
    verify = find("ex05_3").cases[0].verify
    with np.errstate(all="ignore"):
        assert said in verify(result, curvatures, 40)


@pytest.mark.parametrize(("n_steps", "n_warmup"), [(30, 5), (12, 4), (25, 2)])
def test_rates_as_the_schedules_in_sequence_give_them(n_steps, n_warmup):
    expected = []
    for library, parameter in (
        (torch.optim, torch.nn.Parameter(torch.zeros(1))),
        (optim, Tensor(np.zeros(1), requires_grad=True)),
    ):
        optimizer = library.SGD([parameter], lr=0.3)
        schedules = library.lr_scheduler
        rising = schedules.LinearLR(optimizer, start_factor=1 / n_warmup, total_iters=n_warmup - 1)
        falling = schedules.CosineAnnealingLR(optimizer, T_max=n_steps - n_warmup)
        both = schedules.SequentialLR(optimizer, [rising, falling], milestones=[n_warmup])
        rates = []
        for _ in range(n_steps):
            rates.append(optimizer.param_groups[0]["lr"])
            parameter.grad = torch.zeros(1) if library is torch.optim else np.zeros(1)
            optimizer.step()
            both.step()
        expected.append(rates)
    found = [reference("ex05_7")(step, n_steps, n_warmup, 0.3) for step in range(n_steps)]
    for rates in expected:
        np.testing.assert_allclose(found, rates, rtol=1e-9)
    assert max(found) == pytest.approx(0.3)
    assert min(found) > 0.0


@pytest.mark.parametrize("decay", [0.5, 0.9])
def test_average_of_the_weights(decay):
    rng = np.random.default_rng(0)
    model = torch.nn.Linear(3, 2, dtype=torch.float64)
    rule = torch.optim.swa_utils.get_ema_multi_avg_fn(decay)
    theirs = torch.optim.swa_utils.AveragedModel(model, multi_avg_fn=rule)
    ours = reference("ex05_8")(decay)
    assert ours.average is None
    for _ in range(5):
        weights = [rng.normal(size=(2, 3)), rng.normal(size=2)]
        with torch.no_grad():
            for parameter, weight in zip(model.parameters(), weights, strict=True):
                parameter.copy_(torch.tensor(weight))
        theirs.update_parameters(model)
        ours.update(weights)
        for average, parameter in zip(ours.average, theirs.module.parameters(), strict=True):
            np.testing.assert_allclose(average, parameter.detach().numpy(), rtol=1e-9)
        weights[0] += 1.0  # training goes on in the same arrays


@pytest.mark.parametrize("seed", range(40))
def test_curves_show_what_they_are_drawn_for_by_several_readings(seed):
    task = find("ex05_9")
    for curves, word in zip(drawn("ex05_9", seed), DIAGNOSES, strict=True):
        assert [answer(*curves) for answer in (task.reference, *task.alternatives)] == [word] * 3


@pytest.mark.parametrize("seed", range(40))
def test_curves_keep_away_from_the_bounds_of_the_definitions(seed):
    for (train, val), word in zip(drawn("ex05_9", seed), DIAGNOSES, strict=True):
        assert train.shape == val.shape
        assert len(train) >= 120
        if not np.isfinite(train).all():
            assert word == "diverges"
            continue
        start, end = (part.mean() for part in (train[: len(train) // 10], train[-len(train) // 10 :]))
        assert (end > 1.5 * start) if word == "diverges" else (end < 0.99 * start)
        tenths = np.array([part.mean() for part in np.array_split(val, 10)])
        rise = tenths[-1] / tenths.min()
        assert rise > 1.35 if word in ("diverges", "overfits") else rise < 1.12
        late = train[len(train) // 2 :]
        scatter = np.abs(np.diff(late)).mean() / late.mean()
        assert scatter > 0.15 if word == "noise floor" else scatter < 0.06
        quarter = len(train) // 4
        level = np.abs(train[quarter:] / train[:-quarter] - 1.0)
        if word == "plateau":
            assert end < 0.1 * train[quarter:][level < 0.01].max()
            fixed = np.array_split(train, 4)  # who cuts the run into quarters sees it, too
            assert min(np.ptp(part) / part.mean() for part in fixed) < 0.015
        if word == "step too small" and end < start / 2:  # the fall alone makes no plateau
            assert end < 0.4 * start
            assert level.min() > 0.1
        elif word == "step too small":
            assert end > 0.8 * start


def test_the_statements_examples():
    one = np.ones(1)
    mean, noise = reference("ex05_1")(np.array([[1.0, 2.0], [7.0, 10.0]]), 4)
    assert (mean.tolist(), noise) == ([4.0, 6.0], 2.5)
    (p,), (v,) = reference("ex05_2")([one], [2 * one], [0.5 * one], 0.1, 0.9)
    assert (v.item(), p.item()) == pytest.approx((2.45, 0.5795))
    assert reference("ex05_3")(np.array([4.0, 1.0]), 14) == pytest.approx((4 / 9, 1 / 9))
    (p,), (s,) = reference("ex05_4")([2 * one], [3 * one], [5 * one], 0.1, 0.5, 0.0)
    assert (s.item(), p.item()) == pytest.approx((7.0, 1.8866), abs=5e-5)
    start = (2 * one, 3 * one, 0 * one, 0 * one, 1, 0.1, (0.9, 0.999), 1e-8)
    assert [part.item() for part in reference("ex05_5")(*start)] == pytest.approx([1.9, 0.3, 0.009])
    assert [part.item() for part in reference("ex05_6")(*start, 0.5)] == pytest.approx([1.8, 0.3, 0.009])
    rates = [reference("ex05_7")(step, 12, 4, 0.8) for step in (0, 1, 2, 3, 4, 8, 11)]
    assert rates == pytest.approx([0.2, 0.4, 0.6, 0.8, 0.8, 0.4, 0.0304], abs=5e-5)
    average = reference("ex05_8")(0.5)
    found = [(average.update([value * one]), average.average[0].item())[1] for value in (4.0, 8.0, 0.0)]
    assert found == [4.0, 6.0, 3.0]
    epochs = np.arange(200)
    assert reference("ex05_9")(1.0 - 0.0005 * epochs, 1.1 - 0.0005 * epochs) == "step too small"


def test_the_figures_of_the_questions():
    steps = math.ceil(math.log(0.01) / math.log(0.99))
    assert 455 <= steps <= 465  # q05_1: the flat direction to 1 %
    zeros = np.zeros(2)
    first = reference("ex05_5")(zeros, np.array([50.0, -0.002]), zeros, zeros, 1, 1e-3, (0.9, 0.999), 1e-12)
    np.testing.assert_allclose(first[0], [-1e-3, 1e-3], rtol=1e-6)  # q05_3
    assert 0.1 / math.sqrt(0.001) == pytest.approx(3.16, abs=0.005)


@by_seed
def test_decay_through_adam_and_beside_it(seed):
    """What q05_4 says: a penalty shrinks the weight with small gradients more, decay both alike."""
    rng, size = np.random.default_rng(seed), np.array([10.0, 0.1])
    for penalty, decay in ((0.001, 0.0), (0.0, 0.1)):
        w, quiet = np.ones((2000, 2)), np.ones((2000, 2))
        states = [[np.zeros_like(w), np.zeros_like(w)] for _ in range(2)]
        for t in range(1, 301):
            noise = size * rng.normal(size=w.shape)
            options = t, 0.01, (0.9, 0.999), 1e-8, decay
            w, *states[0] = reference("ex05_6")(w, noise + penalty * w, *states[0], *options)
            quiet, *states[1] = reference("ex05_6")(quiet, noise, *states[1], *options[:-1], 0.0)
        lost = (quiet - w).mean(axis=0)
        assert lost[1] > 0.01
        assert lost[1] > 50 * lost[0] if penalty else lost[1] == pytest.approx(lost[0], rel=0.1)


def test_answers_of_the_questions_vary():
    from course_utils.exercises import registry

    letters = [
        task.answer for task in registry().values() if isinstance(task, Quiz) and task.id.startswith("q05")
    ]
    assert len(letters) == 5
    assert set(letters) == set("abcd")
