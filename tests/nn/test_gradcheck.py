"""gradcheck on every primitive of the engine, and gradcheck itself."""

import importlib
import pkgutil
import sys

import numpy as np
import pytest

import course_utils.nn
from course_utils.nn import Tensor, gradcheck, numerical_gradient
from course_utils.nn import functional as F
from course_utils.nn.autodiff import PRIMITIVES
from tests.nn.proof import case_modules


def all_gradchecks():
    """Gather what ``tests/nn/cases`` says: name of the primitive: [(arguments, options), ...]."""
    tables = [getattr(module, "GRADCHECKS", {}) for module in case_modules()]
    assert sum(map(len, tables)) == len({name for table in tables for name in table}), "a name stands twice"
    return {name: calls for table in tables for name, calls in table.items()}


CASES = all_gradchecks()


def engine_primitives():
    for module in pkgutil.walk_packages(course_utils.nn.__path__, "course_utils.nn."):
        importlib.import_module(module.name)
    defined = [op for op in PRIMITIVES if is_defined_in_the_engine(op)]
    return {op.__name__: op for op in defined}


def is_defined_in_the_engine(op):
    """Tell the engine's own primitives from those of tests and doctests in the same process."""
    if not op.__module__.startswith("course_utils.nn."):
        return False
    return getattr(sys.modules[op.__module__], op.__name__, None) is op


def test_every_primitive_of_the_engine_has_a_case():
    assert engine_primitives().keys() == CASES.keys()


@pytest.mark.parametrize("name", CASES)
def test_pullback_agrees_with_differences(name):
    for arguments, options in CASES[name]:
        assert gradcheck(engine_primitives()[name], *arguments, **options) is True


@pytest.mark.parametrize("name", CASES)
def test_the_case_would_see_a_flipped_sign(name):
    operation = engine_primitives()[name]

    def flipped(*arguments, flip, **options):
        value, pullback = operation.vjp(*arguments, **options)
        return value, lambda dy: tuple(
            -g if i == flip and g is not None else g for i, g in enumerate(pullback(dy))
        )

    arguments, options = CASES[name][0]
    floating = [i for i, a in enumerate(arguments) if getattr(a, "dtype", np.dtype(int)).kind == "f"]
    assert floating
    for i in floating:
        with pytest.raises(AssertionError, match="disagrees"):
            gradcheck(flipped, *arguments, flip=i, **options)


def test_a_mismatch_shows_both_values_side_by_side():
    def cube(x):
        return x**3, lambda dy: (np.where(x > 1.5, 2, 3) * x**2 * dy,)

    with pytest.raises(
        AssertionError, match=r"cube: the gradient of x disagrees in 1 of 2 entries"
    ) as caught:
        gradcheck(cube, np.array([1.0, 2.0]))
    header, row = str(caught.value).split("\n")[1:]
    assert header.split() == ["index", "analytic", "numeric"]
    analytic, numeric = map(float, row.split()[-2:])
    assert analytic / numeric == pytest.approx(2 / 3, rel=1e-4)


@pytest.mark.parametrize("factor", [-1.0, 0.0, 2.0, 1.0001, np.nan])
def test_wrong_factors_are_found(factor):
    with pytest.raises(AssertionError, match="disagrees in 3 of 3"):
        gradcheck(lambda x: (x * x, lambda dy: (factor * 2 * x * dy,)), np.array([1.0, -2.0, 0.5]))


def test_wrong_shape_and_missing_gradient_are_found():
    with pytest.raises(AssertionError, match=r"the gradient of bias has shape \(2, 3\), expected \(3,\)"):
        gradcheck(lambda x, bias: (x + bias, lambda dy: (dy, dy)), np.ones((2, 3)), np.ones(3))
    with pytest.raises(AssertionError, match="the gradient of y is missing"):
        gradcheck(lambda x, y: (x * y, lambda dy: (dy * y, None)), np.ones(2), np.ones(2))


def test_nothing_to_check_is_an_error():
    with pytest.raises(ValueError, match="at least one floating argument"):
        gradcheck(F.relu, np.array([1, 2]))


def test_float32_arguments_are_checked_in_float64_and_left_alone():
    x = np.array([0.5, -1.5], dtype=np.float32)
    x.flags.writeable = False
    assert gradcheck(F.tanh, x) is True


def test_numerical_gradient_of_a_tensor_loss():
    weight = np.array([[0.5, -1.0]])
    x, y = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.0], [1.0]])
    leaf = Tensor(weight, requires_grad=True)
    F.mse_loss(F.linear(x, leaf), y).backward()
    numeric = numerical_gradient(lambda w: F.mse_loss(F.linear(x, w), y), weight)
    np.testing.assert_allclose(leaf.grad, numeric, rtol=1e-7)
