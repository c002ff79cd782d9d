"""Chapter 03a: a softmax of two classes is a sigmoid of one number."""

from __future__ import annotations

import numpy as np

from course_utils.grading.exercise import Case, Exercise, Wrong


def two_class_logit(logits, temperature):
    """Return s (B,) with sigmoid(s) = softmax(logits / temperature)[:, 1] for logits (B, 2)."""
    return (logits[:, 1] - logits[:, 0]) / temperature


def two_class_by_log_softmax(logits, temperature):
    """Subtract the logarithms of the two probabilities, never the probabilities' own values."""
    z = logits / temperature
    log_p = z - np.logaddexp(z[:, :1], z[:, 1:])  # (B, 2)
    return np.diff(log_p, axis=1).ravel()


def two_class_by_product(logits, temperature):
    """Weigh the two logits by -1/T and 1/T."""
    return logits @ np.array([-1.0, 1.0]) / temperature


def _softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def two_class_of_the_first(logits, temperature):
    """Subtract the other way round."""
    return -two_class_logit(logits, temperature)


def two_class_cold(logits, temperature):
    """Ignore the temperature."""
    return two_class_logit(logits, 1.0)


def two_class_heated(logits, temperature):
    """Multiply by the temperature."""
    return two_class_logit(logits, 1.0) * temperature


def two_class_second_alone(logits, temperature):
    """Take the second logit, as if the first were 0."""
    return logits[:, 1] / temperature


def two_class_from_the_mean(logits, temperature):
    """Measure the second logit from the mean of both, which halves the gap."""
    return (logits[:, 1] - logits.mean(axis=1)) / temperature


def two_class_probability(logits, temperature):
    """Return the probability, not the number that the sigmoid takes to it."""
    return _softmax(logits / temperature)[:, 1]


def two_class_log_probability(logits, temperature):
    """Invert the exponential, not the sigmoid."""
    z = logits / temperature
    return z[:, 1] - np.logaddexp(z[:, 0], z[:, 1])


def two_class_by_inverting(logits, temperature):
    """Compute p safely and invert the sigmoid: where p is 0 or 1 to rounding, s is lost."""
    p = _softmax(logits / temperature)[:, 1]
    return np.log(p / (1.0 - p))


def two_class_by_both_probabilities(logits, temperature):
    """Compare the two probabilities: one of them may be 0 to rounding."""
    p = _softmax(logits / temperature)
    return np.log(p[:, 1]) - np.log(p[:, 0])


def two_class_overflowing(logits, temperature):
    """Exponentiate the logits as they are, then invert the sigmoid."""
    e = np.exp(logits / temperature)
    p = e[:, 1] / e.sum(axis=1)
    return np.log(p / (1.0 - p))


def _draw(rng, n_examples, temperature, shift=0.0):
    """Draw logits; one constant added to both leaves every probability as it is."""
    return rng.normal(scale=2.0, size=(n_examples, 2)) + shift, temperature


def _sure(rng):
    """Gaps at which the larger probability is 1 to rounding, and the smaller one is not 0."""
    logits = rng.normal(size=(4, 2))
    logits[:, 1] += rng.uniform(60.0, 80.0, size=4) * np.array([1.0, -1.0, 1.0, -1.0])
    return logits, float(rng.uniform(1.2, 1.4))


def _thousands(rng):
    gap = rng.uniform(1000.0, 3000.0, size=4) * np.array([1.0, -1.0, 1.0, -1.0])
    first = rng.uniform(-2000.0, 2000.0, size=4)
    return np.stack([first, first + gap], axis=1), float(rng.uniform(0.5, 0.8))


TWO_CLASSES = Exercise(
    id="ex03_3",
    chapter="03a",
    title="Two classes, one logit",
    skill="write a two-class softmax with a temperature as a sigmoid",
    reference=two_class_logit,
    cases=(
        Case(
            "a temperature below 1",
            lambda rng: _draw(rng, 5, float(rng.uniform(0.3, 0.6))),
            "Divide numerator and denominator of e^(z1/T) / (e^(z0/T) + e^(z1/T)) by e^(z1/T), and compare "
            "with 1 / (1 + e^(-s)).",
        ),
        Case(
            "a temperature above 1",
            lambda rng: _draw(rng, 4, float(rng.uniform(2.0, 5.0)), shift=float(rng.uniform(3.0, 6.0))),
            "A high temperature brings the two probabilities together: s shrinks as T grows.",
        ),
        Case(
            "a probability of nearly 1",
            _sure,
            "Here the larger probability is 1 to rounding, and s cannot be found from it: solve for s on "
            "paper, and no exponential is left.",
        ),
        Case(
            "logits in the thousands",
            _thousands,
            "Here one probability is 0 and the other 1, to rounding. Neither is needed: s depends on the two "
            "logits and on T in a simple way.",
            strict=True,
        ),
    ),
    wrong=(
        Wrong(
            two_class_of_the_first,
            "A sign: yours is the number for the first class. A larger second logit must raise s.",
        ),
        Wrong(two_class_cold, "The temperature has no effect: the softmax is taken of logits / T."),
        Wrong(two_class_heated, "You multiply by the temperature: the softmax is taken of logits / T."),
        Wrong(
            two_class_second_alone,
            "The first logit has no effect. That would do if it were always 0; a softmax knows differences "
            "of logits only.",
        ),
        Wrong(
            two_class_from_the_mean,
            "Half of it: you measure the second logit from the mean of the two. What counts is its distance "
            "from the other one.",
        ),
        Wrong(
            two_class_probability,
            "That is the probability. Asked for is the number s whose sigmoid it is: any real number, "
            "negative where the first class leads.",
        ),
        Wrong(
            two_class_log_probability,
            "That is ln p, which undoes an exponential. Undoing a sigmoid takes ln(p / (1 - p)), the "
            "logarithm of the odds; on paper it becomes simple.",
        ),
        Wrong(
            two_class_by_inverting,
            "Right as long as p is not too close to 0 or 1. Here it is one of them to rounding, and s is "
            "infinite: put the softmax into ln(p / (1 - p)) on paper, and cancel.",
        ),
        Wrong(
            two_class_by_both_probabilities,
            "Right until one of the probabilities is 0 to rounding, and its logarithm infinite. Subtract the "
            "two logarithms on paper first: what they share cancels.",
        ),
        Wrong(
            two_class_overflowing,
            "Right for small logits. In the thousands the exponentials overflow, and even a safe softmax "
            "would give p = 1: put the softmax into ln(p / (1 - p)) on paper, and cancel.",
        ),
    ),
    alternatives=(two_class_by_log_softmax, two_class_by_product),
    hints=(
        "In the statement's example, what is logits / T, and where does the 4 come from? What happens to the "
        "probabilities if you add 100 to both logits?",
        "Divide the softmax's fraction by its numerator: what remains is 1 over 1 plus one exponential. "
        "Compare its exponent with that of the sigmoid. The probabilities themselves need never be computed.",
        "Write the probability of the second class as a fraction of exponentials of logits / T.\n"
        "Divide above and below by the numerator: one exponential remains, of a difference.\n"
        "The sigmoid has minus s in that place: read s off, and mind the sign.\n"
        "In code: take the two columns of `logits`, combine them, divide by the temperature, and return the "
        "result, one number for each row.",
    ),
)

EXERCISES = (TWO_CLASSES,)
