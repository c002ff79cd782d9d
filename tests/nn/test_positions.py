"""Positions: values by hand, the rotation behind them, and what they add to attention."""

import numpy as np
import pytest

from course_utils.nn import LearnedPositions, MultiheadAttention, PositionalEncoding, sinusoidal_positions


def test_four_features_by_hand():
    table = sinusoidal_positions(101, 4, dtype=np.float64)  # wavelengths 2 pi and 200 pi
    np.testing.assert_array_equal(table[0], [0, 1, 0, 1])
    np.testing.assert_allclose(table[1], [np.sin(1), np.cos(1), np.sin(0.01), np.cos(0.01)], rtol=1e-12)
    np.testing.assert_allclose(table[100], [np.sin(100), np.cos(100), np.sin(1), np.cos(1)], rtol=1e-12)


def test_the_base_sets_the_wavelengths():
    table = sinusoidal_positions(5, 4, base=16.0, dtype=np.float64)  # the second frequency is 16^(-1/2)
    np.testing.assert_allclose(table[4, 2:], [np.sin(1), np.cos(1)], rtol=1e-12)


@pytest.mark.parametrize("step", [1, 7, -3])
def test_a_step_is_a_rotation_wherever_it_starts(step):
    size, start = 6, 10
    table = sinusoidal_positions(60, size, dtype=np.float64)
    rotation = np.zeros((size, size))
    for i in range(0, size, 2):
        angle = step / 10000 ** (i / size)
        rotation[i : i + 2, i : i + 2] = [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]
    before, after = table[start:50], table[start + step : 50 + step]
    np.testing.assert_allclose(before @ rotation.T, after, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(np.vecdot(before, after), np.vecdot(before, after)[0], rtol=1e-9)


def test_an_odd_number_of_features_leaves_the_last_cosine_out():
    np.testing.assert_allclose(
        sinusoidal_positions(3, 5, dtype=np.float64)[:, 4],
        np.sin(np.arange(3) / 10000 ** (4 / 5)),
        rtol=1e-12,
    )
    np.testing.assert_allclose(sinusoidal_positions(3, 1, dtype=np.float64)[:, 0], np.sin(np.arange(3)))


def test_all_rows_are_equally_long_and_no_two_alike():
    table = sinusoidal_positions(2000, 8)
    assert table.dtype == np.float32
    np.testing.assert_allclose(np.sum(table**2, axis=1), 4, rtol=1e-5)
    assert len(np.unique(table.round(4), axis=0)) == 2000


def test_float32_holds_the_angles_of_float64():
    exact = sinusoidal_positions(10**5, 2, dtype=np.float64)
    np.testing.assert_allclose(sinusoidal_positions(10**5, 2), exact, atol=1e-7)


def test_no_positions_are_an_empty_table():
    assert sinusoidal_positions(0, 4).shape == (0, 4)


@pytest.mark.parametrize(
    ("arguments", "got"),
    [
        ((-1, 4), "-1, 4 and 10000.0"),
        ((3, 0), "3, 0 and"),
        ((3, 4, 0.0), "3, 4 and 0.0"),
        ((3, 4, np.nan), "nan"),
    ],
)
def test_messages(arguments, got):
    with pytest.raises(ValueError, match=f"expected length >= 0, d_model >= 1 and base > 0, got .*{got}"):
        sinusoidal_positions(*arguments)


def layers(max_length=6, d_model=4):
    learned = LearnedPositions(max_length, d_model, rng=np.random.default_rng(0), dtype=np.float64)
    return [PositionalEncoding(max_length, d_model, dtype=np.float64), learned]


@pytest.mark.parametrize("layer", layers())
def test_with_positions_attention_knows_the_order(layer):
    attention = MultiheadAttention(4, 2, batch_first=True, rng=np.random.default_rng(1), dtype=np.float64)
    x = np.random.default_rng(2).normal(size=(1, 6, 4))
    order = [3, 1, 4, 5, 0, 2]

    def output(x):
        placed = layer(x)
        return attention(placed, placed, placed)[0].data

    assert not np.allclose(output(x[:, order]), output(x)[:, order], rtol=1e-4)


@pytest.mark.parametrize("layer", layers())
def test_messages_of_the_layers(layer):
    with pytest.raises(ValueError, match="expected at most 6 positions, got 7"):
        layer(np.zeros((7, 4)))
    with pytest.raises(ValueError, match=r"expected x \(\.\.\., L, 4\), got shape \(6, 5\)"):
        layer(np.zeros((6, 5)))
    with pytest.raises(ValueError, match=r"expected x \(\.\.\., L, 4\), got shape \(4,\)"):
        layer(np.zeros(4))


def test_learned_rows_start_small_and_only_used_ones_get_a_gradient():
    layer = LearnedPositions(400, 10, rng=np.random.default_rng(0))
    assert abs(layer.weight.data.std() / 0.02 - 1) < 0.05
    layer(np.zeros((2, 3, 10), dtype=np.float32)).sum().backward()
    np.testing.assert_array_equal(layer.weight.grad[:3], 2)  # once for each of the two sequences
    assert not np.any(layer.weight.grad[3:])
    with pytest.raises(ValueError, match="at least one position and one feature, got 0 and 4"):
        LearnedPositions(0, 4, rng=np.random.default_rng(0))


def test_sines_are_no_part_of_the_state():
    assert layers()[0].state_dict() == {}
