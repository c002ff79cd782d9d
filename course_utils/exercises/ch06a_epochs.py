"""Chapter 06a: runs through curves of validation losses, as the steps of a case."""

from __future__ import annotations

import numpy as np

from course_utils.grading.steps import construct, fetch, method

EXERCISES = ()  # they stand in ch06a_early_stopping.py


def run(rng, patience, min_delta, losses):
    """Train through these losses: move, look at the best weights, update, look at everything."""
    steps = [construct(3, patience, min_delta)]
    for epoch, loss in enumerate(losses):
        steps.append(method("step", rng.normal(size=3)))
        steps += [fetch("best_weights")] * (epoch > 0)
        steps.append(method("update", float(loss)))
        steps += [fetch(name) for name in ("best_loss", "best_epoch", "best_weights")]
    return steps


def one_minimum(rng):
    """Draw a curve that falls and then rises for good."""
    return run(rng, 3, 0.0, rng.uniform(0.9, 1.1) * np.array([1.0, 0.7, 0.5, 0.4, 0.45, 0.52, 0.6]))


def two_minima(rng):
    """Draw a curve that rises twice, not for long enough, and falls a little in between."""
    curve = np.array([1.0, 0.8, 0.85, 0.9, 0.6, 0.7, 0.65, 0.5, 0.55, 0.53, 0.6])
    return run(rng, 3, 0.0, rng.uniform(0.9, 1.1) * curve)


def small_gains(rng):
    """Draw a curve on which small gains add up, until they end; now and then it is a little worse."""
    curve = np.array([0.8, 0.77, 0.74, 0.75, 0.7, 0.68, 0.67, 0.655, 0.66])
    return run(rng, 3, 0.05, curve + rng.uniform(0.0, 0.3))


def with_nan(rng):
    """Draw a curve with two losses that are no numbers."""
    return run(rng, 2, 0.0, rng.uniform(0.9, 1.1) * np.array([0.9, np.nan, 0.6, 0.7, np.nan]))
