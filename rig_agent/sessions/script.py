"""The script's processes as the keeper sees them: the shim that it starts or finds, the script below it, their end."""
from __future__ import absolute_import, unicode_literals

import io
import json
import os
import sys

from rig_agent.base.compat import FILE_SYSTEM_ENCODING, environment, folder_of, monotonic, read_json, sleep, to_text
from rig_agent.base.units import parse_utc, utc_now
from rig_agent.sessions import shim, system

STARTED, EXIT, LOCK, CLOSED = 'started.json', 'exit.json', 'shim.lock', 'closed'
START_PATIENCE = 5.0  # seconds in which a living shim has written started.json, else it could not
UNKNOWN = {'code': None, 'signal': None, 'error': None, 'wrong': [], 'lost': False, 'ended': None, 'duration_s': None}


class Script(object):
    """One script: `started` and `exit` are what the shim said, or what the keeper itself could find out."""

    def __init__(self, folder, session):
        self.folder, self.session = folder, session
        self.started = self.exit = None
        self._shim = self._ending = self._pipe = None
        self._heard = b''
        self._own_pids = ()

    def start(self, log):
        """Start the shim, which starts the script. Raises OSError."""
        base = getattr(sys, '_base_executable', None) or getattr(sys, 'base_executable', None)
        argv = [to_text(system.shim_interpreter(sys.executable, base), FILE_SYSTEM_ENCODING), '-E', '-S',
                os.path.join(folder_of(shim.__file__), 'shim.py')]
        variables = dict(environment(), **{shim.MARK: self.session})
        process = system.start_shim(argv, self.folder, variables, log)
        self._pipe = process
        self._watch(process.pid, shim.identity(process.pid))
        self._own_pids = (process.pid,)

    def find(self, process=None):
        """Take up a script that another keeper started. True when its shim or itself still lives.

        process: what the record says of it, for a full disk or a removed folder where started.json is not.
        """
        deadline = monotonic() + START_PATIENCE
        while not self._read_started() and shim.is_locked(system.path(os.path.join(self.folder, LOCK))):
            if process and process['pid'] and monotonic() > deadline:
                break
            sleep(0.02)  # a shim lives and is about to start the script
        if self.started is None and process and process['pid']:
            self.started = _as_recorded(process)
        if self.started is None:
            return False
        for who in ('shim', 'script'):
            entry = self.started[who]
            if shim.lives(entry['pid'], entry['identity']):
                self._watch(entry['pid'], entry['identity'])
                return True
        return False

    def forbid_start(self):
        """A shim that was started and did not get to run yet must not start the script any more.

        Returns the lock that only a shim of this session or we can have; None when there is such a shim.
        """
        lock = shim.take_lock(system.path(os.path.join(self.folder, LOCK)), patience=0.2)
        if lock is not None:
            io.open(os.path.join(self.folder, CLOSED), 'wb').close()
        return lock

    def _watch(self, pid, identity):
        self._shim = {'pid': pid, 'identity': identity}
        self._ending = system.Ending(pid, identity)

    @property
    def shim(self):
        return self._shim

    @property
    def script(self):
        """{pid, identity} of the script, as soon as it is known."""
        return self.started['script'] if self.started else None

    def wait(self, seconds):
        """Up to `seconds`, less when the process that is watched ends."""
        self._ending.wait(seconds)

    def look(self):
        """Take in what the shim wrote, or said where it could not write. True when the script is known to have started."""
        if self.started is None and not self._read_started():
            self._hear()
        return self.started is not None

    def _read_started(self):
        try:
            self.started = read_json(os.path.join(self.folder, STARTED))
        except (EnvironmentError, ValueError):
            return False
        return True

    def ended(self):
        """Whether the script ended; `exit` holds how, or None when that is lost."""
        if self.exit is not None:
            return True
        if not self._ending.ended():
            return False
        self._hear()
        self.look()
        self.exit = self._last_words()
        if self.exit is None and self._outlived_shim():
            return False
        status = self._pipe.wait() if self._pipe else None
        if self.exit is None:
            self.exit = self._unseen(lost=self.started is not None)
            if self.started is None:
                self.exit['error'] = 'the process that starts it ended with %s' % status
        return True

    def _last_words(self):
        """What the shim says of the end. Where only the script is watched, its shim may live a moment longer."""
        deadline = monotonic() + START_PATIENCE
        while True:
            more = shim.is_locked(system.path(os.path.join(self.folder, LOCK))) and monotonic() < deadline
            said = self.read_exit()
            if said is not None or not more:
                return said
            sleep(0.01)

    def read_exit(self):
        """What the shim wrote or said of the script's end, or None."""
        try:
            return read_json(os.path.join(self.folder, EXIT))
        except (EnvironmentError, ValueError):
            pass
        said = [words for words in self._said() if 'started' not in words]
        return said[0] if said else None

    def _outlived_shim(self):
        """The shim was killed: the script may live on, as a child of this keeper. Watch it from now on."""
        if not self.script or self._shim == self.script:
            return self._reaped()
        if not shim.lives(self.script['pid'], self.script['identity']):
            return self._reaped()
        self._ending.close()
        self._watch(self.script['pid'], self.script['identity'])
        return True

    def _reaped(self):
        """The exit code of a script that fell to this keeper when its shim died. Always False: nothing lives on."""
        if self.script:
            code, number = system.reap(self.script['pid'])
            if (code, number) != (None, None):
                self.exit = self._unseen(code=code, signal=number)
        return False

    def _unseen(self, **known):
        """An end that no shim saw, at this moment."""
        lasted = self.started and round(max(monotonic() - self.started['monotonic'], 0.0), 3)
        return dict(UNKNOWN, ended=utc_now(), duration_s=lasted, **known)

    def _hear(self):
        """Take in what the shim says over its pipe, as it does for a full disk or a removed folder."""
        if self._pipe is not None and self._pipe.stdout is not None:
            self._heard += system.read_available(self._pipe.stdout.fileno())
        for words in self._said():
            self.started = self.started or words.get('started')

    def _said(self):
        """The whole lines of it."""
        return [json.loads(to_text(line)) for line in self._heard.split(b'\n')[:-1]]

    def pids_of_ours(self):
        """Children of the keeper whose statuses somebody waits for."""
        return self._own_pids + ((self.script['pid'],) if self.script else ())


def _as_recorded(process):
    """started.json as far as the record knows it; only here a wall clock tells how long the script runs."""
    age = max(parse_utc(utc_now()) - parse_utc(process['created']), 0.0)
    return {'shim': {'pid': None, 'identity': None}, 'script': {'pid': process['pid'], 'identity': process['identity']},
            'started': process['created'], 'monotonic': monotonic() - age, 'uncontained': None}
