"""Curvature from gradients: against known Hessians, and torch's second derivatives."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import course_utils.nn.functional as F
from course_utils.models import mlp
from course_utils.models.curvature import loss_and_gradient, sharpest, weights_of
from course_utils.nn import Tanh


@pytest.fixture
def hessian():
    turned = np.linalg.qr(np.random.default_rng(0).normal(size=(6, 6)))[0]
    return turned @ np.diag([5.0, 3.0, 1.0, 0.2, -1.0, -2.0]) @ turned.T


def test_both_ends_of_a_known_hessian(hessian):
    start = np.random.default_rng(1).normal(size=6)
    largest, direction, product = sharpest(lambda w: hessian @ w, start, start, 100)
    assert largest == pytest.approx(5.0)
    assert np.linalg.norm(direction) == pytest.approx(1.0)
    np.testing.assert_allclose(product, hessian @ direction, atol=1e-8)
    least, *_ = sharpest(lambda w: hessian @ w, start, start, 300, shift=largest)
    assert least == pytest.approx(-2.0)


def test_network_against_torchs_hessian():
    rng = np.random.default_rng(2)
    model = mlp((3, 4, 2), Tanh, rng=rng, dtype=np.float64)
    x, y, w = rng.normal(size=(10, 3)), rng.integers(2, size=10), weights_of(model)

    def loss_at(flat):
        a, b, c, d = (
            piece.reshape(shape)
            for piece, shape in zip(flat.split([12, 4, 8, 2]), [(4, 3), (4,), (2, 4), (2,)], strict=True)
        )
        logits = torch.tanh(torch.from_numpy(x) @ a.T + b) @ c.T + d
        return torch.nn.functional.cross_entropy(logits, torch.from_numpy(y))

    loss, gradient = loss_and_gradient(model, w, x, y, F.cross_entropy)
    leaf = torch.from_numpy(w.copy()).requires_grad_()
    assert loss == pytest.approx(loss_at(leaf).item())
    np.testing.assert_allclose(gradient, torch.autograd.grad(loss_at(leaf), leaf)[0].numpy(), atol=1e-12)
    exact = np.linalg.eigvalsh(torch.autograd.functional.hessian(loss_at, leaf).numpy())
    found, *_ = sharpest(
        lambda w: loss_and_gradient(model, w, x, y, F.cross_entropy)[1], w, rng.normal(size=w.size), 300
    )
    assert found == pytest.approx(exact[-1], rel=1e-5)


def test_weights_go_into_the_model():
    model = mlp((3, 4, 2), rng=np.random.default_rng(0), dtype=np.float64)
    w = np.arange(26.0)
    loss_and_gradient(model, w, np.ones((2, 3)), np.array([0, 1]), F.cross_entropy)
    np.testing.assert_array_equal(weights_of(model), w)


def test_says_what_is_wrong():
    model = mlp((3, 4, 2), rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match=r"expected weights \(26,\), got shape \(5,\)"):
        loss_and_gradient(model, np.ones(5), np.ones((2, 3)), np.array([0, 1]), F.cross_entropy)
    with pytest.raises(ValueError, match="expected at least one round, got 0"):
        sharpest(lambda w: w, np.ones(2), np.ones(2), 0)
