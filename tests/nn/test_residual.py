"""The residual block and what stands beside it: against hand-written torch, by hand, and messages."""

import numpy as np
import pytest
import torch

from course_utils.nn import Flatten, Identity, Linear, ReLU, Residual, Sequential, Tensor


class TorchResidual(torch.nn.Module):
    def __init__(self, *layers, shortcut=None):
        super().__init__()
        self.layers = torch.nn.Sequential(*layers)
        self.shortcut = shortcut

    def forward(self, x):
        return self.layers(x) + (x if self.shortcut is None else self.shortcut(x))


def dense(n_in, n_out, seed):
    return Linear(n_in, n_out, rng=np.random.default_rng(seed), dtype=np.float64)


@pytest.mark.parametrize("with_shortcut", [False, True])
def test_equal_to_a_block_in_torch(with_shortcut):
    n_out = 2 if with_shortcut else 3
    ours = Residual(
        dense(3, 5, 0), ReLU(), dense(5, n_out, 1), shortcut=dense(3, 2, 2) if with_shortcut else None
    )
    theirs = TorchResidual(
        torch.nn.Linear(3, 5),
        torch.nn.ReLU(),
        torch.nn.Linear(5, n_out),
        shortcut=torch.nn.Linear(3, 2) if with_shortcut else None,
    ).double()
    assert list(ours.state_dict()) == list(theirs.state_dict())
    theirs.load_state_dict({name: torch.from_numpy(array) for name, array in ours.state_dict().items()})
    data = np.random.default_rng(3).normal(size=(4, 3))
    x, t = Tensor(data, requires_grad=True), torch.tensor(data, requires_grad=True)
    y, z = ours(x), theirs(t)
    np.testing.assert_allclose(y.data, z.detach().numpy(), rtol=1e-12)
    (y * y).sum().backward()
    (z * z).sum().backward()
    np.testing.assert_allclose(x.grad, t.grad.numpy(), rtol=1e-12)
    gradients = {name: p.grad.numpy() for name, p in theirs.named_parameters()}
    for name, p in ours.named_parameters():
        np.testing.assert_allclose(p.grad, gradients[name], rtol=1e-12, err_msg=name)


def test_layers_of_zero_weight_leave_the_input_and_its_gradient():
    layer = dense(3, 3, 0)
    for p in layer.parameters():
        p.data = np.zeros_like(p.data)
    x = Tensor(np.array([[1.0, -2.0, 3.0]]), requires_grad=True)
    y = Residual(layer)(x)
    np.testing.assert_array_equal(y.data, x.data)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, [[1, 1, 1]])


def test_modes_and_text_reach_the_parts():
    block = Residual(ReLU(), shortcut=Identity())
    block.eval()
    assert not block.layers[0].training
    assert not block.shortcut.training
    assert repr(Residual(ReLU())) == "Residual(\n  (layers): Sequential(\n    (0): ReLU()\n  )\n)"


def test_shapes_of_flatten_by_hand():
    x = np.arange(24.0).reshape(2, 3, 4)
    assert Flatten()(x).shape == (2, 12)
    assert Flatten(0, 1)(x).shape == (6, 4)
    assert Flatten(0)(np.array(3.0)).shape == (1,)
    assert Flatten()(np.ones((0, 3, 4))).shape == (0, 12)
    np.testing.assert_array_equal(Flatten(-2)(x)[1], np.arange(12, 24))


def test_identity_gives_back_what_came():
    x = Tensor(np.ones(2))
    assert Identity()(x) is x


def test_messages():
    with pytest.raises(ValueError, match="expected at least one layer to go past, got none"):
        Residual(shortcut=ReLU())
    with pytest.raises(ValueError, match="expected a module as shortcut, got type"):
        Residual(ReLU(), shortcut=Identity)
    with pytest.raises(ValueError, match=r"equal shapes, got \(1, 2\) and \(1, 3\): pass a shortcut"):
        Residual(dense(3, 2, 0))(np.ones((1, 3)))
    with pytest.raises(ValueError, match=r"equal shapes, got \(1, 1\) and \(1, 3\)"):
        Residual(Sequential(dense(3, 1, 0)))(np.ones((1, 3)))  # would have been stretched
    with pytest.raises(ValueError, match=r"got \(1, 2\) and \(1, 4\)$"):
        Residual(dense(3, 2, 0), shortcut=dense(3, 4, 0))(np.ones((1, 3)))
    with pytest.raises(ValueError, match=r"expected x with axes 1 to -1 to flatten, got shape \(3,\)"):
        Flatten()(np.ones(3))
    with pytest.raises(ValueError, match="expected x with axes 2 to 1 to flatten"):
        Flatten(2, 1)(np.ones((2, 2, 2)))
