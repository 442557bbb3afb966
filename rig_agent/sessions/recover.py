"""Sessions whose keeper is gone: taken over when their script lives, closed truthfully when it does not.

Every command calls `recover_all` first. It costs one `listdir` when no session is open.
"""
from __future__ import absolute_import, unicode_literals

import os

from rig_agent.base.compat import read_json
from rig_agent.base.errors import NotFound
from rig_agent.sessions import prepare, record, shim, system
from rig_agent.sessions.start import start

KEEPER_LOCK = 'keeper.lock'


def recover_all(configuration):
    """Give every open session without a keeper a new one; returns the ids of those sessions."""
    recovered = []
    for session, entry in sorted(prepare.open_sessions(configuration['home']).items()):
        try:
            values = record.read(entry['folder'])
        except NotFound:
            prepare.mark_closed(configuration['home'], session)  # its folder was removed by somebody
            continue
        if recover(entry['folder'], values):
            recovered.append(session)
    return recovered


def recover(folder, values):
    """Start a keeper for this session if it has none and needs one. True when that was done."""
    if values['state'] == 'ended' or is_kept(folder) or _is_being_prepared(folder, values):
        return False
    start(folder, adopt=True)
    return True


def is_kept(folder):
    """Whether a keeper of this session lives."""
    return shim.is_locked(system.path(os.path.join(folder, KEEPER_LOCK)))


def _is_being_prepared(folder, values):
    """The console that prepared it lives, and will start its keeper or has just done so."""
    if values['state'] != 'prepared' or os.path.exists(os.path.join(folder, KEEPER_LOCK)):
        return False
    try:
        front_end = read_json(os.path.join(folder, prepare.REQUEST))['front_end']
    except (EnvironmentError, ValueError):
        return False
    return bool(front_end['identity']) and shim.identity(front_end['pid']) == front_end['identity']
