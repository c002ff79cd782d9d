"""Chapter 05c: what a pair of loss curves says about a run."""

from __future__ import annotations

import numpy as np

from course_utils.exercises.ch05c_curves import creeping, diverging, level_then_falling, memorising, trembling
from course_utils.grading.exercise import Case, Exercise, Wrong


def diagnose(train_loss, val_loss):
    """Name what two loss curves (T,) show, in one of five phrases."""
    train, val = ([part.mean() for part in np.array_split(curve, 10)] for curve in (train_loss, val_loss))
    if not np.isfinite(train_loss).all() or train[-1] > train[0]:
        return "diverges"
    if val[-1] > 1.2 * min(val):
        return "overfits"
    late = train_loss[len(train_loss) // 2 :]
    if np.abs(np.diff(late)).mean() > 0.1 * late.mean():
        return "noise floor"
    quarter = len(train_loss) // 4
    before, after = train_loss[:-quarter], train_loss[quarter:]
    level = np.abs(after - before) < 0.02 * before
    return "plateau" if np.any(level & (train[-1] < 0.5 * after)) else "step too small"


def diagnose_by_neighbours(train_loss, val_loss):
    """Smooth what is compared, and measure noise by how far values lie from their neighbours' middle."""
    n = len(train_loss)
    tenth, start = n // 10, np.mean(train_loss[: n // 10])
    if not np.mean(train_loss[-tenth:]) <= start:  # true for nan, too
        return "diverges"
    smooth = np.convolve(val_loss, np.ones(tenth) / tenth, mode="valid")
    if smooth[-1] - smooth.min() > 0.25 * smooth.min():
        return "overfits"
    late = train_loss[n // 2 :]
    between = (late[:-2] + late[2:]) / 2
    if np.std(late[1:-1] - between) > 0.1 * np.mean(late):
        return "noise floor"
    ranked = np.sort(train_loss)  # on a level stretch, many values are of one size
    is_level = ranked[n // 4 :] < 1.02 * ranked[: -(n // 4)]
    falls = np.mean(train_loss[-tenth:]) < 0.5 * ranked[: -(n // 4)]
    return "plateau" if np.any(is_level & falls) else "step too small"


def diagnose_window_by_window(train_loss, val_loss):
    """Look through windows of a quarter for a level one, before the noise is looked at."""
    n = len(train_loss)
    end = train_loss[-n // 10 :].mean()
    if np.isnan(train_loss).any() or np.isinf(train_loss).any() or end > train_loss[: n // 10].mean():
        return "diverges"
    for first in range(0, 3 * n // 4, 3):
        window = train_loss[first : first + n // 4]
        if window.max() - window.min() < 0.03 * window.mean() and end < 0.6 * window.mean():
            return "plateau"
    if np.median(val_loss[-n // 10 :]) > 1.15 * np.sort(val_loss)[n // 20]:
        return "overfits"
    falls = np.mean(np.diff(train_loss[n // 2 :]) < 0)
    return "step too small" if falls > 0.7 else "noise floor"


def looked_at(train_loss, val_loss):
    """Tenths of both curves, and three facts on the training curve."""
    train, val = (np.array([part.mean() for part in np.array_split(c, 10)]) for c in (train_loss, val_loss))
    late = train_loss[len(train_loss) // 2 :]
    quarter = len(train_loss) // 4
    is_noisy = np.abs(np.diff(late)).mean() > 0.1 * late.mean()
    level = np.abs(train_loss[quarter:] - train_loss[:-quarter]) < 0.02 * train_loss[:-quarter]
    return train, val, is_noisy, level, train[-1] < 0.5 * train_loss[quarter:]


def told(train, val, is_noisy, is_plateau, is_finite=True):
    """Apply the rules in their order."""
    if not is_finite or train[-1] > train[0]:
        return "diverges"
    if val[-1] > 1.2 * val.min():
        return "overfits"
    if is_noisy:
        return "noise floor"
    return "plateau" if is_plateau else "step too small"


def diagnose_by_training_alone(train_loss, val_loss):
    """Look at the training loss only."""
    return diagnose(train_loss, np.ones(len(val_loss)))


def diagnose_by_the_gap(train_loss, val_loss):
    """Call every gap between the curves overfitting."""
    train, val, is_noisy, level, falls = looked_at(train_loss, val_loss)
    if not np.isfinite(train_loss).all() or train[-1] > train[0]:
        return "diverges"
    if val[-1] > 1.1 * train[-1]:
        return "overfits"
    return told(train, np.ones(10), is_noisy, np.any(level & falls))


def diagnose_blind_for_nan(train_loss, val_loss):
    """Compare the ends, though no comparison with nan is true."""
    train, val, is_noisy, level, falls = looked_at(train_loss, val_loss)
    return told(train, val, is_noisy, np.any(level & falls))


def diagnose_every_rise(train_loss, val_loss):
    """Call it divergence if the loss rises anywhere."""
    if np.any(np.diff(train_loss) > 0):
        return "diverges"
    return diagnose(train_loss, val_loss)


def diagnose_by_validation_first(train_loss, val_loss):
    """Ask for overfitting before divergence."""
    val = np.array([part.mean() for part in np.array_split(val_loss, 10)])
    return "overfits" if val[-1] > 1.2 * val.min() else diagnose(train_loss, val_loss)


def diagnose_by_best_epoch(train_loss, val_loss):
    """Call it overfitting whenever an earlier epoch was better."""
    word = diagnose(train_loss, val_loss)
    return "overfits" if word != "diverges" and val_loss[-1] > val_loss.min() else word


def diagnose_by_fixed_amounts(train_loss, val_loss):
    """Compare with fixed numbers, whatever the size of the loss."""
    train, val, _, _, _ = looked_at(train_loss, val_loss)
    late, quarter = train_loss[len(train_loss) // 2 :], len(train_loss) // 4
    before, after = train_loss[:-quarter], train_loss[quarter:]
    if not np.isfinite(train_loss).all() or train[-1] > train[0]:
        return "diverges"
    if val[-1] > val.min() + 0.2:
        return "overfits"
    if np.abs(np.diff(late)).mean() > 0.05:
        return "noise floor"
    return (
        "plateau" if np.any((np.abs(after - before) < 0.02) & (train[-1] < after - 0.5)) else "step too small"
    )


def diagnose_without_noise(train_loss, val_loss):
    """Call a trembling level a plateau."""
    word = diagnose(train_loss, val_loss)
    return "plateau" if word == "noise floor" else word


def diagnose_level_for_plateau(train_loss, val_loss):
    """Call every level quarter a plateau, though the loss never falls afterwards."""
    train, val, is_noisy, level, _ = looked_at(train_loss, val_loss)
    return told(train, val, is_noisy, np.any(level), np.isfinite(train_loss).all())


def diagnose_without_plateaus(train_loss, val_loss):
    """Take whatever is smooth and falls for a small step."""
    word = diagnose(train_loss, val_loss)
    return "step too small" if word == "plateau" else word


def diagnose_fall_for_plateau(train_loss, val_loss):
    """Call a fall by half a plateau, whether or not anything was level before."""
    train, val, is_noisy, _, _ = looked_at(train_loss, val_loss)
    return told(train, val, is_noisy, train[-1] < 0.5 * train[0], np.isfinite(train_loss).all())


def diagnose_level_at_the_start(train_loss, val_loss):
    """Look for a level stretch in the first quarter alone."""
    train, val, is_noisy, level, falls = looked_at(train_loss, val_loss)
    return told(train, val, is_noisy, level[0] and falls[0], np.isfinite(train_loss).all())


def diagnose_noise_by_spread(train_loss, val_loss):
    """Take the spread of the second half for noise, and a fall spreads, too."""
    train, val, _, level, falls = looked_at(train_loss, val_loss)
    late = train_loss[len(train_loss) // 2 :]
    is_noisy = late.std() > 0.1 * late.mean()
    return told(train, val, is_noisy, np.any(level & falls), np.isfinite(train_loss).all())


def diagnose_by_signed_changes(train_loss, val_loss):
    """Average changes with their signs: they cancel."""
    train, val, _, level, falls = looked_at(train_loss, val_loss)
    late = train_loss[len(train_loss) // 2 :]
    is_noisy = np.diff(late).mean() > 0.1 * late.mean()
    return told(train, val, is_noisy, np.any(level & falls), np.isfinite(train_loss).all())


DIAGNOSE = Exercise(
    id="ex05_9",
    chapter="05c",
    title="Read the curves",
    skill="tell five troubles of a run apart by its loss curves",
    reference=diagnose,
    cases=(
        Case(
            "a run that grows after a quiet start",
            lambda rng: diverging(rng, rng.uniform(0.5, 2.0), 2.0),
            "This loss falls, stays, and ends above its start: compare the training loss at both ends before "
            "you look at anything else.",
        ),
        Case(
            "a run that ends as nan",
            lambda rng: diverging(rng, rng.uniform(0.5, 2.0), 45.0),
            "Not all values are finite here, and no comparison with nan is true: ask for that first "
            "(`np.isfinite`).",
        ),
        Case(
            "a run that falls by two thirds",
            lambda rng: creeping(rng, rng.uniform(0.5, 2.0), 0.8),
            "This loss falls smoothly all the way, and would go on: it is level nowhere, so no other rule "
            "applies, and the step is too small.",
        ),
        Case(
            "a run that hardly moves",
            lambda rng: creeping(rng, rng.uniform(5.0, 20.0), 0.05),
            "A quarter of this run is nearly level, but no fall by half comes after it: that takes more than "
            "being level to be a plateau.",
        ),
        Case(
            "a run that sits and then falls",
            lambda rng: level_then_falling(rng, rng.uniform(5.0, 20.0), 0.0),
            "For longer than a quarter of the run nothing happens, then the loss falls by more than half: a "
            "plateau.",
        ),
        Case(
            "a run that falls, sits and falls",
            lambda rng: level_then_falling(rng, rng.uniform(0.01, 0.03), 0.6),
            "The level stretch lies in the middle: look for it everywhere in the curve, and compare with the "
            "size of the loss.",
        ),
        Case(
            "a run that trembles",
            lambda rng: trembling(rng, rng.uniform(0.02, 0.05)),
            "In the second half this loss changes by more than a tenth of its mean from epoch to epoch, and "
            "gets nowhere. Is 0.001 a small change? It depends on the loss.",
        ),
        Case(
            "a run whose curves part",
            lambda rng: memorising(rng, rng.uniform(0.001, 0.002)),
            "Training goes on improving, while the validation loss has left its lowest tenth by more than a "
            "fifth.",
        ),
    ),
    wrong=(
        Wrong(
            diagnose_by_training_alone,
            "`val_loss` has no effect on your word: overfitting shows in the validation loss alone.",
        ),
        Wrong(
            diagnose_by_the_gap,
            "A gap between the curves is no overfitting yet: validation is often harder from the start. Ask "
            "whether the validation loss has risen from its own lowest tenth.",
        ),
        Wrong(
            diagnose_blind_for_nan,
            "Right, but for the run that ends as nan: no comparison with nan is true, so it falls through "
            "your rules. Ask `np.isfinite(train_loss).all()` first.",
        ),
        Wrong(
            diagnose_every_rise,
            "You call it divergence if the training loss rises from one epoch to the next. Every noisy curve "
            "does: compare the mean of the last tenth with that of the first.",
        ),
        Wrong(
            diagnose_by_validation_first,
            "A run that diverges takes its validation loss along, and you call it overfitting. The rules "
            "apply in their order: divergence first.",
        ),
        Wrong(
            diagnose_by_best_epoch,
            "Some earlier epoch has nearly always been better by chance. Overfitting is a rise by a fifth, "
            "between means over tenths of the run.",
        ),
        Wrong(
            diagnose_by_fixed_amounts,
            "You compare with fixed numbers. These losses lie between thousandths and dozens: a change is "
            "small or large in relation to the loss.",
        ),
        Wrong(
            diagnose_without_noise,
            "You call a curve that trembles a plateau. On a plateau it is the ground that is level; here the "
            "step is too long for the noise, and the remedy another one.",
        ),
        Wrong(
            diagnose_level_for_plateau,
            "A level quarter alone is no plateau: the loss has to fall by more than half afterwards. Too "
            "small a step looks level as well.",
        ),
        Wrong(
            diagnose_fall_for_plateau,
            "A fall by half is no plateau: there has to be a level stretch before it, a quarter of the run "
            "within which the loss changes by less than 2 %.",
        ),
        Wrong(
            diagnose_level_at_the_start,
            "You look for a level stretch in the first quarter alone. A loss may fall first and then sit: "
            "compare every value with the one a quarter of the run later.",
        ),
        Wrong(
            diagnose_noise_by_spread,
            "You take the spread of the second half for noise. A loss that falls there smoothly is spread "
            "out, too: look at the changes from one epoch to the next (`np.diff`).",
        ),
        Wrong(
            diagnose_by_signed_changes,
            "You average the changes with their signs: ups and downs cancel. Take their sizes, `np.abs`.",
        ),
        Wrong(
            diagnose_without_plateaus,
            "You call a plateau a small step. Its loss is level for a quarter of the run, and falls by more "
            "than half later, at the same step size.",
        ),
    ),
    alternatives=(diagnose_by_neighbours, diagnose_window_by_window),
    hints=(
        "Which two of the five words need the validation curve, or values that are no numbers? And how do "
        "you see that a curve trembles, if its mean stays?",
        "Apply the rules one after the other, and let each work on relative sizes. Means over tenths take "
        "the noise out of comparisons between places. Noise itself shows in the changes from epoch to epoch; "
        "a plateau in a comparison of each value with the one a quarter of the run later.",
        "Cut both curves into ten parts and average each (`np.array_split`).\n"
        "Any value of the training loss not finite, or its last part above its first: divergence.\n"
        "Last part of the validation loss a fifth above its lowest part: overfitting.\n"
        "Second half of the training loss: changes of a mean size above a tenth of its mean are noise.\n"
        "Compare each value with that a quarter of the run later: within 2 %, and the last part below half, "
        "it is a plateau.\n"
        "Nothing of all that: too small a step.",
    ),
)

EXERCISES = (DIAGNOSE,)
