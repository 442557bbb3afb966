"""May this session start? One real session a rig, and room on the disk for what the script will print."""
from __future__ import absolute_import, unicode_literals

import errno
import os

from rig_agent.base.errors import NotFound
from rig_agent.base.files import make_folder
from rig_agent.base.units import format_size
from rig_agent.sessions import prepare, record, shim, system, tree
from rig_agent.sessions.script import LOCK, Script
from rig_agent.sessions.stopping import COULD_NOT_BE_ENDED

RIG_LOCK = 'rig.lock'


def admit(spec):
    """(the rig's lock or None, why not or None). Simulated sessions are free."""
    if spec['simulated']:
        return None, None
    lock = _take(spec['home'], patience=1.0)
    holder = _living_session(spec)
    if lock is None or holder:
        if lock is not None:
            os.close(lock)
        return None, 'the rig is busy: %s' % (holder or 'another session is being started or closed')
    return lock, None


def wait_for_rig(spec):
    """The rig's lock for a session that runs already: whoever has it now will see this session and refuse."""
    return None if spec['simulated'] else _take(spec['home'], patience=10.0)


def _take(home, patience):
    make_folder(home)
    return shim.take_lock(system.path(os.path.join(home, RIG_LOCK)), patience)


def _living_session(spec):
    """In words, the other real session whose processes still live, whatever became of its keeper."""
    for session, entry in sorted(prepare.open_sessions(spec['home']).items()):
        if session == spec['id'] or entry['simulated']:
            continue
        if is_alive(entry['folder'], session) or survivors(_record(entry['folder'])):
            return 'session %s runs (%s); `rig-agent status` shows it, `rig-agent stop` ends it' % (
                session[:8], os.path.basename(entry['folder']))
    return None


def is_alive(folder, session):
    """Whether a shim or a script of that session lives."""
    return shim.is_locked(system.path(os.path.join(folder, LOCK))) or \
        os.path.exists(os.path.join(folder, record.FILE)) and Script(folder, session).find() or \
        bool(tree.marked(session))  # a script may have removed the folder, and a shim that begins has no lock yet


def survivors(values):
    """pids of an ended session that could not be ended and live on: the rig is not free."""
    return [entry['pid'] for entry in (values or {}).get('leftovers', ())
            if entry['result'] == COULD_NOT_BE_ENDED and shim.lives(entry['pid'], entry['identity'])]


def _record(folder):
    try:
        return record.read(folder)
    except NotFound:
        return None


def reserve_space(keeper):
    """Reserve the logs' space; a text when the session must not start, else None."""
    least = keeper.limits['disk']['value']
    try:
        free = system.free_disk(keeper.folder)
        keeper.logs.reserve()
    except OSError as error:
        reason = shim.describe(error)
        if error.errno != errno.ENOSYS:  # where no system call reserves space, `logs` in the record says so
            keeper.record.warn('space for the logs could not be reserved: %s' % reason)
        if least is not None and free < least:
            return '%s are free on the disk of %s, at least %s are asked for (disk limit, from %s)' % (
                format_size(free), keeper.folder, format_size(least), keeper.limits['disk']['origin'])
    return None


def warn_of_low_disk(keeper):
    """A warning when the disk runs low; the session goes on, its logs have their space."""
    least = keeper.limits['disk']['value']
    free = system.free_disk(keeper.folder)
    if least is not None and free < least:
        keeper.record.warn('less than %s were free on the disk (disk limit, from %s)' % (
            format_size(least), keeper.limits['disk']['origin']))
