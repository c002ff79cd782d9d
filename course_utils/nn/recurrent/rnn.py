"""The plain recurrent layer: one state, carried from step to step and bent each time. Chapter 09."""

from __future__ import annotations

import numpy as np

from course_utils.nn.autodiff import primitive
from course_utils.nn.recurrent.steps import check_shapes, input_products, rows


@primitive
def rnn_states(
    x: np.ndarray,
    h0: np.ndarray,
    weight_ih: np.ndarray,
    weight_hh: np.ndarray,
    bias_ih: np.ndarray | None = None,
    bias_hh: np.ndarray | None = None,
    held: np.ndarray | None = None,
    nonlinearity: str = "tanh",
):
    """All states of one plain layer (Elman, 1990, "Finding structure in time").

    h_t = tanh(W_ih x_t + b_ih + W_hh h_(t-1) + b_hh), or the rectifier in place of tanh. The pullback is
    backpropagation through time (Werbos, 1990, "Backpropagation through time: what it does and how to do
    it"): it walks back over the steps and hands dL/dh from each to the one before it, through the slope and
    through W_hh. The weights were used at every step, so their gradient is the sum over all of them.

    Parameters
    ----------
    x : array (L, N, n_in)
        Inputs: L >= 1 steps of N sequences.
    h0 : array (N, H)
        The state before the first step.
    weight_ih : array (H, n_in)
        Weights of the input.
    weight_hh : array (H, H)
        Weights of the state.
    bias_ih, bias_hh : array (H,), optional
        Two biases, as in torch; only their sum matters.
    held : bool array (L, N), optional
        Where True, the step leaves the state of that sequence as it is.
    nonlinearity : {"tanh", "relu"}
        What bends the state.

    Returns
    -------
    array (L, N, H)
        The states after each step.

    Raises
    ------
    ValueError
        If the shapes do not fit, there is no step, or the nonlinearity is unknown.

    Examples
    --------
    >>> one = np.ones((1, 1))
    >>> x = np.array([[[1.0]], [[2.0]], [[-9.0]]])
    >>> rnn_states(x, 0 * one, one, one, nonlinearity="relu").ravel()  # 1, then 2 + 1, then -9 + 3 < 0
    array([1., 3., 0.])
    """
    check_shapes(1, x, weight_ih, weight_hh, biases=(bias_ih, bias_hh), initial={"h0": h0}, held=held)
    if nonlinearity not in ("tanh", "relu"):
        raise ValueError(f"expected nonlinearity 'tanh' or 'relu', got {nonlinearity!r}")
    inputs = input_products(x, weight_ih, bias_ih, bias_hh)  # (L, N, H)
    h = np.empty((len(x) + 1, *h0.shape), inputs.dtype)  # h[t] is the state before step t, h[t + 1] after it
    h[0] = h0
    for t in range(len(x)):
        a = inputs[t] + h[t] @ weight_hh.T  # (N, H)
        h[t + 1] = np.tanh(a) if nonlinearity == "tanh" else np.maximum(a, 0)
        if held is not None:
            h[t + 1, held[t]] = h[t, held[t]]

    def pullback(dstates):  # (L, N, H)
        slope = 1 - h[1:] ** 2 if nonlinearity == "tanh" else np.greater(h[1:], 0).astype(h.dtype)
        if held is not None:
            slope[held] = 0
        da, dh = np.empty_like(inputs), np.zeros_like(h[0])
        for t in reversed(range(len(x))):
            dh = dh + dstates[t]  # from the output at this step, and from the step after it
            da[t] = dh * slope[t]
            dh = da[t] @ weight_hh if held is None else np.where(held[t, :, None], dh, da[t] @ weight_hh)
        da = rows(da)
        dbias = da.sum(axis=0)
        dweights = da.T @ rows(x), da.T @ rows(h[:-1])
        return lambda: (da @ weight_ih).reshape(x.shape), dh, *dweights, dbias, dbias

    return h[1:], pullback
