"""Metrics against scikit-learn."""

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.metrics import accuracy, confusion_matrix


@settings(deadline=None, derandomize=True, max_examples=50, database=None)
@given(n=st.integers(1, 30), k=st.integers(2, 6), seed=st.integers(0, 2**32 - 1))
def test_counts_are_those_of_scikit_learn(n, k, seed):
    y_true, y_pred = np.random.default_rng(seed).integers(0, k, size=(2, n))
    ours = confusion_matrix(y_true, y_pred, n_classes=k)
    np.testing.assert_array_equal(ours, sklearn.metrics.confusion_matrix(y_true, y_pred, labels=range(k)))
    assert accuracy(y_true, y_pred) == pytest.approx(np.trace(ours) / n)


def test_rows_are_the_truth():
    assert confusion_matrix([2, 2, 0], [1, 1, 0]).tolist() == [[1, 0, 0], [0, 0, 0], [0, 2, 0]]


def test_messages():
    with pytest.raises(ValueError, match=r"got shapes \(2,\) and \(3,\)"):
        accuracy([0, 1], [0, 1, 2])
    with pytest.raises(ValueError, match="expected y_true and y_pred"):
        accuracy([], [])
    with pytest.raises(ValueError, match="expected y_true and y_pred"):
        accuracy(np.eye(2), np.eye(2))
    with pytest.raises(ValueError, match=r"expected classes in 0\.\.1, got 0\.\.2"):
        confusion_matrix([0, 2], [0, 1], n_classes=2)
    with pytest.raises(ValueError, match="expected integer classes in y_pred, got float64"):
        confusion_matrix([0, 1], [0.0, 1.0])
