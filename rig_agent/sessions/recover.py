"""Sessions whose keeper is gone: taken over when their script lives, closed truthfully when it does not.

Every command calls `recover_all` first. It costs one `listdir` when no session is open.
"""
from __future__ import absolute_import, unicode_literals

import os

from rig_agent.base.compat import read_json
from rig_agent.base.errors import NotFound, RigAgentError
from rig_agent.sessions import admission, prepare, record, shim, system
from rig_agent.sessions.start import HANDED_OVER, start


def recover_all(configuration):
    """Give every open session without a keeper a new one; returns the ids of those sessions."""
    recovered = []
    for session, entry in sorted(prepare.open_sessions(configuration['home']).items()):
        try:
            values = record.read(entry['folder'])
        except NotFound:  # its folder was removed by somebody, the script itself perhaps
            if not admission.is_alive(entry['folder'], session):
                prepare.mark_closed(configuration['home'], session)
            continue
        if values['state'] == 'ended' and not admission.survivors(values):
            prepare.mark_closed(configuration['home'], session)
        if recover(entry['folder'], values):
            recovered.append(session)
    return recovered


def recover(folder, values):
    """Start a keeper for this session if it has none and needs one. True when that was done."""
    if values['state'] == 'ended' or is_kept(folder, values['keepers']) or _is_beginning(folder, values):
        return False
    start(folder, adopt=True)
    return True


def is_kept(folder, keepers=()):
    """Whether a keeper of this session lives: one holds the lock, or one of the record's whose lock was removed."""
    return shim.is_locked(system.path(os.path.join(folder, prepare.KEEPER_LOCK))) or any(
        shim.lives(keeper['pid'], keeper['identity']) for keeper in keepers)


def not_kept(folder, values):
    """The error that says why no keeper takes this session up, as far as that can be seen from here."""
    found, name = 'keeper.log in it may tell', prepare.KEEPER_LOCK
    try:
        lock = shim.take_lock(system.path(os.path.join(folder, name)))
        if lock is not None:
            os.close(lock)
        name = prepare.REQUEST
        read_json(os.path.join(folder, name))
    except (EnvironmentError, ValueError) as error:
        found = '%s: %s' % (name, shim.describe(error))
    return RigAgentError(
        'The session has lost its keeper, and no other can take it over', where=folder, found=found,
        advice='Its script is left alone%s. Mend that, then `rig-agent sessions recover`.' % (
            ': pid %d' % values['process']['pid'] if values['process']['pid'] else ''))


def _is_beginning(folder, values):
    """The console that prepared it lives and will start its keeper, or has started one that lives and has no lock yet."""
    if values['state'] != 'prepared':
        return False
    responsible = _read(folder, HANDED_OVER) or (_read(folder, prepare.REQUEST) or {}).get('front_end')
    return bool(responsible) and shim.lives(responsible['pid'], responsible['identity'])


def _read(folder, name):
    try:
        return read_json(os.path.join(folder, name))
    except (EnvironmentError, ValueError):
        return None
