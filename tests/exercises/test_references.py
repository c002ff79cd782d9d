"""The reference answers against PyTorch and scikit-learn, which know nothing of them."""

import numpy as np
import pytest
import torch
from sklearn.metrics import confusion_matrix

from tests.exercises.inputs import by_seed, drawn, reference, tensors


@by_seed
def test_sigmoid_and_its_slope(seed):
    for (z,) in drawn("ex01_2", seed):
        (t,) = tensors(z)
        value = torch.sigmoid(t)
        value.sum().backward()
        ours, slope = reference("ex01_2")(z)
        np.testing.assert_allclose(ours, value.detach().numpy(), rtol=1e-12)
        np.testing.assert_allclose(slope, t.grad.numpy(), rtol=1e-9, atol=1e-15)


@by_seed
def test_softmax_and_cross_entropy(seed):
    for (logits,) in drawn("ex01_4", seed):
        expected = torch.softmax(torch.tensor(logits), dim=1).numpy()
        np.testing.assert_allclose(reference("ex01_4")(logits), expected, rtol=1e-12)
    for logits, labels in drawn("ex01_5", seed):
        expected = torch.nn.functional.cross_entropy(torch.tensor(logits), torch.tensor(labels)).item()
        assert reference("ex01_5")(logits, labels) == pytest.approx(expected, rel=1e-12)


@by_seed
def test_forward_and_backward(seed):
    for x, *layers in drawn("ex01_3", seed):
        t = [torch.tensor(array) for array in (x, *layers)]
        hidden = torch.relu(torch.nn.functional.linear(t[0], t[1], t[2]))
        expected = torch.nn.functional.linear(hidden, t[3], t[4]).numpy()
        np.testing.assert_allclose(reference("ex01_3")(x, *layers), expected, rtol=1e-12, atol=1e-12)
    for x, labels, *layers in drawn("ex01_6", seed):
        weight1, bias1, weight2, bias2 = t = tensors(*layers)
        hidden = torch.relu(torch.nn.functional.linear(torch.tensor(x), weight1, bias1))
        logits = torch.nn.functional.linear(hidden, weight2, bias2)
        torch.nn.functional.cross_entropy(logits, torch.tensor(labels)).backward()
        for ours, parameter in zip(reference("ex01_6")(x, labels, *layers), t, strict=True):
            np.testing.assert_allclose(ours, parameter.grad.numpy(), rtol=1e-9, atol=1e-12)


def test_sgd_over_several_steps_with_a_changing_rate():
    rng = np.random.default_rng(0)
    parameters = [rng.normal(size=(3, 2)), rng.normal(size=3)]
    velocities = [np.zeros_like(p) for p in parameters]
    theirs = tensors(*parameters)
    optimizer = torch.optim.SGD(theirs, lr=0.1, momentum=0.9)
    for lr in (0.1, 0.1, 0.01, 0.5):
        gradients = [rng.normal(size=p.shape) for p in parameters]
        for tensor, gradient in zip(theirs, gradients, strict=True):
            tensor.grad = torch.tensor(gradient)
        optimizer.param_groups[0]["lr"] = lr
        optimizer.step()
        parameters, velocities = reference("ex01_7")(parameters, gradients, velocities, lr, 0.9)
        for ours, tensor in zip(parameters, theirs, strict=True):
            np.testing.assert_allclose(ours, tensor.detach().numpy(), rtol=1e-12)


def test_gradient_by_differences():
    x = np.array([[0.5, -1.0], [2.0, 0.0]])
    gradient = reference("ex01_9")(lambda x: float(np.sum(x**2) + x[0, 0] * x[1, 0]), x, 1e-4)
    np.testing.assert_allclose(gradient, [[3.0, -2.0], [4.5, 0.0]], atol=1e-8)


@by_seed
def test_confusion_matrix(seed):
    for y_true, y_pred, n_classes in drawn("ex01_10", seed):
        expected = confusion_matrix(y_true, y_pred, labels=range(n_classes))
        assert np.array_equal(reference("ex01_10")(y_true, y_pred, n_classes), expected)


def test_perceptron_by_hand():
    weight, bias = reference("ex01_1")(np.array([1.0, 0.0]), 0.5, np.array([2.0, 3.0]), -1)
    assert weight.tolist() == [-1.0, -3.0]
    assert bias == -0.5
    weight, bias = reference("ex01_1")(np.array([1.0, 0.0]), 0.5, np.array([2.0, 3.0]), 1)
    assert (weight.tolist(), bias) == ([1.0, 0.0], 0.5)


def test_neuron_by_hand():
    assert reference("ex00_1")(np.array([1.0, 2.0]), np.array([3.0, -1.0]), 0.5) == 1.5
