"""Numbers as `GradientFlow` writes them: in two or three digits, powers of ten without a plus."""

from __future__ import annotations

from course_utils.explorers._numbers import number


def digits(value: float, count: int) -> str:
    """Return a number in so many digits.

    Examples
    --------
    >>> digits(2.4567, 2), digits(-0.000034567, 2), digits(17300.0, 2)
    ('2.5', '−3.5e−5', '1.7e4')
    """
    return number(float(f"{value:.{count}g}")).replace("e+", "e")


def short(value: float) -> str:
    """Return a number in two digits, or three from 1 to 1000.

    Examples
    --------
    >>> short(2.4567), short(0.00012345), short(-3.14159e-9)
    ('2.46', '0.00012', '−3.1e−9')
    """
    return digits(value, 3 if 1 <= abs(value) < 1000 else 2)


def three(factor: float) -> str:
    """Return a factor with two decimals, so that 1.00 is told from 1.01; small ones in two digits."""
    return f"{factor:.2f}" if 0.1 <= factor < 10 else short(factor)


def of_loss(loss: float) -> str:
    """Return a loss with two decimals, if it is not huge.

    Examples
    --------
    >>> of_loss(2.302585), of_loss(13075721.9)
    ('2.30', '1.3e7')
    """
    return f"{loss:.2f}" if loss < 99 else short(loss)


def power(exponent: int) -> str:
    """Return a power of ten, in digits if there are few.

    Examples
    --------
    >>> power(-2), power(0), power(4), power(-12)
    ('0.01', '1', '1e4', '1e−12')
    """
    return f"{10.0**exponent:g}" if abs(exponent) < 4 else f"1e{exponent}".replace("-", "−")
