"""How gradients grow from layer to layer in wide networks of random weights: the theory. For `GradientFlow`.

In a wide layer the pre-activations of random weights are nearly normal, so a mean over units becomes a mean
over a normal variable, and one number per layer, its variance, says all: Poole et al., 2016, "Exponential
expressivity in deep neural networks through transient chaos"; on the way back Schoenholz et al., 2017, "Deep
information propagation"; with residual connections Yang and Schoenholz, 2017, "Mean field residual networks:
on the edge of chaos"; with batch normalisation Yang et al., 2019, "A mean field theory of batch
normalization".
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

EPS = 1e-5  # what the normalising layers add to a variance

SAME = 1e-9  # a variance that changes by no larger part will not change any more

STEP = 0.05
Z = np.arange(-8 + STEP / 2, 8, STEP)  # beside 0, where rectifiers have their kink
DENSITY = np.exp(-Z * Z / 2) / np.exp(-Z * Z / 2).sum()


def normal_moments(activation: Any, variance: float) -> tuple[float, float, float]:
    """Return the means of f(u), f(u)^2 and f'(u)^2 over a normal u of mean 0 and that variance.

    Examples
    --------
    >>> from course_utils.nn.functional import relu
    >>> [round(mean, 3) for mean in normal_moments(relu, 1.0)]  # 1 / sqrt(2 pi), 1/2, 1/2
    [0.399, 0.5, 0.5]
    """
    if activation is None:
        return 0.0, variance, 1.0
    f, pullback = activation.vjp(np.sqrt(variance) * Z)
    (slope,) = pullback(np.ones_like(Z))
    return float(DENSITY @ f), float(DENSITY @ (f * f)), float(DENSITY @ (slope * slope))


@functools.lru_cache(maxsize=32)
def growth_back(
    activation: Any,
    depth: int,
    *,
    first_variance: float,
    weight_variance: float,
    bias_variance: float = 0.0,
    normalization: str = "none",
    residual: bool = False,
) -> np.ndarray:
    """Return the factors by which the size of dL/dh changes from layer 2 back to 1, 3 to 2, and so on.

    Parameters
    ----------
    activation : primitive or None
        As `course_utils.nn.functional` has it; None for no activation.
    depth : int
        Number of hidden layers, at least 1.
    first_variance : float
        Of the pre-activations of the first layer.
    weight_variance : float
        Of the weights of the other layers, times their number of inputs.
    bias_variance : float
        Of the biases of the other layers.
    normalization : {"none", "batch", "layer"}
    residual : bool
        As in `deep_mlp`; the first layer has no connection past it.

    Returns
    -------
    ndarray (depth - 1,)
        Read-only.

    Examples
    --------
    Batch normalisation alone, with ReLU: sqrt(pi / (pi - 1)) a layer.

    >>> from course_utils.nn.functional import relu
    >>> growth_back(relu, 4, first_variance=1.0, weight_variance=2.0, normalization="batch").round(3)
    array([1.211, 1.211, 1.211])
    """
    mean = second = 0.0  # of h over units (and examples): E h and E h^2
    spread = 0.0  # variance of h over the examples of a batch, where each unit has its own mean
    factors: list[float] = []
    before = variance = 0.0
    for layer in range(1, depth + 1):
        before, variance = variance, first_variance
        if layer > 1:
            variance = weight_variance * (spread if normalization == "batch" else second)
            variance += 0 if normalization == "batch" else bias_variance
        if layer > 2 and abs(variance - before) <= SAME * variance:
            factors += [factors[-1]] * (depth - layer + 1)
            break
        scale = 1.0 if normalization == "none" else 1 / (variance + EPS)
        m, m_squared, slope_squared = normal_moments(activation, variance * scale)
        if layer > 1:
            factors.append(np.sqrt(weight_variance * slope_squared * scale + residual))
        mean, second, spread = (
            m + residual * mean,
            m_squared + residual * (second + 2 * mean * m),
            m_squared - m * m + residual * spread,
        )
    growth = np.array(factors)
    growth.flags.writeable = False
    return growth
