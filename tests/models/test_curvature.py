"""Loss and gradient at a vector of weights: against torch."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import course_utils.nn.functional as F
from course_utils.models import mlp
from course_utils.models.curvature import loss_and_gradient, weights_of
from course_utils.nn import Tanh


def test_loss_and_gradient_against_torch():
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

    loss_and_gradient(model, 2 * w, x, y, F.cross_entropy)  # leaves nothing behind
    loss, gradient = loss_and_gradient(model, w, x, y, F.cross_entropy)
    leaf = torch.from_numpy(w.copy()).requires_grad_()
    assert loss == pytest.approx(loss_at(leaf).item())
    np.testing.assert_allclose(gradient, torch.autograd.grad(loss_at(leaf), leaf)[0].numpy(), atol=1e-12)


def test_weights_go_into_the_model():
    model = mlp((3, 4, 2), rng=np.random.default_rng(0), dtype=np.float64)
    w = np.arange(26.0)
    loss_and_gradient(model, w, np.ones((2, 3)), np.array([0, 1]), F.cross_entropy)
    np.testing.assert_array_equal(weights_of(model), w)


def test_says_what_is_wrong():
    model = mlp((3, 4, 2), rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match=r"expected weights \(26,\), got shape \(5,\)"):
        loss_and_gradient(model, np.ones(5), np.ones((2, 3)), np.array([0, 1]), F.cross_entropy)
