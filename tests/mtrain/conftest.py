"""The stand-in as the service of every test here: a real server on the loopback, its state in a real file."""
from __future__ import absolute_import, unicode_literals

import os

import pytest

from rig_agent.harness.standin.server import StandIn
from rig_agent.mtrain.client import Client

TRAINING = {
    'name': 'Wheel_Task1_v1.0.0',
    'stages': {
        'TRAINING_0_gratings': {'script': 'gratings_v2.py', 'script_md5': '0' * 32,
                                'parameters': {'stage': 'TRAINING_0_gratings', 'volume': 5, 'tiny': 1e-05}},
        'TRAINING_1_images': {'script': 'images_v2.py',
                              'parameters': {'stage': 'TRAINING_1_images', 'sets': ['A', 'B']}},
        'HABITUATION': {'script': 'images_v2.py', 'script_md5': '1' * 32, 'parameters': {'name': 'd\u00e9j\u00e0'}},
    },
    'transitions': [
        {'trigger': 'progress', 'source': 'TRAINING_0_gratings', 'dest': 'TRAINING_1_images',
         'conditions': ['two_complete', 'engaged'], 'unless': 'ill'},
    ],
}


@pytest.fixture
def standin(tmpdir):
    """A stand-in with one regimen of three stages and three mice."""
    with StandIn(os.path.join(str(tmpdir), 'mtrain.sqlite')) as server:
        fill(server)
        yield server


def fill(server):
    server.store.add_regimen(TRAINING)
    for mouse, stage in (('612345', 'TRAINING_0_gratings'), ('612346', 'TRAINING_1_images'), ('700001', 'HABITUATION')):
        server.store.add_subject(mouse, server.store.find_state(TRAINING['name'], stage))


@pytest.fixture
def client(standin):
    return Client(standin.url, timeout=10)


@pytest.fixture
def desk(agent, standin):
    """The installed command with the stand-in as its service."""
    agent.environment.update(RIG_AGENT_MTRAIN_URL=standin.url, RIG_AGENT_MTRAIN_USER='desk',
                             RIG_AGENT_MTRAIN_PASSWORD='desk', RIG_AGENT_MTRAIN_TIMEOUT='5s')
    return agent
