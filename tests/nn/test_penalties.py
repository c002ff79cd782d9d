"""Penalties against torch, and the proximal step against scikit-learn and known solutions."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import ElasticNet, Lasso

from course_utils.nn import Linear, Tensor, penalties
from course_utils.nn import functional as F
from course_utils.optim import SGD

PENALTIES = [
    (penalties.l1_penalty, lambda w: w.abs().sum()),
    (penalties.l2_penalty, lambda w: w.square().sum()),
    (penalties.elastic_net_penalty, lambda w: w.abs().sum() / 2 + w.square().sum() / 4),
    (
        lambda weights: penalties.elastic_net_penalty(weights, l1_ratio=0.9),
        lambda w: 0.9 * w.abs().sum() + 0.05 * w.square().sum(),
    ),
]


@pytest.mark.parametrize(("ours", "theirs"), PENALTIES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_value_and_gradient_are_those_of_torch(ours, theirs, dtype):
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=shape).astype(dtype) for shape in ((2, 3), (4,), ())]
    arrays[0][0, 1] = 0.0  # where abs has no slope
    tensors = [Tensor(a, requires_grad=True) for a in arrays]
    others = [torch.tensor(a, requires_grad=True) for a in arrays]
    penalty, other = ours(tensors), sum(theirs(t) for t in others)
    (3 * penalty).backward()
    (3 * other).backward()
    assert penalty.dtype == dtype
    rtol = 1e-12 if dtype == "float64" else 1e-6
    assert penalty.data == pytest.approx(other.item(), rel=rtol)
    for tensor, t in zip(tensors, others, strict=True):
        assert tensor.grad.dtype == dtype
        np.testing.assert_allclose(tensor.grad, t.grad.numpy(), rtol=rtol)


def test_a_penalty_adds_to_the_gradient_of_the_loss():
    model = Linear(3, 1, rng=np.random.default_rng(0), dtype=np.float64)
    x, y = np.ones((2, 3)), np.zeros((2, 1))
    F.mse_loss(model(x), y).backward()
    alone = model.weight.grad
    model.zero_grad()
    (F.mse_loss(model(x), y) + 0.1 * penalties.l2_penalty(p for p in [model.weight])).backward()
    np.testing.assert_allclose(model.weight.grad, alone + 0.2 * model.weight.data, rtol=1e-12)


def test_l2_penalty_is_half_of_weight_decay():
    decayed, penalized = (Tensor(np.array([1.0, -2.0]), requires_grad=True) for _ in range(2))
    decayed.grad = np.zeros(2)
    SGD([decayed], lr=0.1, weight_decay=0.6).step()
    (0.3 * penalties.l2_penalty([penalized])).backward()
    SGD([penalized], lr=0.1).step()
    np.testing.assert_allclose(penalized.data, decayed.data, rtol=1e-15)


@pytest.mark.parametrize("threshold", [0.0, 0.3, 2.0])
def test_soft_threshold_minimizes_what_it_says(threshold):
    x = np.linspace(-3, 3, 13)
    candidates = np.linspace(-4, 4, 8001)[:, None]
    costs = (candidates - x) ** 2 / 2 + threshold * np.abs(candidates)
    np.testing.assert_allclose(
        penalties.soft_threshold(x, threshold), candidates[costs.argmin(axis=0), 0], atol=1e-9
    )


def test_soft_threshold_is_exact_and_passes_nan():
    y = penalties.soft_threshold(np.array([-0.1, 0.1, 0.05, np.nan, 3.0], np.float32), 0.1)
    assert y.dtype == np.float32
    assert y[:3].tolist() == [0, 0, 0]
    assert np.isnan(y[3])
    assert y[4] == np.float32(3) - np.float32(0.1)


@pytest.mark.parametrize(("l1", "l2"), [(0.5, 0.0), (0.0, 2.0), (0.5, 2.0)])
def test_proximal_step_minimizes_what_it_says(l1, l2):
    w, lr = np.linspace(-3, 3, 13), 0.4
    candidates = np.linspace(-4, 4, 80001)[:, None]
    costs = (candidates - w) ** 2 / (2 * lr) + l1 * np.abs(candidates) + l2 * candidates**2 / 2
    parameter = Tensor(w, requires_grad=True)
    penalties.proximal_step([parameter], lr, l1=l1, l2=l2)
    np.testing.assert_allclose(parameter.data, candidates[costs.argmin(axis=0), 0], atol=1e-4)
    np.testing.assert_array_equal(w, np.linspace(-3, 3, 13))


def test_proximal_step_keeps_the_dtype():
    parameter = Tensor(np.ones(2, np.float32), requires_grad=True)
    penalties.proximal_step([parameter], np.float64(0.1), l1=np.float64(1.0), l2=np.float64(1.0))
    assert parameter.dtype == np.float32
    np.testing.assert_allclose(parameter.data, 0.9 / 1.1, rtol=1e-6)


def ista(x, y, l1, l2, n_steps):
    """Minimize the mean of squares / 2 plus the penalties by gradient and proximal steps in turn."""
    weight = Tensor(np.zeros((1, x.shape[1])), requires_grad=True)
    lr = 1 / np.linalg.eigvalsh(x.T @ x / len(x)).max()
    optimizer = SGD([weight], lr=lr)
    for _ in range(n_steps):
        optimizer.zero_grad()
        (0.5 * F.mse_loss(F.linear(x, weight)[:, 0], y)).backward()
        optimizer.step()
        penalties.proximal_step([weight], lr, l1=l1, l2=l2)
    return weight.data[0]


def problem(seed=0, n=40, n_features=8):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, n_features))
    w = np.where(np.arange(n_features) < 3, [2.0, -1.5, 1.0, *[0.0] * (n_features - 3)], 0.0)
    return x, x @ w + 0.3 * rng.normal(size=n)


def test_an_orthogonal_lasso_has_the_known_solution():
    x, y = problem()
    q = np.linalg.qr(x)[0] * np.sqrt(len(x))  # q^T q = n I
    least_squares = q.T @ y / len(y)
    weights = ista(q, y, l1=0.4, l2=0.0, n_steps=5)
    expected = np.sign(least_squares) * np.maximum(np.abs(least_squares) - 0.4, 0)
    np.testing.assert_allclose(weights, expected, atol=1e-12)
    assert 0 < np.count_nonzero(weights) < len(weights)


def test_ista_solves_the_lasso_of_scikit_learn_with_exact_zeros():
    x, y = problem()
    weights = ista(x, y, l1=0.2, l2=0.0, n_steps=500)
    model = Lasso(alpha=0.2, fit_intercept=False, tol=1e-12, max_iter=100_000).fit(x, y)
    np.testing.assert_allclose(weights, model.coef_, atol=1e-6)
    np.testing.assert_array_equal(weights == 0, model.coef_ == 0)
    assert 0 < np.sum(weights == 0) < len(weights)


@pytest.mark.parametrize("l1_ratio", [0.3, 0.8])
def test_ista_solves_the_elastic_net_of_scikit_learn(l1_ratio):
    x, y = problem(seed=1)
    alpha = 0.3
    weights = ista(x, y, l1=alpha * l1_ratio, l2=alpha * (1 - l1_ratio), n_steps=500)
    model = ElasticNet(alpha=alpha, l1_ratio=l1_ratio, fit_intercept=False, tol=1e-12, max_iter=100_000)
    np.testing.assert_allclose(weights, model.fit(x, y).coef_, atol=1e-6)
    objective = F.mse_loss(x @ weights, y) / 2 + alpha * penalties.elastic_net_penalty([weights], l1_ratio)
    moved = weights + np.random.default_rng(0).normal(scale=0.01, size=(50, len(weights)))
    for w in moved:
        other = F.mse_loss(x @ w, y) / 2 + alpha * penalties.elastic_net_penalty([w], l1_ratio)
        assert objective < other


def test_strengths_that_are_numpy_numbers_keep_float32():
    w = Tensor(np.array([0.3, -2.0], np.float32), requires_grad=True)
    penalty = penalties.elastic_net_penalty([w], l1_ratio=np.float64(0.5))
    penalty.backward()
    assert penalty.dtype == w.grad.dtype == np.float32
    assert penalties.soft_threshold(w.data, np.float64(1.0)).dtype == np.float32
    penalties.proximal_step([w], lr=np.float64(0.5), l1=np.float64(1.0), l2=np.float64(1.0))
    assert w.dtype == np.float32
    assert w.data.tolist() == [0.0, -1.0]


WEIGHT = Tensor(np.ones(2), requires_grad=True)
MESSAGES = [
    (lambda: penalties.l1_penalty([]), "expected at least one parameter, got none"),
    (lambda: penalties.l2_penalty(WEIGHT), "expected a list of parameters, got a single Tensor"),
    (lambda: penalties.l1_penalty(np.ones(3)), "expected a list of parameters, got a single ndarray"),
    (lambda: penalties.elastic_net_penalty([WEIGHT], l1_ratio=1.5), r"l1_ratio in \[0, 1\], got 1.5"),
    (lambda: penalties.soft_threshold(np.ones(2), -1.0), "threshold of at least 0, got -1.0"),
    (lambda: penalties.proximal_step([WEIGHT], lr=0.0), "expected lr above 0 .*got 0.0, 0.0 and 0.0"),
    (lambda: penalties.proximal_step([WEIGHT], lr=0.1, l1=-1.0), "got 0.1, -1.0 and 0.0"),
    (lambda: penalties.proximal_step([np.ones(2)], lr=0.1, l1=1.0), "expected Tensors.*got ndarray"),
    (lambda: penalties.proximal_step(WEIGHT, lr=0.1), "expected a list of parameters, got a single Tensor"),
]


@pytest.mark.parametrize(("call", "message"), MESSAGES)
def test_messages_say_what_was_expected_and_what_came(call, message):
    with pytest.raises(ValueError, match=message):
        call()
