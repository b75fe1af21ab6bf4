import pytest

from tests.cast import House
from tests.hostess.board import Door


@pytest.fixture
def door(house: House) -> Door:
    """Luna's door, on both databases."""
    return Door(house)
