"""Chapter 05a: how noisy the gradient of a mini-batch is."""

from __future__ import annotations

import numpy as np

from course_utils.grading.exercise import Case, Exercise, Wrong


def gradient_noise(gradients, batch_size):
    """Mean (d,) of gradients (N, d), one for each example, and the expected noise of a batch's mean."""
    mean = gradients.mean(axis=0)
    squares = np.sum((gradients - mean) ** 2, axis=1)  # (N,), squared distances
    return mean, np.sqrt(squares.mean() / batch_size)


def noise_by_deviations(gradients, batch_size):
    """Take the length of the vector of standard deviations."""
    return np.mean(gradients, axis=0), np.linalg.norm(np.std(gradients, axis=0)) / np.sqrt(batch_size)


def noise_with_a_loop(gradients, batch_size):
    """Add the variances of the parameters up, one by one."""
    n, d = gradients.shape
    mean = [sum(gradients[:, j]) / n for j in range(d)]
    variances = [sum((gradients[:, j] - mean[j]) ** 2) / n for j in range(d)]
    return mean, (sum(variances) / batch_size) ** 0.5


def noise_over_batch(gradients, batch_size):
    """Divide by the batch size, not by its root."""
    mean, noise = gradient_noise(gradients, 1)
    return mean, noise / batch_size


def noise_of_one(gradients, batch_size):
    """Forget that a mean scatters less than one example."""
    return gradient_noise(gradients, 1)


def noise_squared(gradients, batch_size):
    """Return the expected square."""
    mean, noise = gradient_noise(gradients, batch_size)
    return mean, noise**2


def noise_without_replacement(gradients, batch_size):
    """Count on batches in which no example comes twice."""
    mean, noise = gradient_noise(gradients, batch_size)
    n = len(gradients)
    return mean, noise * np.sqrt((n - batch_size) / (n - 1))


def noise_as_of_a_sample(gradients, batch_size):
    """Divide by N - 1, as if the examples were a sample of something larger."""
    mean, noise = gradient_noise(gradients, batch_size)
    n = len(gradients)
    return mean, noise * np.sqrt(n / (n - 1))


def noise_around_zero(gradients, batch_size):
    """Measure how long the gradients are, not how far from their mean."""
    lengths = np.sum(gradients**2, axis=1)
    return gradients.mean(axis=0), np.sqrt(lengths.mean() / batch_size)


def noise_per_parameter(gradients, batch_size):
    """Average over the parameters, too."""
    mean, noise = gradient_noise(gradients, batch_size)
    return mean, noise / np.sqrt(gradients.shape[1])


def noise_as_vector(gradients, batch_size):
    """Return one standard deviation for each parameter."""
    return gradients.mean(axis=0), gradients.std(axis=0) / np.sqrt(batch_size)


def noise_of_lengths(gradients, batch_size):
    """Take the scatter of the gradients' lengths, which says nothing about directions."""
    return gradients.mean(axis=0), np.linalg.norm(gradients, axis=1).std() / np.sqrt(batch_size)


def noise_as_mean_distance(gradients, batch_size):
    """Average distances where their squares are to be averaged."""
    mean = gradients.mean(axis=0)
    return mean, np.linalg.norm(gradients - mean, axis=1).mean() / np.sqrt(batch_size)


def noise_of_a_sum(gradients, batch_size):
    """Add gradients where they are to be averaged, in the data and in the batch."""
    mean, noise = gradient_noise(gradients, 1)
    return mean * len(gradients), noise * np.sqrt(batch_size)


def noise_by_cancelling(gradients, batch_size):
    """Subtract the squared mean from the mean square, two numbers that are nearly equal."""
    mean = gradients.mean(axis=0)
    variance = np.sum(gradients**2, axis=1).mean() - np.sum(mean**2)
    return mean, np.sqrt(np.maximum(variance, 0.0) / batch_size)


def noise_summed(gradients, batch_size):
    """Add the examples' squared distances up, and divide by the batch size alone."""
    mean, noise = gradient_noise(gradients, batch_size)
    return mean, noise * np.sqrt(len(gradients))


def noise_by_the_data(gradients, batch_size):
    """Divide by the number of examples, whatever the batch."""
    return gradient_noise(gradients, len(gradients))


def noise_over_one_less(gradients, batch_size):
    """Divide by the batch size less one."""
    mean, noise = gradient_noise(gradients, 1)
    return mean, noise / np.sqrt(np.subtract(batch_size, 1.0))


def noise_over_all_entries(gradients, batch_size):
    """Take one standard deviation over examples and parameters together."""
    return gradients.mean(axis=0), gradients.std() / np.sqrt(batch_size)


def noise_of_added_deviations(gradients, batch_size):
    """Add standard deviations up, where their squares are to be added."""
    return gradients.mean(axis=0), gradients.std(axis=0).sum() / np.sqrt(batch_size)


def noise_of_the_first_rows(gradients, batch_size):
    """Measure how far one batch lies, the first rows."""
    mean = gradients.mean(axis=0)
    return mean, np.linalg.norm(gradients[:batch_size].mean(axis=0) - mean)


def _gradients(rng, n_examples, batch_size):
    spread = rng.uniform(0.5, 3.0, size=5)
    return rng.normal(size=5) + spread * rng.normal(size=(n_examples, 5)), batch_size


def _far_from_zero(rng):
    centre = 1e4 * rng.uniform(1.0, 2.0, size=3)
    return centre + 1e-3 * rng.normal(size=(40, 3)), 10


NOISE = Exercise(
    id="ex05_1",
    chapter="05a",
    title="The noise of a mini-batch",
    skill="say how far a mini-batch's gradient lies from the true one, and what a larger batch buys",
    reference=gradient_noise,
    cases=(
        Case(
            "batches of 16",
            lambda rng: _gradients(rng, 60, 16),
            "The mean is over examples. For the noise: the squared distance of each example's gradient from "
            "the mean, averaged over examples, divided by the batch size; then the root.",
        ),
        Case(
            "batches of 1 and of 4",
            lambda rng: [_gradients(rng, 30, 1), _gradients(rng, 30, 4)],
            "A batch of 1 is one example: its noise is the root mean square distance from the mean. Four "
            "times the batch halves the noise.",
            many=True,
        ),
        Case(
            "a batch as large as the data",
            lambda rng: _gradients(rng, 20, 20),
            "Drawn with replacement, even a batch of N misses some examples and holds others twice: the "
            "rule stays the same, and the noise is not 0.",
        ),
        Case(
            "a mean ten million times the noise",
            _far_from_zero,
            "Subtract the mean before you square: squares of long gradients drown what they differ by.",
        ),
    ),
    wrong=(
        Wrong(
            noise_over_batch,
            "You divide by B. The mean square distance shrinks like 1 / B, and its root like 1 over the root "
            "of B: a hundred times the batch for a tenth of the noise.",
        ),
        Wrong(
            noise_of_one,
            "That is the noise of a single example: `batch_size` has no effect. The mean of B examples has "
            "a B-th of the mean square distance.",
        ),
        Wrong(noise_squared, "That is the expected squared distance: the noise is its root."),
        Wrong(
            noise_without_replacement,
            "Your noise is that of batches in which no example comes twice. Here each example is drawn from "
            "all N, as the statement says, so there is no correction by N - B.",
        ),
        Wrong(
            noise_as_of_a_sample,
            "You divide by N - 1. The N examples are not a sample here: they are all there is to draw from, "
            "and their mean is exact. Divide by N.",
        ),
        Wrong(
            noise_around_zero,
            "You average the squared lengths of the gradients. Noise is the distance from their mean: "
            "subtract that first.",
        ),
        Wrong(
            noise_per_parameter,
            "You average over the parameters, too. The squared distance of two vectors is a sum over them: "
            "only examples are averaged.",
        ),
        Wrong(
            noise_as_vector,
            "That is one standard deviation for each parameter. The noise is one number, a length: the root "
            "of the sum of their squares.",
        ),
        Wrong(
            noise_of_lengths,
            "You take the scatter of the lengths. Gradients of one length can point anywhere: measure how "
            "far each vector lies from the mean vector.",
        ),
        Wrong(
            noise_as_mean_distance,
            "You average distances. Asked for is the root of the mean squared distance; only squares of "
            "independent deviations add up.",
        ),
        Wrong(
            noise_of_a_sum,
            "You add gradients up. The loss is a mean over examples, and so are its gradient and that of a "
            "batch: more examples make it steadier, not longer.",
        ),
        Wrong(
            noise_summed,
            "You add the squared distances of all examples up: asked for is their mean, so divide by N as "
            "well as by the batch size.",
        ),
        Wrong(
            noise_by_the_data,
            "You divide by the number of examples, so that `batch_size` has no effect. The mean over "
            "examples is one division by N; the one that makes the batch steadier is by `batch_size`.",
        ),
        Wrong(
            noise_over_one_less,
            "You divide by batch_size - 1. That belongs to a variance estimated from a sample; here it is "
            "computed from all N, and the mean of B draws has exactly a B-th of it. (What if B is 1?)",
        ),
        Wrong(
            noise_over_all_entries,
            "You take one standard deviation over all entries, as if parameters were further examples of one "
            "number. Each parameter has its own mean: `axis=0`.",
        ),
        Wrong(
            noise_of_added_deviations,
            "You add standard deviations up. A distance is the root of a sum of squares, as in Pythagoras' "
            "theorem: add their squares, then take the root.",
        ),
        Wrong(
            noise_of_the_first_rows,
            "You measure how far one batch lies, that of the first rows. Asked for is what to expect over "
            "all batches that could be drawn, and for that no batch is needed.",
        ),
        Wrong(
            noise_by_cancelling,
            "Right on paper: mean square minus squared mean. But where the mean is long, both are nearly "
            "equal, and their difference keeps few right digits. Subtract the mean first, then square.",
        ),
    ),
    alternatives=(noise_by_deviations, noise_with_a_loop),
    returns=("mean", "noise"),
    hints=(
        "In the statement's example the two gradients lie 5 from their mean each. What is the noise of a "
        "batch of 1, and why is it half as much for a batch of 4?",
        "The batch's gradient is a mean of B independent draws. Variances of independent draws add up, and "
        "those of a mean of B are a B-th of one draw's. The squared distance of vectors is the sum of such "
        "variances over the parameters.",
        "Average the gradients over the examples: the exact gradient, one number for each parameter.\n"
        "Subtract it from every row.\n"
        "Square, and sum along each row: one squared distance for each example.\n"
        "Average these over the examples (divide by N), and divide by the batch size.\n"
        "Return the exact gradient, and the square root of that number.",
    ),
)

EXERCISES = (NOISE,)
