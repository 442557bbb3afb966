"""Sessions on a real Windows Python: for `make test-windows`, and for a rig with `pytest tests/windows`."""
from __future__ import absolute_import, unicode_literals

import os

import pytest

from desks import Desk
from rig_agent.base.compat import WINDOWS

collect_ignore = [] if WINDOWS else [name for name in os.listdir(os.path.dirname(os.path.abspath(__file__)))
                                     if name.startswith('test_')]  # they import what only Windows has


@pytest.fixture
def desk(agent):
    return Desk(agent)
