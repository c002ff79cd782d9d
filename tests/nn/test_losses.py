"""Losses beyond drawn calls: values by hand, kinks, extremes, what is ignored, messages."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as TF

from course_utils.nn import Tensor
from course_utils.nn import functional as F
from course_utils.nn import losses as all_losses

LABELLED = ["cross_entropy", "nll_loss"]
PAIRED = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "huber_loss",
    "kl_div",
    "l1_loss",
    "mse_loss",
    "smooth_l1_loss",
]


def test_one_module_offers_all_losses():
    assert {*LABELLED, *PAIRED, "hinge_loss"} == set(all_losses.__all__)
    assert all(getattr(all_losses, name) is getattr(F, name) for name in all_losses.__all__)


# ---------------------------------------------------------------- one class out of several


def test_cross_entropy_gradient_is_p_minus_y_over_n():
    logits, labels = np.random.default_rng(0).normal(size=(4, 3)), np.array([0, 2, 1, 1])
    _, pullback = F.cross_entropy.vjp(logits, labels)
    dlogits, dlabels, dweight = pullback(1.0)
    np.testing.assert_allclose(dlogits, (F.softmax(logits) - np.eye(3)[labels]) / 4, rtol=1e-12)
    assert dlabels is None
    assert dweight is None


def test_class_weights_by_hand():
    logits, labels = np.zeros((3, 2)), np.array([0, 0, 1])
    losses = F.cross_entropy(logits, labels, weight=np.array([1.0, 4.0]), reduction="none")
    np.testing.assert_allclose(losses, np.log(2) * np.array([1, 1, 4]), rtol=1e-15)
    assert F.cross_entropy(logits, labels, weight=np.array([1.0, 4.0])) == pytest.approx(math.log(2))


def test_label_smoothing_by_hand():
    logits = np.log([[0.5, 0.25, 0.25]])
    loss = F.cross_entropy(logits, np.array([0]), label_smoothing=0.3)  # y = (0.8, 0.1, 0.1)
    assert loss == pytest.approx(0.8 * math.log(2) + 0.2 * math.log(4))


def test_a_smoothed_loss_is_least_at_the_smoothed_targets():
    y = np.array([[0.8, 0.1, 0.1]])
    dlogits = F.cross_entropy.vjp(np.log(y), np.array([0]), label_smoothing=0.3)[1](1.0)[0]
    np.testing.assert_allclose(dlogits, 0, atol=1e-15)


@pytest.mark.parametrize("weight", [None, np.array([0.3, 2.0, 1.0])])
@pytest.mark.parametrize("name", LABELLED)
def test_ignored_examples_might_as_well_not_be_there(name, weight):
    rng = np.random.default_rng(0)
    loss, scores, labels = getattr(F, name), rng.normal(size=(5, 3)), np.array([2, -100, 0, -100, 1])
    value, pullback = loss.vjp(scores, labels, weight=weight)
    kept = labels >= 0
    expected, pullback_of_kept = loss.vjp(scores[kept], labels[kept], weight=weight)
    assert value == pytest.approx(expected, rel=1e-14)
    np.testing.assert_allclose(pullback(1.0)[0][kept], pullback_of_kept(1.0)[0], rtol=1e-14)
    assert not pullback(1.0)[0][~kept].any()


@pytest.mark.parametrize("name", LABELLED)
def test_a_nan_in_an_ignored_example_does_not_reach_the_loss(name):
    scores = np.array([[np.nan, 0.0], [0.0, 0.0]])
    value = getattr(F, name)(scores, np.array([-1, 1]), ignore_index=-1)
    expected = getattr(TF, name)(torch.tensor(scores), torch.tensor([-1, 1]), ignore_index=-1)
    assert value == pytest.approx(expected.item())
    assert np.isfinite(value)


@pytest.mark.parametrize("name", LABELLED)
def test_if_all_is_ignored_the_mean_is_nan_and_the_gradient_0(name):
    loss, scores, labels = getattr(F, name), np.ones((2, 3)), np.array([-100, -100])
    value, pullback = loss.vjp(scores, labels)
    t = torch.tensor(scores, requires_grad=True)
    other = getattr(TF, name)(t, torch.tensor(labels))
    other.backward()
    assert math.isnan(value)
    assert math.isnan(other.item())
    assert pullback(1.0)[0].tolist() == t.grad.tolist() == [[0.0] * 3] * 2
    assert loss(scores, labels, reduction="sum") == 0
    assert loss(scores, labels, reduction="none").tolist() == [0, 0]


def test_a_class_of_no_probability_costs_nothing_unless_it_is_right():
    logits = np.array([[0.0, -np.inf, 0.0]])
    assert F.cross_entropy(logits, np.array([0])) == pytest.approx(math.log(2))
    assert F.cross_entropy(logits, np.array([0]), weight=np.array([2.0, 1, 1])) == pytest.approx(math.log(2))
    assert F.cross_entropy(logits, np.array([1])) == np.inf


def test_sequences_and_images_of_labels_are_rows_in_another_order():
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(size=(2, 3, 4, 5)), rng.integers(0, 3, size=(2, 4, 5))
    rows = np.moveaxis(logits, 1, -1).reshape(-1, 3)
    assert F.cross_entropy(logits, labels) == pytest.approx(F.cross_entropy(rows, labels.reshape(-1)))
    assert F.cross_entropy(logits, labels, reduction="none").shape == (2, 4, 5)


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int32, np.uint64])
def test_labels_of_any_integer_dtype(dtype):
    logits = np.log([[0.25, 0.75], [0.5, 0.5]])
    expected = -math.log(0.75 * 0.5) / 2
    assert F.cross_entropy(logits, np.array([1, 0], dtype)) == pytest.approx(expected)
    assert F.nll_loss(logits, np.array([1, 0], dtype)) == pytest.approx(expected)


# ---------------------------------------------------------------- extremes


@pytest.mark.parametrize("scale", [1e3, 1e4])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extreme_logits_stay_finite_and_exact(dtype, scale):
    z = np.array([[1, -1], [-1, 1], [1, 1]], dtype) * dtype(scale)
    value, pullback = F.cross_entropy.vjp(z, np.array([1, 1, 0]))
    assert value == pytest.approx((2 * scale + 0 + np.log(2)) / 3, rel=1e-6)
    np.testing.assert_allclose(pullback(1.0)[0] * 3, [[1, -1], [0, 0], [-0.5, 0.5]], atol=1e-6)
    value, pullback = F.cross_entropy.vjp(z, np.array([1, 1, 0]), label_smoothing=0.5)
    assert value == pytest.approx((2 * scale * 0.75 + 2 * scale * 0.25 + np.log(2)) / 3, rel=1e-6)
    value, pullback = F.binary_cross_entropy_with_logits.vjp(z[0], np.array([0, 1]))
    assert value == scale
    assert (pullback(1.0)[0] * 2).tolist() == [1.0, -1.0]


def test_binary_cross_entropy_does_not_round_tails_away():
    for sign, target in ((1, 1.0), (-1, 0.0)):
        loss = F.binary_cross_entropy_with_logits(np.array([sign * 40.0]), np.array([target]))
        assert loss == pytest.approx(np.exp(-40.0), rel=1e-12)


def test_probabilities_of_0_and_1_cost_at_most_100_as_in_torch():
    p, target = np.array([0.0, 0.0, 1.0, 1.0]), np.array([0.0, 1.0, 1.0, 0.0])
    value, pullback = F.binary_cross_entropy.vjp(p, target, reduction="none")
    t = torch.tensor(p, requires_grad=True)
    other = TF.binary_cross_entropy(t, torch.tensor(target), reduction="none")
    other.sum().backward()
    assert value.tolist() == other.tolist() == [0, 100, 0, 100]
    np.testing.assert_allclose(pullback(np.ones(4))[0], t.grad.numpy(), rtol=1e-6)
    assert pullback(np.ones(4))[1].tolist() == [100, 100, -100, -100]


def test_nan_goes_through_all_losses_of_pairs():
    for name in PAIRED:
        for x, target in (([np.nan, 0.5], [0.5, 0.5]), ([0.5, 0.5], [np.nan, 0.5])):
            losses = getattr(F, name)(np.array(x), np.array(target), reduction="none")
            assert np.isnan(losses).tolist() == [True, False], name
            assert np.isnan(getattr(F, name)(np.array(x), np.array(target))), name


def test_a_target_of_0_costs_nothing_in_kl_div():
    x, target = np.array([-1.0, -2.0, -np.inf]), np.array([0.0, 0.5, 0.0])
    losses, pullback = F.kl_div.vjp(x, target, reduction="none")
    np.testing.assert_allclose(losses, [0, 0.5 * (math.log(0.5) + 2), 0], rtol=1e-15)
    dx, dtarget = pullback(np.ones(3))
    assert dx.tolist() == [0, -0.5, 0]
    np.testing.assert_allclose(dtarget, [0, math.log(0.5) + 2 + 1, 0], rtol=1e-15)


def test_kl_div_by_batch_is_the_divergence_and_not_negative():
    rng = np.random.default_rng(0)
    p, q = F.softmax(rng.normal(size=(6, 4))), F.softmax(rng.normal(size=(6, 4)))
    divergences = (p * np.log(p / q)).sum(axis=1)
    assert F.kl_div(np.log(q), p, reduction="batchmean") == pytest.approx(divergences.mean())
    assert F.kl_div(np.log(q), np.log(p), reduction="batchmean", log_target=True) == pytest.approx(
        divergences.mean()
    )
    assert (divergences > 0).all()
    assert F.kl_div(np.log(p), p, reduction="batchmean") == 0


# ---------------------------------------------------------------- numbers, yes and no


KINKS = [
    ("l1_loss", {}, [0.0, 2.0]),
    ("huber_loss", {"delta": 2.0}, [2.0, -2.0, 0.0]),
    ("smooth_l1_loss", {"beta": 2.0}, [2.0, -2.0, 0.0]),
    ("smooth_l1_loss", {"beta": 0.0}, [0.0, -2.0]),
]


@pytest.mark.parametrize(("name", "options", "d"), KINKS)
def test_values_and_slopes_at_kinks_are_those_of_torch(name, options, d):
    d = np.array(d)
    value, pullback = getattr(F, name).vjp(d, np.zeros_like(d), **options)
    t = torch.tensor(d, requires_grad=True)
    other = getattr(TF, name)(t, torch.zeros_like(t), **options)
    other.backward()
    assert value == pytest.approx(other.item(), rel=1e-15)
    np.testing.assert_allclose(pullback(1.0)[0], t.grad.numpy(), rtol=1e-15)
    np.testing.assert_allclose(pullback(1.0)[1], -t.grad.numpy(), rtol=1e-15)


def test_huber_by_hand():
    d = np.array([0.5, 3.0, -3.0])
    losses = F.huber_loss(d, np.zeros(3), reduction="none", delta=2.0)
    assert losses.tolist() == [0.125, 4.0, 4.0]  # 2 (3 - 1)
    assert (F.smooth_l1_loss(d, np.zeros(3), reduction="none", beta=2.0) * 2).tolist() == losses.tolist()


def test_the_hinge_at_its_kink_has_slope_0():
    losses, pullback = F.hinge_loss.vjp(np.array([1.0, 0.0, -3.0]), np.array([1, 1, -1]), reduction="none")
    assert losses.tolist() == [0, 1, 0]
    assert pullback(np.ones(3))[0].tolist() == [0, -1, 0]
    assert pullback(np.ones(3))[1] is None


def test_loss_accepts_integer_and_boolean_targets():
    logits = np.array([0.5, -0.5], np.float32)
    for target in (np.array([1, 0]), np.array([True, False])):
        loss = F.binary_cross_entropy_with_logits(logits, target)
        assert loss.dtype == np.float32
        assert loss == pytest.approx(np.log1p(np.exp(-0.5)), rel=1e-6)
        assert F.binary_cross_entropy(F.sigmoid(logits), target) == pytest.approx(loss, rel=1e-6)
    for name in ("mse_loss", "l1_loss", "huber_loss", "smooth_l1_loss"):
        assert getattr(F, name)(logits, np.array([1, 0])).dtype == np.float32


@pytest.mark.parametrize("name", ["cross_entropy", "nll_loss", *PAIRED[:2]])
def test_weights_in_another_dtype_change_neither_that_of_the_loss_nor_of_the_gradient(name):
    x, weight = np.full((2, 3), 0.5, np.float32), np.array([1.0, 2.0, 3.0])
    target = np.array([0, 1]) if name in LABELLED else x
    value, pullback = getattr(F, name).vjp(x, target, weight=weight)
    assert value.dtype == np.float32
    assert pullback(np.float32(1))[0].dtype == np.float32
    value, pullback = F.binary_cross_entropy_with_logits.vjp(x, x, pos_weight=weight)
    assert value.dtype == np.float32
    assert pullback(np.float32(1))[0].dtype == np.float32


OPTIONS = [
    ("huber_loss", {"delta": 0.5}),
    ("smooth_l1_loss", {"beta": 0.5}),
    ("smooth_l1_loss", {"beta": 0.0}),
    ("hinge_loss", {"margin": 0.5}),
]


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize(("name", "options"), OPTIONS)
def test_options_that_are_numpy_numbers_keep_float32(name, options, reduction):
    x, target = np.array([0.25, -3.0], np.float32), np.array([1.0, -1.0])
    options = {n: np.float64(value) for n, value in options.items()}
    value, pullback = getattr(F, name).vjp(x, target, reduction=reduction, **options)
    assert value.dtype == np.float32
    assert pullback(np.ones_like(value))[0].dtype == np.float32


def test_smoothing_that_is_a_numpy_number_keeps_float32():
    value, pullback = F.cross_entropy.vjp(
        np.ones((1, 2), np.float32), np.array([0]), label_smoothing=np.float64(0.5)
    )
    assert value.dtype == pullback(np.float32(1))[0].dtype == np.float32


def test_weights_by_keyword_may_be_tensors_and_get_no_gradient():
    x = Tensor(np.array([[0.5, -1.0]]), requires_grad=True)
    weight = Tensor(np.array([1.0, 2.0]), requires_grad=True)
    F.cross_entropy(x, np.array([1]), weight=weight).backward()
    target = np.array([[0.0, 1.0]])
    F.binary_cross_entropy_with_logits(x, target, weight=weight, pos_weight=weight).backward()
    F.binary_cross_entropy(F.sigmoid(x), target, weight=weight).backward()
    F.nll_loss(x, np.array([1]), weight=weight).backward()
    assert x.grad is not None
    assert weight.grad is None


# ---------------------------------------------------------------- messages


def labelled(name, scores, labels, **options):
    return lambda: getattr(F, name)(np.asarray(scores), np.asarray(labels), **options)


ONES = np.ones((2, 3))
MESSAGES = [
    (labelled("cross_entropy", np.ones(3), [0]), r"expected logits \(B, K\), K >= 1, got shape \(3,\)"),
    (labelled("nll_loss", np.ones(3), [0]), r"expected log_p \(B, K\), K >= 1, got shape \(3,\)"),
    (labelled("cross_entropy", ONES[:, :0], [0, 0]), r"expected logits \(B, K\), K >= 1, got shape \(2, 0\)"),
    (labelled("cross_entropy", ONES, [0]), r"expected labels \(2,\) for logits \(2, 3\), got shape \(1,\)"),
    (labelled("cross_entropy", np.ones((2, 3, 4)), [0, 1]), r"expected labels \(2, 4\).*got shape \(2,\)"),
    (labelled("cross_entropy", ONES, [0, 3]), r"expected labels in 0\.\.2, got 0\.\.3"),
    (labelled("cross_entropy", ONES, [0, -1]), r"expected labels in 0\.\.2, got -1\.\.0"),
    (labelled("nll_loss", ONES, [-100, 3]), r"expected labels in 0\.\.2, got 3\.\.3"),
    (labelled("cross_entropy", ONES, [0.0, 1.0]), "expected integer labels, got float64"),
    (labelled("cross_entropy", ONES.astype(int), [0, 1]), "expected floating logits, got int64"),
    (labelled("cross_entropy", ONES[:0], np.array([], int)), "expected at least one example, got losses of"),
    (labelled("nll_loss", ONES[:0], np.array([], int), reduction="sum"), "expected at least one example"),
    (labelled("cross_entropy", ONES, [0, 1], reduction="max"), "expected reduction .*got 'max'"),
    (labelled("cross_entropy", ONES, [0, 1], label_smoothing=1.5), r"label_smoothing in \[0, 1\], got 1.5"),
    (labelled("cross_entropy", ONES, [0, 1], weight=np.ones(2)), r"expected weight \(3,\).*got shape \(2,\)"),
    (lambda: F.mse_loss(np.ones((2, 1)), np.ones(2)), r"same shape as input \(2, 1\), got shape \(2,\)"),
    (lambda: F.l1_loss(np.ones((2, 1)), np.ones(2)), r"same shape as input \(2, 1\), got shape \(2,\)"),
    (lambda: F.mse_loss(np.ones(2, int), np.ones(2)), "expected floating input, got int64"),
    (lambda: F.mse_loss(np.ones((0, 2)), np.ones((0, 2))), r"at least one example.*shape \(0, 2\)"),
    (lambda: F.huber_loss(np.ones(2), np.ones(2), delta=0.0), "expected delta above 0, got 0.0"),
    (lambda: F.smooth_l1_loss(np.ones(2), np.ones(2), beta=-1.0), "expected beta of at least 0, got -1.0"),
    (
        lambda: F.binary_cross_entropy_with_logits(np.ones(2), np.array([0.0, 2.0])),
        r"expected targets in \[0, 1\], got values from 0\.0 to 2\.0",
    ),
    (
        lambda: F.binary_cross_entropy_with_logits(np.ones(2), np.ones((2, 1))),
        r"same shape as logits \(2,\), got shape \(2, 1\)",
    ),
    (
        lambda: F.binary_cross_entropy_with_logits(np.ones(2), np.ones(2), pos_weight=np.ones((2, 2))),
        r"expected pos_weight that broadcasts to \(2,\), got shape \(2, 2\)",
    ),
    (
        lambda: F.binary_cross_entropy(np.full(2, 0.5), np.ones(2), weight=np.ones(3)),
        r"expected weight that broadcasts to \(2,\), got shape \(3,\)",
    ),
    (
        lambda: F.binary_cross_entropy(np.array([-0.5, 1.0]), np.ones(2)),
        r"expected p in \[0, 1\], got values from -0\.5 to 1\.0",
    ),
    (
        lambda: F.binary_cross_entropy(np.ones(2), np.array([0, 2])),
        r"expected targets in \[0, 1\], got values from 0 to 2",
    ),
    (lambda: F.hinge_loss(np.ones(2), np.array([0, 1])), r"expected targets of -1 and 1, got \[0, 1\]"),
    (lambda: F.hinge_loss(np.ones(2), np.ones(2), margin=-1.0), "margin of at least 0, got -1.0"),
    (
        lambda: F.kl_div(np.ones(2), np.array([-1.0, 1])),
        "expected targets of at least 0, got values from -1.0",
    ),
    (lambda: F.kl_div(np.ones(2), np.array([-1.0, np.nan])), "at least 0, got values from -1.0 to -1.0"),
    (lambda: F.kl_div(np.ones(2), np.ones(2), reduction="batchsum"), "expected reduction .*got 'batchsum'"),
]


@pytest.mark.parametrize(("call", "message"), MESSAGES)
def test_messages_say_what_was_expected_and_what_came(call, message):
    with pytest.raises(ValueError, match=message):
        call()
