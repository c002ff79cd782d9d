"""A race of optimizers from one start, many steps at once. Chapter 05."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from course_utils.explorers.gradient_descent_run import FAR
from course_utils.explorers.racers import LINE_UPS, RACERS, Racer
from course_utils.explorers.surfaces import Surface, race_track
from course_utils.nn.module import Parameter

N_STEPS = 200
DISTANCES = (50, 100, N_STEPS)  # a race is run over the first of these that holds the step to be shown
LOWER = {"step length": "length of a step", "effective rate": "effective rate"}  # what the lower axes show


@dataclass(frozen=True)
class Race:
    """A race over some distance; that over a shorter one is its beginning.

    Parameters
    ----------
    surface : Surface
        Where.
    racers : tuple of Racer
        Who.
    paths : ndarray
        Weights before the first step and after each, (n_racers, n_steps + 1, n_weights). A racer beyond
        `FAR` stays where it is.
    losses : ndarray
        The loss there, without noise, (n_racers, n_steps + 1).
    lengths : ndarray
        How far each step leads, (n_racers, n_steps).
    rates : ndarray
        The same over the length of the gradient that the racer saw, (n_racers, n_steps).
    ends : ndarray
        How many steps each racer takes, (n_racers,).
    """

    surface: Surface
    racers: tuple[Racer, ...]
    paths: np.ndarray
    losses: np.ndarray
    lengths: np.ndarray
    rates: np.ndarray
    ends: np.ndarray


@lru_cache(maxsize=64)  # 140 kB each at most; moving the step must not race again
def run(
    surface: str,
    line_up: str,
    lr: float,
    momentum: float,
    condition: float,
    noise: float,
    seed: int,
    start: tuple[float, float],
    n_steps: int,
) -> Race:
    """Let the engine's own optimizers descend side by side; one call gives the gradients of all."""
    track, racers = race_track(surface, condition), tuple(RACERS[name] for name in LINE_UPS[line_up])
    weights = [Parameter(np.array(start[: track.n_weights])) for _ in racers]
    optimizers = [racer.make([own], lr, momentum) for racer, own in zip(racers, weights, strict=True)]
    normal = np.random.default_rng(seed).normal(size=(n_steps, 1, track.n_weights))
    noises = noise * normal * np.array([[racer.noisy] for racer in racers])  # (n_steps, n_racers, n_weights)
    paths = np.empty((n_steps + 1, len(racers), track.n_weights))
    gradients = np.empty_like(paths[1:])
    ends = np.full(len(racers), n_steps)
    paths[0] = start[: track.n_weights]
    racing = list(range(len(racers)))
    for step in range(n_steps):
        np.add(track.loss(paths[step])[1], noises[step], out=gradients[step])
        paths[step + 1] = paths[step]
        for i in racing:
            weights[i].grad = gradients[step, i]
            optimizers[i].step()
            paths[step + 1, i] = weights[i].data
        if np.abs(paths[step + 1]).max() > FAR:
            lost = [i for i in racing if np.abs(weights[i].data).max() > FAR]
            ends[lost] = step + 1
            racing = [i for i in racing if i not in lost]
    lengths = np.linalg.norm(np.diff(paths, axis=0), axis=-1).T  # (n_racers, n_steps)
    steepness = np.linalg.norm(gradients, axis=-1).T
    rates = np.divide(lengths, steepness, out=np.full_like(lengths, np.nan), where=steepness > 0)
    paths = paths.swapaxes(0, 1)
    return Race(track, racers, paths, track.loss(paths)[0], lengths, rates, ends)
