"""One world a test."""

import pytest

from tests.web.api.world import World


@pytest.fixture
def world() -> World:
    return World()
