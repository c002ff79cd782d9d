"""Chapter 01a: the backward pass of an MLP."""

from __future__ import annotations

import numpy as np

from course_utils.exercises.ch01a_mlp import draw_layers
from course_utils.grading.exercise import Case, Exercise, Wrong


def mlp_backward(x, labels, weight1, bias1, weight2, bias2):
    """Gradients (dweight1, dbias1, dweight2, dbias2) of the mean cross-entropy of a ReLU network."""
    hidden = np.maximum(x @ weight1.T + bias1, 0.0)  # (B, H)
    logits = hidden @ weight2.T + bias2  # (B, K)
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    dlogits = exponentials / exponentials.sum(axis=1, keepdims=True)
    dlogits[np.arange(len(x)), labels] -= 1.0  # p - y
    dlogits /= len(x)  # the mean over the batch
    dhidden = (dlogits @ weight2) * (hidden > 0)  # (B, H)
    return dhidden.T @ x, dhidden.sum(axis=0), dlogits.T @ hidden, dlogits.sum(axis=0)


def backward_by_examples(x, labels, weight1, bias1, weight2, bias2):
    """Average the gradients of one example after the other, as outer products."""
    grads = [np.zeros_like(p) for p in (weight1, bias1, weight2, bias2)]
    for example, label in zip(x, labels, strict=True):
        sums = weight1 @ example + bias1
        hidden = np.where(sums > 0, sums, 0.0)
        logits = weight2 @ hidden + bias2
        p = np.exp(logits - np.logaddexp.reduce(logits))
        error = p - np.eye(len(p))[label]
        back = (weight2.T @ error) * (sums > 0)
        for grad, part in zip(
            grads, (np.outer(back, example), back, np.outer(error, hidden), error), strict=True
        ):
            grad += part / len(x)
    return tuple(grads)


def _forward(x, labels, weight1, bias1, weight2, bias2):
    """Hidden values and the gradient at the logits, the part that the wrong answers get right."""
    hidden = np.maximum(x @ weight1.T + bias1, 0.0)
    logits = hidden @ weight2.T + bias2
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = exponentials / exponentials.sum(axis=1, keepdims=True)
    return hidden, (p - np.eye(len(bias2))[labels]) / len(x)


def backward_of_sum(x, labels, weight1, bias1, weight2, bias2):
    """Forget the 1/N of the mean."""
    return tuple(len(x) * grad for grad in mlp_backward(x, labels, weight1, bias1, weight2, bias2))


def backward_without_mask(x, labels, weight1, bias1, weight2, bias2):
    """Send the error through units that the ReLU had switched off."""
    hidden, dlogits = _forward(x, labels, weight1, bias1, weight2, bias2)
    dhidden = dlogits @ weight2
    return dhidden.T @ x, dhidden.sum(axis=0), dlogits.T @ hidden, dlogits.sum(axis=0)


def backward_without_weights(x, labels, weight1, bias1, weight2, bias2):
    """Take the output's error times the slope for the hidden error."""
    hidden, dlogits = _forward(x, labels, weight1, bias1, weight2, bias2)
    dhidden = dlogits * (hidden > 0)
    return dhidden.T @ x, dhidden.sum(axis=0), dlogits.T @ hidden, dlogits.sum(axis=0)


def backward_wrong_way_round(x, labels, weight1, bias1, weight2, bias2):
    """Multiply by the weights in the forward direction."""
    hidden, dlogits = _forward(x, labels, weight1, bias1, weight2, bias2)
    dhidden = (dlogits @ weight2.T) * (hidden > 0)
    return dhidden.T @ x, dhidden.sum(axis=0), dlogits.T @ hidden, dlogits.sum(axis=0)


def backward_mean_bias(x, labels, weight1, bias1, weight2, bias2):
    """Average the bias gradients once more."""
    dweight1, dbias1, dweight2, dbias2 = mlp_backward(x, labels, weight1, bias1, weight2, bias2)
    return dweight1, dbias1 / len(x), dweight2, dbias2 / len(x)


def backward_uphill(x, labels, weight1, bias1, weight2, bias2):
    """Start from y - p."""
    return tuple(-grad for grad in mlp_backward(x, labels, weight1, bias1, weight2, bias2))


def backward_transposed(x, labels, weight1, bias1, weight2, bias2):
    """Return the gradients of the weights with their axes swapped."""
    dweight1, dbias1, dweight2, dbias2 = mlp_backward(x, labels, weight1, bias1, weight2, bias2)
    return dweight1.T, dbias1, dweight2.T, dbias2


def backward_softmax_of_columns(x, labels, weight1, bias1, weight2, bias2):
    """Normalise the softmax down the batch."""
    hidden = np.maximum(x @ weight1.T + bias1, 0.0)
    logits = hidden @ weight2.T + bias2
    exponentials = np.exp(logits - logits.max(axis=0))
    dlogits = (exponentials / exponentials.sum(axis=0) - np.eye(len(bias2))[labels]) / len(x)
    dhidden = (dlogits @ weight2) * (hidden > 0)
    return dhidden.T @ x, dhidden.sum(axis=0), dlogits.T @ hidden, dlogits.sum(axis=0)


def backward_sums_of_columns(x, labels, weight1, bias1, weight2, bias2):
    """Shift by each row's maximum, then divide by the sums down the batch."""
    hidden = np.maximum(x @ weight1.T + bias1, 0.0)
    logits = hidden @ weight2.T + bias2
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    dlogits = (exponentials / exponentials.sum(axis=0) - np.eye(len(bias2))[labels]) / len(x)
    dhidden = (dlogits @ weight2) * (hidden > 0)
    return dhidden.T @ x, dhidden.sum(axis=0), dlogits.T @ hidden, dlogits.sum(axis=0)


def backward_unshifted(x, labels, weight1, bias1, weight2, bias2):
    """Exponentiate the logits as they are."""
    hidden = np.maximum(x @ weight1.T + bias1, 0.0)
    exponentials = np.exp(hidden @ weight2.T + bias2)
    p = exponentials / exponentials.sum(axis=1, keepdims=True)
    dlogits = (p - np.eye(len(bias2))[labels]) / len(x)
    dhidden = (dlogits @ weight2) * (hidden > 0)
    return dhidden.T @ x, dhidden.sum(axis=0), dlogits.T @ hidden, dlogits.sum(axis=0)


def backward_slope_of_tanh(x, labels, weight1, bias1, weight2, bias2):
    """Take the slope of tanh for that of the ReLU."""
    hidden, dlogits = _forward(x, labels, weight1, bias1, weight2, bias2)
    dhidden = (dlogits @ weight2) * (1.0 - hidden**2)
    return dhidden.T @ x, dhidden.sum(axis=0), dlogits.T @ hidden, dlogits.sum(axis=0)


def backward_whole_rows(x, labels, weight1, bias1, weight2, bias2):
    """Subtract 1 from whole rows, chosen by the labels."""
    hidden, dlogits = _forward(x, labels, weight1, bias1, weight2, bias2)
    dlogits += np.eye(len(bias2))[labels] / len(x)
    dlogits[labels] -= 1.0 / len(x)
    dhidden = (dlogits @ weight2) * (hidden > 0)
    return dhidden.T @ x, dhidden.sum(axis=0), dlogits.T @ hidden, dlogits.sum(axis=0)


def backward_times_hidden(x, labels, weight1, bias1, weight2, bias2):
    """Multiply by the hidden values in the place of the slope."""
    hidden, dlogits = _forward(x, labels, weight1, bias1, weight2, bias2)
    dhidden = (dlogits @ weight2) * hidden
    return dhidden.T @ x, dhidden.sum(axis=0), dlogits.T @ hidden, dlogits.sum(axis=0)


def backward_slope_at_logits(x, labels, weight1, bias1, weight2, bias2):
    """Switch the error off where a logit is negative, as if a ReLU followed."""
    hidden, dlogits = _forward(x, labels, weight1, bias1, weight2, bias2)
    passed = dlogits * (hidden @ weight2.T + bias2 > 0)
    dhidden = (passed @ weight2) * (hidden > 0)
    return dhidden.T @ x, dhidden.sum(axis=0), dlogits.T @ hidden, dlogits.sum(axis=0)


def backward_labels_as_numbers(x, labels, weight1, bias1, weight2, bias2):
    """Subtract the number of the class from every probability."""
    hidden, dlogits = _forward(x, labels, weight1, bias1, weight2, bias2)
    dlogits = dlogits + (np.eye(len(bias2))[labels] - labels[:, None]) / len(x)
    dhidden = (dlogits @ weight2) * (hidden > 0)
    return dhidden.T @ x, dhidden.sum(axis=0), dlogits.T @ hidden, dlogits.sum(axis=0)


def backward_biases_of_examples(x, labels, weight1, bias1, weight2, bias2):
    """Leave the gradients of the biases as they are for each example."""
    hidden, dlogits = _forward(x, labels, weight1, bias1, weight2, bias2)
    dhidden = (dlogits @ weight2) * (hidden > 0)
    return dhidden.T @ x, dhidden, dlogits.T @ hidden, dlogits


def _with_labels(rng, n_examples, n_in, n_hidden, n_out, scale=1.0):
    x, *layers = draw_layers(rng, n_examples, n_in, n_hidden, n_out, scale)
    return x, rng.integers(0, n_out, size=n_examples), *layers


BACKWARD = Exercise(
    id="ex01_6",
    chapter="01a",
    title="The backward pass of an MLP",
    skill="carry an error back through a network by hand",
    reference=mlp_backward,
    cases=(
        Case(
            "a batch of 12",
            lambda rng: _with_labels(rng, 12, 5, 6, 3),
            "From the back: dlogits = (p - y) / N, then dlogits.T @ hidden and its sum for layer 2, then "
            "dlogits @ weight2 times the ReLU's mask, and the same two lines with x for layer 1.",
            points=2,
        ),
        Case(
            "as many hidden units as classes",
            lambda rng: _with_labels(rng, 12, 3, 4, 4),
            "With equal sizes every product of matrices fits: check which way round the weights must be "
            "multiplied.",
        ),
        Case(
            "logits of thousands",
            lambda rng: _with_labels(rng, 8, 4, 5, 3, scale=2000.0),
            "Here the logits are in the thousands, and exp of them is infinite: subtract each row's maximum "
            "before you exponentiate.",
        ),
    ),
    wrong=(
        Wrong(
            backward_of_sum, "Your gradients are N times too large: the loss is a mean, so divide p - y by N."
        ),
        Wrong(
            backward_without_mask,
            "The ReLU's slope is missing: where a hidden unit was off (0 or below) no error passes, so "
            "multiply by `hidden > 0`.",
        ),
        Wrong(
            backward_without_weights,
            "A hidden unit's error is not the output's error times a slope: it collects the output errors "
            "through its outgoing weights, `dlogits @ weight2`, and only then comes the slope.",
        ),
        Wrong(
            backward_wrong_way_round,
            "You multiply by weight2 in the forward direction: forward was `hidden @ weight2.T`, so "
            "backward is `dlogits @ weight2`.",
        ),
        Wrong(
            backward_mean_bias,
            "The bias gradients are N times too small: after dividing p - y by N they are sums over the "
            "batch.",
        ),
        Wrong(backward_uphill, "Every sign is reversed: the gradient at the logits is p - y, not y - p."),
        Wrong(
            backward_transposed,
            "The weight gradients lie on their side: dweight has weight's shape, (n_out, n_in): `dlogits.T "
            "@ hidden`.",
        ),
        Wrong(
            backward_softmax_of_columns,
            "Your softmax sums to 1 down the batch; each row must: use `axis=1` with `keepdims=True`.",
        ),
        Wrong(
            backward_sums_of_columns,
            "Your softmax divides by sums down the batch: sum each row, with `axis=1, keepdims=True`.",
        ),
        Wrong(
            backward_unshifted,
            "Right for small logits. These are in the thousands: is your softmax shifted by each row's "
            "maximum?",
        ),
        Wrong(
            backward_slope_of_tanh,
            "1 - hidden**2 is the slope of tanh; the ReLU's is 1 where hidden > 0, else 0.",
        ),
        Wrong(
            backward_times_hidden,
            "You multiply by the hidden values; the ReLU's slope is 1 where they are positive, else 0: "
            "`(hidden > 0)`.",
        ),
        Wrong(
            backward_slope_at_logits,
            "No ReLU follows the logits, so p - y goes back through weight2 as it is; only the hidden layer "
            "has a slope.",
        ),
        Wrong(
            backward_labels_as_numbers,
            "A label is the number of a class, and y a row: 1 at the label, 0 elsewhere. So subtract 1 from "
            "one entry of each row, and nothing from the others.",
        ),
        Wrong(
            backward_biases_of_examples,
            "A bias serves all examples, so their gradients add up: sum over the batch, `sum(axis=0)`.",
        ),
        Wrong(
            backward_whole_rows,
            "`dz[labels]` picks whole rows; `dz[np.arange(len(x)), labels]` picks one entry of each row.",
        ),
    ),
    alternatives=(backward_by_examples,),
    returns=("dweight1", "dbias1", "dweight2", "dbias2"),
    hints=(
        "Write down the forward pass, and for each of the four gradients what it needs of it: `x`, the "
        "hidden values, or the probabilities? And where does the mean over the batch enter?",
        "At the logits the gradient is (p - y) / N. A layer H = X W^T + b takes the gradient dH at its "
        "output and gives: dH^T X for the weight, the sum of dH over the batch for the bias, dH W for its "
        "input. A ReLU lets dH pass where its output is positive, elsewhere nothing.",
        "Forward: hidden values, logits.\n"
        "Softmax of each row, its maximum taken off first.\n"
        "Subtract 1 at each row's label, divide all by N: the gradient at the logits.\n"
        "Layer 2: that gradient's transpose times the hidden values is dweight2, its sum over the batch "
        "dbias2.\n"
        "Back through `weight2`, not transposed: (B, h); then 0 where the unit was off.\n"
        "Layer 1: as in step 4, with `x` in the place of the hidden values.\n"
        "Return all four, layer 1 first.",
    ),
)

EXERCISES = (BACKWARD,)
