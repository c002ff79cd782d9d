"""Errors of predicted numbers against scikit-learn."""

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.metrics import mean_absolute_error, mean_squared_error, r2
from tests.nn.proof import SEEDS


@settings(max_examples=100)
@given(n=st.integers(2, 20), n_outputs=st.none() | st.integers(1, 4), flat=st.booleans(), seed=SEEDS)
def test_values_are_those_of_scikit_learn(n, n_outputs, flat, seed):
    rng = np.random.default_rng(seed)
    shape = n if n_outputs is None else (n, n_outputs)
    y_true, y_pred = rng.normal(size=shape), rng.normal(size=shape)
    if flat:  # an output without variance
        y_true.T[0] = 1.0
    assert mean_squared_error(y_true, y_pred) == pytest.approx(
        sklearn.metrics.mean_squared_error(y_true, y_pred), rel=1e-12
    )
    assert mean_absolute_error(y_true, y_pred) == pytest.approx(
        sklearn.metrics.mean_absolute_error(y_true, y_pred), rel=1e-12
    )
    assert r2(y_true, y_pred) == pytest.approx(sklearn.metrics.r2_score(y_true, y_pred), rel=1e-12)


def test_r2_of_the_mean_is_0_and_of_worse_is_negative():
    y = np.array([1.0, 2.0, 6.0])
    assert r2(y, np.full(3, y.mean())) == 0.0
    assert r2(y, y) == 1.0
    assert r2(y, -y) < -1
    assert r2([2.0, 2.0], [2.0, 2.0]) == 1.0
    assert r2([2.0, 2.0], [2.0, 3.0]) == 0.0


@pytest.mark.parametrize("function", [mean_squared_error, mean_absolute_error, r2])
def test_messages(function):
    for y_true, y_pred in (([], []), ([1.0, 2.0], [[1.0], [2.0]]), (1.0, 1.0)):
        with pytest.raises(ValueError, match=r"of one shape \(N,\) or \(N, D\), N >= 1, got shapes"):
            function(y_true, y_pred)
    with pytest.raises(ValueError, match="expected finite y_pred, got 1 that are nan or inf"):
        function([1.0, 2.0], [np.nan, 1.0])


def test_one_example_has_no_variance():
    with pytest.raises(ValueError, match="at least 2 examples for a variance, got 1"):
        r2([1.0], [1.0])
