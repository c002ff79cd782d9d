"""The recurrent layers that the tests build, and numbers for them."""

import numpy as np

from course_utils.nn import GRU, LSTM, RNN

LAYERS = [RNN, LSTM, GRU]


def make(layer, *sizes, **options):
    options = {"rng": np.random.default_rng(0), "dtype": np.float64} | options
    return layer(*sizes, **options)


def flat(last):
    """Return the last states as a list of tensors, one or two."""
    return list(last) if isinstance(last, tuple) else [last]


def data(*shape, seed=1):
    return np.random.default_rng(seed).normal(size=shape)
