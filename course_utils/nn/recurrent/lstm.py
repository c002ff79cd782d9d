"""Long short-term memory: a cell that adds up, and three gates that rule over it. Chapter 09."""

from __future__ import annotations

import numpy as np

from course_utils.nn.autodiff import primitive
from course_utils.nn.recurrent.steps import check_shapes, input_products, parts, rows


@primitive
def lstm_states(
    x: np.ndarray,
    h0: np.ndarray,
    c0: np.ndarray,
    weight_ih: np.ndarray,
    weight_hh: np.ndarray,
    bias_ih: np.ndarray | None = None,
    bias_hh: np.ndarray | None = None,
    held: np.ndarray | None = None,
):
    """All states h and c of one LSTM layer.

    Each gate has its own rows of the weights, in torch's order: input i, forget f, candidate g, output o; for
    i, a_i = W_ii x_t + b_ii + W_hi h_(t-1) + b_hi. Then i, f, o = sigmoid(a) and g = tanh(a_g), and::

        c_t = f c_(t-1) + i g          the cell: what is kept and what is added
        h_t = o tanh(c_t)              the state: what is shown of it

    (Hochreiter and Schmidhuber, 1997, "Long short-term memory"; the forget gate is of Gers, Schmidhuber and
    Cummins, 2000, "Learning to forget".) On the way back, dL/dc passes from step to step by a factor f alone,
    without a matrix: where f is near 1, it does not vanish.

    Parameters
    ----------
    x : array (L, N, n_in)
        Inputs: L >= 1 steps of N sequences.
    h0, c0 : array (N, H)
        State and cell before the first step.
    weight_ih : array (4 H, n_in)
        Weights of the input.
    weight_hh : array (4 H, H)
        Weights of the state.
    bias_ih, bias_hh : array (4 H,), optional
        Two biases, as in torch; only their sum matters.
    held : bool array (L, N), optional
        Where True, the step leaves state and cell of that sequence as they are.

    Returns
    -------
    array (2, L, N, H)
        After each step: the states h, and below them the cells c.

    Raises
    ------
    ValueError
        If the shapes do not fit or there is no step.

    Examples
    --------
    All weights 0: every gate is half open and nothing is added, so that the cell halves at each step.

    >>> zero = np.zeros((1, 1))
    >>> h, c = lstm_states(np.ones((2, 1, 1)), zero, zero + 8, np.zeros((4, 1)), np.zeros((4, 1)))
    >>> c.ravel()
    array([4., 2.])
    """
    initial = {"h0": h0, "c0": c0}
    check_shapes(4, x, weight_ih, weight_hh, biases=(bias_ih, bias_hh), initial=initial, held=held)
    L, N, H = len(x), *h0.shape
    gates = input_products(x, weight_ih, bias_ih, bias_hh)  # (L, N, 4 H), to become i, f, g, o step by step
    i, f, g, o = parts(gates, 4)  # views, each (L, N, H)
    half = np.repeat(np.array([0.5, 0.5, 1, 0.5], gates.dtype), H)  # 1 for g, which is not halved
    states = np.empty((2, L + 1, N, H), gates.dtype)
    h, c = states  # h[t] is the state before step t, h[t + 1] after it
    h[0], c[0] = h0, c0
    tanh_c = np.empty_like(h[1:])
    for t in range(L):
        gates[t] += h[t] @ weight_hh.T
        # sigmoid(a) = (1 + tanh(a / 2)) / 2, so that one tanh serves all four
        gates[t] = half * np.tanh(half * gates[t]) + (1 - half)
        if held is not None:
            i[t, held[t]], f[t, held[t]], o[t, held[t]] = 0, 1, 0  # keep the cell as it is
        c[t + 1] = f[t] * c[t] + i[t] * g[t]
        tanh_c[t] = np.tanh(c[t + 1])
        h[t + 1] = o[t] * tanh_c[t]
        if held is not None:
            h[t + 1, held[t]] = h[t, held[t]]

    def pullback(dstates):  # (2, L, N, H)
        slope = gates * (1 - gates)  # of the sigmoids
        parts(slope, 4)[2] = 1 - g**2  # of the candidate's tanh
        dgates = np.empty_like(gates)
        di, df, dg, do = parts(dgates, 4)
        dh, dc = np.zeros_like(states[:, 0])
        for t in reversed(range(L)):
            dh = dh + dstates[0, t]  # from the output at this step, and from the step after it
            dc = dc + dstates[1, t] + dh * o[t] * (1 - tanh_c[t] ** 2)
            di[t], df[t], dg[t], do[t] = dc * g[t], dc * c[t], dc * i[t], dh * tanh_c[t]
            dgates[t] *= slope[t]
            dh_held = 0 if held is None else dh * held[t, :, None]
            dh, dc = dgates[t] @ weight_hh + dh_held, dc * f[t]
        da = rows(dgates)
        dbias = da.sum(axis=0)
        dweights = da.T @ rows(x), da.T @ rows(h[:-1])
        return lambda: (da @ weight_ih).reshape(x.shape), dh, dc, *dweights, dbias, dbias

    return states[:, 1:], pullback
