"""Every function of the engine against torch: values and gradients of drawn calls that use every argument."""

import re

import numpy as np
import pytest
from hypothesis import given, settings

from course_utils.nn import functional as F
from tests.nn.proof import Call, Case, both_sides, collect, leaves, prove

CASES = collect(Case, "CASES")
takes_nan = [name for name, case in CASES.items() if case.takes_nan]


def test_the_cases_cover_every_function():
    assert CASES.keys() == set(F.__all__)


@pytest.mark.parametrize("name", CASES)
def test_equal_in_float64(name):
    prove(CASES[name], "float64")


@pytest.mark.parametrize("name", CASES)
def test_equal_in_float32(name):
    prove(CASES[name], "float32")


@pytest.mark.parametrize("name", takes_nan)
def test_nan_comes_out_where_it_does_in_torch(name):
    case = CASES[name]

    @settings(max_examples=10)
    @given(call=case.calls)
    def compare(call):
        arguments = [with_nan(a) if i == 0 else a for i, a in enumerate(call.arguments)]
        y, z, _ = both_sides(case, Call(tuple(arguments), call.options), "float64")
        for value, other in zip(leaves(y), leaves(z), strict=True):
            np.testing.assert_array_equal(np.isnan(value.data), other.isnan().numpy())

    compare()


def with_nan(array):
    """Return a copy whose first entry is nan."""
    changed = np.array(array)
    if changed.size:
        changed.flat[0] = np.nan
    return changed


@pytest.mark.parametrize("name", CASES)
def test_whole_numbers_give_the_same_or_a_message(name):
    case = CASES[name]

    @settings(max_examples=10)
    @given(call=case.calls)
    def compare(call):
        rounded = np.round(call.arguments[0] * 3)
        whole = [rounded.astype(np.int64), *call.arguments[1:]]
        value, message = value_or_message(case.operation, *whole, **call.options)
        if message:
            assert re.search(r"expected .*got ", message)
        else:
            expected = case.operation(rounded, *call.arguments[1:], **call.options)
            for a, b in zip(leaves(value), leaves(expected), strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-300)

    compare()


def value_or_message(operation, *arguments, **options):
    try:
        return operation(*arguments, **options), None
    except ValueError as error:
        return None, str(error)
