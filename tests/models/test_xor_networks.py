"""XOR networks side by side: each takes torch's steps."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from course_utils.models.xor_networks import T, X, learn_xor


def test_targets_are_xor():
    np.testing.assert_array_equal(T > 0, (X[:, 0] > 0) ^ (X[:, 1] > 0))


@pytest.mark.parametrize("single", [False, True])
def test_steps_are_torchs(single):
    rng, runs, hidden = np.random.default_rng(4), 3, 2
    W = torch.from_numpy(rng.normal(size=(runs, 3, hidden))).requires_grad_()
    V = torch.from_numpy(rng.normal(size=(runs, hidden)) / hidden**0.5).requires_grad_()
    b = torch.zeros(runs, 1, dtype=torch.float64, requires_grad=True)
    x, t = torch.from_numpy(X), torch.from_numpy(T)
    optimizer = torch.optim.SGD([W, V, b], lr=0.5)

    def losses(chosen):
        out = (torch.tanh(x[chosen] @ W) * V[:, None]).sum(dim=2) + b
        return torch.nn.functional.softplus(-t[chosen] * out)

    everything = torch.arange(4).expand(runs, 4)
    for _ in range(5):
        chosen = torch.from_numpy(rng.integers(4, size=(runs, 1))) if single else everything
        optimizer.zero_grad()
        losses(chosen).mean(dim=1).sum().backward()
        optimizer.step()
    loss, stuck, length = learn_xor(hidden, 5, single=single, runs=runs, seed=4)
    expected = losses(everything)
    np.testing.assert_allclose(loss, expected.mean(dim=1).detach().numpy(), rtol=1e-12)
    np.testing.assert_array_equal(stuck, (expected >= np.log(2)).any(dim=1).numpy())
    np.testing.assert_allclose(length, W.detach().flatten(1).norm(dim=1).numpy())
