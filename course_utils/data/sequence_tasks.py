"""Two tasks that only memory solves: add two marked numbers, copy symbols after a delay. Chapter 09.

Sequences come batch first, (N, T, ...), for layers with ``batch_first=True``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

from course_utils.randomness import check_generator


def adding_task(
    n: int, length: int, *, rng: np.random.Generator, dtype: DTypeLike = np.float32
) -> tuple[np.ndarray, np.ndarray]:
    """Draw sequences of numbers of which two are marked; the target is the sum of those two.

    Parameters
    ----------
    n : int
        Number of sequences.
    length : int
        Their length T, 2 or more.
    rng : numpy.random.Generator
    dtype : dtype
        Of x and y, float32 (default) or float64.

    Returns
    -------
    x : array (n, length, 2)
        Channel 0: numbers drawn uniformly from [0, 1). Channel 1: markers, 1 at one place of the first half
        (``length // 2`` steps) and at one of the second, 0 elsewhere, both places drawn uniformly.
    y : array (n, 1)
        The sum of the two marked numbers, in [0, 2).

    Raises
    ------
    ValueError
        If n or length is too small, or the dtype not a floating one.

    Notes
    -----
    Who always answers 1, the mean, has a mean squared error of Var(y) = 2/12 = 0.167: learning begins below
    that. The task is Hochreiter and Schmidhuber's (1997, *Long Short-Term Memory*, section 5.4), who drew
    numbers from [-1, 1], scaled the target and marked within the first ten pairs and the first half; this
    variant, a marker in each half, is that of Arjovsky, Shah and Bengio (2016, arXiv:1511.06464). Inputs and
    sums as here are also Le, Jaitly and Hinton's (2015, arXiv:1504.00941).

    Examples
    --------
    >>> x, y = adding_task(3, 6, rng=np.random.default_rng(0))
    >>> x.shape, y.shape, x[0, :, 1].tolist()
    ((3, 6, 2), (3, 1), [0.0, 1.0, 0.0, 0.0, 0.0, 1.0])
    >>> bool(np.allclose((x[..., 0] * x[..., 1]).sum(axis=1), y[:, 0]))
    True
    """
    if n < 0 or length < 2:
        raise ValueError(f"expected n of 0 or more and a length of at least 2, got {n} and {length}")
    if np.dtype(dtype).kind != "f":
        raise ValueError(f"expected a floating dtype, such as np.float32, got {np.dtype(dtype)}")
    check_generator(rng)
    x, rows = np.zeros((n, length, 2), dtype), np.arange(n)
    x[..., 0] = rng.random((n, length), dtype=np.float32)  # float32 everywhere: never rounded up to 1
    for low, high in ((0, length // 2), (length // 2, length)):
        x[rows, rng.integers(low, high, n), 1] = 1
    return x, (x[..., 0] * x[..., 1]).sum(axis=1, keepdims=True)


def copying_task(
    n: int, delay: int, n_symbols: int = 8, *, n_copied: int = 10, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw sequences that begin with symbols to be repeated after a delay, when a bell rings.

    With 8 symbols of which 10 are copied, and a delay of 3 (B the blank 8, R the bell 9)::

        x   s s s s s s s s s s B B R B B B B B B B B B B
        y   B B B B B B B B B B B B B s s s s s s s s s s

    Parameters
    ----------
    n : int
        Number of sequences.
    delay : int
        Steps T from the end of the symbols to the bell, the bell included, 1 or more.
    n_symbols : int
        Size of the alphabet; its symbols are 0 to n_symbols - 1, the blank is n_symbols, the bell n_symbols
        + 1.
    n_copied : int
        Number of symbols to remember, 1 or more, drawn independently.
    rng : numpy.random.Generator

    Returns
    -------
    x, y : int64 array (n, delay + 2 n_copied)
        What is read, and what must be answered at every step. The classes of y are 0 to n_symbols: the bell
        is never an answer.

    Raises
    ------
    ValueError
        If a number is too small.

    Notes
    -----
    Without memory one answers the blank up to the bell, then guesses: a cross-entropy of n_copied
    ln(n_symbols) / (delay + 2 n_copied) nats a step, 10 ln 8 / (T + 20). Form and baseline: Arjovsky, Shah
    and Bengio, 2016, *Unitary Evolution Recurrent Neural Networks* (arXiv:1511.06464), after Hochreiter and
    Schmidhuber, 1997.

    Examples
    --------
    >>> x, y = copying_task(1, 3, n_symbols=2, n_copied=2, rng=np.random.default_rng(1))
    >>> print(x, y)
    [[0 1 2 2 3 2 2]] [[2 2 2 2 2 0 1]]
    """
    if min(n, delay - 1, n_symbols - 1, n_copied - 1) < 0:
        raise ValueError(
            "expected n of 0 or more and delay, n_symbols and n_copied of 1 or more, "
            f"got {n}, {delay}, {n_symbols} and {n_copied}"
        )
    blank, bell = n_symbols, n_symbols + 1
    symbols = check_generator(rng).integers(n_symbols, size=(n, n_copied))
    x = np.full((n, delay + 2 * n_copied), blank, dtype=np.int64)
    y = x.copy()
    x[:, :n_copied] = symbols
    x[:, n_copied + delay - 1] = bell
    y[:, -n_copied:] = symbols
    return x, y
