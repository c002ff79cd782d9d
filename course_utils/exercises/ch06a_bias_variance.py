"""Chapter 06a: bias and variance of a method, from many fits."""

from __future__ import annotations

import numpy as np

from course_utils.grading.exercise import Case, Exercise, Wrong


def bias_and_variance(predictions, truth):
    """Bias squared and variance, averaged over N points; predictions (R, N) of R fits, truth (N,)."""
    middle = predictions.mean(axis=0)  # (N,), the average fit
    bias_squared = np.mean((middle - truth) ** 2)
    variance = np.mean((predictions - middle) ** 2)
    return bias_squared, variance


def parts_from_the_total(predictions, truth):
    """Take the variance off the mean squared distance to the truth: what remains is the bias squared."""
    variance = np.var(predictions, axis=0).mean()
    return np.square(predictions - truth).mean() - variance, variance


def parts_point_by_point(predictions, truth):
    """Go through the points."""
    parts = []
    for column, right in zip(predictions.T, truth, strict=True):
        middle = sum(column) / len(column)
        parts.append(((middle - right) ** 2, sum((column - middle) ** 2) / len(column)))
    bias_squared, variance = zip(*parts, strict=True)
    return np.mean(bias_squared), np.mean(variance)


def bias_of_single_fits(predictions, truth):
    """Average squared distances of single fits: the variance is in them, too."""
    return np.mean((predictions - truth) ** 2), predictions.var(axis=0).mean()


def bias_of_one_fit(predictions, truth):
    """Take the first fit for the average one."""
    return np.mean((predictions[0] - truth) ** 2), predictions.var(axis=0).mean()


def bias_that_cancels(predictions, truth):
    """Average the bias over the points before it is squared."""
    return np.mean(predictions - truth) ** 2, predictions.var(axis=0).mean()


def bias_without_square(predictions, truth):
    """Leave the bias as it is, in size."""
    return np.abs(predictions.mean(axis=0) - truth).mean(), predictions.var(axis=0).mean()


def variance_over_points(predictions, truth):
    """Measure how a fit varies from point to point."""
    middle = predictions.mean(axis=0)
    return np.mean((middle - truth) ** 2), predictions.var(axis=1).mean()


def variance_over_everything(predictions, truth):
    """Forget the axis: one variance of all numbers."""
    middle = predictions.mean(axis=0)
    return np.mean((middle - truth) ** 2), predictions.var()


def variance_around_truth(predictions, truth):
    """Measure the scatter around the truth, so that the bias counts again."""
    middle = predictions.mean(axis=0)
    return np.mean((middle - truth) ** 2), np.mean((predictions - truth) ** 2)


def variance_of_the_average_fit(predictions, truth):
    """Average the fits first: what scatters is then gone."""
    middle = predictions.mean(axis=0)
    return np.mean((middle - truth) ** 2), middle.var()


def variance_with_r_minus_one(predictions, truth):
    """Divide by R - 1."""
    middle = predictions.mean(axis=0)
    return np.mean((middle - truth) ** 2), predictions.var(axis=0, ddof=1).mean()


def variance_as_deviation(predictions, truth):
    """Average standard deviations."""
    middle = predictions.mean(axis=0)
    return np.mean((middle - truth) ** 2), predictions.std(axis=0).mean()


def parts_of_a_sample(predictions, truth):
    """Take R fits for a sample of all: R - 1 in the variance, and variance / R off the bias squared."""
    variance = predictions.var(axis=0, ddof=1).mean()
    return np.mean((predictions.mean(axis=0) - truth) ** 2) - variance / len(predictions), variance


def parts_summed_over_points(predictions, truth):
    """Add the points up."""
    return np.sum((predictions.mean(axis=0) - truth) ** 2), predictions.var(axis=0).sum()


def variance_summed_over_points(predictions, truth):
    """Add the variances of the points up, and average the bias squared."""
    return np.mean((predictions.mean(axis=0) - truth) ** 2), predictions.var(axis=0).sum()


def parts_at_each_point(predictions, truth):
    """Stop before averaging over the points."""
    return (predictions.mean(axis=0) - truth) ** 2, predictions.var(axis=0)


def _fits(rng, n_fits, n_points, bias, scatter):
    """Draw fits of a wave that are off by `bias` (N,) on average, more or less."""
    truth = _coarse(np.sin(np.linspace(0.0, rng.uniform(3.0, 5.0), n_points)) + rng.uniform(0.5, 1.0))
    return truth + _coarse(bias + scatter * rng.normal(size=(n_fits, n_points))), truth


def _coarse(values):
    """Round to a few binary digits: then their averages are exact, and a part that is 0 is 0."""
    return np.round(256.0 * values) / 256.0


def _stiff(rng):
    """Draw fits that lie too high on the left and as much too low on the right, as a straight line may."""
    return _fits(rng, 12, 8, np.linspace(0.9, -0.9, 8), 0.2)


def _wild(rng):
    """Draw fits in pairs that are right on average, and far off one by one."""
    predictions, truth = _fits(rng, 5, 7, 0.0, 0.8)
    return np.concatenate([predictions, 2.0 * truth - predictions]), truth


def _rigid(rng):
    """Draw fits that don't care about their data: all are the same."""
    predictions, truth = _fits(rng, 1, 9, rng.uniform(0.3, 0.6), 0.3)
    return np.repeat(predictions, 6, axis=0), truth


BIAS_VARIANCE = Exercise(
    id="ex06_1",
    chapter="06a",
    title="Bias and variance",
    skill="split the error of a method into bias and variance",
    reference=bias_and_variance,
    cases=(
        Case(
            "fits that are too stiff",
            _stiff,
            "Average the R fits at each point. How far that average is from the truth, squared, is the bias "
            "squared at the point; how the fits scatter around it, squared, the variance. Average both over "
            "the points.",
            points=2,
        ),
        Case(
            "fits that are right on average",
            _wild,
            "The average of these fits is the truth: the bias squared is 0, and all of the error is "
            "variance.",
        ),
        Case(
            "fits that are all the same",
            _rigid,
            "These fits do not scatter at all: the variance is 0, and all of the error is bias.",
        ),
    ),
    wrong=(
        Wrong(
            bias_of_single_fits,
            "Your bias squared averages over single fits, so their scatter is in it. Average the fits first, "
            "then subtract the truth and square.",
        ),
        Wrong(
            bias_of_one_fit,
            "You measure the bias of one fit, which another sample would have moved. Bias is what remains "
            "when all fits are averaged.",
        ),
        Wrong(
            bias_that_cancels,
            "You average the bias over the points before you square it: too high here and too low there then "
            "cancel. Square at each point, then average.",
        ),
        Wrong(
            bias_without_square,
            "You return the size of the bias. It is its square that adds up with the variance to the squared "
            "error.",
        ),
        Wrong(
            variance_over_points,
            "Your variance tells how a fit moves from point to point. Stay at one point and compare the "
            "fits: `axis=0`.",
        ),
        Wrong(
            variance_over_everything,
            "Your variance is that of all numbers at once, so the shape of the curve is in it. Take one for "
            "each point, over the fits, and average those.",
        ),
        Wrong(
            variance_around_truth,
            "Your variance is measured around the truth, so the bias counts again in it. The variance is "
            "around the average fit.",
        ),
        Wrong(
            variance_of_the_average_fit,
            "You average the fits before you look for their scatter, and it is gone. Compare each fit with "
            "the average one.",
        ),
        Wrong(
            variance_with_r_minus_one,
            "Your variance divides by R - 1. Here it divides by R, so that bias squared and variance add up "
            "to the mean squared distance from the truth exactly.",
        ),
        Wrong(
            parts_of_a_sample,
            "You correct for few fits, with R - 1 and a share taken off the bias squared, as the notebook "
            "does where it estimates both. Here the R fits are all there are: divide by R, and take nothing "
            "off.",
        ),
        Wrong(
            variance_as_deviation,
            "You average standard deviations. Only variances add up with the bias squared.",
        ),
        Wrong(
            parts_summed_over_points,
            "You add the points up: both parts are averages over the N points.",
        ),
        Wrong(
            variance_summed_over_points,
            "You add the variances of the points up: average them, as you do with the bias squared.",
        ),
        Wrong(
            parts_at_each_point,
            "Those are the parts at each point: average each over the points, to get two numbers.",
        ),
    ),
    alternatives=(parts_from_the_total, parts_point_by_point),
    returns=("bias_squared", "variance"),
    hints=(
        "Look at one column, the R predictions at one point. What would you call their middle, and which of "
        "the two, bias or variance, needs the truth at all?",
        "Two distances add up: from a single fit to the average fit, and from the average fit to the truth. "
        "The mean square of the first is the variance, that of the second the bias squared. Squares come "
        "before the average over points, so that errors of both signs cannot cancel.",
        "Average the predictions over the fits: one value for each point.\n"
        "Subtract the truth from it, square, and average over the points: the bias squared.\n"
        "Subtract the average fit from every fit, and square.\n"
        "Average that over fits and points: the variance.\n"
        "Return bias squared, then variance.",
    ),
)

EXERCISES = (BIAS_VARIANCE,)
