"""What no optimizer can learn, and what it says then."""

import numpy as np
import pytest

from course_utils.nn import Linear, Sequential, Tensor
from course_utils.optim import SGD


def test_nothing_to_learn_is_an_error():
    with pytest.raises(ValueError, match="at least one parameter"):
        SGD([], lr=0.1)


def parameter():
    return Tensor(np.array([1.0, 2.0]), requires_grad=True)


def test_a_frozen_parameter_comes_with_the_list_to_pass():
    model = Sequential(Linear(2, 1, rng=np.random.default_rng(0)), Linear(1, 1, rng=np.random.default_rng(0)))
    model[0].requires_grad_(False)
    with pytest.raises(ValueError, match=r"pass \[p for p in model\.parameters\(\) if p\.requires_grad\]"):
        SGD(model.parameters(), lr=0.1)
    SGD([p for p in model.parameters() if p.requires_grad], lr=0.1)


@pytest.mark.parametrize("params", [parameter(), Tensor(1.0, requires_grad=True)], ids=["vector", "scalar"])
def test_a_bare_tensor_is_not_a_list_of_parameters(params):
    with pytest.raises(
        TypeError, match=r"expected a list of tensors.*, got a single Tensor: write \[tensor\]"
    ):
        SGD(params, lr=0.1)


def test_a_model_or_a_forgotten_pair_of_brackets_is_named():
    layer = Linear(2, 1, rng=np.random.default_rng(0))
    with pytest.raises(TypeError, match=r"expected a list of tensors, .*parameters\(\), got a Linear"):
        SGD(layer, lr=0.1)
    with pytest.raises(TypeError, match=r"expected a list of tensors, .*parameters\(\), got a method"):
        SGD(layer.parameters, lr=0.1)
    with pytest.raises(ValueError, match="expected tensors to learn, .*, got Linear as number 0"):
        SGD(Sequential(layer), lr=0.1)


def test_two_places_for_one_parameter_would_move_it_twice():
    w = parameter()
    with pytest.raises(ValueError, match="expected each parameter once, got number 2 also as number 0"):
        SGD([w, parameter(), w], lr=0.1)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (np.ones(2), "expected tensors to learn, .*, got ndarray as number 1"),
        (("weight", parameter()), "got tuple as number 1"),
        ("0.weight", "got str as number 1"),
        (Tensor(np.ones(2)), r"expected tensors with requires_grad=True, got one of shape \(2,\) without"),
        (parameter() * 2, r"expected tensors that no operation made, got the result of one .* as number 1"),
    ],
    ids=["array", "named", "name", "no gradient", "not a leaf"],
)
def test_what_cannot_be_learnt_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        SGD([parameter(), wrong], lr=0.1)


def test_arrays_alone_are_refused():
    with pytest.raises(ValueError, match="got float64 as number 0"):
        SGD(np.ones(3), lr=0.1)  # type: ignore[arg-type]
