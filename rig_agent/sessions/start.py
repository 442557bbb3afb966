"""Hand a prepared session, or one whose keeper died, to a keeper of its own."""
from __future__ import absolute_import, unicode_literals

import io
import os

import rig_agent
from rig_agent.base.compat import environment, folder_of, json_text, python_command
from rig_agent.base.errors import RigAgentError
from rig_agent.sessions import shim, system

PACKAGE_PARENT = os.path.dirname(folder_of(rig_agent.__file__))
HANDED_OVER = 'handed_over.json'


def start(folder, configuration=None, adopt=False):
    """Start the keeper of the session in `folder`, which outlives us; returns the keeper's pid.

    configuration: not needed, the folder holds all. adopt: the session has been started before.
    Raises RigAgentError when no process can be started.
    """
    try:
        # Its current folder is where this very package lies: the one thing that it imports from a current folder.
        keeper = system.start_detached(python_command('rig_agent.sessions.keeper') + [folder] + ['adopt'] * adopt,
                                       PACKAGE_PARENT, environment())
    except OSError as error:
        raise RigAgentError('The keeper of the session could not be started', where=folder, found=shim.describe(error),
                            advice='The machine has no room for another process: end some, then run again.')
    if not adopt:
        _hand_over(folder, keeper)
    return keeper


def _hand_over(folder, keeper):
    """From now on it is the keeper's life that tells whether this session will begin, not ours."""
    try:
        with io.open(os.path.join(folder, HANDED_OVER), 'wb') as stream:
            stream.write(json_text({'pid': keeper, 'identity': shim.identity(keeper)}).encode('ascii'))
    except EnvironmentError:
        pass  # a full disk: then our own life tells
