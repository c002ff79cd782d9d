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

RNG = np.random.default_rng(7)


def normal(*shape):
    return RNG.normal(size=shape)


def positive(*shape):
    return RNG.uniform(0.5, 2.0, size=shape)


def away_from_zero(*shape):
    return positive(*shape) * RNG.choice([-1.0, 1.0], size=shape)


CASES = {  # name of the primitive: (arguments, options), at least one each
    "add": [((normal(2, 3), normal(3)), {}), ((normal(2, 1), 2.0), {})],
    "sub": [((normal(2, 3), normal(2, 1)), {})],
    "mul": [((normal(2, 3), normal(1, 3)), {}), ((normal(2), normal()), {})],
    "div": [((normal(2, 3), away_from_zero(3)), {})],
    "pow": [((positive(2, 3), normal(3)), {}), ((normal(4), 3), {}), ((normal(4), 0), {})],
    "matmul": [
        ((normal(2, 3), normal(3, 4)), {}),
        ((normal(3), normal(3)), {}),
        ((normal(3), normal(2, 3, 4)), {}),
        ((normal(5, 1, 2, 3), normal(4, 3, 2)), {}),
        ((normal(2, 4, 3), normal(3)), {}),
    ],
    "neg": [((normal(3),), {})],
    "exp": [((normal(2, 3),), {})],
    "log": [((positive(2, 3),), {})],
    "abs": [((away_from_zero(2, 3),), {})],
    "sum": [((normal(2, 3),), {}), ((normal(2, 3),), {"dim": 1}), ((normal(2, 3, 2),), {"dim": (0, -1)})],
    "mean": [((normal(2, 3),), {}), ((normal(2, 3),), {"dim": 0, "keepdim": True}), ((normal(),), {})],
    "reshape": [((normal(2, 6), (3, 4)), {}), ((normal(2, 6), -1), {})],
    "transpose": [((normal(2, 3, 4), 0, 2), {})],
    "getitem": [((normal(4, 3), np.array([0, 0, 2])), {}), ((normal(4, 3), (slice(None), 1)), {})],
    "relu": [((away_from_zero(3, 4),), {})],
    "sigmoid": [((normal(3, 4),), {})],
    "tanh": [((normal(3, 4),), {})],
    "softmax": [((normal(3, 4),), {}), ((normal(3, 4, 2),), {"dim": 1})],
    "log_softmax": [((normal(3, 4),), {}), ((normal(3, 4),), {"dim": 0})],
    "linear": [
        ((normal(5, 3), normal(2, 3), normal(2)), {}),
        ((normal(4, 5, 3), normal(2, 3)), {}),
        ((normal(3), normal(2, 3), normal(2)), {}),
    ],
    "cross_entropy": [
        ((normal(4, 3), np.array([0, 2, 1, 1])), {"reduction": reduction})
        for reduction in ("mean", "sum", "none")
    ],
    "binary_cross_entropy_with_logits": [
        ((normal(4), RNG.uniform(0.1, 0.9, size=4)), {}),
        ((normal(4), np.array([0, 1, 1, 0])), {"reduction": "none"}),
    ],
    "mse_loss": [((normal(4, 2), normal(4, 2)), {}), ((normal(3), normal(3)), {"reduction": "sum"})],
}


def engine_primitives():
    for module in pkgutil.iter_modules(course_utils.nn.__path__):
        importlib.import_module(f"course_utils.nn.{module.name}")
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
