"""Splits: disjoint, exhaustive, balanced as scikit-learn's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import KFold, StratifiedKFold

from course_utils.data import group_split, k_fold, random_split, stratified_k_fold


def rng(seed=0):
    return np.random.default_rng(seed)


@settings(max_examples=50)
@given(
    n=st.integers(20, 200),
    weights=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    seed=st.integers(0, 9),
)
def test_parts_are_disjoint_exhaustive_and_of_the_right_length(n, weights, seed):
    fractions = np.array(weights) / sum(weights)
    parts = random_split(n, fractions, rng=rng(seed))
    np.testing.assert_array_equal(np.sort(np.concatenate(parts)), np.arange(n))
    for part, fraction in zip(parts, fractions, strict=True):
        assert abs(len(part) - fraction * n) < 1


def test_the_generator_decides_and_the_order_is_random():
    first, again, other = (random_split(100, [0.5, 0.5], rng=rng(seed))[0] for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert not np.array_equal(np.sort(first), np.arange(50))


def test_no_group_is_in_two_parts():
    groups = np.random.default_rng(1).choice(list("abcdefghij"), size=300)
    parts = group_split(groups, [0.7, 0.2, 0.1], rng=rng())
    np.testing.assert_array_equal(np.sort(np.concatenate(parts)), np.arange(300))
    assert [len(set(groups[part])) for part in parts] == [7, 2, 1]
    assert not np.array_equal(parts[0], group_split(groups, [0.7, 0.2, 0.1], rng=rng(1))[0])


@settings(max_examples=50)
@given(data=st.data(), n=st.integers(2, 60), shuffled=st.booleans())
def test_folds_are_scikit_learns(data, n, shuffled):
    k = data.draw(st.integers(2, n))
    folds = list(k_fold(n, k, rng=rng() if shuffled else None))
    expected = list(KFold(k).split(np.zeros(n)))
    assert len(folds) == k
    assert [len(test) for _, test in folds] == [len(test) for _, test in expected]
    check_folds(folds, n)
    if not shuffled:
        for fold, other in zip(folds, expected, strict=True):
            for ours, theirs in zip(fold, other, strict=True):
                np.testing.assert_array_equal(ours, theirs)


def check_folds(folds, n):
    np.testing.assert_array_equal(np.sort(np.concatenate([test for _, test in folds])), np.arange(n))
    for train, test in folds:
        np.testing.assert_array_equal(np.sort(np.concatenate([train, test])), np.arange(n))


@settings(max_examples=50)
@given(sizes=st.lists(st.integers(2, 12), min_size=1, max_size=4), seed=st.integers(0, 9), data=st.data())
def test_stratified_folds_are_scikit_learns(sizes, seed, data):
    k = data.draw(st.integers(2, min(sizes)))
    labels = rng(seed).permutation(np.repeat(np.array(list("dbca"))[: len(sizes)], sizes))
    expected = list(StratifiedKFold(k).split(np.zeros(len(labels)), labels))
    for fold, other in zip(stratified_k_fold(labels, k), expected, strict=True):
        for ours, theirs in zip(fold, other, strict=True):
            np.testing.assert_array_equal(ours, theirs)
    shuffled = list(stratified_k_fold(labels, k, rng=rng(seed)))
    check_folds(shuffled, len(labels))
    for (_, test), (_, other) in zip(shuffled, expected, strict=True):
        for name in set(labels):
            assert np.sum(labels[test] == name) == np.sum(labels[other] == name)


def test_shuffled_folds_differ_with_the_generator():
    labels = np.repeat([0, 1], 20)
    for folds in (lambda rng: k_fold(40, 4, rng=rng), lambda rng: stratified_k_fold(labels, 4, rng=rng)):
        first, again, other = (next(folds(rng(seed)))[1] for seed in (0, 0, 1))
        np.testing.assert_array_equal(first, again)
        assert not np.array_equal(first, other)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: random_split(9, [0.5, 0.6], rng=rng()), r"that sum to 1, got \[0.5, 0.6\]"),
        (lambda: random_split(9, [1.5, -0.5], rng=rng()), "expected fractions above 0"),
        (lambda: random_split(9, [], rng=rng()), "expected fractions above 0"),
        (lambda: random_split(1, [0.5, 0.5], rng=rng()), r"every part of \[0.5, 0.5\], got 1"),
        (lambda: group_split(np.zeros(9), [0.5, 0.5], rng=rng()), "every part of .*, got 1"),
        (lambda: group_split(np.zeros((9, 2)), [1.0], rng=rng()), r"groups \(N,\).*got shape \(9, 2\)"),
        (lambda: k_fold(4, 5), r"expected n_splits in 2..4 for 4 examples, got 5"),
        (lambda: k_fold(4, 1), "got 1"),
        (
            lambda: stratified_k_fold([0, 0, 0, 1, 1], 3),
            "n_splits in 2..2, the size of the smallest class, got 3",
        ),
        (lambda: stratified_k_fold([0, 0, 1, 1], 1), "got 1"),
        (lambda: stratified_k_fold([], 2), r"expected labels \(N,\) with N >= 1, got shape \(0,\)"),
    ],
)
def test_messages(call, message):
    with pytest.raises(ValueError, match=message):
        call()
