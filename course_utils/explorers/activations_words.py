"""What `Activations` says: the name of the function, its headline and its alternative text."""

from __future__ import annotations

from course_utils.explorers._numbers import number
from course_utils.explorers.activations_layer import N_EXAMPLES, N_UNITS, PARAMETERS, SHIFTS, Layer, X


def percent(share: float) -> str:
    """Return a share in per cent, in at most three digits.

    Examples
    --------
    >>> percent(0.4836), percent(0.00021), percent(0)
    ('48.4 %', '0.021 %', '0 %')
    """
    return f"{100 * share:.3g} %"


def called(layer: Layer) -> str:
    """Return the activation's name, with its parameter where it has one."""
    name = layer.settings["activation"]
    if name not in PARAMETERS:
        return name
    return f"{name}, {PARAMETERS[name]} {number(layer.settings['parameter'])}"


def headline(layer: Layer) -> str:
    """Say what the layer suffers from, with the three numbers."""
    what = "dying" if layer.dead > 0 else "saturated" if layer.saturated > 0.25 else "awake"
    return (
        f"{what}: largest slope {number(layer.largest)}, saturated {percent(layer.saturated)}, "
        f"dead units {percent(layer.dead)}"
    )


def readouts(layer: Layer) -> dict[str, list[str]]:
    """Return what the points of the curves say under the mouse."""
    curve = [
        f"x {number(x)}: y {number(y)}, slope {number(slope)}"
        for x, y, slope in zip(X, layer.y, layer.slope, strict=True)
    ]
    shares = [
        [
            f"bias {number(shift)}: {percent(share)} {what}"
            for shift, share in zip(SHIFTS, column, strict=True)
        ]
        for what, column in zip(("saturated", "dead units"), layer.shares.T, strict=True)
    ]
    return {"value": curve, "slope": curve, "shares saturated": shares[0], "shares dead": shares[1]}


def describe(layer: Layer) -> str:
    """Name activation, inputs, slopes and shares."""
    settings = layer.settings
    return (
        f"Activation {called(layer)}. {N_UNITS} units on {N_EXAMPLES} examples ({settings['inputs']}), "
        f"weights times {number(settings['scale'])}, bias {number(settings['shift'])}, saturated below "
        f"{percent(settings['threshold'])} of the largest slope. {headline(layer).capitalize()}. Outputs "
        f"have mean {number(layer.mean)}, spread {number(layer.spread)}."
    )
