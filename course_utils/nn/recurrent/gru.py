"""The gated recurrent unit: one state, and a gate that says how much of it to keep. Chapter 09."""

from __future__ import annotations

import numpy as np

from course_utils.nn.activations import sigmoid
from course_utils.nn.autodiff import primitive
from course_utils.nn.recurrent.steps import check_shapes, input_products, parts, rows


@primitive
def gru_states(
    x: np.ndarray,
    h0: np.ndarray,
    weight_ih: np.ndarray,
    weight_hh: np.ndarray,
    bias_ih: np.ndarray | None = None,
    bias_hh: np.ndarray | None = None,
    held: np.ndarray | None = None,
):
    """All states of one GRU layer.

    Each gate has its own rows of the weights, in torch's order: reset r, update z, candidate n::

        r = sigmoid(W_ir x_t + b_ir + W_hr h_(t-1) + b_hr)
        z = sigmoid(W_iz x_t + b_iz + W_hz h_(t-1) + b_hz)
        n = tanh(W_in x_t + b_in + r (W_hn h_(t-1) + b_hn))
        h_t = (1 - z) n + z h_(t-1)

    So z keeps the old state, and r acts after the product W_hn h. Cho et al., 2014, "Learning phrase
    representations using RNN encoder-decoder", section 2.3, reset the state before the product; after it, all
    three gates share one.

    Parameters
    ----------
    x : array (L, N, n_in)
        Inputs: L >= 1 steps of N sequences.
    h0 : array (N, H)
        The state before the first step.
    weight_ih : array (3 H, n_in)
        Weights of the input.
    weight_hh : array (3 H, H)
        Weights of the state.
    bias_ih, bias_hh : array (3 H,), optional
        Two biases; here they differ, since r multiplies that of the state.
    held : bool array (L, N), optional
        Where True, the step leaves the state of that sequence as it is.

    Returns
    -------
    array (L, N, H)
        The states after each step.

    Raises
    ------
    ValueError
        If the shapes do not fit or there is no step.

    Examples
    --------
    All weights 0: the gates are half open and the candidate is 0, so that the state halves at each step.

    >>> zero = np.zeros((1, 1))
    >>> gru_states(np.ones((2, 1, 1)), zero + 8, np.zeros((3, 1)), np.zeros((3, 1))).ravel()
    array([4., 2.])
    """
    check_shapes(3, x, weight_ih, weight_hh, biases=(bias_ih, bias_hh), initial={"h0": h0}, held=held)
    L, N, H = len(x), *h0.shape
    gates = input_products(x, weight_ih, bias_ih)  # (L, N, 3 H), to become r, z, n step by step
    r, z, n = parts(gates, 3)  # views, each (L, N, H)
    candidate_of_state = np.empty_like(n)  # W_hn h + b_hn
    h = np.empty((L + 1, N, H), gates.dtype)  # h[t] is the state before step t, h[t + 1] after it
    h[0] = h0
    for t in range(L):
        from_state = h[t] @ weight_hh.T  # (N, 3 H)
        if bias_hh is not None:
            from_state += bias_hh
        candidate_of_state[t] = from_state[:, 2 * H :]
        gates[t, :, : 2 * H] = sigmoid(gates[t, :, : 2 * H] + from_state[:, : 2 * H])
        if held is not None:
            z[t, held[t]] = 1  # keep the state as it is
        n[t] = np.tanh(n[t] + r[t] * candidate_of_state[t])
        h[t + 1] = (1 - z[t]) * n[t] + z[t] * h[t]

    def pullback(dstates):  # (L, N, H)
        slope = gates * (1 - gates)  # of the sigmoids
        parts(slope, 3)[2] = 1 - n**2  # of the candidate's tanh
        dfrom_x, dfrom_state = np.empty_like(gates), np.empty_like(gates)
        (dr, dz, dn), (_, _, dn_of_state) = parts(dfrom_x, 3), parts(dfrom_state, 3)
        dh = np.zeros_like(h[0])
        for t in reversed(range(L)):
            dh = dh + dstates[t]  # from the output at this step, and from the step after it
            dz[t], dn[t] = dh * (h[t] - n[t]), dh * (1 - z[t])
            dr[t] = dn[t] * slope[t, :, 2 * H :] * candidate_of_state[t]
            dfrom_x[t] *= slope[t]
            dfrom_state[t] = dfrom_x[t]
            dn_of_state[t] *= r[t]
            dh = dfrom_state[t] @ weight_hh + dh * z[t]
        da, db = rows(dfrom_x), rows(dfrom_state)
        dweights = da.T @ rows(x), db.T @ rows(h[:-1])
        return lambda: (da @ weight_ih).reshape(x.shape), dh, *dweights, da.sum(axis=0), db.sum(axis=0)

    return h[1:], pullback
