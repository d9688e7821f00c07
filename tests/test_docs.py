"""The reference shows every public name."""

import re
from pathlib import Path

import pytest

import memtools

API = Path(__file__).parent.parent / "docs" / "api"


@pytest.mark.parametrize("module", sorted({*memtools._HOMES.values(), "networks"}))
def test_every_module_with_public_names_has_its_place_in_the_reference(module):
    pages = "\n".join(path.read_text() for path in API.glob("*.md"))
    assert re.findall(r"```\{public\} (\S+)", pages).count(module) == 1
