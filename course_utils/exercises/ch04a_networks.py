"""Chapter 04a: the deep networks whose scale is to be found, each as a function that measures it."""

from __future__ import annotations

import math

import numpy as np


def _ratio(scale, weights, biases, leak, x, dy):
    """Norm of the gradient at the first layer's output over that at the last's; leak None means tanh."""
    if np.ndim(scale) or not 0.0 < scale < math.inf:
        raise ValueError("expected a positive number for the scale")
    scale, h, dh, slopes = float(scale), x, dy, []
    with np.errstate(all="ignore"):
        for weight, bias in zip(weights, biases, strict=True):
            z = scale * (h @ weight) + bias
            slope = None if leak is None else (z > 0) * np.float32(1.0 - leak) + np.float32(leak)
            h = np.tanh(z) if slope is None else slope * z
            slopes.append(1.0 - h * h if slope is None else slope)
        if not np.isfinite(h).all():
            return math.inf
        for weight, slope in zip(weights[:0:-1], slopes[:0:-1], strict=True):
            dh = scale * ((dh * slope) @ weight.T)
        ratio = float(np.sqrt(np.sum(dh * dh)) / np.sqrt(np.sum(dy * dy)))
    return math.inf if math.isnan(ratio) else ratio


def _network(rng, depth, spread, bias_spread, leak, width=32):
    """Draw the arguments of `_ratio` but the scale; float32, so that extremes give 0.0 or inf."""
    sizes = (depth, width, width), (depth, width), (4, width), (4, width)
    spreads = spread / math.sqrt(width), bias_spread, 1.0, 1.0
    drawn = [s * rng.standard_normal(size).astype(np.float32) for s, size in zip(spreads, sizes, strict=True)]
    weights, biases, x, dy = drawn
    return list(weights), list(biases), leak, x, dy


def relu_network(rng):
    """Thirty ReLU layers with weights of variance 1 / fan_in."""
    network = _network(rng, 30, 1.0, 0.0, 0.0)

    def measure_relu(scale):
        return _ratio(scale, *network)

    return (measure_relu,)


def leaky_network(rng):
    """Sixty leaky ReLU layers, with weights about thirty times too small."""
    network = _network(rng, 60, 1.0 / rng.uniform(25.0, 40.0), 0.0, 0.2)

    def measure_leaky(scale):
        return _ratio(scale, *network)

    return (measure_leaky,)


def tanh_network(rng):
    """Forty tanh layers with biases, and weights several times too large."""
    network = _network(rng, 40, rng.uniform(4.0, 8.0), 0.3, None)

    def measure_tanh(scale):
        return _ratio(scale, *network)

    return (measure_tanh,)


def check_scale(result, measure):
    """Measure at the scale found."""
    if np.ndim(result) or not 0.0 < result < math.inf:
        return "Return one number, the scale: it multiplies weights, so it is positive and finite."
    ratio = measure(result)
    if 0.5 <= ratio <= 2.0:
        return None
    found = f"At your scale of {result:.4g} the ratio is {ratio:.3g}: "
    if ratio > 2.0:
        return f"{found}the gradient explodes, so the scale is too large (a few per cent may decide)."
    if any(measure(result / 4.0**k) > 1.0 for k in range(1, 8)):
        return (
            f"{found}the gradient vanishes, yet the scale is too large: the units are saturated. Start at 1 "
            "and walk from there, so that you never jump so far."
        )
    return f"{found}the gradient vanishes, so the scale is too small (a few per cent may decide)."


EXERCISES = ()  # this module serves `ch04a_scale`
