"""Distances and areas on the earth from geopoints ("latitude longitude altitude accuracy"); only sums."""

import math
from itertools import pairwise

from bot.forms.values import Value, to_text

EARTH_METRES = 6378100.0
Point = tuple[float, float]


def read_point(text: str) -> Point | None:
    """(latitude, longitude) in degrees; None for what is no place on earth."""
    try:
        latitude, longitude = (float(part) for part in text.split()[:2])
    except ValueError:
        return None
    inside = abs(latitude) <= 90 and abs(longitude) <= 180
    return (latitude, longitude) if inside else None


def _points(values: tuple[Value, ...]) -> list[Point]:
    """Values hold a point each, or one value holds several with semicolons between."""
    parts = [part for value in values for part in to_text(value).split(";") if part.strip()]
    return [point for part in parts if (point := read_point(part)) is not None]


def distance(*values: Value) -> float:
    """Metres along the points, as the crow flies."""
    points = _points(values)
    return sum((_between(one, other) for one, other in pairwise(points)), 0.0)


def _between(one: Point, other: Point) -> float:
    (north, east), (north_too, east_too) = ((math.radians(a), math.radians(b)) for a, b in (one, other))
    half = (
        math.sin((north_too - north) / 2) ** 2
        + math.cos(north) * math.cos(north_too) * math.sin((east_too - east) / 2) ** 2
    )
    return 2 * EARTH_METRES * math.asin(min(1.0, math.sqrt(half)))


def area(*values: Value) -> float:
    """Square metres within the points; 0 for fewer than three."""
    points = _points(values)
    if len(points) < 3:
        return 0.0
    total = 0.0
    for (north, east), (north_too, east_too) in zip(points, [*points[1:], points[0]], strict=True):
        total += math.radians(east_too - east) * (
            2 + math.sin(math.radians(north)) + math.sin(math.radians(north_too))
        )
    return abs(total * EARTH_METRES**2 / 2)
