"""Chapter 05c: a learning rate that warms up along a line and falls along half a cosine."""

from __future__ import annotations

import math

import numpy as np

from course_utils.grading.exercise import Case, Exercise, Wrong


def learning_rate(step, n_steps, n_warmup, peak):
    """Rate of step 0 ... n_steps - 1: linear warm-up over n_warmup steps, then half a cosine."""
    if step < n_warmup:
        return peak * (step + 1) / n_warmup
    progress = (step - n_warmup) / (n_steps - n_warmup)
    return peak * (1.0 + math.cos(math.pi * progress)) / 2.0


def rate_by_squared_cosine(step, n_steps, n_warmup, peak):
    """Make the whole schedule, by cos²(a / 2) = (1 + cos a) / 2, and look the step up."""
    rising = np.arange(1, n_warmup + 1) / max(n_warmup, 1)
    angles = np.linspace(0.0, np.pi / 2, n_steps - n_warmup, endpoint=False)
    return peak * np.concatenate([rising, np.cos(angles) ** 2])[step]


def warming_up(step, n_warmup, peak, falling):
    """Warm up, then do as the function `falling` says."""
    return peak * (step + 1) / n_warmup if step < n_warmup else peak * falling(step)


def rate_from_zero(step, n_steps, n_warmup, peak):
    """Start the warm-up at 0."""
    if step < n_warmup:
        return peak * step / n_warmup
    return learning_rate(step, n_steps, n_warmup, peak)


def rate_short_of_the_peak(step, n_steps, n_warmup, peak):
    """Reach the peak one step after the warm-up."""
    if step < n_warmup:
        return peak * (step + 1) / (n_warmup + 1)
    return learning_rate(step, n_steps, n_warmup, peak)


def rate_with_a_jump(step, n_steps, n_warmup, peak):
    """Let the cosine start with the run: it has fallen when the warm-up ends."""
    return warming_up(step, n_warmup, peak, lambda t: 0.5 * (1 + math.cos(math.pi * t / n_steps)))


def rate_as_a_product(step, n_steps, n_warmup, peak):
    """Multiply a warm-up by a cosine over the whole run."""
    factor = (step + 1) / n_warmup if step < n_warmup else 1.0
    return peak * factor * 0.5 * (1 + math.cos(math.pi * step / n_steps))


def rate_below_zero(step, n_steps, n_warmup, peak):
    """Take the bare cosine, which ends at -1."""
    length = n_steps - n_warmup
    return warming_up(step, n_warmup, peak, lambda t: math.cos(math.pi * (t - n_warmup) / length))


def rate_by_a_quarter_wave(step, n_steps, n_warmup, peak):
    """Take a quarter of a wave, steepest at its end."""
    length = n_steps - n_warmup
    return warming_up(step, n_warmup, peak, lambda t: math.cos(math.pi / 2 * (t - n_warmup) / length))


def rate_by_a_full_wave(step, n_steps, n_warmup, peak):
    """Take a full wave, which comes up again."""
    length = n_steps - n_warmup
    return warming_up(
        step, n_warmup, peak, lambda t: 0.5 * (1 + math.cos(2 * math.pi * (t - n_warmup) / length))
    )


def rate_twice_the_peak(step, n_steps, n_warmup, peak):
    """Forget to halve 1 + cos, which runs from 2 to 0."""
    length = n_steps - n_warmup
    return warming_up(step, n_warmup, peak, lambda t: 1 + math.cos(math.pi * (t - n_warmup) / length))


def rate_ending_early(step, n_steps, n_warmup, peak):
    """Reach 0 in the last step, which is then of no use."""
    length = n_steps - n_warmup - 1
    return warming_up(step, n_warmup, peak, lambda t: 0.5 * (1 + math.cos(math.pi * (t - n_warmup) / length)))


def rate_one_step_ahead(step, n_steps, n_warmup, peak):
    """Count the decay from 1, as the warm-up."""
    length = n_steps - n_warmup
    return warming_up(
        step, n_warmup, peak, lambda t: 0.5 * (1 + math.cos(math.pi * (t + 1 - n_warmup) / length))
    )


def rate_along_a_line(step, n_steps, n_warmup, peak):
    """Fall along a line."""
    return warming_up(step, n_warmup, peak, lambda t: 1 - (t - n_warmup) / (n_steps - n_warmup))


def rate_without_warmup(step, n_steps, n_warmup, peak):
    """Begin at the peak."""
    return peak * 0.5 * (1 + math.cos(math.pi * step / n_steps))


def rate_one_step_longer(step, n_steps, n_warmup, peak):
    """Let the warm-up hold step n_warmup, too, which is above the peak then."""
    if step <= n_warmup:
        return peak * (step + 1) / n_warmup
    return learning_rate(step, n_steps, n_warmup, peak)


def rate_not_coming_down(step, n_steps, n_warmup, peak):
    """Divide by all steps, so that progress ends before 1."""
    return warming_up(
        step, n_warmup, peak, lambda t: 0.5 * (1 + math.cos(math.pi * (t - n_warmup) / n_steps))
    )


def rate_whole_schedule(step, n_steps, n_warmup, peak):
    """Return the rates of all steps."""
    return [learning_rate(t, n_steps, n_warmup, peak) for t in range(n_steps)]


def rate_dividing_by_zero(step, n_steps, n_warmup, peak):
    """Compute the warm-up's factor even where there is none."""
    factor = min(1.0, (step + 1) / n_warmup)
    progress = max(0.0, (step - n_warmup) / (n_steps - n_warmup))
    return peak * factor * 0.5 * (1 + math.cos(math.pi * progress))


def _steps(rng, n_warmup, places):
    """Draw a schedule; places are counted from the warm-up's end, None is the last step."""
    n_steps, peak = n_warmup + int(rng.integers(20, 40)), float(rng.uniform(0.05, 0.5))
    steps = [n_steps - 1 if place is None else n_warmup + place for place in places]
    return [(step, n_steps, n_warmup, peak) for step in steps]


RATE = Exercise(
    id="ex05_7",
    chapter="05c",
    title="Warm up, then down a cosine",
    skill="write a schedule whose every step is where you want it, the first and the last included",
    reference=learning_rate,
    cases=(
        Case(
            "the warm-up",
            lambda rng: _steps(rng, int(rng.integers(5, 9)), (-5, -3, -1)),
            "Step 0 gets the share 1 / n_warmup of the peak, and step n_warmup - 1 all of it: (step + 1) / "
            "n_warmup.",
            many=True,
        ),
        Case(
            "the decay",
            lambda rng: _steps(rng, int(rng.integers(5, 9)), (0, 1, 9, None)),
            "After the warm-up, progress runs from 0 at step n_warmup towards 1 at n_steps, which is never "
            "reached. The rate is peak * (1 + cos(pi * progress)) / 2.",
            points=2,
            many=True,
        ),
        Case(
            "no warm-up",
            lambda rng: _steps(rng, 0, (0, 7, None)),
            "With n_warmup = 0 step 0 is at the peak already, and nothing may be divided by n_warmup.",
            many=True,
        ),
    ),
    wrong=(
        Wrong(
            rate_from_zero,
            "Your step 0 has the rate 0, so it is wasted; and the warm-up ends below the peak. The share of "
            "step is (step + 1) / n_warmup.",
        ),
        Wrong(
            rate_short_of_the_peak,
            "Your warm-up never quite reaches the peak: its last step, n_warmup - 1, should. Divide by "
            "n_warmup.",
        ),
        Wrong(
            rate_with_a_jump,
            "The rate jumps down where the warm-up ends: your cosine has been running since step 0. Its "
            "progress starts at step n_warmup.",
        ),
        Wrong(
            rate_as_a_product,
            "You multiply warm-up and cosine, so the peak is never reached. Here one follows the other: the "
            "cosine starts at step n_warmup.",
        ),
        Wrong(
            rate_below_zero,
            "The cosine falls to -1, and your rate below 0: from there on it climbs the loss. (1 + cos) / 2 "
            "falls from 1 to 0.",
        ),
        Wrong(
            rate_by_a_quarter_wave,
            "A quarter of a wave is steepest at its end. The schedule is half a wave, level at both ends: "
            "(1 + cos(pi * progress)) / 2.",
        ),
        Wrong(
            rate_by_a_full_wave,
            "A full wave comes back up to the peak: the angle goes from 0 to pi, not to 2 pi.",
        ),
        Wrong(
            rate_twice_the_peak, "1 + cos runs from 2 to 0: halve it, or the rate jumps to twice the peak."
        ),
        Wrong(
            rate_ending_early,
            "Your last step, n_steps - 1, has the rate 0 and does nothing. Progress is divided by n_steps - "
            "n_warmup, so that 0 would come one step after the end.",
        ),
        Wrong(
            rate_one_step_ahead,
            "Your decay is one step ahead: at step n_warmup progress is 0 and the rate still the peak.",
        ),
        Wrong(
            rate_along_a_line,
            "You fall along a line. Half a cosine stays high at first and low at last: (1 + cos(pi * "
            "progress)) / 2.",
        ),
        Wrong(rate_without_warmup, "`n_warmup` has no effect: the first steps rise along a line."),
        Wrong(
            rate_one_step_longer,
            "Your warm-up goes on for one step too many, and above the peak: steps count from 0, so it holds "
            "the steps with step < n_warmup.",
        ),
        Wrong(
            rate_not_coming_down,
            "You divide by n_steps, so your progress ends at (n_steps - n_warmup) / n_steps, and the rate "
            "too far above 0. The cosine has n_steps - n_warmup steps to itself.",
        ),
        Wrong(
            rate_whole_schedule,
            "You return the whole schedule. Asked for is one number, the rate of `step`.",
        ),
        Wrong(
            rate_dividing_by_zero,
            "Right, but for n_warmup = 0, where you divide by 0: compute the warm-up's share only where "
            "step < n_warmup.",
        ),
    ),
    alternatives=(rate_by_squared_cosine,),
    hints=(
        "With n_warmup = 4 and peak = 0.8, which rates have the steps 0 to 4? With n_steps = 12, how far is "
        "the cosine at step 8, and what is cos of that angle?",
        "Two pieces, told apart by whether the step is below n_warmup. The first is a share of the peak that "
        "grows by 1 / n_warmup a step and is 1 in the last step of the warm-up. The second needs a progress "
        "from 0 to 1, counted from the end of the warm-up and over the steps that are left.",
        "If the step is below n_warmup: return that share of the peak; step 0 counts as one.\n"
        "Otherwise subtract n_warmup from the step.\n"
        "Divide by the number of steps after the warm-up: the progress.\n"
        "Cosine of pi times the progress: from 1 to -1.\n"
        "Add 1, halve, multiply by the peak, and return it.",
    ),
)

EXERCISES = (RATE,)
