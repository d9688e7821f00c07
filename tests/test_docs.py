"""The reference shows every public name."""

import re
from pathlib import Path

import pytest

import memtools

API = Path(__file__).parent.parent / "docs" / "api"


PLACES = re.findall(
    r"```\{public\} (\S+)", "\n".join(path.read_text() for path in API.glob("*.md"))
)


@pytest.mark.parametrize("name", memtools._HOMES)
def test_every_public_name_has_its_place_in_the_reference(name):
    defining = getattr(memtools, name).__module__.removeprefix("memtools.")
    assert sum(PLACES.count(module) for module in {defining, memtools._HOMES[name]}) == 1


def test_the_networks_have_their_place_in_the_reference():
    assert PLACES.count("networks") == 1
