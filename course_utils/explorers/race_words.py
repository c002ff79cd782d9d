"""What `OptimizerRace` says of a race."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from course_utils.explorers._numbers import number, plural
from course_utils.explorers.gradient_descent_run import LOWEST
from course_utils.explorers.race_run import LOWER
from course_utils.explorers.race_standings import Standing, place_name

if TYPE_CHECKING:
    from course_utils.explorers.optimizer_race import Scene


def headline(standings: list[Standing], step: int) -> str:
    """Say who leads, and who got lost."""
    if step == 0:
        return f"at the start: loss {number(standings[0].loss)}"
    lost = [one for one in standings if one.state == "diverged"]
    best = min(standings, key=lambda one: one.rank)
    if best.state == "diverged":
        first = min(lost, key=lambda one: one.since)
        return f"all diverged, {first.name} first, at step {first.since}"
    lead = leaders([one.name for one in standings if same_rank(one, best)], len(standings))
    if best.state == "arrived":
        lead += f": below {number(LOWEST)} since step {best.since}"
    else:
        lead += "" if best.state == "converging" else f", {best.state}"
        lead += f": {number(best.loss)} after {plural(step, 'step')}"
    if len(lost) > 1:
        return f"{lead}; {len(lost)} diverged"
    return lead + (f"; {lost[0].name} {lost[0].words()}" if lost else "")


def same_rank(one: Standing, other: Standing) -> bool:
    """Return whether two are equal as far as the headline shows."""
    return one.rank[:2] == other.rank[:2] and (number(one.loss) == number(other.loss) or one.rank[1] < np.inf)


def leaders(names: list[str], n_racers: int) -> str:
    """Say who leads.

    Examples
    --------
    >>> leaders(["GD"], 4), leaders(["GD", "SGD"], 4), leaders(["GD", "SGD", "momentum", "Adam"], 10)
    ('GD leads', 'GD and SGD lead', '4 of 10 lead')
    """
    if len(names) == 1:
        return f"{names[0]} leads"
    if len(names) > 3:
        return f"{len(names)} of {n_racers} lead"
    return ", ".join(names[:-1]) + f" and {names[-1]} lead"


def describe(scene: Scene) -> str:
    """Name leader, settings, every standing, and the shortest and longest of what the lower axes show."""
    race, settings = scene.race, scene.settings
    leads = headline(scene.standings, settings["step"])
    text = (
        f"{leads[0].upper() + leads[1:]}. Race on the surface {track(scene)}, "
        f"learning rate {number(settings['lr'])}, momentum {number(settings['momentum'])}, {noise(scene)}, "
        f"start {place_name(tuple(race.paths[0, 0]))}, {plural(settings['step'], 'step')}. "
    )
    text += "; ".join(f"{one.name} {one.words()}" for one in scene.standings) + "."
    latest = [
        (values[-1], racer.name) for i, racer in enumerate(race.racers) if len(values := scene.lower(i))
    ]
    latest = [(value, name) for value, name in latest if np.isfinite(value)]
    if latest:
        ends = " to ".join(f"{visible_number(value)} ({name})" for value, name in (min(latest), max(latest)))
        text += f" Latest {LOWER[settings['lower']]}: {ends}."
    return text + (" Adadelta's rate is a factor of its own step." if "Adadelta" in text else "")


def track(scene: Scene) -> str:
    """Name the surface, its condition number, and where it is lowest if there are several minima."""
    surface = scene.race.surface
    if surface.has_condition:
        return f"{surface.name} with condition number {number(scene.settings['condition'])}"
    places = " and ".join(place_name(point) for point in surface.minima)
    return f"{surface.name}, lowest at {places}" if surface.several else surface.name


def noise(scene: Scene) -> str:
    """Say what the noise is, and who does not see it."""
    spread = scene.settings["noise"]
    if spread == 0:
        return "no noise"
    but = "all gradients but GD's" if scene.race.racers[0].name == "GD" else "all gradients"
    return f"noise of standard deviation {number(spread)} on each part of {but}"


def visible_number(value: float) -> str:
    """Return a number in at most 4 digits; what may be rounding noise is not printed."""
    return number(value) if value >= 1e-9 else "below 1e−9"
