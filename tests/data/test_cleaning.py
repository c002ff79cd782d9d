"""Cleaning: gaps filled from the training data alone, outliers by hand and at their bounds."""

import numpy as np
import pytest
from scipy import stats

from course_utils.data import impute, iqr_outliers, z_score_outliers, z_scores

NAN = np.nan


def test_gaps_get_the_training_mean_or_median():
    train = np.array([[1.0, 10.0], [2.0, NAN], [6.0, 30.0], [NAN, 80.0]])
    test = np.array([[NAN, NAN], [100.0, 5.0]])
    filled, other = impute(train, test)
    np.testing.assert_array_equal(filled, [[1, 10], [2, 40], [6, 30], [3, 80]])
    np.testing.assert_array_equal(other, [[3, 40], [100, 5]])
    filled, other = impute(train, test, strategy="median")
    np.testing.assert_array_equal(filled, [[1, 10], [2, 30], [6, 30], [2, 80]])
    np.testing.assert_array_equal(other, [[2, 30], [100, 5]])


def test_gaps_get_the_mean_of_the_nearest_training_rows():
    train = np.array([[0.0, 1.0], [1.0, 3.0], [10.0, 100.0], [11.0, 200.0]])
    test = np.array([[0.4, NAN], [10.4, NAN]])
    np.testing.assert_array_equal(impute(train, test, strategy="knn", n_neighbors=2)[1][:, 1], [2, 150])
    np.testing.assert_array_equal(impute(train, test, strategy="knn", n_neighbors=1)[1][:, 1], [1, 100])


@pytest.mark.parametrize("strategy", ["mean", "median", "knn"])
def test_the_test_data_tell_nothing_and_inputs_are_not_changed(strategy):
    rng = np.random.default_rng(0)
    train, test = rng.normal(size=(20, 3)).astype(np.float32), rng.normal(size=(6, 3)).astype(np.float32)
    train[rng.random((20, 3)) < 0.2] = NAN
    test[0] = [NAN, 1.0, 2.0]
    train.flags.writeable = test.flags.writeable = False
    filled, other, nothing = impute(train, test, test[:0], strategy=strategy)
    assert filled.dtype == other.dtype == np.float32
    assert nothing.shape == (0, 3)
    assert np.isfinite(filled).all()
    np.testing.assert_array_equal(filled[~np.isnan(train)], train[~np.isnan(train)])
    np.testing.assert_array_equal(impute(train, test[:1], strategy=strategy)[1], other[:1])
    np.testing.assert_array_equal(impute(train, 1000 * test, strategy=strategy)[0], filled)


@pytest.mark.parametrize(
    ("arrays", "options", "message"),
    [
        ([[[1.0, NAN], [2.0, NAN]]], {}, r"a value in every column of train, got none in \[1\]"),
        ([np.zeros((0, 2))], {}, r"got none in \[0, 1\]"),
        ([np.ones((2, 2)), np.ones((2, 3))], {}, r"expected 2 columns as in train, got shape \(2, 3\)"),
        ([np.ones(3)], {}, r"expected a table \(N, D\), got shape \(3,\)"),
        ([np.ones((2, 2), int)], {}, "expected floats with nan for gaps, got int64"),
        ([np.ones((2, 2))], {"strategy": "mode"}, r"expected strategy in \('mean', .*, got 'mode'"),
    ],
)
def test_messages_of_impute(arrays, options, message):
    with pytest.raises(ValueError, match=message):
        impute(*arrays, **options)


def test_z_scores_are_scipys_and_gaps_do_not_count():
    x = np.random.default_rng(0).normal(5, 2, size=(20, 3))
    x[4, 1] = NAN
    np.testing.assert_allclose(z_scores(x), stats.zscore(x, nan_policy="omit"), rtol=1e-10)
    np.testing.assert_allclose(z_scores(x[:, 0]), stats.zscore(x[:, 0]), rtol=1e-10)
    assert np.isnan(z_scores(x)[4, 1])
    assert z_scores(x.astype(np.float32)).dtype == np.float32


def test_a_column_without_spread_has_no_outliers():
    x = np.full((7, 2), 0.1)
    x[:, 1] = [0, 0, 0, 0, 0, 0, NAN]
    np.testing.assert_array_equal(z_scores(x)[:6], 0)
    assert not z_score_outliers(x).any()
    assert not iqr_outliers(x).any()


@pytest.mark.parametrize("n", [3, 10, 11, 50])
def test_no_z_score_can_exceed_the_root_of_n_minus_1(n):
    x = np.zeros(n)
    x[0] = 1e9
    assert z_scores(x)[0] == pytest.approx(np.sqrt(n - 1))
    assert ((x[0] - x.mean()) / x.std(ddof=1)) == pytest.approx((n - 1) / np.sqrt(n))
    assert z_score_outliers(x, np.sqrt(n - 1) * 0.999)[0]
    assert not z_score_outliers(x, np.sqrt(n - 1) * 1.001).any()
    assert np.abs(z_scores(np.random.default_rng(0).standard_cauchy(n))).max() <= np.sqrt(n - 1)


def test_the_threshold_counts_on_both_sides():
    x = np.concatenate([np.random.default_rng(0).normal(size=1000), [6.0, -6.0]])
    far = z_score_outliers(x)
    np.testing.assert_array_equal(far, np.abs(x - x.mean()) > 3 * x.std())
    assert far[-2:].all()
    assert z_score_outliers(x, threshold=1.0).sum() > 200


def test_fences_of_the_quartiles_by_hand():
    x = np.array([[1.0, 2.0, 3.0, 4.0, 7.0], [1.0, 2.0, 3.0, 4.0, 7.1], [-1.1, 2.0, 3.0, 4.0, 5.0]]).T
    np.testing.assert_array_equal(np.argwhere(iqr_outliers(x)), [[0, 2], [4, 1]])  # fences -1 and 7
    np.testing.assert_array_equal(iqr_outliers(x[:, 0], factor=0), [True, False, False, False, True])
    gap = np.append(x[:, 1], NAN)
    np.testing.assert_array_equal(iqr_outliers(gap), [False] * 4 + [True, False])


def test_far_values_hide_from_z_scores_but_not_from_quartiles():
    x = np.concatenate([np.linspace(-1, 1, 16), [1e6, 1e6, 1e6]])
    assert not z_score_outliers(x).any()
    np.testing.assert_array_equal(iqr_outliers(x), [False] * 16 + [True] * 3)


def test_of_normal_values_seven_in_a_thousand_lie_outside_the_fences():
    x = np.random.default_rng(0).normal(size=200_000)
    assert iqr_outliers(x).mean() == pytest.approx(0.006977, rel=0.1)


def test_whole_numbers_count_as_floats():
    x = np.array([1, 2, 3, 4, 100])
    np.testing.assert_array_equal(iqr_outliers(x), [False] * 4 + [True])
    np.testing.assert_array_equal(z_scores(x), z_scores(x.astype(float)))


@pytest.mark.parametrize("function", [z_scores, z_score_outliers, iqr_outliers])
@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.array([[1.0, NAN], [2.0, NAN]]), "expected a value in every column"),
        (np.zeros(0), "expected a value in every column"),
        (np.ones((2, 2, 2)), r"expected floating x \(N,\) or \(N, D\), got float64 of shape \(2, 2, 2\)"),
        (np.array(["a"]), "got <U1"),
    ],
)
def test_messages_of_outliers(function, x, message):
    with pytest.raises(ValueError, match=message):
        function(x)


def test_messages_of_thresholds():
    with pytest.raises(ValueError, match="expected a threshold above 0, got 0"):
        z_score_outliers(np.ones(3), 0)
    with pytest.raises(ValueError, match="expected a factor of at least 0, got -1"):
        iqr_outliers(np.ones(3), -1)
