"""The reference answers of chapter 04 against PyTorch and samples, which know nothing of them."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from course_utils.exercises import find
from course_utils.grading.exercise import Quiz
from course_utils.grading.values import Callback
from tests.exercises.inputs import by_seed, drawn, reference


@by_seed
def test_first_weights_spread_as_torch_draws_them(seed):
    for shape, scheme in drawn("ex04_1", seed):
        weight = torch.empty(shape, dtype=torch.float64)
        torch.manual_seed(seed)
        if scheme == "he":
            torch.nn.init.kaiming_uniform_(weight, nonlinearity="relu")
        else:
            torch.nn.init.xavier_uniform_(weight)
        assert weight.abs().max().item() == pytest.approx(
            np.sqrt(3) * reference("ex04_1")(shape, scheme), rel=0.02
        )


@by_seed
def test_moments_of_a_relu_layer_against_a_sample(seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(0.7, 1.1, size=150)  # of any mean: the second moment is all that counts
    z = rng.normal(0.0, np.sqrt(0.02), size=(100_000, 150)) @ x
    y = np.maximum(z, 0.0)
    moments = reference("ex04_2")(np.mean(x**2), 150, 0.02)
    np.testing.assert_allclose(moments, [y.mean(), y.var(), np.mean(y**2)], rtol=0.03)


@by_seed
def test_clipping_as_in_torch(seed):
    for gradients, max_norm in drawn("ex04_3", seed):
        parameters = [torch.zeros(gradient.shape, dtype=torch.float64) for gradient in gradients]
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = torch.tensor(gradient)
        norm = torch.nn.utils.clip_grad_norm_(parameters, max_norm)
        clipped, ours = reference("ex04_3")(gradients, max_norm)
        assert ours == pytest.approx(norm.item(), rel=1e-12)
        for array, parameter in zip(clipped, parameters, strict=True):
            np.testing.assert_allclose(array, parameter.grad.numpy(), rtol=1e-6)


@pytest.mark.parametrize("seed", range(10))
def test_a_scale_is_found_by_all_right_answers_in_every_network(seed):
    task = find("ex04_4")
    for place, case in enumerate(task.cases):
        (measure,) = case.inputs(np.random.default_rng([seed, 7, place]))
        for answer in (task.reference, *task.alternatives):
            counted = Callback(measure, case.budget)
            assert 0.5 <= measure(answer(counted)) <= 2.0
            assert counted.calls <= 30


def test_the_measured_ratio_is_that_of_autograd():
    from course_utils.exercises import ch04a_networks as networks

    for leak, spread, bias_spread in ((0.0, 1.3, 0.0), (0.2, 1.4, 0.0), (None, 1.2, 0.3)):
        weights, biases, _, x, dy = networks._network(np.random.default_rng(3), 12, spread, bias_spread, leak)
        h, hidden = torch.tensor(x), []
        for weight, bias in zip(weights, biases, strict=True):
            z = 1.1 * h @ torch.tensor(weight) + torch.tensor(bias)
            h = torch.tanh(z) if leak is None else F.leaky_relu(z, leak)
            h.requires_grad_() if h.is_leaf else h.retain_grad()
            hidden.append(h)
        h.backward(torch.tensor(dy))
        expected = (hidden[0].grad.norm() / hidden[-1].grad.norm()).item()
        assert networks._ratio(1.1, weights, biases, leak, x, dy) == pytest.approx(expected, rel=1e-4)


@by_seed
def test_batch_norm_and_its_pullback(seed):
    for x, weight, bias, eps in drawn("ex04_5", seed):
        y, mean, var = reference("ex04_5")(x, weight, bias, eps)
        t = [torch.tensor(array) for array in (x, weight, bias)]
        theirs = F.batch_norm(t[0], None, None, t[1], t[2], training=True, eps=eps)
        np.testing.assert_allclose(y, theirs.numpy(), atol=1e-7)
        np.testing.assert_allclose(mean, t[0].mean(dim=0).numpy(), rtol=1e-12)
        np.testing.assert_allclose(var, t[0].var(dim=0, unbiased=False).numpy(), rtol=1e-7, atol=1e-15)
    for x, weight, eps, dy in drawn("ex04_6", seed):
        t = [torch.tensor(array, requires_grad=True) for array in (x, weight, np.zeros_like(weight))]
        F.batch_norm(t[0], None, None, t[1], t[2], training=True, eps=eps).backward(torch.tensor(dy))
        for ours, tensor in zip(reference("ex04_6")(x, weight, eps, dy), t, strict=True):
            np.testing.assert_allclose(ours, tensor.grad.numpy(), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("momentum", [0.1, 0.25, 1.0])
def test_running_statistics(momentum):
    rng = np.random.default_rng(0)
    layer = torch.nn.BatchNorm1d(3, momentum=momentum, dtype=torch.float64)
    ours = reference("ex04_7")(3, momentum)
    for n_examples in (8, 2, 5):
        x = rng.normal(2.0, 3.0, size=(n_examples, 3))
        layer(torch.tensor(x))
        ours.update(x)
        np.testing.assert_allclose(ours.mean, layer.running_mean.numpy(), rtol=1e-12)
        np.testing.assert_allclose(ours.var, layer.running_var.numpy(), rtol=1e-12)


@by_seed
def test_residual_block(seed):
    for x, weight1, weight2, alpha, dy in drawn("ex04_8", seed):
        t = torch.tensor(x, requires_grad=True)
        strength = torch.tensor(alpha, dtype=torch.float64, requires_grad=True)
        y = t + strength * torch.relu(t @ torch.tensor(weight1).T) @ torch.tensor(weight2).T
        y.backward(torch.tensor(dy))
        found = reference("ex04_8")(x, weight1, weight2, alpha, dy)
        for ours, theirs in zip(found, (y.detach(), t.grad, strength.grad), strict=True):
            np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-9, atol=1e-12)


def test_the_statements_examples():
    one = np.array([[1.0], [3.0]])
    assert [reference("ex04_1")(shape, "he") for shape in ((4, 8), (16, 8, 3, 3))] == pytest.approx(
        [0.5, 1 / 6]
    )
    assert reference("ex04_2")(1.0, 200, 0.01) == pytest.approx((0.5642, 0.6817, 1.0), abs=5e-5)
    (a, b), norm = reference("ex04_3")([np.array([3.0]), np.array([[4.0]])], 1.0)
    assert (a.item(), b.item(), norm) == pytest.approx((0.6, 0.8, 5.0))
    assert reference("ex04_4")(lambda scale: 1e-5 * scale**29) == pytest.approx(1.487, rel=0.025)
    y, mean, var = reference("ex04_5")(one, np.array([2.0]), np.array([1.0]), 0.0)
    assert (y[:, 0].tolist(), mean, var) == ([-1.0, 3.0], 2.0, 1.0)
    x, dy = np.array([[0.0], [0.0], [3.0]]), np.array([[1.0], [0.0], [0.0]])
    dx, dweight, dbias = reference("ex04_6")(x, np.array([2.0]), 0.0, dy)
    np.testing.assert_allclose(
        [*dx[:, 0], dweight[0], dbias[0]], [0.7071, -0.7071, 0.0, -0.7071, 1.0], atol=5e-5
    )
    remembered = reference("ex04_7")(1, 0.1)
    remembered.update(one)
    assert (remembered.mean.item(), remembered.var.item()) == pytest.approx((0.2, 1.1))
    y, dx, dalpha = reference("ex04_8")(
        *(np.array([[value]]) for value in (2.0, 3.0, 5.0)), 0.1, np.ones((1, 1))
    )
    assert (y.item(), dx.item(), dalpha) == pytest.approx((5.0, 2.5, 30.0))


def test_answers_of_the_questions_vary():
    from course_utils.exercises import registry

    letters = [
        task.answer for task in registry().values() if isinstance(task, Quiz) and task.id.startswith("q04")
    ]
    assert len(letters) == 5
    assert set(letters) == set("abcd")
