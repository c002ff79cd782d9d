"""Numbers for hand-written calls, the same in every run: one generator deals them in order of import."""

import numpy as np

RNG = np.random.default_rng(7)


def normal(*shape):
    return RNG.normal(size=shape)


def positive(*shape):
    return RNG.uniform(0.5, 2.0, size=shape)


def away_from_zero(*shape):
    """Return numbers of either sign, none near the kink that many functions have at 0."""
    return positive(*shape) * RNG.choice([-1.0, 1.0], size=shape)
