"""RNN, LSTM and GRU: layers that read a sequence step by step and remember. Chapter 09."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from course_utils.nn.layers.recurrent_stack import RecurrentStack
from course_utils.nn.recurrent import gru_states, lstm_states, rnn_states


class RNN(RecurrentStack):
    """Plain recurrent layers, h_t = tanh(W_ih x_t + b_ih + W_hh h_(t-1) + b_hh): see `rnn_states`.

    Parameters
    ----------
    input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, rng, dtype
        As in `RecurrentStack`.
    nonlinearity : {"tanh", "relu"}
        What bends the state.

    Raises
    ------
    ValueError
        If an option is out of range.

    Examples
    --------
    >>> rnn = RNN(3, 4, rng=np.random.default_rng(0))
    >>> output, h_n = rnn(np.zeros((5, 2, 3), dtype=np.float32))
    >>> output.shape, h_n.shape
    ((5, 2, 4), (1, 2, 4))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float32,
    ):
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"expected nonlinearity 'tanh' or 'relu', got {nonlinearity!r}")
        sizes = (input_size, hidden_size, num_layers)
        super().__init__(*sizes, bias, batch_first, dropout, bidirectional, rng=rng, dtype=dtype)
        self.nonlinearity = nonlinearity

    def one_layer(self, x: Any, start: list[Any], weights: list[Any], held: Any) -> tuple[Any, Any]:
        """Read x (L, N, n_in) with `rnn_states`."""
        h = rnn_states(x, *start, *weights, held=held, nonlinearity=self.nonlinearity)
        return h, h[-1:]


class LSTM(RecurrentStack):
    """Long short-term memory: see `lstm_states`. The state is a pair (h, c).

    Parameters
    ----------
    input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, rng, dtype
        As in `RecurrentStack`; there is no ``proj_size``.

    Examples
    --------
    Four gates, each with two matrices and two biases: 4 (10 20 + 20 20 + 20 + 20).

    >>> lstm = LSTM(10, 20, rng=np.random.default_rng(0))
    >>> sum(parameter.data.size for parameter in lstm.parameters())
    2560
    >>> output, (h_n, c_n) = lstm(np.zeros((5, 2, 10), dtype=np.float32))
    >>> output.shape, h_n.shape, c_n.shape
    ((5, 2, 20), (1, 2, 20), (1, 2, 20))
    """

    n_gates = 4
    state_names = ("h_0", "c_0")

    def one_layer(self, x: Any, start: list[Any], weights: list[Any], held: Any) -> tuple[Any, Any]:
        """Read x (L, N, n_in) with `lstm_states`."""
        states = lstm_states(x, *start, *weights, held=held)  # (2, L, N, H)
        return states[0], states[:, -1]


class GRU(RecurrentStack):
    """Gated recurrent units: see `gru_states`.

    Parameters
    ----------
    input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, rng, dtype
        As in `RecurrentStack`.

    Examples
    --------
    Three gates, each with two matrices and two biases: 3 (10 20 + 20 20 + 20 + 20).

    >>> gru = GRU(10, 20, rng=np.random.default_rng(0))
    >>> sum(parameter.data.size for parameter in gru.parameters())
    1920
    """

    n_gates = 3

    def one_layer(self, x: Any, start: list[Any], weights: list[Any], held: Any) -> tuple[Any, Any]:
        """Read x (L, N, n_in) with `gru_states`."""
        h = gru_states(x, *start, *weights, held=held)
        return h, h[-1:]
