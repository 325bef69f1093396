"""Numbers as figures and notebooks print them: two decimals, halves away from zero, a minus sign that is one."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal


def rounded(value: float, decimals: int = 2) -> Decimal:
    """The number to so many decimals; never -0."""
    return Decimal(float(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP) + 0


def signed(value: float | Decimal) -> str:
    """ "+1.20", "−0.40"."""
    number = value if isinstance(value, Decimal) else rounded(value)
    return f"{'−' if number < 0 else '+'}{abs(number)}"


def plain(value: float | Decimal) -> str:
    """ "1.20", "−0.40"."""
    number = value if isinstance(value, Decimal) else rounded(value)
    return f"{'−' if number < 0 else ''}{abs(number)}"


def equation(value: float, places: float) -> str:
    """ "0.87 = 0.52 + 0.35": value = places + rest, as printed; so the last digit of the rest can be one off."""
    rest = rounded(value) - rounded(places)
    return f"{plain(value)} = {plain(places)} {'−' if rest < 0 else '+'} {abs(rest)}"
