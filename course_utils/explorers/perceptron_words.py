"""What `Perceptron` says of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from course_utils.explorers._numbers import number, plural

if TYPE_CHECKING:
    from course_utils.explorers.perceptron import Moment


def headline(moment: Moment) -> str:
    """Say in a few words how far the perceptron has come."""
    run, n = moment.run, moment.n_mistakes
    bound = f"{run.bound:.4g}" if run.bound < 9999.5 else number(float(f"{run.bound:.2g}"))
    n_passes = len(moment.mistakes)
    so_far = f"{plural(n, 'mistake')} in {n_passes} pass" + "es" * (n_passes != 1)
    if n == 0:
        return "no border yet: all weights are 0"
    if moment.settled:
        return f"settled after {so_far}; the bound allows {bound}"
    if run.margin > 0:
        return f"learning: {so_far}; the bound allows {bound}"
    if moment.back_at is not None:
        return f"never settles: {plural(n, 'mistake')}, weights back where they were after {moment.back_at}"
    return f"never settles, no line separates: {so_far}"


def describe(moment: Moment) -> str:
    """Name the data, the weights and how far the run has come."""
    settings = moment.settings
    weights = ", ".join(number(float(value)) for value in moment.weight)
    look = ""
    if moment.looked_at is not None:
        side = "wrong: the border moved" if moment.wrong else "right: nothing moved"
        look = f" Example {moment.looked_at + 1} was {side}."
    return (
        f"Perceptron, {settings['data']}, {settings['examples']} examples, order {settings['order']}, "
        f"steps of {settings['by']}: weights and bias ({weights}). "
        f"{headline(moment).capitalize()}.{look}"
    )
