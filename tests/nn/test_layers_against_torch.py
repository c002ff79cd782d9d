"""Every layer against torch's of the same name: outputs, gradients, state, and weights both ways."""

import pytest

from course_utils.nn import layers
from course_utils.nn.module import Module
from tests.nn.proof import LayerCase, collect, prove_layer

CASES = collect(LayerCase, "LAYER_CASES")

ELSEWHERE = {
    "Residual": "has layers instead of options: test_residual.py",
    "Sequential": "has layers instead of options: test_modules.py",
}


def test_the_cases_cover_every_layer():
    own = {name for name in layers.__all__ if issubclass(getattr(layers, name), Module)}
    assert CASES.keys() | ELSEWHERE.keys() == own


@pytest.mark.parametrize("name", CASES)
def test_equal_in_float64(name):
    prove_layer(CASES[name], "float64")


@pytest.mark.parametrize("name", CASES)
def test_equal_in_float32(name):
    prove_layer(CASES[name], "float32")
