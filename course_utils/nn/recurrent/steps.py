"""What recurrent layers share: products for all steps at once, gates, a look at shapes. Chapter 09."""

from __future__ import annotations

import numpy as np


def rows(array: np.ndarray) -> np.ndarray:
    """Join time and batch, (L, N, K) to (L N, K), so that one matrix product serves all steps."""
    return array.reshape(array.shape[0] * array.shape[1], array.shape[2])


def input_products(x: np.ndarray, weight_ih: np.ndarray, *biases: np.ndarray | None) -> np.ndarray:
    """Return W x plus the biases for all steps, (L, N, n_out): none of this has to wait for the state."""
    products = rows(x) @ weight_ih.T
    for bias in biases:
        if bias is not None:
            products = products + bias
    products = products.astype(np.result_type(products, np.float32), copy=False)  # whole numbers to floats
    return products.reshape(*x.shape[:2], len(weight_ih))


def parts(gates: np.ndarray, n_gates: int) -> np.ndarray:
    """Return views of the gates that lie side by side: (L, N, n_gates H) to (n_gates, L, N, H)."""
    L, N, G = gates.shape
    return np.moveaxis(gates.reshape(L, N, n_gates, G // n_gates), 2, 0)


def check_shapes(
    n_gates: int,
    x: np.ndarray,
    weight_ih: np.ndarray,
    weight_hh: np.ndarray,
    *,
    biases: tuple[np.ndarray | None, np.ndarray | None],
    initial: dict[str, np.ndarray],
    held: np.ndarray | None,
) -> None:
    """Compare the shapes of all that a recurrent layer is given.

    Raises
    ------
    ValueError
        If a shape does not fit the others, there is no step, or `held` is not made of booleans.
    """
    if np.ndim(x) != 3 or len(x) == 0:
        raise ValueError(f"expected x (L, N, n_in) with L >= 1, got shape {np.shape(x)}")
    if np.ndim(weight_hh) != 2 or weight_hh.shape[0] != n_gates * weight_hh.shape[1]:
        raise ValueError(f"expected weight_hh ({n_gates} * H, H), got shape {np.shape(weight_hh)}")
    (L, N, n_in), (G, H) = x.shape, weight_hh.shape
    fitting: list[tuple[str, np.ndarray | None, tuple[int, ...]]] = [
        ("weight_ih", weight_ih, (G, n_in)),
        ("bias_ih", biases[0], (G,)),
        ("bias_hh", biases[1], (G,)),
        *((name, state, (N, H)) for name, state in initial.items()),
        ("held", held, (L, N)),
    ]
    for name, array, shape in fitting:
        if array is not None and np.shape(array) != shape:
            raise ValueError(
                f"expected {name} {shape} for x {x.shape} and weight_hh {weight_hh.shape}, "
                f"got shape {np.shape(array)}"
            )
    if held is not None and held.dtype != bool:
        raise ValueError(f"expected held of booleans, got {held.dtype}")
