"""Chapter 04b: a residual block, forward and backward."""

from __future__ import annotations

import numpy as np

from course_utils.grading.exercise import Case, Exercise, Wrong


def residual_block(x, weight1, weight2, alpha, dy):
    """Output y = x + alpha * relu(x W1^T) W2^T, and the gradients dx and dalpha."""
    hidden = np.maximum(x @ weight1.T, 0.0)  # (B, H)
    branch = hidden @ weight2.T  # (B, C)
    dhidden = alpha * (dy @ weight2) * (hidden > 0)
    return x + alpha * branch, dy + dhidden @ weight1, float(np.sum(dy * branch))


def block_by_examples(x, weight1, weight2, alpha, dy):
    """Multiply each example's gradient by the slope of the block at it, a matrix (C, C)."""
    y, dx, dalpha = np.empty(x.shape), np.empty(x.shape), 0.0
    for i, (example, back) in enumerate(zip(x, dy, strict=True)):
        branch_slope = weight2 @ np.diag((weight1 @ example > 0) * 1.0) @ weight1
        slope = np.eye(len(example)) + alpha * branch_slope
        y[i], dx[i] = slope @ example, slope.T @ back  # without a bias the block is linear on each side
        dalpha += back @ branch_slope @ example
    return y, dx, dalpha


def _branch(x, weight1, weight2, dy):
    """Output of the branch and its gradient at x, without alpha and without the shortcut."""
    hidden = np.maximum(x @ weight1.T, 0.0)
    return hidden @ weight2.T, ((dy @ weight2) * (hidden > 0)) @ weight1


def block_without_shortcut_back(x, weight1, weight2, alpha, dy):
    """Send the gradient through the branch alone."""
    y, dx, dalpha = residual_block(x, weight1, weight2, alpha, dy)
    return y, dx - dy, dalpha


def block_without_shortcut(x, weight1, weight2, alpha, dy):
    """Leave the shortcut out, forward and backward."""
    y, dx, dalpha = residual_block(x, weight1, weight2, alpha, dy)
    return y - x, dx - dy, dalpha


def block_without_branch_back(x, weight1, weight2, alpha, dy):
    """Send the gradient through the shortcut alone."""
    y, _, dalpha = residual_block(x, weight1, weight2, alpha, dy)
    return y, dy, dalpha


def block_without_alpha_back(x, weight1, weight2, alpha, dy):
    """Forget alpha on the way back."""
    y, _, dalpha = residual_block(x, weight1, weight2, alpha, dy)
    return y, dy + _branch(x, weight1, weight2, dy)[1], dalpha


def block_with_scaled_shortcut_back(x, weight1, weight2, alpha, dy):
    """Scale all of the gradient by alpha, the shortcut's share, too."""
    y, _, dalpha = residual_block(x, weight1, weight2, alpha, dy)
    return y, alpha * (dy + _branch(x, weight1, weight2, dy)[1]), dalpha


def block_with_scaled_shortcut(x, weight1, weight2, alpha, dy):
    """Scale the shortcut by alpha, forward and backward."""
    branch, dbranch = _branch(x, weight1, weight2, dy)
    return alpha * (x + branch), alpha * (dy + dbranch), float(np.sum(dy * (x + branch)))


def block_with_scaled_dalpha(x, weight1, weight2, alpha, dy):
    """Leave alpha in its own gradient."""
    y, dx, dalpha = residual_block(x, weight1, weight2, alpha, dy)
    return y, dx, alpha * dalpha


def block_with_dalpha_of_output(x, weight1, weight2, alpha, dy):
    """Multiply dy by the whole output for dalpha, shortcut included."""
    y, dx, _ = residual_block(x, weight1, weight2, alpha, dy)
    return y, dx, float(np.sum(dy * y))


def block_with_mean_dalpha(x, weight1, weight2, alpha, dy):
    """Average over the batch for dalpha."""
    y, dx, dalpha = residual_block(x, weight1, weight2, alpha, dy)
    return y, dx, dalpha / len(x)


def block_without_mask(x, weight1, weight2, alpha, dy):
    """Send the gradient through units that were off."""
    y, _, dalpha = residual_block(x, weight1, weight2, alpha, dy)
    return y, dy + alpha * (dy @ weight2) @ weight1, dalpha


def block_with_relu_after(x, weight1, weight2, alpha, dy):
    """Put one more ReLU after the sum, as the first residual networks did."""
    branch, dbranch = _branch(
        x, weight1, weight2, dy * (residual_block(x, weight1, weight2, alpha, dy)[0] > 0)
    )
    passed = dy * (x + alpha * branch > 0)
    return np.maximum(x + alpha * branch, 0.0), passed + alpha * dbranch, float(np.sum(passed * branch))


def block_wrong_way_round(x, weight1, weight2, alpha, dy):
    """Multiply by the weights in the forward direction on the way back."""
    y, _, dalpha = residual_block(x, weight1, weight2, alpha, dy)
    hidden = np.maximum(x @ weight1.T, 0.0)
    return y, dy + alpha * ((dy @ weight2.T) * (hidden > 0)) @ weight1.T, dalpha


def _block(rng, n_examples, n_features, n_hidden, alpha):
    x, dy = rng.normal(size=(2, n_examples, n_features))
    weight1 = rng.normal(size=(n_hidden, n_features)) / np.sqrt(n_features)
    weight2 = rng.normal(size=(n_features, n_hidden)) / np.sqrt(n_hidden)
    return x, weight1, weight2, alpha, dy


RESIDUAL = Exercise(
    id="ex04_8",
    chapter="04b",
    title="A residual block",
    skill="build a block through which a gradient gets unharmed, and say how strong its branch should be",
    reference=residual_block,
    cases=(
        Case(
            "a branch at part of its strength",
            lambda rng: _block(rng, 6, 4, 7, float(rng.uniform(0.2, 0.7))),
            "dx is dy, by the shortcut, plus alpha times what the branch sends back: dy @ weight2, the "
            "ReLU's mask, @ weight1. dalpha sums dy times the branch's output.",
            points=2,
        ),
        Case(
            "a branch switched off",
            lambda rng: _block(rng, 5, 3, 6, 0.0),
            "With alpha = 0 the block hands on x and dy untouched, and yet dalpha is not 0: so the branch "
            "can grow.",
        ),
        Case(
            "as many hidden units as features",
            lambda rng: _block(rng, 5, 4, 4, 1.0),
            "With equal sizes every product of matrices fits: check which way round the weights must be "
            "multiplied.",
        ),
    ),
    wrong=(
        Wrong(
            block_without_shortcut_back,
            "Your dx comes through the branch alone. The shortcut hands dy on as it is: add it. That is what "
            "saves a deep gradient.",
        ),
        Wrong(
            block_without_shortcut,
            "The shortcut is missing: y is x plus the branch, and dx is dy plus what the branch sends back.",
        ),
        Wrong(
            block_without_branch_back,
            "Your dx is the shortcut's part alone: the branch depends on x, too, and sends its part back.",
        ),
        Wrong(
            block_without_alpha_back,
            "alpha is missing in dx: the branch enters y times alpha, and so does its gradient.",
        ),
        Wrong(
            block_with_scaled_shortcut_back,
            "You scale the shortcut's gradient by alpha, too: only the branch is times alpha.",
        ),
        Wrong(
            block_with_scaled_shortcut,
            "You scale x by alpha, too: y is x + alpha * branch, not alpha * (x + branch).",
        ),
        Wrong(
            block_with_scaled_dalpha,
            "alpha is a factor of your dalpha. y grows by the branch's output for each unit of alpha, "
            "whatever alpha is; at 0 it could never learn otherwise.",
        ),
        Wrong(
            block_with_dalpha_of_output,
            "For dalpha you multiply dy by all of y. alpha scales the branch alone: the sum of dy * branch.",
        ),
        Wrong(
            block_with_mean_dalpha,
            "One alpha serves all examples, so its gradient is a sum over them; a mean, if any, is in dy "
            "already.",
        ),
        Wrong(
            block_without_mask,
            "The ReLU's slope is missing in dx: where a hidden unit was off, no gradient passes.",
        ),
        Wrong(
            block_with_relu_after,
            "You put one more ReLU after the sum. Here y is the sum itself, negative values included.",
        ),
        Wrong(
            block_wrong_way_round,
            "You multiply by the weights in the forward direction: forward was `hidden @ weight2.T`, so back "
            "is `dy @ weight2`, and then `@ weight1`.",
        ),
    ),
    alternatives=(block_by_examples,),
    returns=("y", "dx", "dalpha"),
    hints=(
        "By how many ways does x reach y? What does each send back for a given dy? And by how much does y "
        "change if alpha grows by a little?",
        "y is a sum, and a sum hands dy to both of its terms. The first is x itself: dy arrives unchanged. "
        "The second is a network of two layers, times alpha: the backward pass of chapter 01a, times alpha. "
        "alpha is a factor of every entry of the branch, so its gradient collects dy times these entries.",
        "Forward: the hidden values (B, H), then the branch's output (B, C) before alpha.\n"
        "y: x plus alpha times the branch.\n"
        "dalpha: multiply dy by the branch entry by entry, and sum everything to one number.\n"
        "Back through the branch: dy times alpha, through `weight2` (not transposed), 0 where the unit was "
        "off, through `weight1`.\n"
        "dx: this plus dy.\n"
        "Return y, dx and dalpha.",
    ),
)

EXERCISES = (RESIDUAL,)
