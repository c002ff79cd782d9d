"""Chapter 04b: the forward pass of batch norm in training."""

from __future__ import annotations

import numpy as np

from course_utils.grading.exercise import Case, Exercise, Wrong


def batch_norm_forward(x, weight, bias, eps):
    """Batch norm in training: y (B, C), and mean and biased variance (C,) of each feature."""
    mean = x.mean(axis=0)
    var = np.mean((x - mean) ** 2, axis=0)
    return weight * (x - mean) / np.sqrt(var + eps) + bias, mean, var


def norm_by_features(x, weight, bias, eps):
    """Treat one column after the other, and keep scale and shift as one straight line."""
    y, mean, var = np.empty(x.shape), np.empty(x.shape[1]), np.empty(x.shape[1])
    for c in range(x.shape[1]):
        mean[c], var[c] = np.mean(x[:, c]), np.var(x[:, c])
        slope = weight[c] * (var[c] + eps) ** -0.5
        y[:, c] = slope * (x[:, c] - mean[c]) + bias[c]
    return y, mean, var


def norm_by_unbiased_variance(x, weight, bias, eps):
    """Divide by B - 1 in the variance."""
    mean, var = x.mean(axis=0), x.var(axis=0, ddof=1)
    return weight * (x - mean) / np.sqrt(var + eps) + bias, mean, var


def norm_of_examples(x, weight, bias, eps):
    """Normalise each example over its features, as layer norm does."""
    mean, var = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)
    return weight * (x - mean) / np.sqrt(var + eps) + bias, mean[:, 0], var[:, 0]


def norm_along_rows(x, weight, bias, eps):
    """Average over the features, and lose their axis."""
    mean, var = x.mean(axis=1), x.var(axis=1)
    return weight * (x - mean) / np.sqrt(var + eps) + bias, mean, var


def norm_of_everything(x, weight, bias, eps):
    """Take one mean and one variance of all features together."""
    mean, var = np.full(x.shape[1], x.mean()), np.full(x.shape[1], x.var())
    return weight * (x - mean) / np.sqrt(var + eps) + bias, mean, var


def norm_with_eps_outside(x, weight, bias, eps):
    """Add eps to the standard deviation."""
    mean, var = x.mean(axis=0), x.var(axis=0)
    return weight * (x - mean) / (np.sqrt(var) + eps) + bias, mean, var


def norm_without_eps(x, weight, bias, eps):
    """Leave eps out."""
    return batch_norm_forward(x, weight, bias, 0.0)


def norm_with_own_eps(x, weight, bias, eps):
    """Use PyTorch's default, whatever was asked for."""
    return batch_norm_forward(x, weight, bias, 1e-5)


def norm_by_variance(x, weight, bias, eps):
    """Divide by the variance in the place of its root."""
    mean, var = x.mean(axis=0), x.var(axis=0)
    return weight * (x - mean) / (var + eps) + bias, mean, var


def norm_with_std(x, weight, bias, eps):
    """Return the standard deviation in the place of the variance."""
    y, mean, var = batch_norm_forward(x, weight, bias, eps)
    return y, mean, np.sqrt(var)


def norm_with_var_and_eps(x, weight, bias, eps):
    """Return the variance with eps in it."""
    y, mean, var = batch_norm_forward(x, weight, bias, eps)
    return y, mean, var + eps


def norm_without_scale(x, weight, bias, eps):
    """Forget the learned scale and shift."""
    return batch_norm_forward(x, 1.0, 0.0, eps)


def norm_with_scaled_bias(x, weight, bias, eps):
    """Shift first, then scale, so that the bias is scaled, too."""
    return batch_norm_forward(x, weight, weight * bias, eps)


def norm_by_difference_of_squares(x, weight, bias, eps):
    """Take the variance as mean square less squared mean, which cancels far from 0."""
    mean = x.mean(axis=0)
    var = np.mean(x**2, axis=0) - mean**2
    return weight * (x - mean) / np.sqrt(var + eps) + bias, mean, var


def _batch(rng, n_examples, n_features, eps, offset=3.0):
    x = offset * rng.uniform(0.5, 1.0, size=n_features) + rng.normal(size=(n_examples, n_features))
    return x, rng.uniform(0.5, 2.0, size=n_features), rng.uniform(0.5, 2.0, size=n_features), eps


def _constant(rng):
    x, *rest = _batch(rng, 6, 3, 1e-5)
    x[:, 1] = 2.5
    return x, *rest


FORWARD = Exercise(
    id="ex04_5",
    chapter="04b",
    title="Batch norm, forward",
    skill="normalise a batch feature by feature, as PyTorch does in training",
    reference=batch_norm_forward,
    cases=(
        Case(
            "a batch of 12",
            lambda rng: _batch(rng, 12, 4, 0.1),
            "Mean and variance of each feature, over the batch (axis 0). Subtract the mean, divide by the "
            "root of variance plus eps, multiply by weight, add bias. Return y, mean, var.",
        ),
        Case(
            "a feature that is constant",
            _constant,
            "Its deviations and its variance are 0, and eps keeps 0 / 0 away: y is the bias there.",
            strict=True,
        ),
        Case(
            "features near a million",
            lambda rng: _batch(rng, 16, 3, 1e-5, offset=1e6),
            "Subtract the mean before you square: squares of a million leave no digits for a variance of 1.",
            atol=1e-7,
        ),
    ),
    wrong=(
        Wrong(
            norm_by_unbiased_variance,
            "Your variance divides by B - 1. In the forward pass batch norm divides by B (`ddof=0`); B - 1 "
            "is for the running variance.",
        ),
        Wrong(
            norm_of_examples,
            "You normalise each example over its features; that is layer norm. Batch norm takes each feature "
            "over the batch: `axis=0`.",
        ),
        Wrong(
            norm_along_rows,
            "The shapes do not fit: there should be one mean for each of the C features, an average over the "
            "batch (`axis=0`), which NumPy stretches over the rows.",
        ),
        Wrong(
            norm_of_everything,
            "One mean and variance serve all features here. Each feature has its own: `axis=0`.",
        ),
        Wrong(norm_with_eps_outside, "eps belongs under the root: sqrt(var + eps), not sqrt(var) + eps."),
        Wrong(norm_without_eps, "eps is missing: divide by sqrt(var + eps). A constant feature has var = 0."),
        Wrong(norm_with_own_eps, "Your eps is one of your own: take the argument `eps`, whatever its value."),
        Wrong(norm_by_variance, "You divide by the variance: its root brings the spread to 1."),
        Wrong(norm_with_std, "y is right; the third value should be the variance, not its root."),
        Wrong(norm_with_var_and_eps, "y is right; return the variance without eps."),
        Wrong(norm_without_scale, "The learned scale and shift are missing: times `weight`, plus `bias`."),
        Wrong(
            norm_with_scaled_bias,
            "Your bias is scaled, too: multiply by weight first, and add the bias last.",
        ),
        Wrong(
            norm_by_difference_of_squares,
            "Mean square less squared mean is right on paper, but far from 0 it takes one huge number from "
            "another and loses all digits. Average the squares of `x - mean`.",
        ),
    ),
    alternatives=(norm_by_features,),
    returns=("y", "mean", "var"),
    hints=(
        "In the statement's example, which numbers does the mean 2 come from? So over which axis of a (B, C) "
        "array do you average? Which shape has the result?",
        "Each column of x is a feature with a mean and a variance of its own, and NumPy stretches a row of C "
        "numbers over the B rows of x. eps sits beside the variance, under the root, so that a feature "
        "without any spread does not divide by 0. Scale and shift come last.",
        "The mean of each column.\n"
        "The deviations: x with these means taken off.\n"
        "The variance: the mean of the squared deviations in each column, divided by B.\n"
        "Divide the deviations by the root of variance plus eps.\n"
        "Multiply by the weight, then add the bias.\n"
        "Return this, the means and the variances.",
    ),
)

EXERCISES = (FORWARD,)
