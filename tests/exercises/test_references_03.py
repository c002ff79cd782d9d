"""The reference answers of chapter 03 against PyTorch, longer numbers and the statements' own promises."""

import math
from decimal import Decimal, getcontext

import numpy as np
import pytest
import torch
from scipy import stats
from torch.nn import functional as F

from course_utils.exercises import find
from course_utils.exercises.ch03b_dead_units import network_with_a_dead_layer, network_with_consequences
from course_utils.exercises.ch03b_revive import check_revived
from tests.exercises.inputs import by_seed, drawn, reference, tensors

getcontext().prec = 60


@by_seed
def test_elu_as_in_torch(seed):
    for x, alpha, dy in drawn("ex03_1", seed):
        (t,) = tensors(x)
        value = F.elu(t, alpha=alpha)
        value.backward(torch.tensor(dy))
        y, dx = reference("ex03_1")(x, alpha, dy)
        np.testing.assert_allclose(y, value.detach().numpy(), rtol=1e-12)
        np.testing.assert_allclose(dx, t.grad.numpy(), rtol=1e-9, atol=1e-300)


@by_seed
def test_softplus_with_sixty_digits(seed):
    for x, beta in drawn("ex03_2", seed):
        exact = [float((1 + (Decimal(beta) * Decimal(v)).exp()).ln() / Decimal(beta)) for v in x.ravel()]
        np.testing.assert_allclose(reference("ex03_2")(x, beta).ravel(), exact, rtol=1e-12, atol=1e-45)


@by_seed
def test_one_logit_gives_the_second_probability(seed):
    for logits, temperature in drawn("ex03_3", seed):
        expected = torch.softmax(torch.tensor(logits) / temperature, dim=1)[:, 1]
        s = torch.tensor(reference("ex03_3")(logits, temperature))
        np.testing.assert_allclose(torch.sigmoid(s).numpy(), expected.numpy(), rtol=1e-9)


def chain_slopes(x, weights, biases):
    """Slopes by torch, at many x at once."""
    (t,) = tensors(x)
    h = t
    for w, b in zip(weights, biases, strict=True):
        h = torch.sigmoid(w * h + b)
    h.sum().backward()
    return np.abs(t.grad.numpy())


@pytest.mark.parametrize("seed", range(20))
def test_largest_slope_and_what_the_statement_promises(seed):
    x = np.linspace(-40.0, 40.0, 800_001)
    for place, (weights, biases) in enumerate(drawn("ex03_4", seed)):
        slopes = chain_slopes(x, weights, biases)
        largest = slopes.max()
        assert reference("ex03_4")(weights, biases) == pytest.approx(largest, rel=1e-4)
        assert abs(x[slopes.argmax()]) < 20
        high = np.flatnonzero(slopes > largest / 2)
        assert high[-1] - high[0] + 1 == len(high)  # one peak
        assert len(high) * (x[1] - x[0]) > 0.01
        bound = np.prod(np.abs(weights) / 4)
        assert largest <= bound * (1 + 1e-9)
        assert (largest > 0.9999 * bound) == (place < 2)


@by_seed
def test_prelu_as_in_torch(seed):
    for x, weight, dy in drawn("ex03_5", seed):
        t, w = tensors(x, weight)
        value = F.prelu(t, w)
        value.backward(torch.tensor(dy))
        y, dx, dweight = reference("ex03_5")(x, weight, dy)
        np.testing.assert_allclose(y, value.detach().numpy(), rtol=1e-12)
        np.testing.assert_allclose(dx, t.grad.numpy(), rtol=1e-12)
        np.testing.assert_allclose(dweight, w.grad.numpy(), rtol=1e-9, atol=1e-12)


@by_seed
def test_dead_units_are_those_without_any_gradient(seed):
    for x, weight, bias in drawn("ex03_6", seed):
        w, b = tensors(weight, bias)
        torch.relu(F.linear(torch.tensor(x), w, b)).sum().backward()
        without = (w.grad == 0).all(dim=1) & (b.grad == 0)
        assert reference("ex03_6")(x, weight, bias) == without.sum().item()
        assert 0 < without.sum() < len(bias)


def sums(x, weights, biases):
    """Sums of all layers, by torch."""
    found, h = [], torch.tensor(x)
    for weight, bias in zip(weights, biases, strict=True):
        found.append(F.linear(h, torch.tensor(weight), torch.tensor(bias)))
        h = torch.relu(found[-1])
    return [z.numpy() for z in found]


def repaired(x, weights, biases, share):
    """Repair a network so that dead units are active on another share of the examples."""
    h, found = x, []
    for weight, bias in zip(weights, biases, strict=True):
        z = h @ weight.T
        found.append(np.where((z + bias).max(axis=0) <= 0, -np.quantile(z, 1 - share, axis=0), bias))
        h = np.maximum(z + found[-1], 0)
    return found


@pytest.mark.parametrize("seed", range(20))
def test_no_unit_is_dead_after_the_repair(seed):
    for x, weights, biases in drawn("ex03_7", seed):
        dead = [(z <= 0).all(axis=0) for z in sums(x, weights, biases)]
        assert all(layer.any() for layer in dead)
        assert not all(layer.all() for layer in dead)
        new = reference("ex03_7")(x, weights, biases)
        after = sums(x, weights, new)
        assert all((z > 0).any(axis=0).all() for z in after)
        first = np.mean(after[0] > 0, axis=0)[dead[0]]
        np.testing.assert_allclose(first, 0.5)
        assert np.array_equal(new[0][~dead[0]], biases[0][~dead[0]])


@pytest.mark.parametrize("share", [0.35, 0.5, 0.65])
@pytest.mark.parametrize("seed", range(20))
def test_a_repair_wakes_and_kills_whatever_share_it_aims_at(seed, share):
    x, weights, biases = network_with_consequences(np.random.default_rng(seed))
    before = (sums(x, weights, biases)[1] <= 0).all(axis=0)
    new = repaired(x, weights, biases, share)
    between = (sums(x, weights, [new[0], biases[1]])[1] <= 0).all(axis=0)
    assert before.tolist() == [True, False, True, False]
    assert between.tolist() == [False, True, True, False]
    assert check_revived(new, x, weights, biases) is None


@pytest.mark.parametrize("seed", range(20))
def test_nothing_passes_a_dead_layer(seed):
    x, weights, biases = network_with_a_dead_layer(np.random.default_rng(seed))
    _, second, third = sums(x, weights, biases)
    assert (second <= 0).all()
    assert np.array_equal(third, np.tile(biases[2], (len(x), 1)))
    for share in (0.4, 0.5, 0.6):
        assert check_revived(repaired(x, weights, biases, share), x, weights, biases) is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda new: new[:1], "one array of biases for each layer"),
        (lambda new: np.concatenate(new), "one array of biases for each layer"),
        (lambda new: [new[0], new[1][:-1]], "each of the shape"),
        (lambda new: [new[0], new[1] * np.nan], "each of the shape"),
        (lambda new: [new[0] + 1e-3, new[1]], "unit in layer 1 that is alive"),
        (lambda new: [new[0], new[1] - 100.0], "unit in layer 2 that is alive"),
    ],
)
def test_what_is_said_of_a_bad_repair(change, said):
    x, weights, biases = network_with_consequences(np.random.default_rng(0))
    new = reference("ex03_7")(x, weights, biases)
    assert said in check_revived(change(new), x, weights, biases)


@pytest.mark.parametrize(
    ("share", "said"), [(0.2, "20 % of the examples"), (0.9, "90 %"), (0.0, "still off")]
)
def test_the_share_of_a_bad_repair_is_measured(share, said):
    x, weights, biases = list(drawn("ex03_7", 0))[0]
    assert said in check_revived(repaired(x, weights, biases, share), x, weights, biases)


@by_seed
def test_interval_as_in_scipy(seed):
    for a, b, t in drawn("ex03_8", seed):
        found = stats.ttest_rel(a, b).confidence_interval(0.95) if np.ptp(a - b) > 1e-9 else (1.5, 1.5)
        mean, low, high = reference("ex03_8")(a, b, t)
        np.testing.assert_allclose((low, high), tuple(found), atol=2e-3)  # t is given with four digits
        assert mean == pytest.approx((low + high) / 2)
        assert t == pytest.approx(stats.t.ppf(0.975, len(a) - 1), abs=6e-4)


def test_statements_examples():
    y, dx = reference("ex03_1")(np.array([-1.0, 2.0]), 0.5, np.array([1.0, 3.0]))
    np.testing.assert_allclose((*y, *dx), (-0.316, 2, 0.184, 3), atol=5e-4)
    np.testing.assert_allclose(reference("ex03_2")(np.array([0.0, 1.0]), 2.0), [0.3466, 1.0635], atol=5e-5)
    assert reference("ex03_3")(np.array([[1.0, 3.0]]), 0.5).tolist() == [4.0]
    assert reference("ex03_4")(np.array([4.0, 4]), np.array([0.0, -2])) == pytest.approx(1, rel=1e-6)
    assert reference("ex03_4")(np.array([4.0, 4]), np.array([0.0, 0])) == pytest.approx(0.599, abs=5e-4)
    prelu = reference("ex03_5")(np.array([[-2.0, 3], [-1, -4]]), np.array([0.1, 0.5]), np.ones((2, 2)))
    assert [part.tolist() for part in prelu] == [[[-0.2, 3], [-0.1, -2]], [[0.1, 1], [0.1, 0.5]], [-3, -4]]
    assert reference("ex03_6")(np.eye(2), np.array([[1.0, -1], [-1, -1], [0, -2]]), np.zeros(3)) == 2
    x, weights, biases = np.array([[1.0], [2], [3], [4]]), [np.array([[1.0], [-1]])], [np.array([0.0, -1])]
    assert reference("ex03_7")(x, weights, biases)[0].tolist() == [0.0, 2.5]
    interval = reference("ex03_8")(np.array([92.0, 95, 90]), np.array([91.0, 93, 90]), 4.303)
    np.testing.assert_allclose(interval, (1, -1.484, 3.484), atol=5e-4)


def test_the_questions_numbers():
    weights = np.full(10, 4.0)
    centred = np.array([0.0, *np.full(9, -2.0)])
    assert reference("ex03_4")(weights, centred) == pytest.approx(1, rel=1e-6)
    assert reference("ex03_4")(weights, np.zeros(10)) < 0.1
    logits = np.array([math.log(4.0), 0.0])
    assert np.divide(*np.exp(logits / 0.5)) == pytest.approx(16)
    assert [find(f"q03_{n}").answer for n in range(1, 6)] == ["c", "a", "d", "b", "c"]
