"""Chapter 06b: a network that memorises wrong labels, and what keeps it from doing so."""

from __future__ import annotations

import numpy as np

from course_utils.exercises.ch06b_spoiled_labels import (
    check_clean,
    check_spoiled,
    clean_digits,
    spoiled_digits,
)
from course_utils.grading.exercise import Case, Exercise, Wrong


def beat_the_baseline(x, y, x_new):
    """Learn from x (200, 64) and labels y, many of them wrong; return the labels of x_new (300, 64)."""
    return train(x, y, x_new, decay=0.02, noise=0.3).argmax(axis=1)


def train(x, y, x_new, n_steps=100, decay=0.0, noise=0.0, n_networks=1):
    """Train 64-40-10 networks by full gradient steps; return the sum of their probabilities (M, 10)."""
    rng = np.random.default_rng(0)
    middle = x.mean(axis=0, dtype=np.float64)
    x, x_new = x - middle, x_new - middle
    total = np.zeros((len(x_new), 10))
    for _ in range(n_networks):
        parameters = [
            rng.normal(0.0, np.sqrt(2 / 64), size=(64, 40)),
            np.zeros(40),
            rng.normal(0.0, np.sqrt(2 / 40), size=(40, 10)),
            np.zeros(10),
        ]
        velocities = [np.zeros_like(parameter) for parameter in parameters]
        for _ in range(n_steps):
            seen = x + noise * rng.normal(size=x.shape) if noise else x
            gradients = gradients_of(seen, y, *parameters)
            for p, v, gradient in zip(parameters, velocities, gradients, strict=True):
                penalty = decay * p if p.ndim == 2 else 0.0  # of weights, not of biases
                v[...] = 0.9 * v + gradient + penalty
                p -= 0.2 * v
        total += probabilities(x_new, *parameters)[0]
    return total


def probabilities(x, weight1, bias1, weight2, bias2):
    """Probabilities of the classes (N, 10), and the hidden units (N, 40)."""
    h = np.maximum(x @ weight1 + bias1, 0.0)
    z = h @ weight2 + bias2
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True), h


def gradients_of(x, y, weight1, bias1, weight2, bias2):
    """Gradients of the mean cross-entropy with respect to the four parameters."""
    dz, h = probabilities(x, weight1, bias1, weight2, bias2)
    dz[np.arange(len(y)), y] -= 1.0
    dz /= len(y)
    dh = dz @ weight2.T * (h > 0)
    return x.T @ dh, dh.sum(axis=0), h.T @ dz, dz.sum(axis=0)


def beat_by_stopping(x, y, x_new):
    """Take a quarter of the steps."""
    return train(x, y, x_new, n_steps=25).argmax(axis=1)


def beat_with_ridge(x, y, x_new):
    """Fit the classes' ones and zeros by ridge regression, solved exactly."""
    middle = x.mean(axis=0)
    centred, targets = x - middle, np.eye(10)[y]
    weight = np.linalg.solve(centred.T @ centred + 20.0 * np.eye(64), centred.T @ targets)
    return ((x_new - middle) @ weight + targets.mean(axis=0)).argmax(axis=1)


def beat_with_the_baseline(x, y, x_new):
    """Hand in the plain network."""
    return train(x, y, x_new).argmax(axis=1)


def beat_by_patience(x, y, x_new):
    """Train until the loss is really small."""
    return train(x, y, x_new, n_steps=200).argmax(axis=1)


def beat_by_numbers(x, y, x_new):
    """Average plain networks: all of them know the same wrong labels by heart."""
    return train(x, y, x_new, n_networks=2).argmax(axis=1)


def beat_by_force(x, y, x_new):
    """Decay so much that hardly anything is learned."""
    return train(x, y, x_new, decay=0.2).argmax(axis=1)


def beat_by_growth(x, y, x_new):
    """Let weights grow: the sign of the decay."""
    return train(x, y, x_new, decay=-0.003).argmax(axis=1)


def beat_by_neighbours(x, y, x_new):
    """Copy the label of the nearest known digit, right or wrong."""
    distance = (x_new**2).sum(axis=1)[:, None] - 2.0 * x_new @ x.T + (x**2).sum(axis=1)
    return y[distance.argmin(axis=1)]


def beat_with_scores(x, y, x_new):
    """Return a score for every class."""
    return -np.stack([((x_new - x[y == k].mean(axis=0)) ** 2).sum(axis=1) for k in range(10)], axis=1)


def beat_on_known_digits(x, y, x_new):
    """Tell the digits that were learned from."""
    return beat_with_ridge(x, y, x)


def beat_with_one_answer(x, y, x_new):
    """Give all digits the most frequent label."""
    return np.full(len(x_new), np.bincount(y).argmax())


BEAT = Exercise(
    id="ex06_8",
    chapter="06b",
    title="Beat the baseline",
    skill="keep a network from learning wrong labels by heart",
    reference=beat_the_baseline,
    cases=(
        Case(
            "labels that are all right",
            clean_digits,
            "A remedy must not cost much where there is nothing to cure: train on x and y, and return the "
            "most probable class of each row of x_new.",
            verify=check_clean,
        ),
        Case(
            "four labels in ten are wrong, pooled over three samples",
            spoiled_digits,
            "The network can learn all two hundred labels by heart, and so the wrong ones. Make that harder "
            "than learning what the digits of a class share.",
            points=3,
            verify=check_spoiled,
            many=True,
        ),
    ),
    wrong=(
        Wrong(
            beat_with_the_baseline,
            "This is the baseline: it gives nearly every wrong label back that it was shown. Add one remedy "
            "of this chapter at a time, and measure.",
        ),
        Wrong(
            beat_by_patience,
            "You train for longer. The training loss falls on, since the last of the wrong labels are "
            "learned by heart, too: fewer steps, or a penalty, are the way.",
        ),
        Wrong(
            beat_by_numbers,
            "You average plain networks. That takes away how they differ by their start, but all of them "
            "agree on the wrong labels: regularise each.",
        ),
        Wrong(
            beat_by_force,
            "Your weight decay is so strong that the weights hardly leave 0: this is underfitting. Try a "
            "tenth of it.",
        ),
        Wrong(
            beat_by_growth,
            "A sign: your decay makes weights grow. The gradient gets + decay * weight, and the step "
            "subtracts it.",
        ),
        Wrong(
            beat_by_neighbours,
            "The nearest digit's label is right or wrong as it comes: nothing is averaged, so four in ten "
            "are wrong. Let many examples decide together.",
        ),
        Wrong(
            beat_with_scores,
            "You return a score for every class. Asked for is the class with the largest: `.argmax(axis=1)`.",
        ),
        Wrong(
            beat_on_known_digits,
            "You tell the digits of `x`, whose labels you were given. Asked for are the new ones, `x_new`.",
        ),
        Wrong(
            beat_with_one_answer,
            "You give all digits the same label, which is right for one in ten.",
        ),
    ),
    alternatives=(beat_by_stopping, beat_with_ridge),
    hints=(
        "The plain network gives nearly all wrong labels back. What does it need to learn a single "
        "wrong one: many small weights or a few large ones, few steps or many, the same pixels each "
        "time or different ones?",
        "What many digits share is learned early and with small weights; a single odd label needs large "
        "ones, and time. So weight decay, noise on the inputs in every step, dropout and stopping early "
        "each hit memorising first. Two mild remedies together often beat a strong one.",
        "Start from the plain network, with a generator of a fixed seed.\n"
        "Add decay times the weight to each weight's gradient, biases left out; two hundredths are "
        "enough.\n"
        "In every step draw fresh noise for the inputs, about a third as large as the ink is dark.\n"
        "Keep the size of the steps, and their number.\n"
        "Predict without noise: the class of the largest probability, for each row of `x_new`.",
    ),
)

EXERCISES = (BEAT,)
