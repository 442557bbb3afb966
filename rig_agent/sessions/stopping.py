"""How a session is stopped: anybody asks by a file in its folder; the keeper asks the script, waits, and insists.

The order is camstim's: its control stream first, because a SIGINT costs a SweepStim session its data; then SIGINT or a
console Ctrl-C; then terminate; then kill, over the whole tree. Each step stands in the record with time and result.
"""
from __future__ import absolute_import, unicode_literals

import io
import os

from rig_agent.base.compat import json_text, monotonic, read_json, reason_of, replace
from rig_agent.base.errors import Refused
from rig_agent.base.files import make_folder, write_atomically
from rig_agent.base.units import utc_now
from rig_agent.sessions import shim, system

FILE = 'stop.json'
RESERVED = 'stop.reserved'  # space for it, so that a session can be stopped on a full disk too
RESERVED_SIZE = 4096
FINALIZE = b'RUN _finalize'
SHORT_GRACE = 5.0      # seconds after terminate, at most; and the search after kill
HURRIED_GRACE = 1.0    # the same when a stop is asked for now
LEFTOVER_GRACE = 1.0   # what outlives the script has so long to end by itself
LEFTOVER_TERMINATE = 2.0  # and so long after terminate to save its data
KILL_PATIENCE = 4.0
COULD_NOT_BE_ENDED = 'could not be ended'


def request_stop(folder, by, now=False):
    """Ask the keeper of the session in `folder` to stop it. by: who asks, such as `Ctrl-C` or `rig-agent stop, USER`.

    now: without the graces. Raises Refused when the folder cannot be written.
    """
    already = requested(folder)
    content = json_text({'by': by if already is None else already['by'], 'at': utc_now(),
                         'now': now or bool(already and already['now'])}).encode('ascii')
    try:
        make_folder(folder)  # the script may have removed it
        write_atomically(os.path.join(folder, FILE), content)
    except EnvironmentError as error:
        if not _write_in_place(folder, content):
            raise Refused('The session could not be asked to stop', where=folder, found=shim.describe(error),
                          advice='Ask as the user who started it, or free space on that disk.')


def reserve_request(folder):
    """Take the space that a request to stop needs. Raises EnvironmentError."""
    with io.open(os.path.join(folder, RESERVED), 'wb') as stream:
        stream.write(b' ' * RESERVED_SIZE)


def _write_in_place(folder, content):
    """Write the request where its space is taken already. True when that was possible."""
    path, reserved = os.path.join(folder, FILE), os.path.join(folder, RESERVED)
    try:
        with io.open(path if os.path.exists(path) else reserved, 'r+b') as stream:
            stream.write(content.ljust(RESERVED_SIZE))
        if not os.path.exists(path):
            replace(reserved, path)
        return True
    except EnvironmentError:
        return False


def requested(folder):
    """{by, at, now} when a stop was asked for, else None."""
    try:
        return read_json(os.path.join(folder, FILE))
    except (EnvironmentError, ValueError):
        return None


class Stopper(object):
    """The steps of one stop, one after the other.

    wait(seconds, until): lets the keeper work for so long; true when `until()` came true.
    """

    def __init__(self, tree, script_ended, wait, hurried, record, grace, control_port):
        self.tree, self.script_ended, self.wait, self.hurried = tree, script_ended, wait, hurried
        self.record, self.grace, self.control_port = record, grace, control_port
        self.last_step = None

    def stop(self):
        """Go through the steps until the script ended; returns the name of the step that ended it, or None."""
        for name, act, grace, gentle in (
                ('control', self._control, self.grace, True), ('interrupt', self._interrupt, self.grace, True),
                ('terminate', self._terminate, min(self.grace, SHORT_GRACE), False),
                ('kill', self._kill, KILL_PATIENCE, False)):
            if gentle and self.hurried():
                continue
            if self._step(name, act, grace, gentle):
                return self.last_step
        return None

    def end_leftovers(self, patience, kept):
        """End what outlived the script. Returns the descriptions of all that was found, each with its `result`."""
        found = {}

        def left():
            pids = self.tree.find()
            for pid in pids:
                if pid not in found:
                    found[pid] = self.tree.describe(pid)
            return [pid for pid in pids if not kept(found[pid])]
        if left() and not self.wait(patience, lambda: not left()):
            named = set(left())
            self.tree.send('terminate', named)
            if not self.wait(LEFTOVER_TERMINATE, lambda: not left()):
                deadline = monotonic() + KILL_PATIENCE
                while left() and monotonic() < deadline:
                    self.tree.send('kill', left())
                    self.wait(0.02, lambda: False)
            for pid in found:
                if pid in named:
                    found[pid]['result'] = 'ended by the agent'
        alive = set(self.tree.find())
        for pid, entry in found.items():
            if pid in alive:
                entry['result'] = 'kept, as asked' if kept(entry) else COULD_NOT_BE_ENDED
            entry.setdefault('result', 'ended by itself')
        return [found[pid] for pid in sorted(found)]

    def _step(self, name, act, grace, gentle):
        begun = monotonic()
        entry = {'step': name, 'at': utc_now(), 'pids': [], 'result': None, 'after_s': None}
        skipped = act(entry)
        self.record.values['stop']['steps'].append(entry)
        if skipped:
            entry['result'] = 'skipped: %s' % skipped
        else:
            self.last_step = name
            self.record.save()  # for a keeper that may have to take over while this one waits
            # The whole tree has the grace: a leader may go at once while its child still writes the session's data.
            self.wait(HURRIED_GRACE if self.hurried() and name == 'terminate' else grace,
                      lambda: self._tree_ended() or gentle and self.hurried())
            entry['result'] = 'the script ended' if self.script_ended() else 'no effect'
        entry['after_s'] = round(monotonic() - begun, 3)
        self.record.event('stop step', **entry)
        self.record.save()
        return self.script_ended()

    def _tree_ended(self):
        return self.script_ended() and not self.tree.find()

    def _control(self, entry):
        if self.control_port is None:
            return 'this script has no control stream'
        entry['pids'] = system.udp_listeners(self.control_port, self.tree.find())
        if not entry['pids']:
            return 'no process of the script listens on UDP port %d' % self.control_port
        import socket
        stream = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            stream.sendto(FINALIZE, (str('127.0.0.1'), self.control_port))
        except socket.error as error:
            return 'not sent: %s' % reason_of(error)
        finally:
            stream.close()
        return None

    def _interrupt(self, entry):
        script = self.tree.script
        if script is None or self.script_ended():
            return 'the script is not there'
        entry['pids'] = [script['pid']]
        return system.interrupt(script['pid'])

    def _terminate(self, entry):
        entry['pids'] = self.tree.send('terminate', self.tree.find())
        return None

    def _kill(self, entry):
        pids = self.tree.find()
        system.end_job(self.tree.session)
        entry['pids'] = self.tree.send('kill', pids) or pids
        return None
