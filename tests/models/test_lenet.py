"""LeNet-5: its sizes, its equal in torch, and that it learns."""

import numpy as np
import torch

from course_utils.models import lenet5
from course_utils.nn import functional as F
from course_utils.optim import SGD


def torch_lenet():
    nn = torch.nn
    return nn.Sequential(
        *(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()),
        *(nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)),
    ).double()


def test_parameters_layer_by_layer():
    model = lenet5(rng=np.random.default_rng(0))
    sizes = [parameter.data.size for parameter in model.parameters()]
    assert sizes == [150, 6, 2400, 16, 48000, 120, 10080, 84, 840, 10]
    assert sum(sizes) == 61_706
    assert {parameter.dtype for parameter in model.parameters()} == {np.dtype(np.float32)}


def test_logits_and_gradients_are_torchs():
    rng = np.random.default_rng(0)
    x, labels = rng.normal(size=(4, 1, 28, 28)), rng.integers(0, 10, size=4)
    model, other = lenet5(rng=rng, dtype=np.float64), torch_lenet()
    other.load_state_dict({name: torch.tensor(array) for name, array in model.state_dict().items()})
    F.cross_entropy(model(x), labels).backward()
    torch.nn.functional.cross_entropy(other(torch.tensor(x)), torch.tensor(labels)).backward()
    np.testing.assert_allclose(model(x).data, other(torch.tensor(x)).detach().numpy(), rtol=1e-10)
    for (name, ours), (same_name, theirs) in zip(
        model.named_parameters(), other.named_parameters(), strict=True
    ):
        assert name == same_name
        np.testing.assert_allclose(ours.grad, theirs.grad.numpy(), rtol=1e-8, atol=1e-13, err_msg=name)


def test_colour_images_and_other_classes():
    model = lenet5(rng=np.random.default_rng(0), in_channels=3, n_classes=7)
    assert model(np.zeros((2, 3, 28, 28), np.float32)).shape == (2, 7)


def test_it_learns_a_handful_of_images_by_heart():
    rng = np.random.default_rng(0)
    x, labels = rng.normal(size=(10, 1, 28, 28)).astype(np.float32), np.arange(10)
    model = lenet5(rng=rng)
    optimizer = SGD(model.parameters(), lr=0.02, momentum=0.9)
    for _ in range(60):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), labels)
        loss.backward()
        optimizer.step()
    np.testing.assert_array_equal(model(x).data.argmax(axis=1), labels)
    assert loss.item() < 0.1
