"""Truncated backpropagation through time: learn from a long sequence in short segments. Chapter 09.

The state goes on from segment to segment, the gradient stops at their borders::

    state = None
    for x_part, y_part in zip(truncated_segments(x, 20), truncated_segments(y, 20)):
        output, state = rnn(x_part, state)
        loss = F.mse_loss(output, y_part)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        state = detach(state)

Memory and time of a step then depend on the length of a segment, not on that of the sequence; dependencies
longer than a segment can be carried forward by the state, but earn no gradient. Williams and Peng, 1990, "An
efficient gradient-based algorithm for on-line training of recurrent network trajectories", call this
BPTT(h; h'), here with as many steps back as forward, h = h'.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from course_utils.nn.autodiff import Tensor


def detach(state: Any) -> Any:
    """Return the values of a state alone, so that no gradient goes back beyond it.

    Parameters
    ----------
    state : Tensor, array, None, or tuples of these, nested to any depth
        Such as the (h, c) of an LSTM.

    Returns
    -------
    The same with an array in place of each Tensor, and a tuple in place of a list

    Examples
    --------
    >>> h, c = Tensor([1.0], requires_grad=True), Tensor([2.0])
    >>> detach((h, c))
    (array([1.]), array([2.]))
    """
    if isinstance(state, tuple | list):
        return tuple(detach(part) for part in state)
    return state.data if isinstance(state, Tensor) else state


def truncated_segments(x: Any, n_steps: int, batch_first: bool = False) -> Iterator[Any]:
    """Yield pieces of at most `n_steps` along time, in order; the last takes what is left.

    Parameters
    ----------
    x : array or Tensor (L, ...)
        A sequence, or several side by side; time is the second axis with `batch_first`.
    n_steps : int
        Length of a segment, at least 1.
    batch_first : bool
        Whether x is (N, L, ...).

    Raises
    ------
    ValueError
        If there is no such axis or `n_steps` is below 1.

    Examples
    --------
    >>> [segment.tolist() for segment in truncated_segments(np.arange(5), 2)]
    [[0, 1], [2, 3], [4]]
    """
    if n_steps < 1:
        raise ValueError(f"expected n_steps >= 1, got {n_steps}")
    shape = x.shape if isinstance(x, Tensor) else np.shape(x)
    if len(shape) <= int(batch_first):
        raise ValueError(f"expected x ({'N, L' if batch_first else 'L'}, ...), got shape {shape}")
    starts = range(0, shape[int(batch_first)], n_steps)
    spans = (slice(start, start + n_steps) for start in starts)
    return (x[:, span] if batch_first else x[span] for span in spans)
