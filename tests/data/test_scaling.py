"""Scaling: equal to scikit-learn's, there and back, and one-hot rows."""

import numpy as np
import pytest
import torch
from sklearn import preprocessing

from course_utils.data import MinMaxScaler, StandardScaler, one_hot

PAIRS = [
    (StandardScaler(), preprocessing.StandardScaler()),
    (MinMaxScaler(), preprocessing.MinMaxScaler()),
    (MinMaxScaler((-1.0, 3.0)), preprocessing.MinMaxScaler((-1.0, 3.0))),
]


def tables(dtype=np.float64):
    rng = np.random.default_rng(0)
    train, test = (rng.normal(50, 3, size=(n, 4)) * [1, 1e-6, 1e6, 0] + [0, 0, 0, 0.1] for n in (30, 10))
    test[:, 3] += 1  # the last column of train is constant: 0.1, which sums do not hold exactly
    return train.astype(dtype), test.astype(dtype)


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_equal_to_scikit_learn_with_constant_columns(ours, theirs):
    train, test = tables()
    theirs.fit(train)
    np.testing.assert_allclose(ours.fit_transform(train), theirs.transform(train), rtol=1e-10, atol=1e-12)
    scaled = ours.transform(test)
    np.testing.assert_allclose(scaled, theirs.transform(test), rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(ours.inverse_transform(scaled), test, rtol=1e-10)
    np.testing.assert_allclose(theirs.inverse_transform(scaled), test, rtol=1e-10)


def test_training_columns_get_mean_0_and_variance_1_or_the_range():
    train, _ = tables()
    scaled = StandardScaler().fit_transform(train)
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(scaled.std(axis=0), [1, 1, 1, 0], atol=1e-12)
    ranged = MinMaxScaler((-1, 1)).fit_transform(train)
    np.testing.assert_allclose(ranged.min(axis=0), -1)
    np.testing.assert_allclose(ranged.max(axis=0), [1, 1, 1, -1])


@pytest.mark.parametrize("make", [StandardScaler, MinMaxScaler])
def test_test_data_leave_no_trace_and_inputs_are_not_changed(make):
    train, test = tables(np.float32)
    for part in (train, test):
        part.flags.writeable = False
    scaler = make().fit(train)
    before = {name: np.copy(value) for name, value in vars(scaler).items()}
    assert scaler.transform(test).dtype == np.float32
    assert scaler.inverse_transform(test).dtype == np.float32
    assert all(np.array_equal(before[name], value) for name, value in vars(scaler).items())
    np.testing.assert_array_equal(scaler.transform(train[:0]), np.zeros((0, 4)))


def test_a_mean_far_above_the_spread_survives_float32():
    x = np.array([[1e6], [1e6 + 1]], dtype=np.float32)
    np.testing.assert_array_equal(StandardScaler().fit_transform(x), [[-1], [1]])


@pytest.mark.parametrize("make", [StandardScaler, MinMaxScaler])
def test_whole_numbers_are_scaled_as_floats(make):
    x = np.array([[1, 4], [3, 8]])
    np.testing.assert_array_equal(make().fit_transform(x), make().fit_transform(x.astype(float)))


@pytest.mark.parametrize("make", [StandardScaler, MinMaxScaler])
@pytest.mark.parametrize(
    ("use", "message"),
    [
        (lambda s: s.transform(np.ones((2, 2))), "expected a fitted scaler, got .*Scaler before fit"),
        (lambda s: s.inverse_transform(np.ones((2, 2))), "expected a fitted scaler"),
        (lambda s: s.fit(np.ones(3)), r"expected x \(N, D\), got shape \(3,\)"),
        (lambda s: s.fit(np.ones((0, 3))), r"expected x \(N, D\), got shape \(0, 3\)"),
        (
            lambda s: s.fit(np.ones((2, 3))).transform(np.ones((2, 4))),
            r"expected x \(N, 3\), got shape \(2, 4\)",
        ),
        (lambda s: s.fit(np.array([[np.nan], [1.0]])), "expected finite numbers, got nan or inf: .* impute"),
        (lambda s: s.fit(np.array([["a"]])), "expected numbers, got <U1"),
    ],
)
def test_messages(make, use, message):
    with pytest.raises(ValueError, match=message):
        use(make())


def test_the_ends_of_the_range_must_differ():
    with pytest.raises(ValueError, match=r"low < high, got \(1, 1\)"):
        MinMaxScaler((1, 1))


def test_one_hot_is_torchs_in_floats():
    labels = np.array([[2, 0, 1], [1, 1, 2]])
    rows = one_hot(labels, 4)
    assert rows.dtype == np.float32
    np.testing.assert_array_equal(rows, torch.nn.functional.one_hot(torch.tensor(labels), 4).numpy())
    assert one_hot(np.zeros(0, int), 3).shape == (0, 3)
    assert one_hot(labels, 3, np.float64).dtype == np.float64


@pytest.mark.parametrize(
    ("labels", "message"),
    [([0, 3], r"labels in 0..2, got 0..3"), ([-1], r"got -1..-1"), ([0.5], "integer labels, got float64")],
)
def test_messages_of_one_hot(labels, message):
    with pytest.raises(ValueError, match=message):
        one_hot(labels, 3)
