"""The multi-layer perceptron's layout."""

import numpy as np
import pytest

from course_utils.models import mlp
from course_utils.nn import Linear, ReLU, Tanh


def test_an_activation_after_every_layer_but_the_last():
    model = mlp([4, 3, 3, 2], Tanh, rng=np.random.default_rng(0), dtype=np.float64)
    assert [type(layer) for layer in model] == [Linear, Tanh, Linear, Tanh, Linear]
    assert [p.shape for p in model.parameters()] == [(3, 4), (3,), (3, 3), (3,), (2, 3), (2,)]
    assert model(np.ones((5, 4))).dtype == np.float64


def test_default_is_relu_in_float32():
    model = mlp([4, 3, 2], rng=np.random.default_rng(0))
    assert isinstance(model[1], ReLU)
    assert {p.dtype for p in model.parameters()} == {np.dtype(np.float32)}


def test_the_first_layer_is_drawn_first():
    first = Linear(4, 3, rng=np.random.default_rng(0))
    model = mlp([4, 3, 2], rng=np.random.default_rng(0))
    np.testing.assert_array_equal(model[0].weight.data, first.weight.data)


def test_two_sizes_at_least():
    with pytest.raises(ValueError, match=r"expected at least an input and an output size, got \[4\]"):
        mlp([4], rng=np.random.default_rng(0))
