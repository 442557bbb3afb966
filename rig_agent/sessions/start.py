"""Hand a prepared session, or one whose keeper died, to a keeper of its own."""
from __future__ import absolute_import, unicode_literals

import os

import rig_agent
from rig_agent.base.compat import FILE_SYSTEM_ENCODING, environment, python_command
from rig_agent.base.errors import RigAgentError
from rig_agent.sessions import shim, system

PACKAGE_PARENT = os.path.dirname(os.path.dirname(os.path.abspath(rig_agent.__file__)))


def start(folder, configuration=None, adopt=False):
    """Start the keeper of the session in `folder`, which outlives us; returns the keeper's pid.

    configuration: not needed, the folder holds all. adopt: the session has been started before. Raises RigAgentError when no process can be started.
    """
    if isinstance(PACKAGE_PARENT, bytes):
        package = PACKAGE_PARENT.decode(FILE_SYSTEM_ENCODING)
    else:
        package = PACKAGE_PARENT
    try:
        # Its current folder is where this very package lies: the one thing that it imports from a current folder.
        return system.start_detached(python_command('rig_agent.sessions.keeper') + [folder] + ['adopt'] * adopt,
                                     package, environment())
    except OSError as error:
        raise RigAgentError('The keeper of the session could not be started', where=folder, found=shim.describe(error),
                            advice='The machine has no room for another process: end some, then run again.')
