"""Chapter 01a: the forward and the backward pass of an MLP."""

from __future__ import annotations

import numpy as np

from course_utils.grading.exercise import Case, Exercise, Wrong


def mlp_forward(x, weight1, bias1, weight2, bias2):
    """Logits (B, K) of a network with one hidden layer of ReLU units; weights are (n_out, n_in)."""
    hidden = np.maximum(x @ weight1.T + bias1, 0.0)  # (B, H)
    return hidden @ weight2.T + bias2  # (B, K)


def forward_by_rows(x, weight1, bias1, weight2, bias2):
    """Send one example after the other through the network."""
    rows = []
    for example in x:
        sums = weight1 @ example + bias1
        rows.append(weight2 @ (sums * (sums > 0)) + bias2)
    return np.stack(rows)


def forward_linear(x, weight1, bias1, weight2, bias2):
    """Forget the non-linearity."""
    return (x @ weight1.T + bias1) @ weight2.T + bias2


def forward_relu_twice(x, weight1, bias1, weight2, bias2):
    """Apply the ReLU to the output as well."""
    return np.maximum(mlp_forward(x, weight1, bias1, weight2, bias2), 0.0)


def forward_without_hidden_bias(x, weight1, bias1, weight2, bias2):
    """Forget the hidden layer's bias."""
    return mlp_forward(x, weight1, 0.0 * bias1, weight2, bias2)


def forward_without_output_bias(x, weight1, bias1, weight2, bias2):
    """Forget the output's bias."""
    return mlp_forward(x, weight1, bias1, weight2, 0.0 * bias2)


def forward_untransposed(x, weight1, bias1, weight2, bias2):
    """Multiply by the weights as if they were (n_in, n_out)."""
    return np.maximum(x @ weight1 + bias1, 0.0) @ weight2 + bias2


def _layers(rng, n_examples, n_in, n_hidden, n_out, scale=1.0):
    """Draw x, weight1, bias1, weight2, bias2."""
    weight1, bias1 = rng.normal(size=(n_hidden, n_in)), rng.normal(size=n_hidden)
    weight2, bias2 = scale * rng.normal(size=(n_out, n_hidden)), rng.normal(size=n_out)
    return rng.normal(size=(n_examples, n_in)), weight1, bias1, weight2, bias2


FORWARD = Exercise(
    id="ex01_3",
    chapter="01a",
    title="The forward pass of an MLP",
    skill="chain matrix products with the right shapes",
    reference=mlp_forward,
    cases=(
        Case(
            "a batch of 20",
            lambda rng: _layers(rng, 20, 5, 8, 3),
            "In this order: affine map with weight1 and bias1, ReLU, affine map with weight2 and bias2.",
        ),
        Case(
            "a batch of 1",
            lambda rng: _layers(rng, 1, 4, 6, 5),
            "A batch of one is still a batch: x is (1, n_in) and the logits are (1, K).",
        ),
        Case(
            "layers of equal size",
            lambda rng: _layers(rng, 20, 4, 4, 4),
            "With square weights a wrong orientation raises nothing. A weight is (n_out, n_in), so it is `x "
            "@ weight.T`.",
        ),
    ),
    wrong=(
        Wrong(
            forward_linear, "The non-linearity is missing: without a ReLU between them two layers are one."
        ),
        Wrong(
            forward_relu_twice,
            "Your logits are never negative: the ReLU belongs behind the hidden layer only.",
        ),
        Wrong(forward_without_hidden_bias, "The hidden layer's bias is missing: add bias1 before the ReLU."),
        Wrong(forward_without_output_bias, "The output's bias is missing: add bias2 at the end."),
        Wrong(
            forward_untransposed,
            "The weights are stored as (n_out, n_in), as in PyTorch: write `x @ weight1.T`.",
        ),
    ),
    alternatives=(forward_by_rows,),
)


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


def _with_labels(rng, n_examples, n_in, n_hidden, n_out, scale=1.0):
    x, *layers = _layers(rng, n_examples, n_in, n_hidden, n_out, scale)
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
            "logits of hundreds",
            lambda rng: _with_labels(rng, 8, 4, 5, 3, scale=300.0),
            "Somewhere a nan or an infinity arises: subtract each row's maximum before you exponentiate.",
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
    ),
    alternatives=(backward_by_examples,),
)

EXERCISES = (FORWARD, BACKWARD)
