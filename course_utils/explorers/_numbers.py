"""Numbers as an explorer writes them: at most 4 digits, the same on every machine."""

from __future__ import annotations


def number(value: float) -> str:
    """Return a number in at most 4 digits, with a real minus sign and no negative zero.

    Examples
    --------
    >>> number(-0.0), number(-12.3456), number(0.00001)
    ('0', '−12.35', '1e−5')
    """
    return f"{value + 0.0:.4g}".replace("e-0", "e-").replace("e+0", "e+").replace("-", "−")


def short(value: float) -> str:
    """Return a number in six characters or so, where there is little room.

    Examples
    --------
    >>> short(0.19661), short(0.00033535), short(-2982.0)
    ('0.197', '3.4e−4', '−2982')
    """
    if 0 < abs(value) < 0.01:
        return f"{value:.1e}".replace("e-0", "e-").replace("-", "−")
    return number(round(value) if abs(value) >= 100 else float(f"{value:.3g}"))


def loss_number(loss: float) -> str:
    """Return a loss in at most 4 digits; what is rounding noise is not printed.

    Examples
    --------
    >>> loss_number(19.61999), loss_number(3e-31)
    ('19.62', 'below 1e-9')
    """
    return "below 1e-9" if loss < 1e-9 else f"{loss:.4g}"


def plural(count: int, thing: str) -> str:
    """Return a count with its thing.

    Examples
    --------
    >>> plural(1, "step"), plural(20, "step")
    ('1 step', '20 steps')
    """
    return f"{count} {thing}" + "s" * (count != 1)
