"""Dropout: what its mask does on average and to the gradient, and when it does nothing."""

import numpy as np
import pytest

from course_utils.nn import Dropout, Linear, Sequential, Tensor
from course_utils.nn import functional as F


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_the_share_of_zeros_is_p_and_the_mean_is_kept(p):
    n = 200_000
    y = F.dropout(np.ones(n), p, rng=rng())
    spread = np.sqrt(p * (1 - p) / n)
    assert np.mean(y == 0) == pytest.approx(p, abs=5 * spread)
    assert y.mean() == pytest.approx(1, abs=5 * spread / (1 - p))
    np.testing.assert_allclose(np.unique(y), [0, 1 / (1 - p)])


def test_entries_are_switched_off_independently():
    y = F.dropout(np.ones((20_000, 4)), 0.5, rng=rng())
    correlation = np.corrcoef(y.T) - np.eye(4)
    assert np.abs(correlation).max() < 0.04


def test_the_gradient_passes_by_the_same_mask():
    x = Tensor(np.full((50, 40), 3.0), requires_grad=True)
    y = F.dropout(x, 0.75, rng=rng())
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, y.data / 3)
    assert set(np.unique(x.grad)) == {0.0, 4.0}


def test_the_generator_alone_decides_the_mask():
    x = np.ones((30, 30))
    np.testing.assert_array_equal(F.dropout(x, rng=rng(1)), F.dropout(x, rng=rng(1)))
    assert (F.dropout(x, rng=rng(1)) != F.dropout(x, rng=rng(2))).any()
    np.testing.assert_array_equal(
        F.dropout(x, rng=rng(1)), F.dropout(x.astype(np.float32), rng=rng(1)), strict=False
    )


def test_the_bounds_of_p_are_exact():
    x = rng().normal(size=1000)
    generator = rng()
    np.testing.assert_array_equal(F.dropout(x, 0.0, rng=generator), x)
    np.testing.assert_array_equal(F.dropout(x, 0.5, training=False, rng=generator), x)
    assert generator.random() == rng().random()  # nothing was drawn
    assert not F.dropout(x, 1.0, rng=generator).any()
    taped = Tensor(x, requires_grad=True)
    F.dropout(taped, 1.0, rng=generator).sum().backward()
    assert not taped.grad.any()


def test_a_layer_draws_a_new_mask_at_every_call_and_none_in_evaluation():
    layer, x = Dropout(0.5, rng=rng()), np.ones(100)
    first, second = layer(x), layer(x)
    assert (first != second).any()
    layer.eval()
    np.testing.assert_array_equal(layer(x), x)
    assert layer.state_dict() == {}


def test_layers_that_share_a_generator_have_masks_of_their_own():
    generator = rng()
    a, b = Dropout(rng=generator), Dropout(rng=generator)
    assert (a(np.ones(100)) != b(np.ones(100))).any()


def test_mode_reaches_dropout_in_a_model():
    model = Sequential(Linear(3, 50, rng=rng()), Dropout(0.5, rng=rng()))
    x = np.ones((1, 3), np.float32)
    assert (model(x).data == 0).any()
    assert (model.eval()(x).data != 0).all()
    assert repr(model[1]) == "Dropout(p=0.5)"


def test_inputs_stay_and_awkward_ones_work():
    x = np.ones((6, 8))[::2, ::3]
    x.flags.writeable = False
    F.dropout(x, 0.5, rng=rng())
    assert (x == 1).all()
    assert F.dropout(np.ones((0, 3)), rng=rng()).shape == (0, 3)
    assert np.isnan(F.dropout(np.full(20, np.nan), rng=rng())).all()


def test_messages():
    for p in (-0.1, 1.1, np.nan):
        with pytest.raises(ValueError, match=f"expected p in \\[0, 1\\], got {p}"):
            F.dropout(np.ones(2), p, rng=rng())
        with pytest.raises(ValueError, match="expected p in"):
            Dropout(p, rng=rng())
    with pytest.raises(ValueError, match="expected floating x, got int64"):
        F.dropout(np.arange(3), rng=rng())
