"""Counts, precision, recall and F1 against scikit-learn."""

import warnings

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.metrics import accuracy, confusion_matrix, f1, precision, precision_recall_f1, recall
from tests.nn.proof import SEEDS, Seen


@settings(max_examples=50)
@given(n=st.integers(1, 30), k=st.integers(2, 6), seed=SEEDS)
def test_counts_are_those_of_scikit_learn(n, k, seed):
    y_true, y_pred = np.random.default_rng(seed).integers(0, k, size=(2, n))
    ours = confusion_matrix(y_true, y_pred, n_classes=k)
    np.testing.assert_array_equal(ours, sklearn.metrics.confusion_matrix(y_true, y_pred, labels=range(k)))
    assert accuracy(y_true, y_pred) == pytest.approx(np.trace(ours) / n)


def test_rows_are_the_truth():
    assert confusion_matrix([2, 2, 0], [1, 1, 0]).tolist() == [[1, 0, 0], [0, 0, 0], [0, 2, 0]]


@st.composite
def calls(draw):
    """Draw labels of few examples and many classes, so that 0/0 is common."""
    average = draw(st.sampled_from(["binary", "macro", "micro", "weighted", None]))
    k = 2 if average == "binary" else draw(st.integers(1, 6))
    rng = np.random.default_rng(draw(SEEDS))
    y_true, y_pred = rng.integers(0, k, size=(2, draw(st.integers(1, 8))))
    labels = draw(st.none() | st.permutations(range(k + 1)).map(lambda order: order[: max(1, k - 1)]))
    return (
        y_true,
        y_pred,
        {
            "average": average,
            "labels": None if average == "binary" else labels,
            "zero_division": draw(st.sampled_from([0.0, 1.0, np.nan])),
        },
    )


def test_scores_are_those_of_scikit_learn():
    seen = Seen(precision_recall_f1)

    @settings(max_examples=400)
    @given(call=calls())
    def compare(call):
        y_true, y_pred, options = call
        seen.note(y_true, y_pred, **options)
        ours = precision_recall_f1(y_true, y_pred, **options)
        with warnings.catch_warnings():
            # an average over no class at all, whose answer is compared all the same
            warnings.filterwarnings("ignore", message="Mean of empty slice|invalid value|Degrees of freedom")
            theirs = sklearn.metrics.precision_recall_fscore_support(y_true, y_pred, **options)[:3]
        for own, other in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(own, other, rtol=1e-12)
        for function, own in zip((precision, recall, f1), ours, strict=True):
            np.testing.assert_array_equal(function(y_true, y_pred, **options), own)

    compare()
    seen.check()


def test_macro_f1_is_the_mean_of_the_f1s_and_micro_f1_the_accuracy():
    y_true, y_pred = [0, 0, 0, 1, 2, 2], [0, 1, 2, 1, 2, 0]
    each = f1(y_true, y_pred, average=None)
    assert f1(y_true, y_pred, average="macro") == pytest.approx(each.mean())
    p, r, macro = precision_recall_f1(y_true, y_pred, average="macro")
    assert abs(macro - 2 * p * r / (p + r)) > 0.01
    assert f1(y_true, y_pred, average="micro") == pytest.approx(accuracy(y_true, y_pred))


def test_inputs_may_be_lists_and_are_left_alone():
    y_true, y_pred = np.array([0, 1, 1, 0])[::2], np.array([0, 1])
    y_true.flags.writeable = y_pred.flags.writeable = False
    assert f1(y_true, y_pred) == f1([0, 1], [0, 1]) == 1.0


@settings(max_examples=20)
@given(n=st.integers(1, 20), seed=SEEDS)
def test_decisions_may_be_booleans(n, seed):
    y_true, y_pred = np.random.default_rng(seed).integers(0, 2, size=(2, n))
    assert f1(y_true, y_pred == 1) == f1(y_true == 1, y_pred == 1) == f1(y_true, y_pred)
    assert accuracy(y_true == 1, y_pred) == accuracy(y_true, y_pred)
    np.testing.assert_array_equal(
        confusion_matrix(y_true == 1, y_pred == 1, 2), confusion_matrix(y_true, y_pred, 2)
    )


def test_accuracy_counts_names_too():
    assert accuracy(["cat", "dog", "dog"], ["cat", "cat", "dog"]) == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: accuracy([0, 1], [0, 1, 2]), r"got shapes \(2,\) and \(3,\)"),
        (lambda: accuracy([], []), "expected y_true and y_pred"),
        (lambda: accuracy(np.eye(2), np.eye(2)), "expected y_true and y_pred"),
        (lambda: confusion_matrix([0, 2], [0, 1], n_classes=2), r"expected classes in 0\.\.1, got 0\.\.2"),
        (lambda: confusion_matrix([0, 1], [0.0, 1.0]), "expected integer classes in y_pred, got float64"),
        (lambda: f1([0, 1], [0.2, 1.0]), "expected classes in y_pred, got 0.2: take argmax"),
        (lambda: accuracy([0, 1], [0.0, 0.9]), "expected classes in y_pred, got 0.9: take argmax"),
        (lambda: accuracy([np.nan, 1], [0, 1]), "expected classes in y_true, got nan"),
        (lambda: confusion_matrix(["a"], ["b"]), "expected integer classes in y_true, got <U1"),
        (
            lambda: f1([0, 1, 2], [0, 1, 1]),
            r'0 and 1 and no labels for average "binary", got classes \[0, 1, 2',
        ),
        (lambda: f1([0, 1], [0, 1], labels=[1]), r"got classes \[0, 1\] and labels \[1\]"),
        (lambda: f1([0], [0], average="mean"), "expected average .* got 'mean'"),
        (lambda: f1([0], [0], average="macro", labels=[0, 0]), r"each once, got \[0, 0\]"),
        (lambda: f1([0], [0], average="macro", labels=[]), r"at least one label, each once, got \[\]"),
    ],
)
def test_messages(call, message):
    with pytest.raises(ValueError, match=message):
        call()
