"""float32 stays float32: where a wider number or array would slip in unseen."""

import operator

import numpy as np
import pytest

from course_utils.nn import (
    GRU,
    LSTM,
    RNN,
    Conv1d,
    Conv2d,
    ConvTranspose2d,
    Linear,
    MultiheadAttention,
    Sequential,
    Tensor,
    TransformerEncoderLayer,
    penalties,
    where,
)

OPERATORS = (operator.add, operator.sub, operator.mul, operator.truediv, operator.pow)
X32 = np.array([1.5, 2.0], np.float32)


def learnt(array=X32):
    return Tensor(array, requires_grad=True)


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.int64])
@pytest.mark.parametrize("apply", OPERATORS)
def test_a_scalar_of_numpy_counts_as_a_python_number(apply, kind):
    number = kind(3)
    plain = float(number) if kind is not np.int64 else int(number)
    for mine, theirs in (
        (lambda x: apply(x, number), lambda x: apply(x, plain)),
        (lambda x: apply(number, x), lambda x: apply(plain, x)),
    ):
        a, b = learnt(), learnt()
        got, expected = mine(a), theirs(b)
        assert got.dtype == expected.dtype == np.float32
        np.testing.assert_array_equal(got.data, expected.data)
        got.sum().backward()
        expected.sum().backward()
        assert a.grad.dtype == np.float32
        np.testing.assert_array_equal(a.grad, b.grad)


def test_bounds_of_clamp_count_as_python_numbers():
    assert learnt().clamp(np.float64(0.1), np.float64(1.7)).dtype == np.float32
    assert learnt().clamp(max=np.float64(1.7)).data.tolist() == [1.5, np.float32(1.7)]


def test_the_other_choice_of_where_counts_as_a_python_number():
    positive = np.array([True, False])
    assert where(positive, learnt(), np.float64(0.1)).dtype == np.float32
    assert where(positive, np.float64(0.1), learnt()).dtype == np.float32


def test_a_penalty_times_a_strength_of_numpy_stays_narrow():
    assert (np.float64(0.1) * penalties.l1_penalty([learnt()])).dtype == np.float32
    assert (np.logspace(-3, -1, 3)[1] * penalties.l2_penalty([learnt()])).dtype == np.float32


def test_an_array_still_widens():
    assert (learnt() * np.array([0.1, 0.2])).dtype == np.float64
    assert (np.array([0.1, 0.2]) * learnt()).dtype == np.float64


def seeded():
    return np.random.default_rng(0)


def layers(dtype):
    options = {"rng": seeded(), "dtype": dtype}
    return {
        "Linear": (Linear(4, 3, **options), (2, 4)),
        "Conv1d": (Conv1d(4, 3, 1, **options), (2, 4, 5)),
        "Conv2d": (Conv2d(4, 3, 1, **options), (2, 4, 5, 5)),
        "Conv2d, circular": (Conv2d(4, 3, 3, padding=1, padding_mode="circular", **options), (2, 4, 5, 5)),
        "ConvTranspose2d": (ConvTranspose2d(4, 3, 1, **options), (2, 4, 5, 5)),
        "RNN": (RNN(4, 3, **options), (5, 2, 4)),
        "LSTM": (LSTM(4, 3, **options), (5, 2, 4)),
        "GRU": (GRU(4, 3, **options), (5, 2, 4)),
        "TransformerEncoderLayer": (TransformerEncoderLayer(4, 2, 8, **options), (5, 2, 4)),
    }


@pytest.mark.parametrize("name", layers(np.float32))
def test_wider_data_are_refused(name):
    layer, shape = layers(np.float32)[name]
    message = "expected (x|src) of the weights' dtype float32, got float64: "
    with pytest.raises(ValueError, match=message + r"write (x|src)\.astype\(np\.float32\)"):
        layer(np.ones(shape))
    for x in (Tensor(np.ones(shape)), learnt(np.ones(shape))):
        with pytest.raises(ValueError, match=message + r".* that it was made from need \.astype"):
            layer(x)


@pytest.mark.parametrize("name", layers(np.float32))
def test_data_of_the_weights_or_narrower_pass(name):
    for dtype in (np.float32, np.float64):
        layer, shape = layers(dtype)[name]
        layer(np.ones(shape, dtype))
    layer(np.ones(shape, np.float32))  # float64 weights: nothing is lost, and nothing grows unseen


@pytest.mark.parametrize("which", ["query", "key", "value"])
def test_wider_queries_keys_and_values_are_refused(which):
    layer = MultiheadAttention(4, 2, rng=seeded())
    inputs = {name: np.ones((3, 2, 4), np.float32) for name in ("query", "key", "value")}
    inputs[which] = np.ones((3, 2, 4))
    with pytest.raises(ValueError, match=f"expected {which} of the weights' dtype float32, got float64"):
        layer(**inputs)


def test_a_wider_initial_state_is_refused():
    with pytest.raises(ValueError, match="expected h_0 of the weights' dtype float32, got float64"):
        GRU(4, 3, rng=seeded())(np.ones((5, 2, 4), np.float32), np.zeros((1, 2, 3)))
    state = (np.zeros((1, 2, 3), np.float32), np.zeros((1, 2, 3)))
    with pytest.raises(ValueError, match="expected c_0 of the weights' dtype float32, got float64"):
        LSTM(4, 3, rng=seeded())(np.ones((5, 2, 4), np.float32), state)


def test_a_loop_by_hand_is_told_too():
    model = Sequential(Linear(4, 3, rng=seeded()))
    with pytest.raises(ValueError, match="float64"):
        model(seeded().normal(size=(2, 4)))
