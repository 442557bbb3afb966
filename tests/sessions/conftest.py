"""Fixtures of the tests that run sessions: a lab is a home, a folder and one stage."""
from __future__ import absolute_import, unicode_literals

import os

import pytest

from labs import Lab
from rig_agent.base.compat import to_text


@pytest.fixture
def lab(agent):
    return Lab(agent)


@pytest.fixture
def labs(agent, tmpdir):
    """labs(count): so many labs, each with a folder and a home of its own, to run side by side."""
    def make(count):
        made = []
        for number in range(count):
            place = os.path.join(to_text(str(tmpdir)), 'lab %d' % number)
            os.makedirs(os.path.join(place, 'home'))
            made.append(Lab(type(agent)(place, os.path.join(place, 'home'))))
        return made
    return make
