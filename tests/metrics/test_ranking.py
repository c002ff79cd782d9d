"""ROC, precision-recall and calibration against scikit-learn."""

from itertools import pairwise

import numpy as np
import pytest
import sklearn.calibration
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.metrics import (
    average_precision,
    brier_score,
    calibration_curve,
    expected_calibration_error,
    precision_recall_curve,
    roc_auc,
    roc_curve,
)
from tests.nn.proof import SEEDS, Seen


@st.composite
def scored(draw):
    """Draw labels of both classes and scores, often tied."""
    rng = np.random.default_rng(draw(SEEDS))
    n = draw(st.integers(2, 40))
    labels = rng.permutation(np.arange(n) < draw(st.integers(1, n - 1))).astype(int)
    scores = rng.normal(size=n) + labels
    return labels, np.round(scores, draw(st.sampled_from([0, 1, 9])))


def test_roc_curve():
    seen = Seen(roc_curve)

    @settings(max_examples=150)
    @given(case=scored(), drop_intermediate=st.booleans())
    def compare(case, drop_intermediate):
        ours = roc_curve(*case, drop_intermediate=drop_intermediate)
        seen.note(*case, drop_intermediate=drop_intermediate)
        theirs = sklearn.metrics.roc_curve(*case, drop_intermediate=drop_intermediate)
        for own, other in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(own, other, rtol=1e-12)
        assert roc_auc(*case) == pytest.approx(sklearn.metrics.roc_auc_score(*case), rel=1e-12)

    compare()
    seen.check()


@settings(max_examples=50)
@given(case=scored())
def test_area_is_the_chance_that_a_positive_outranks_a_negative(case):
    labels, scores = case
    gaps = scores[labels == 1][:, None] - scores[labels == 0]
    assert roc_auc(labels, scores) == pytest.approx(np.mean((np.sign(gaps) + 1) / 2), rel=1e-12)


@settings(max_examples=150)
@given(case=scored())
def test_precision_recall_curve(case):
    for own, other in zip(
        precision_recall_curve(*case), sklearn.metrics.precision_recall_curve(*case), strict=True
    ):
        np.testing.assert_allclose(own, other, rtol=1e-12)
    other = sklearn.metrics.average_precision_score(*case)
    assert average_precision(*case) == pytest.approx(other, rel=1e-12)


def test_all_positives_have_a_precision_but_no_false_alarms():
    assert average_precision([1, 1], [0.2, 0.1]) == 1.0
    with pytest.raises(ValueError, match="expected both classes in y_true, got 2 positives of 2"):
        roc_auc([1, 1], [0.2, 0.1])


def test_calibration_curve():
    seen = Seen(calibration_curve)

    @settings(max_examples=150)
    @given(case=scored(), n_bins=st.integers(1, 8), strategy=st.sampled_from(["uniform", "quantile"]))
    def compare(case, n_bins, strategy):
        labels, scores = case
        p = 1 / (1 + np.exp(-scores))
        options = {"n_bins": n_bins, "strategy": strategy}
        seen.note(labels, p, **options)
        ours, theirs = (
            calibration_curve(labels, p, **options),
            sklearn.calibration.calibration_curve(labels, p, **options),
        )
        for own, other in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(own, other, rtol=1e-12)
        assert brier_score(labels, p) == pytest.approx(sklearn.metrics.brier_score_loss(labels, p), rel=1e-12)

    compare()
    seen.check()


@settings(max_examples=60)
@given(case=scored(), n_bins=st.integers(1, 8), strategy=st.sampled_from(["uniform", "quantile"]))
def test_calibration_error_is_the_weighted_gap_of_the_bins(case, n_bins, strategy):
    labels, scores = case
    p = 1 / (1 + np.exp(-scores))
    inner = np.linspace(0, 1, n_bins + 1)[1:-1]  # rounded as in scikit-learn: probabilities may lie on them
    bounds = [-np.inf, *(inner if strategy == "uniform" else np.percentile(p, inner * 100)), np.inf]
    expected = 0.0
    for low, high in pairwise(bounds):
        inside = (p > low) & (p <= high)
        if inside.any():
            expected += inside.mean() * abs(labels[inside].mean() - p[inside].mean())
    error = expected_calibration_error(labels, p, n_bins=n_bins, strategy=strategy)
    assert error == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("function", [roc_curve, precision_recall_curve, calibration_curve])
def test_inputs_of_any_kind_are_left_alone(function):
    labels, scores = np.array([0, 9, 1, 9, 1, 9])[::2], np.array([0, 9, 0, 9, 1, 9])[::2]
    for array in (labels, scores):
        array.flags.writeable = False
    expected = function([0, 1, 1], [0.0, 0.0, 1.0])
    for own in (function(labels, scores), function(labels == 1, scores.astype(np.float32))):
        for part, other in zip(own, expected, strict=True):
            assert part.dtype == np.float64
            np.testing.assert_array_equal(part, other)


def test_calibration_error_by_hand():
    labels, p = [0, 1, 1, 1], [0.25, 0.25, 0.75, 1.0]
    # bins of half the range: promised 0.25 twice and one came true; promised 1.75 in all, two came true
    assert expected_calibration_error(labels, p, n_bins=2) == pytest.approx((0.5 + 0.25) / 4)
    assert expected_calibration_error(labels, p, n_bins=1) == pytest.approx((3 - 2.25) / 4)
    assert expected_calibration_error(labels, p, n_bins=2, strategy="quantile") == pytest.approx(0.1875)
    assert expected_calibration_error([0, 1], [0.0, 1.0]) == 0.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: roc_auc([0, 1], [0.1]), r"got shapes \(2,\) and \(1,\)"),
        (lambda: roc_auc([], []), "N >= 1"),
        (lambda: roc_auc([1, 2], [0.1, 0.2]), r"expected y_true of 0 and 1, got \[1, 2\]"),
        (lambda: roc_auc([0.0, 1.0], [0.1, 0.2]), "float64"),
        (lambda: roc_auc([0, 1], [np.nan, 0.2]), "expected finite scores, got 1 that are nan or inf"),
        (
            lambda: average_precision([0, 0], [0.1, 0.2]),
            "at least one positive in y_true, got 0 positives of 2",
        ),
        (lambda: precision_recall_curve([0], [0.1]), "at least one positive"),
        (lambda: brier_score([0, 1], [0.1, 1.5]), r"probabilities in \[0, 1\], got values from 0.1 to 1.5"),
        (lambda: calibration_curve([0, 1], [0.1, 0.5], n_bins=0), "expected n_bins >= 1, got 0"),
        (lambda: calibration_curve([0, 1], [0.1, 0.5], strategy="even"), "got 'even'"),
    ],
)
def test_messages(call, message):
    with pytest.raises(ValueError, match=message):
        call()
