"""Chapter 06a: runs through curves of validation losses, as the steps of a case."""

from __future__ import annotations

import numpy as np

from course_utils.grading.steps import construct, fetch, method

EXERCISES = ()  # they stand in ch06a_early_stopping.py


def run(rng, patience, min_delta, losses):
    """Train through these losses: move, update, look at what is kept; at first also between.

    Nobody asks for the best ones before there was a first number.
    """
    steps = [construct(3, patience, min_delta), fetch("weights")]
    best = ("best_loss", "best_epoch", "best_weights")
    for epoch, loss in enumerate(losses, 1):
        steps.append(method("step", rng.normal(size=3)))
        steps += [fetch("weights")] * (epoch <= 2)
        steps += [fetch("best_weights")] * bool(epoch <= 3 and np.isfinite(losses[: epoch - 1]).any())
        steps.append(method("update", float(loss)))
        steps += [fetch(name) for name in best if np.isfinite(losses[:epoch]).any()]
    return steps


def one_minimum(rng):
    """Draw a curve that falls, stays for an epoch exactly where it is lowest, and rises for good."""
    return run(rng, 3, 0.0, rng.uniform(0.9, 1.1) * np.array([1.0, 0.7, 0.5, 0.4, 0.4, 0.52, 0.6]))


def two_minima(rng):
    """Draw a curve that rises twice, not for long enough, and falls a little in between."""
    curve = np.array([1.0, 0.8, 0.85, 0.9, 0.6, 0.7, 0.65, 0.5, 0.55, 0.53, 0.6])
    return run(rng, 3, 0.0, rng.uniform(0.9, 1.1) * curve)


def small_gains(rng):
    """Draw a curve on which small gains add up, until they end; now and then it is a little worse.

    It lies above 1, so that a share of the loss is more than the same number of the loss itself.
    """
    curve = np.array([0.8, 0.77, 0.74, 0.75, 0.7, 0.68, 0.67, 0.655, 0.66])
    return run(rng, 3, 0.05, curve + rng.uniform(1.0, 1.3))


def with_nan(rng):
    """Draw a curve with losses that are no numbers, the first among them."""
    return run(rng, 2, 0.0, rng.uniform(0.9, 1.1) * np.array([np.nan, 0.9, np.nan, 0.6, 0.7, np.nan]))
