"""The reference shows every public name."""

import importlib
import re
from pathlib import Path

import memtools

API = Path(__file__).parent.parent / "docs" / "api"


PLACES = re.findall(
    r"```\{public\} (\S+)", "\n".join(path.read_text() for path in API.glob("*.md"))
)


def test_every_public_name_has_its_place_in_the_reference():
    for name, home in memtools._HOMES.items():
        defining = getattr(memtools, name).__module__.removeprefix("memtools.")
        assert sum(PLACES.count(module) for module in {defining, home}) == 1, name


def test_the_networks_have_their_place_in_the_reference():
    assert PLACES.count("networks") == 1


def test_the_stops_of_the_ways_exist():
    page = (API.parent / "how_it_is_built.md").read_text()
    ways = [line for line in page.splitlines() if line.startswith("| a ")]
    assert len(ways) == 5
    for way in ways:
        stops = re.findall(r"`([\w.]+)`", way)
        assert 4 <= len(stops) <= 8
        for stop in stops:
            assert found(stop), stop


def found(stop):
    """Whether a dotted name leads somewhere in memtools, modules before names."""
    thing, name = memtools, "memtools"
    for part in stop.split("."):
        name = f"{name}.{part}"
        try:
            thing = importlib.import_module(name)
        except ModuleNotFoundError:
            thing = getattr(thing, part, None)
    return thing is not None
