"""Chapter 04a: clipping gradients by their global norm."""

from __future__ import annotations

import math

import numpy as np

from course_utils.grading.exercise import Case, Exercise, Wrong


def clip_by_global_norm(gradients, max_norm):
    """Gradients scaled so that their common norm is at most max_norm, and that norm before."""
    norm = float(np.sqrt(sum(np.sum(gradient**2) for gradient in gradients)))
    factor = max_norm / norm if norm > max_norm else 1.0
    return [factor * gradient for gradient in gradients], norm


def clip_as_in_torch(gradients, max_norm):
    """Put all entries in one row, and divide by norm + 1e-6 as PyTorch does."""
    norm = np.linalg.norm(np.concatenate([np.ravel(gradient) for gradient in gradients]))
    return [gradient * min(1.0, max_norm / (norm + 1e-6)) for gradient in gradients], norm


def clip_by_norms(gradients, max_norm):
    """Take the norm of the arrays' norms, and copy where nothing is to do."""
    norm = np.hypot.reduce([np.linalg.norm(gradient) for gradient in gradients])
    if norm <= max_norm:
        return [gradient.copy() for gradient in gradients], norm
    return [gradient / (norm / max_norm) for gradient in gradients], norm


def clip_each_array(gradients, max_norm):
    """Clip each array by a norm of its own."""
    clipped = [clip_by_global_norm([gradient], max_norm)[0][0] for gradient in gradients]
    return clipped, clip_by_global_norm(gradients, max_norm)[1]


def clip_up_and_down(gradients, max_norm):
    """Bring the norm to max_norm even from below."""
    norm = np.sqrt(sum(np.sum(gradient**2) for gradient in gradients))
    return [gradient * (max_norm / norm) for gradient in gradients], norm


def clip_by_sum_of_norms(gradients, max_norm):
    """Add the arrays' norms up."""
    norm = sum(float(np.linalg.norm(gradient)) for gradient in gradients)
    return [gradient * (max_norm / max(norm, max_norm)) for gradient in gradients], norm


def clip_by_squared_norm(gradients, max_norm):
    """Forget the root."""
    norm = sum(float(np.sum(gradient**2)) for gradient in gradients)
    return [gradient * (max_norm / max(norm, max_norm)) for gradient in gradients], norm


def clip_by_norm_of_list(gradients, max_norm):
    """Hand the whole list to NumPy's norm, which needs one array."""
    norm = np.linalg.norm(gradients)
    return [gradient * (max_norm / max(norm, max_norm)) for gradient in gradients], norm


def clip_dividing_by_zero(gradients, max_norm):
    """Divide by the norm before looking at it."""
    norm = math.sqrt(sum(float(np.sum(gradient**2)) for gradient in gradients))
    factor = min(1.0, max_norm / norm)
    return [factor * gradient for gradient in gradients], norm


def clip_by_mean_square(gradients, max_norm):
    """Average over the entries where the norm sums over them."""
    entries = np.concatenate([gradient.ravel() for gradient in gradients])
    norm = float(np.sqrt(np.mean(entries**2)))
    return [gradient * (max_norm / max(norm, max_norm)) for gradient in gradients], norm


def clip_entries(gradients, max_norm):
    """Clip each entry."""
    norm = clip_by_global_norm(gradients, max_norm)[1]
    return [np.clip(gradient, -max_norm, max_norm) for gradient in gradients], norm


def clip_to_unit_norm(gradients, max_norm):
    """Divide by the norm, and forget to multiply by max_norm."""
    norm = clip_by_global_norm(gradients, max_norm)[1]
    return [gradient / norm if norm > max_norm else gradient for gradient in gradients], norm


def clip_in_loop_variables(gradients, max_norm):
    """Assign the scaled arrays to the loop's variable, which changes no list."""
    return gradients, clip_by_global_norm(gradients, max_norm)[1]


def clip_and_return_norm_after(gradients, max_norm):
    """Return the norm that the clipped gradients have."""
    clipped, norm = clip_by_global_norm(gradients, max_norm)
    return clipped, min(norm, max_norm)


def clip_in_place(gradients, max_norm):
    """Write into the arrays that were given, as PyTorch's function does."""
    clipped, norm = clip_by_global_norm(gradients, max_norm)
    for gradient, new in zip(gradients, clipped, strict=True):
        gradient[...] = new
    return gradients, norm


def clip_without_norm(gradients, max_norm):
    """Keep the norm to oneself."""
    return clip_by_global_norm(gradients, max_norm)[0]


def _gradients(rng, norm, max_norm):
    """Draw arrays of a given common norm, the first of them much larger than the others."""
    drawn = [size * rng.normal(size=shape) for size, shape in ((9.0, (4, 3)), (1.0, (4,)), (1.0, (2, 4)))]
    factor = norm / np.sqrt(sum(np.sum(array**2) for array in drawn))
    return [factor * array for array in drawn], max_norm


CLIPPING = Exercise(
    id="ex04_3",
    chapter="04a",
    title="Clipping by the global norm",
    skill="bound a step without bending it",
    reference=clip_by_global_norm,
    cases=(
        Case(
            "an explosion",
            lambda rng: _gradients(rng, rng.uniform(200.0, 900.0), 2.5),
            "One norm: the root of the sum of the squares of all entries of all arrays. Scale every array "
            "by max_norm / norm, and return the list and the norm before.",
            rtol=1e-5,
        ),
        Case(
            "a norm below the bound",
            lambda rng: _gradients(rng, rng.uniform(1.2, 2.0), 2.5),
            "A norm of at most max_norm needs nothing: the arrays come back with the values they had.",
            rtol=1e-5,
        ),
        Case(
            "all zeros",
            lambda rng: ([np.zeros((4, 3)), np.zeros(4)], 1.0),
            "Zeros have the norm 0, which is below any bound: they come back as zeros. Do not divide by 0 on "
            "the way.",
            rtol=1e-5,
        ),
    ),
    wrong=(
        Wrong(
            clip_each_array,
            "You clip each array by its own norm, which turns the step: large arrays shrink, small ones "
            "stay. One norm over all arrays, and one factor for all, keep its direction.",
        ),
        Wrong(
            clip_up_and_down,
            "You scale small gradients up to max_norm. Clipping only bounds: a norm below max_norm stays, "
            "and near a minimum it should be small.",
        ),
        Wrong(
            clip_by_sum_of_norms,
            "Norms of parts do not add up; their squares do. Sum all squares first, and take one root.",
        ),
        Wrong(clip_by_squared_norm, "That is the sum of squares: the norm is its root."),
        Wrong(
            clip_by_mean_square,
            "You average the squares: that is the size of a typical entry. A norm sums them.",
        ),
        Wrong(
            clip_entries,
            "You clip every entry by itself (PyTorch's `clip_grad_value_`), which bends the step. Scale all "
            "entries by one factor.",
        ),
        Wrong(
            clip_to_unit_norm,
            "Your clipped gradients have the norm 1: divide by the norm and multiply by max_norm.",
        ),
        Wrong(
            clip_and_return_norm_after,
            "Return the norm from before: it is what one plots, to see how often clipping acts.",
        ),
        Wrong(
            clip_by_norm_of_list,
            "A list of arrays of different shapes is no array. Take the arrays one by one, and add up the "
            "squares of their entries.",
        ),
        Wrong(
            clip_dividing_by_zero,
            "If all entries are 0, so is the norm, and you divide by it. Compare it with max_norm first, and "
            "divide only if it is larger.",
        ),
        Wrong(
            clip_in_loop_variables,
            "Your arrays come back as they were: `gradient = ...` in a loop gives that name a new value and "
            "leaves the list alone. Append each new array to a new list.",
        ),
        Wrong(
            clip_in_place,
            "You write into the arrays you were given. PyTorch's `clip_grad_norm_` does so, as its "
            "underscore says; here return new arrays.",
        ),
        Wrong(clip_without_norm, "Return two values: the list, and the norm from before."),
    ),
    alternatives=(clip_as_in_torch, clip_by_norms),
    returns=("gradients", "norm"),
    hints=(
        "The example has two arrays of norms 3 and 4, and the answer says 5. Which formula gives 5? By which "
        "factor is each array multiplied, and when should that factor be 1?",
        "Think of all arrays as one long vector. Its length is the root of the sum of all squares. If it is "
        "above the bound, shorten the vector without turning it: one factor for all entries. If not, the "
        "factor is 1, and then zeros make no trouble.",
        "Sum the squares of all entries, array by array, into one number.\n"
        "Its root is the norm; it is also the second value to return.\n"
        "The factor: the bound divided by the norm if the norm is above the bound, else 1.\n"
        "Multiply each array by the factor into a new array, and collect these in a list.\n"
        "Return the list and the norm from before.",
    ),
)

EXERCISES = (CLIPPING,)
