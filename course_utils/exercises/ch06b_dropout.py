"""Chapter 06b: dropout and its pullback."""

from __future__ import annotations

import numpy as np

from course_utils.grading.exercise import Case, Exercise, Wrong


def dropout_forward_backward(x, p, mask, training, dy):
    """Inverted dropout with a given mask (1: kept): y, and dx from the gradient dy at y; all (B, C)."""
    if not training:
        return x, dy
    scale = 1.0 / (1.0 - p) if p < 1.0 else 0.0  # with p = 1 nothing is kept
    factor = mask * scale
    return x * factor, dy * factor


def dropout_by_selection(x, p, mask, training, dy):
    """Fill in the entries that are kept."""
    kept, share = (mask > 0, 1 - p) if training else (np.ones(x.shape, dtype=bool), 1)
    y, dx = np.zeros_like(x), np.zeros_like(dy)
    y[kept], dx[kept] = x[kept] / share, dy[kept] / share
    return y, dx


def dropout_not_rescaled(x, p, mask, training, dy):
    """Switch off, and leave the others as they are."""
    return (x * mask, dy * mask) if training else (x, dy)


def dropout_scaled_at_test_time(x, p, mask, training, dy):
    """Use the older form: nothing in training, times 1 - p in evaluation."""
    return (x * mask, dy * mask) if training else (x * (1.0 - p), dy * (1.0 - p))


def dropout_scaled_twice(x, p, mask, training, dy):
    """Rescale in training, and again in evaluation."""
    if not training:
        return x * (1.0 - p), dy * (1.0 - p)
    return dropout_forward_backward(x, p, mask, training, dy)


def dropout_always(x, p, mask, training, dy):
    """Forget to switch it off in evaluation."""
    return dropout_forward_backward(x, p, mask, True, dy)


def dropout_rescaled_in_evaluation(x, p, mask, training, dy):
    """Switch nothing off in evaluation, and go on dividing by 1 - p."""
    if not training:
        return x / (1.0 - p), dy / (1.0 - p)
    return dropout_forward_backward(x, p, mask, training, dy)


def dropout_without_way_back(x, p, mask, training, dy):
    """Let the gradient pass as it is."""
    return dropout_forward_backward(x, p, mask, training, dy)[0], dy


def dropout_without_scale_on_the_way_back(x, p, mask, training, dy):
    """Use the mask on the way back, and forget the scale."""
    return dropout_forward_backward(x, p, mask, training, dy)[0], dy * mask if training else dy


def dropout_without_mask_on_the_way_back(x, p, mask, training, dy):
    """Use the scale on the way back, and forget the mask."""
    y, _ = dropout_forward_backward(x, p, mask, training, dy)
    return y, dropout_forward_backward(x, p, np.ones_like(mask), training, dy)[1]


def dropout_divided_by_p(x, p, mask, training, dy):
    """Take p for the probability to keep."""
    if not training or p == 0.0:
        return x, dy
    return x * mask / p, dy * mask / p


def dropout_multiplied(x, p, mask, training, dy):
    """Multiply by 1 - p in training, which shrinks twice."""
    return (x * mask * (1.0 - p), dy * mask * (1.0 - p)) if training else (x, dy)


def dropout_turned(x, p, mask, training, dy):
    """Take 1 for what is switched off."""
    return dropout_forward_backward(x, p, 1.0 - mask, training, dy)


def dropout_by_share_kept(x, p, mask, training, dy):
    """Divide by the share that this mask keeps."""
    if not training:
        return x, dy
    share = max(mask.mean(), 1e-9)
    return x * mask / share, dy * mask / share


def dropout_back_through_x(x, p, mask, training, dy):
    """Take what is 0 in the output for switched off, as with a ReLU."""
    y, _ = dropout_forward_backward(x, p, mask, training, dy)
    return y, dropout_forward_backward(x, p, y > 0, training, dy)[1]


def dropout_back_through_zeros(x, p, mask, training, dy):
    """Take what is 0 in the output for switched off: it may have been 0 before."""
    y, _ = dropout_forward_backward(x, p, mask, training, dy)
    return y, dropout_forward_backward(x, p, y != 0, training, dy)[1]


def dropout_of_all_in_evaluation(x, p, mask, training, dy):
    """Ask for p = 1 before asking for training."""
    if p == 1.0:
        return np.zeros_like(x), np.zeros_like(dy)
    return dropout_forward_backward(x, p, mask, training, dy)


def dropout_dividing_by_zero(x, p, mask, training, dy):
    """Divide by 1 - p, whatever p is."""
    if not training:
        return x, dy
    factor = mask / np.subtract(1.0, p)
    return x * factor, dy * factor


def _layer(rng, p, shape=(6, 5)):
    """Draw a mask that keeps another share than 1 - p, and both kinds of entries."""
    mask = (rng.random(shape) >= p).astype(float)
    mask[0, :2] = [1.0, 0.0]
    if mask.mean() == 1.0 - p:
        mask[0, 0] = 0.0
    return rng.normal(size=shape), p, mask, True, rng.normal(size=shape)


def _after_relu(rng):
    """Draw entries of which some are 0 and kept all the same."""
    x, p, mask, training, dy = _layer(rng, float(rng.uniform(0.2, 0.4)))
    x[1, :3], mask[1, :3] = 0.0, [1.0, 0.0, 1.0]
    return x, p, mask, training, dy


def _evaluation(rng):
    x, p, mask, _, dy = _layer(rng, float(rng.uniform(0.3, 0.4)))
    return [(x, p, mask, False, dy), (dy, 1.0, np.zeros_like(mask), False, x)]


def _extremes(rng):
    """Draw p = 0, where all is kept, p = 0.99, where hardly anything is, and p = 1."""
    x, _, mask, _, dy = _layer(rng, 0.5)
    all_kept = np.ones_like(mask)
    rare = np.zeros_like(mask)
    rare[1, 2] = 1.0
    return [(x, 0.0, all_kept, True, dy), (x, 0.99, rare, True, dy), (x, 1.0, np.zeros_like(mask), True, dy)]


DROPOUT = Exercise(
    id="ex06_6",
    chapter="06b",
    title="Dropout and its pullback",
    skill="switch units off so that the mean stays, on both ways",
    reference=dropout_forward_backward,
    cases=(
        Case(
            "training",
            _after_relu,
            "Entries whose mask is 0 become 0, the others are divided by 1 - p; the gradient gets the "
            "same factors.",
            points=2,
        ),
        Case(
            "evaluation",
            _evaluation,
            "In evaluation y is x and dx is dy, whatever mask and p say.",
            many=True,
        ),
        Case(
            "p = 0, p = 0.99 and p = 1",
            _extremes,
            "With p = 0 nothing changes; with p = 0.99 what is kept counts a hundredfold; with p = 1 nothing "
            "is kept, and there is nothing to divide.",
            many=True,
            strict=True,
        ),
    ),
    wrong=(
        Wrong(
            dropout_not_rescaled,
            "What you keep is not rescaled, so in training the next layer gets 1 - p of what it gets later "
            "on average: divide by 1 - p.",
        ),
        Wrong(
            dropout_scaled_at_test_time,
            "You rescale in evaluation. That is the older form; the inverted one divides by 1 - p in "
            "training and leaves evaluation alone.",
        ),
        Wrong(
            dropout_scaled_twice,
            "You divide by 1 - p in training, which keeps the mean, and multiply by it again in evaluation: "
            "there y is x.",
        ),
        Wrong(
            dropout_always,
            "You drop in evaluation, too: predictions would depend on chance. If `training` is False, y is x "
            "and dx is dy.",
        ),
        Wrong(
            dropout_rescaled_in_evaluation,
            "In evaluation nothing is switched off, so there is nothing to make up for: do not divide there.",
        ),
        Wrong(
            dropout_without_way_back,
            "Your gradient passes unchanged. What was switched off did not contribute and gets none; what "
            "was kept counted 1 / (1 - p) times.",
        ),
        Wrong(
            dropout_without_scale_on_the_way_back,
            "The scale is missing on the way back: y is x times 1 / (1 - p) where kept, so dx is dy times "
            "the same.",
        ),
        Wrong(
            dropout_without_mask_on_the_way_back,
            "The mask is missing on the way back: an entry that was switched off has no influence, so its "
            "gradient is 0.",
        ),
        Wrong(
            dropout_divided_by_p,
            "You divide by p, the probability to be switched off. Kept are 1 - p of the entries: divide by "
            "that.",
        ),
        Wrong(
            dropout_multiplied,
            "You multiply by 1 - p, which shrinks what the mask has thinned already. Divide, so that the "
            "mean stays.",
        ),
        Wrong(
            dropout_turned,
            "Your mask works the other way round: 1 is what is kept.",
        ),
        Wrong(
            dropout_by_share_kept,
            "You divide by the share that this mask happens to keep. The factor is fixed, 1 / (1 - p): only "
            "the average over masks stays the same.",
        ),
        Wrong(
            dropout_back_through_x,
            "You pass the gradient where y is positive, as for a ReLU. A kept entry passes it whatever its "
            "sign: use the mask.",
        ),
        Wrong(
            dropout_back_through_zeros,
            "You take an output of 0 for switched off. An entry may be 0 and kept, as after a ReLU, and "
            "passes the gradient then: use the mask.",
        ),
        Wrong(
            dropout_of_all_in_evaluation,
            "With p = 1 you return zeros in evaluation, too. Nothing is switched off there, whatever p is: "
            "ask for `training` first.",
        ),
        Wrong(
            dropout_dividing_by_zero,
            "With p = 1 you divide by 0. Nothing is kept there, so y and dx are 0: treat it apart.",
        ),
    ),
    alternatives=(dropout_by_selection,),
    returns=("y", "dx"),
    hints=(
        "An entry is kept with probability 1 - p. By what must it be multiplied, if its mean over many masks "
        "is to stay? With what factor does y follow x, once kept and once not?",
        "For a given mask, dropout multiplies each entry by a number: 0 or 1 / (1 - p). Multiplication by a "
        "number has that number as its slope, so the way back uses the same factors. In evaluation all of "
        "them are 1. Where p is 1 there is nothing to rescale.",
        "If not training: return x and dy.\n"
        "The scale: one divided by what p leaves; 0 if p is 1.\n"
        "The factors: mask times scale, one for each entry.\n"
        "y: x times the factors.\n"
        "dx: dy times the same factors.",
    ),
)

EXERCISES = (DROPOUT,)
