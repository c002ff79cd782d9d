"""Chapter 06b: an L2 penalty and its gradient."""

from __future__ import annotations

import functools

import numpy as np

from course_utils.grading.exercise import Case, Exercise, Wrong


def ridge_loss_and_gradient(x, y, weight, bias, lam):
    """Mean squared error + lam / 2 * |weight|^2, and its gradients; x (B, d), y (B,), weight (d,)."""
    errors = x @ weight + bias - y  # (B,)
    loss = np.mean(errors**2) + lam / 2.0 * np.sum(weight**2)
    dweight = 2.0 * errors @ x / len(x) + lam * weight
    return loss, dweight, 2.0 * np.mean(errors)


def ridge_through_one_matrix(x, y, weight, bias, lam):
    """Append a 1 to each example, and spare its weight the penalty."""
    n_examples, n_inputs = x.shape
    extended = np.hstack([x, np.ones((n_examples, 1))])
    both, penalty = np.append(weight, bias), np.append(np.full(n_inputs, lam), 0.0)
    errors = extended @ both - y
    gradient = extended.T @ errors * (2.0 / n_examples) + penalty * both
    return errors @ errors / n_examples + penalty @ both**2 / 2.0, gradient[:-1], gradient[-1]


def ridge_example_by_example(x, y, weight, bias, lam):
    """Add up the examples in a loop."""
    loss, dweight, dbias = lam * float(weight @ weight) / 2, lam * weight, 0.0
    for example, target in zip(x, y, strict=True):
        error = (float(example @ weight) + bias - target) / len(y)
        loss, dweight = loss + error**2 * len(y), dweight + 2 * error * example
        dbias += 2 * error
    return loss, dweight, dbias


def ridge_with_penalised_bias(x, y, weight, bias, lam):
    """Shrink the bias, too."""
    loss, dweight, dbias = ridge_loss_and_gradient(x, y, weight, bias, lam)
    return loss + lam / 2.0 * bias**2, dweight, dbias + lam * bias


def ridge_with_whole_square(x, y, weight, bias, lam):
    """Add lam times the square, and twice lam times the weight: no half anywhere."""
    return ridge_loss_and_gradient(x, y, weight, bias, 2.0 * lam)


def ridge_doubling_the_pull(x, y, weight, bias, lam):
    """Forget that the half cancels the 2 of the square's slope."""
    loss, dweight, dbias = ridge_loss_and_gradient(x, y, weight, bias, lam)
    return loss, dweight + lam * weight, dbias


def ridge_halving_the_pull(x, y, weight, bias, lam):
    """Keep the half in the gradient."""
    loss, dweight, dbias = ridge_loss_and_gradient(x, y, weight, bias, lam)
    return loss, dweight - lam / 2.0 * weight, dbias


def ridge_without_pull(x, y, weight, bias, lam):
    """Penalise in the loss only."""
    loss, dweight, dbias = ridge_loss_and_gradient(x, y, weight, bias, lam)
    return loss, dweight - lam * weight, dbias


def ridge_without_penalty(x, y, weight, bias, lam):
    """Pull in the gradient only, as an optimizer's weight decay does."""
    loss, dweight, dbias = ridge_loss_and_gradient(x, y, weight, bias, lam)
    return loss - lam / 2.0 * np.sum(weight**2), dweight, dbias


def ridge_over_examples(x, y, weight, bias, lam):
    """Divide the penalty by the number of examples, too."""
    return ridge_loss_and_gradient(x, y, weight, bias, lam / len(x))


def ridge_averaging_weights(x, y, weight, bias, lam):
    """Average the squares of the weights."""
    return ridge_loss_and_gradient(x, y, weight, bias, lam / len(weight))


def ridge_with_norm(x, y, weight, bias, lam):
    """Penalise the norm, not its square."""
    loss, dweight, dbias = ridge_loss_and_gradient(x, y, weight, bias, 0.0)
    norm = np.linalg.norm(weight)
    return loss + lam / 2.0 * norm, dweight + lam / 2.0 * weight / norm, dbias


def ridge_with_signs(x, y, weight, bias, lam):
    """Pull each weight with the same force, whatever its size: that is L1."""
    loss, dweight, dbias = ridge_loss_and_gradient(x, y, weight, bias, lam)
    return loss, dweight - lam * weight + lam * np.sign(weight), dbias


def ridge_pushing_away(x, y, weight, bias, lam):
    """Subtract the penalty's gradient, as one does in a step."""
    loss, dweight, dbias = ridge_loss_and_gradient(x, y, weight, bias, lam)
    return loss, dweight - 2.0 * lam * weight, dbias


def ridge_with_half_errors(x, y, weight, bias, lam):
    """Drop the 2 of the mean squared error's slope."""
    errors = x @ weight + bias - y
    loss = np.mean(errors**2) + lam / 2.0 * np.sum(weight**2)
    return loss, errors @ x / len(x) + lam * weight, np.mean(errors)


def ridge_with_half_in_the_loss(x, y, weight, bias, lam):
    """Put a 1/2 before the mean squared error, so that its gradients have no 2."""
    loss, dweight, dbias = ridge_with_half_errors(x, y, weight, bias, lam)
    return loss - np.mean((x @ weight + bias - y) ** 2) / 2.0, dweight, dbias


def ridge_without_half_in_the_loss(x, y, weight, bias, lam):
    """Add lam times the square to the loss, and lam times the weight to the gradient."""
    loss, dweight, dbias = ridge_loss_and_gradient(x, y, weight, bias, lam)
    return loss + lam / 2.0 * np.sum(weight**2), dweight, dbias


def ridge_pulling_the_bias(x, y, weight, bias, lam):
    """Shrink the bias in its gradient only."""
    loss, dweight, dbias = ridge_loss_and_gradient(x, y, weight, bias, lam)
    return loss, dweight, dbias + lam * bias


def ridge_with_errors_turned(x, y, weight, bias, lam):
    """Take targets less predictions, and forget the minus in the slope."""
    loss, dweight, dbias = ridge_loss_and_gradient(x, y, weight, bias, lam)
    return loss, 2.0 * lam * weight - dweight, -dbias


def ridge_of_summed_gradients(x, y, weight, bias, lam):
    """Average in the loss, and sum in the gradients."""
    loss, dweight, dbias = ridge_of_sums(x, y, weight, bias, lam)
    return ridge_loss_and_gradient(x, y, weight, bias, lam)[0], dweight, dbias


def ridge_of_sums(x, y, weight, bias, lam):
    """Sum the errors over the batch."""
    errors = x @ weight + bias - y
    loss = np.sum(errors**2) + lam / 2.0 * np.sum(weight**2)
    return loss, 2.0 * errors @ x + lam * weight, 2.0 * np.sum(errors)


def _problem(rng, n_examples, n_inputs, lam):
    x = rng.normal(0.5, 1.0, size=(n_examples, n_inputs))
    y = x @ rng.normal(size=n_inputs) + 2.0 + 0.3 * rng.normal(size=n_examples)
    return x, y, rng.normal(0.0, 1.5, size=n_inputs), float(rng.uniform(1.0, 2.0)), lam


def _solved(rng):
    """Draw a problem whose weights hit every target: only the penalty is left."""
    x, _, weight, bias, lam = _problem(rng, 6, 3, 0.8)
    return x, x @ weight + bias, weight, bias, lam


CloseCase = functools.partial(Case, rtol=1e-4, atol=1e-5)  # float32 will do

RIDGE = Exercise(
    id="ex06_4",
    chapter="06b",
    title="An L2 penalty",
    skill="add a penalty on large weights, and its pull, in one convention",
    reference=ridge_loss_and_gradient,
    cases=(
        CloseCase(
            "eight examples",
            lambda rng: _problem(rng, 8, 4, float(rng.uniform(0.3, 0.6))),
            "The loss is the mean of the squared errors plus lam / 2 times the sum of the squared weights. "
            "The first part gives 2 / B times the errors against the inputs, the second lam times the "
            "weight; the bias gets twice the mean error and nothing of the penalty.",
            points=2,
        ),
        CloseCase(
            "every target hit",
            _solved,
            "All errors are 0, so loss and gradient are those of the penalty alone, and the bias gets none.",
        ),
        CloseCase(
            "no penalty",
            lambda rng: _problem(rng, 5, 3, 0.0),
            "With lam = 0 this is the mean squared error alone, and its gradients.",
        ),
    ),
    wrong=(
        Wrong(
            ridge_with_penalised_bias,
            "You penalise the bias, too. It only shifts all predictions by the mean of y; keep it out of the "
            "penalty and of its gradient.",
        ),
        Wrong(
            ridge_with_whole_square,
            "Your penalty is twice as strong: here it is lam / 2 times the squares, so that its gradient is "
            "lam times the weight.",
        ),
        Wrong(
            ridge_doubling_the_pull,
            "The penalty's gradient is twice too large: the 2 from the square cancels the 1/2 of the "
            "penalty, which leaves lam times the weight.",
        ),
        Wrong(
            ridge_halving_the_pull,
            "The penalty's gradient is half of what it should be: the square's slope brings a 2, which "
            "cancels the 1/2.",
        ),
        Wrong(
            ridge_without_pull,
            "The penalty is in your loss and not in your gradient, so no step would shrink a weight.",
        ),
        Wrong(
            ridge_without_penalty,
            "The penalty is in your gradient and not in your loss: add lam / 2 times the sum of the squared "
            "weights.",
        ),
        Wrong(
            ridge_over_examples,
            "You divide the penalty by B. Only the errors are averaged over examples; the penalty belongs to "
            "the weights, once.",
        ),
        Wrong(
            ridge_averaging_weights,
            "You average the squared weights. The penalty sums them: more weights may cost more.",
        ),
        Wrong(
            ridge_with_norm,
            "You penalise the norm; L2 regularization penalises its square, whose pull is proportional to "
            "each weight.",
        ),
        Wrong(
            ridge_with_signs,
            "Your pull is lam times the sign of the weight, as for L1. The slope of lam / 2 w^2 is lam w.",
        ),
        Wrong(
            ridge_pushing_away,
            "A sign: the penalty's gradient is + lam times the weight. The minus comes later, when a step "
            "subtracts the gradient.",
        ),
        Wrong(
            ridge_with_half_errors,
            "The errors' part of your gradients is half of what it should be: the mean squared error has no "
            "1/2, so the 2 of the square's slope stays.",
        ),
        Wrong(
            ridge_with_half_in_the_loss,
            "You halve the mean squared error, as some books do. Here only the penalty has a 1/2, so the 2 "
            "of the square's slope stays in the gradients.",
        ),
        Wrong(
            ridge_without_half_in_the_loss,
            "The penalty in your loss is twice too large for the pull in your gradient: it is lam / 2 times "
            "the sum of the squared weights.",
        ),
        Wrong(
            ridge_pulling_the_bias,
            "Your gradient shrinks the bias, which is not penalised: dbias is twice the mean error.",
        ),
        Wrong(
            ridge_with_errors_turned,
            "The errors' part of your gradients has the wrong sign: with targets less predictions, the slope "
            "of the error brings a minus.",
        ),
        Wrong(
            ridge_of_summed_gradients,
            "Your loss is a mean over the batch and your gradients sum over it: divide these by B, too.",
        ),
        Wrong(
            ridge_of_sums,
            "You sum the squared errors over the batch: take their mean, in the loss and in both gradients.",
        ),
    ),
    alternatives=(ridge_through_one_matrix, ridge_example_by_example),
    returns=("loss", "dweight", "dbias"),
    hints=(
        "If all targets were hit exactly, what would be left of the loss, and in which direction would its "
        "gradient move a weight of 3, one of -3, and the bias?",
        "Two sums add up, and so do their gradients. The errors pull weights and bias by the chain rule, "
        "averaged over examples. The penalty pulls each weight towards 0 in proportion to its size; the 1/2 "
        "is there so that no 2 is left in its slope. The bias feels the errors only.",
        "Errors: predictions less targets, one for each example.\n"
        "Loss: the mean of their squares, plus half of lam times the sum of the squared weights.\n"
        "The weight's gradient from the errors: twice the mean, over examples, of error times input.\n"
        "Add to it lam times the weight.\n"
        "The bias's gradient: twice the mean error, and nothing else.\n"
        "Return loss, dweight and dbias.",
    ),
)

EXERCISES = (RIDGE,)
