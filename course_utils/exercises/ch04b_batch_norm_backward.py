"""Chapter 04b: the backward pass of batch norm in training."""

from __future__ import annotations

import numpy as np

from course_utils.grading.exercise import Case, Exercise, Wrong


def batch_norm_backward(x, weight, eps, dy):
    """Gradients (dx, dweight, dbias) of batch norm in training, paths through mean and variance included."""
    std = np.sqrt(x.var(axis=0) + eps)  # (C,)
    x_hat = (x - x.mean(axis=0)) / std  # (B, C)
    dweight, dbias = np.sum(dy * x_hat, axis=0), np.sum(dy, axis=0)
    dx = weight / std * (dy - dbias / len(x) - x_hat * dweight / len(x))
    return dx, dweight, dbias


def backward_step_by_step(x, weight, eps, dy):
    """Follow the three paths one by one: through x itself, the variance and the mean."""
    deviation = x - x.mean(axis=0)
    var = np.mean(deviation**2, axis=0) + eps
    dx_hat = dy * weight
    dvar = np.sum(dx_hat * deviation, axis=0) * -0.5 * var**-1.5
    ddeviation = dx_hat * var**-0.5 + dvar * 2.0 * deviation / len(x)
    dx = ddeviation - ddeviation.mean(axis=0)
    return dx, np.sum(dy * deviation * var**-0.5, axis=0), dy.sum(axis=0)


def _normalised(x, eps):
    std = np.sqrt(x.var(axis=0) + eps)
    return (x - x.mean(axis=0)) / std, std


def backward_with_fixed_statistics(x, weight, eps, dy):
    """Take mean and variance for constants, as they are in evaluation."""
    _, dweight, dbias = batch_norm_backward(x, weight, eps, dy)
    return dy * weight / _normalised(x, eps)[1], dweight, dbias


def backward_without_variance(x, weight, eps, dy):
    """Leave out the path through the variance."""
    _, dweight, dbias = batch_norm_backward(x, weight, eps, dy)
    return weight / _normalised(x, eps)[1] * (dy - dy.mean(axis=0)), dweight, dbias


def backward_without_mean(x, weight, eps, dy):
    """Leave out the path through the mean."""
    x_hat, std = _normalised(x, eps)
    _, dweight, dbias = batch_norm_backward(x, weight, eps, dy)
    return weight / std * (dy - x_hat * np.mean(dy * x_hat, axis=0)), dweight, dbias


def backward_without_scale(x, weight, eps, dy):
    """Leave the weight out of dx."""
    return batch_norm_backward(x, np.ones_like(weight), eps, dy)


def backward_without_std(x, weight, eps, dy):
    """Leave the division by the standard deviation out of dx."""
    dx, dweight, dbias = batch_norm_backward(x, weight, eps, dy)
    return dx * _normalised(x, eps)[1], dweight, dbias


def backward_with_sums(x, weight, eps, dy):
    """Subtract sums in the place of means."""
    x_hat, std = _normalised(x, eps)
    dweight, dbias = np.sum(dy * x_hat, axis=0), np.sum(dy, axis=0)
    return weight / std * (dy - dbias - x_hat * dweight), dweight, dbias


def backward_with_unbiased_variance(x, weight, eps, dy):
    """Normalise by a variance that divides by B - 1."""
    std = np.sqrt(x.var(axis=0, ddof=1) + eps)
    x_hat = (x - x.mean(axis=0)) / std
    dweight, dbias = np.sum(dy * x_hat, axis=0), np.sum(dy, axis=0)
    return weight / std * (dy - dbias / len(x) - x_hat * dweight / len(x)), dweight, dbias


def backward_with_eps_outside(x, weight, eps, dy):
    """Add eps to the standard deviation."""
    std = x.std(axis=0) + eps
    x_hat = (x - x.mean(axis=0)) / std
    dweight, dbias = np.sum(dy * x_hat, axis=0), np.sum(dy, axis=0)
    return weight / std * (dy - dbias / len(x) - x_hat * dweight / len(x)), dweight, dbias


def backward_without_eps(x, weight, eps, dy):
    """Leave eps out."""
    return batch_norm_backward(x, weight, 0.0, dy)


def backward_of_raw_inputs(x, weight, eps, dy):
    """Multiply dy by x, not by the normalised x, for the weight."""
    dx, _, dbias = batch_norm_backward(x, weight, eps, dy)
    return dx, np.sum(dy * x, axis=0), dbias


def backward_of_means(x, weight, eps, dy):
    """Average the gradients of weight and bias over the batch."""
    dx, dweight, dbias = batch_norm_backward(x, weight, eps, dy)
    return dx, dweight / len(x), dbias / len(x)


def backward_for_each_example(x, weight, eps, dy):
    """Leave the gradients of weight and bias as they are for each example."""
    return batch_norm_backward(x, weight, eps, dy)[0], dy * _normalised(x, eps)[0], dy


def _batch(rng, n_examples, n_features, eps):
    size = n_examples, n_features
    center, spread = rng.uniform(1.0, 3.0, size=n_features), rng.uniform(0.6, 1.6, size=n_features)
    x = center + spread * rng.normal(size=size)
    return x, rng.uniform(0.5, 2.0, size=n_features), eps, rng.normal(size=size)


def _same_for_all(rng):
    x, weight, eps, dy = _batch(rng, 8, 3, 1e-5)
    return x, weight, eps, np.ones_like(dy) * dy[0]


BACKWARD = Exercise(
    id="ex04_6",
    chapter="04b",
    title="Batch norm, backward",
    skill="carry a gradient back through statistics that depend on the whole batch",
    reference=batch_norm_backward,
    cases=(
        Case(
            "a batch of 12",
            lambda rng: _batch(rng, 12, 4, 0.2),
            "dbias sums dy, dweight sums dy times the normalised x. dx = weight / std * (dy - mean of dy - "
            "x_hat * mean of dy * x_hat), all means over the batch.",
            points=2,
        ),
        Case(
            "the same dy for every example",
            _same_for_all,
            "Raising all outputs of a feature alike is what batch norm undoes: dx is 0 here, since the mean "
            "of dy is subtracted.",
        ),
        Case(
            "a batch of three",
            lambda rng: _batch(rng, 3, 5, 0.2),
            "Means over the batch divide by B, here 3, also in the variance; and every feature has its own.",
        ),
    ),
    wrong=(
        Wrong(
            backward_with_fixed_statistics,
            "weight / std * dy takes mean and variance for constants, as in evaluation. In training each x "
            "moves both: two more terms, one for each path.",
        ),
        Wrong(
            backward_without_variance,
            "The path through the mean is there, that through the variance is missing: subtract x_hat times "
            "the mean of dy * x_hat, too.",
        ),
        Wrong(
            backward_without_mean,
            "The path through the variance is there, that through the mean is missing: subtract the mean of "
            "dy, too.",
        ),
        Wrong(
            backward_without_scale,
            "dx forgets the weight: on its way to x_hat, dy is multiplied by `weight`.",
        ),
        Wrong(
            backward_without_std,
            "dx forgets the division by sqrt(var + eps): the steeper the normalisation, the larger dx.",
        ),
        Wrong(
            backward_with_sums,
            "You subtract sums over the batch where means belong: mean and variance have a 1/B in them.",
        ),
        Wrong(
            backward_with_unbiased_variance,
            "Your variance divides by B - 1; the forward pass divides by B.",
        ),
        Wrong(backward_with_eps_outside, "eps belongs under the root: sqrt(var + eps), not sqrt(var) + eps."),
        Wrong(backward_without_eps, "eps is missing: the forward pass divides by sqrt(var + eps)."),
        Wrong(
            backward_of_raw_inputs,
            "The weight multiplies the normalised x, so dweight sums dy * x_hat, not dy * x.",
        ),
        Wrong(
            backward_of_means,
            "dweight and dbias are B times too small: a parameter that serves all examples sums over them.",
        ),
        Wrong(
            backward_for_each_example,
            "weight and bias serve all examples, so their gradients add up: sum over the batch, `axis=0`.",
        ),
    ),
    alternatives=(backward_step_by_step,),
    returns=("dx", "dweight", "dbias"),
    hints=(
        "If one input moves up a little, what happens to its feature's mean and variance, and so to the "
        "outputs of the other examples? How many paths lead from x to y?",
        "Scale and shift come last, so dbias and dweight are sums over the batch. Three paths lead back to "
        "x: directly, through the mean, through the variance. The mean's path takes the mean off dy; the "
        "variance's path takes off the part of dy that goes along with x_hat. So a common rise and a "
        "common stretch get no gradient.",
        "Forward: the standard deviation (eps under the root) and x_hat, the normalised x.\n"
        "dbias: the sum of dy over the batch.\n"
        "dweight: the sum of dy times x_hat over the batch.\n"
        "Start dx from dy. Subtract the batch mean of dy.\n"
        "Subtract also x_hat times the batch mean of dy times x_hat.\n"
        "Multiply by the weight, divide by the standard deviation.\n"
        "Return dx, dweight and dbias.",
    ),
)

EXERCISES = (BACKWARD,)
