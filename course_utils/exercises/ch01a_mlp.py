"""Chapter 01a: the forward pass of an MLP."""

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


def forward_weight_first(x, weight1, bias1, weight2, bias2):
    """Put the weight before x, as for a single column."""
    return weight2 @ np.maximum(weight1 @ x + bias1, 0.0) + bias2


def forward_with_softmax(x, weight1, bias1, weight2, bias2):
    """Turn the logits into probabilities."""
    logits = mlp_forward(x, weight1, bias1, weight2, bias2)
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def forward_maximum_over_batch(x, weight1, bias1, weight2, bias2):
    """Call `np.max`, whose second argument is an axis."""
    return np.max(x @ weight1.T + bias1, 0) @ weight2.T + bias2


def draw_layers(rng, n_examples, n_in, n_hidden, n_out, scale=1.0):
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
            lambda rng: draw_layers(rng, 20, 5, 8, 3),
            "In this order: affine map with weight1 and bias1, ReLU, affine map with weight2 and bias2.",
        ),
        Case(
            "a batch of 1",
            lambda rng: draw_layers(rng, 1, 4, 6, 5),
            "A batch of one is still a batch: x is (1, n_in) and the logits are (1, K).",
        ),
        Case(
            "layers of equal size",
            lambda rng: draw_layers(rng, 20, 4, 4, 4),
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
        Wrong(
            forward_weight_first,
            "Each example is a row of x, so x comes first, and the weights are stored as (n_out, n_in): "
            "write `x @ weight1.T`.",
        ),
        Wrong(
            forward_with_softmax,
            "Your rows sum to 1: you return probabilities. The logits are what comes before a softmax.",
        ),
        Wrong(
            forward_maximum_over_batch,
            "`np.max(a, 0)` is the maximum along axis 0; `np.maximum(a, 0)` compares entry by entry.",
        ),
    ),
    alternatives=(forward_by_rows,),
    hints=(
        "Write each array's shape beside its name, as in the table. Which axis of `weight1` must meet the "
        "last axis of `x` to give (B, h)? And what happens to the numbers between the two layers?",
        "Examples are rows and a weight is (outputs, inputs), so a layer multiplies by the weight's "
        "transpose: H = X W^T + b. The bias holds one number for each output and is added to every row. "
        "Between the layers each number is bent by max(0, a); behind the last layer nothing is.",
        "Multiply `x` by the transpose of `weight1`: (B, h).\n"
        "Add `bias1`; NumPy adds it to every row.\n"
        "ReLU: `np.maximum` with 0 compares entry by entry.\n"
        "The same affine step once more, with `weight2` and `bias2`: (B, K).\n"
        "Return that as it is: logits may be negative, and get neither ReLU nor softmax here.",
    ),
)

EXERCISES = (FORWARD,)
