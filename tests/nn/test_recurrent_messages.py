"""What recurrent layers say to options, shapes, states and lengths that do not fit."""

import numpy as np
import pytest

from course_utils.nn import GRU, LSTM, RNN
from course_utils.nn.recurrent import gru_states, rnn_states
from tests.nn.recurrent_layers import make


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"input_size": 0}, "expected input_size, hidden_size and num_layers of at least 1, got 0, 4 and 1"),
        ({"hidden_size": 0}, "at least 1, got 3, 0 and 1"),
        ({"num_layers": 0}, "at least 1, got 3, 4 and 0"),
        ({"dropout": 1.5}, r"expected dropout in \[0, 1\], got 1.5"),
        ({"dropout": float("nan")}, r"expected dropout in \[0, 1\], got nan"),
        ({"nonlinearity": "sigmoid"}, "expected nonlinearity 'tanh' or 'relu', got 'sigmoid'"),
    ],
)
def test_options_out_of_range(options, message):
    with pytest.raises(ValueError, match=message):
        make(RNN, **({"input_size": 3, "hidden_size": 4} | options))


@pytest.mark.parametrize(
    ("x", "options", "message"),
    [
        (np.ones((5, 2, 4)), {}, r"expected x \(L, N, 3\) or \(L, 3\), got shape \(5, 2, 4\)"),
        (np.ones(3), {}, r"expected x \(L, N, 3\) or \(L, 3\), got shape \(3,\)"),
        (np.ones((0, 2, 3)), {}, r"expected x \(L, N, n_in\) with L >= 1, got shape \(0, 2, 3\)"),
        (np.ones((5, 2, 3)), {"initial": np.ones((1, 2, 4))}, r"expected initial \(h_0, c_0\), got shape"),
        (np.ones((5, 2, 3)), {"initial": (np.ones((1, 2, 4)),)}, r"\(h_0, c_0\), got 1 in a tuple"),
        (
            np.ones((5, 2, 3)),
            {"initial": (np.ones((1, 2, 4)), np.ones((1, 3, 4)))},
            r"expected c_0 \(1, 2, 4\), got shape \(1, 3, 4\)",
        ),
        (
            np.ones((5, 3)),
            {"initial": (np.ones((1, 1, 4)), np.ones((1, 4)))},
            r"expected h_0 \(1, 4\), got shape \(1, 1, 4\)",
        ),
        (
            np.ones((5, 2, 3)),
            {"lengths": [5]},
            r"expected lengths \(2,\) for x \(5, 2, 3\), got shape \(1,\)",
        ),
        (np.ones((5, 2, 3)), {"lengths": [0, 5]}, "expected lengths from 1 to 5, got 0 for sequence 0"),
        (np.ones((5, 2, 3)), {"lengths": [5, 6]}, "expected lengths from 1 to 5, got 6 for sequence 1"),
        (np.ones((5, 2, 3)), {"lengths": [5.0, 1.0]}, "expected whole lengths, got float64"),
    ],
)
def test_input_that_does_not_fit(x, options, message):
    with pytest.raises(ValueError, match=message):
        make(LSTM, 3, 4)(x, **options)


def test_one_state_is_not_given_as_a_pair():
    with pytest.raises(ValueError, match="expected initial h_0, got 2 in a tuple"):
        make(GRU, 3, 4)(np.ones((5, 2, 3)), (np.ones((1, 2, 4)), np.ones((1, 2, 4))))
    with pytest.raises(ValueError, match=r"expected x \(N, L, 3\) or \(L, 3\)"):
        make(GRU, 3, 4, batch_first=True)(np.ones((5, 2, 4)))


FITTING = {
    "x": np.ones((5, 2, 3)),
    "h0": np.ones((2, 4)),
    "weight_ih": np.ones((12, 3)),
    "weight_hh": np.ones((12, 4)),
    "bias_ih": np.ones(12),
    "bias_hh": np.ones(12),
    "held": np.zeros((5, 2), dtype=bool),
}


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        ("x", np.ones((5, 3)), r"expected x \(L, N, n_in\) with L >= 1, got shape \(5, 3\)"),
        ("h0", np.ones((3, 4)), r"expected h0 \(2, 4\) for x \(5, 2, 3\) and weight_hh \(12, 4\)"),
        ("weight_ih", np.ones((12, 2)), r"expected weight_ih \(12, 3\) .*, got shape \(12, 2\)"),
        ("weight_hh", np.ones((4, 4)), r"expected weight_hh \(3 \* H, H\), got shape \(4, 4\)"),
        ("bias_ih", np.ones(4), r"expected bias_ih \(12,\) .*, got shape \(4,\)"),
        ("bias_hh", np.ones((1, 12)), r"expected bias_hh \(12,\) .*, got shape \(1, 12\)"),
        ("held", np.zeros((2, 5), dtype=bool), r"expected held \(5, 2\) .*, got shape \(2, 5\)"),
        ("held", np.zeros((5, 2)), "expected held of booleans, got float64"),
    ],
)
def test_shapes_of_a_primitive_that_do_not_fit(name, array, message):
    assert gru_states(**FITTING).shape == (5, 2, 4)
    with pytest.raises(ValueError, match=message):
        gru_states(**(FITTING | {name: array}))


def test_a_primitive_knows_two_nonlinearities():
    one = np.ones((1, 1))
    with pytest.raises(ValueError, match="expected nonlinearity 'tanh' or 'relu', got 'gelu'"):
        rnn_states(one[np.newaxis], one, one, one, nonlinearity="gelu")
