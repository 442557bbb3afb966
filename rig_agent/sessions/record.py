"""The record of a session: session.json, true at every state, replaced in one step at each change.

`new`, `read`; `Record` is the one that is written: by `prepare` until the keeper runs, then by the keeper alone.
Its keys (schema 1) are described by record.schema.json.
"""
from __future__ import absolute_import, unicode_literals

import io
import json
import os
import re
import sys

from rig_agent import __version__
from rig_agent.base.compat import FILE_SYSTEM_ENCODING, json_text, message_of, read_json, reason_of, to_text
from rig_agent.base.errors import NotFound
from rig_agent.base.files import make_folder, remove_quietly, write_atomically
from rig_agent.base.masking import mask_value
from rig_agent.base.units import utc_now

SCHEMA = 1
FILE = 'session.json'
STAMP = re.compile(r'(\d\d)' * 6 + '_')
BALLAST = 'ballast'  # space that is given up when the disk is full, so that the record can still be written
BALLAST_SIZE = 256 * 1024
NEXT_STATES = {None: ('prepared',), 'prepared': ('running', 'ended'), 'running': ('stopping', 'ended'),
               'stopping': ('ended',), 'ended': ()}
OUTCOMES = ('completed', 'stopped', 'aborted', 'failed', 'crashed', 'timed_out', 'stalled', 'killed', 'refused',
            'not_started', 'interrupted')


def read(folder):
    """The record in a session's folder. Raises NotFound when there is none that can be read."""
    try:
        values = read_json(os.path.join(folder, FILE))
        if not isinstance(values, dict) or 'state' not in values:
            raise ValueError('it has not what a record has')
        return values
    except (EnvironmentError, ValueError) as error:
        raise NotFound('There is no record of a session here', where=os.path.join(folder, FILE), found=reason_of(error),
                       advice='`rig-agent sessions list` names the sessions of this rig.')


def local_time(values):
    """When a session was asked for by the clock of its rig, `2026-11-23 07:15:02`: its folder's name has it."""
    stamp = STAMP.match(re.split(r'[\\/]', values['folder'])[-1])
    if not stamp:
        return values['times']['requested'][:19].replace('T', ' ') + ' UTC'
    return '20%s-%s-%s %s:%s:%s' % stamp.groups()


class Record(object):
    """The record as its writer has it: `values` is what the file says after `save`."""

    def __init__(self, folder, values):
        self.folder = folder
        self.values = values
        self.saved = None
        self.lost_events = 0
        self.on_made_again = lambda: None  # puts what else belongs there into a folder that was made again

    @classmethod
    def open(cls, folder):
        return cls(folder, read(folder))

    def __getitem__(self, key):
        return self.values[key]

    def __setitem__(self, key, value):
        assert key in self.values, key
        self.values[key] = mask_value(value)

    @property
    def state(self):
        return self.values['state']

    def move(self, state, **details):
        """Go to the next state, save, and say so in the events. True when that is on disk."""
        assert state in NEXT_STATES[self.state], '%s -> %s' % (self.state, state)
        before, self.values['state'] = self.state, state
        try:
            saved = self.save()
        except Exception:
            self.values['state'] = before  # a value that no record may hold: it can still be closed without
            raise
        self.event(state, **details)
        return saved

    def warn(self, text):
        """Something that a reader of the record should know; said once."""
        text = mask_value(text)
        if text not in self.values['warnings']:
            self.values['warnings'].append(text)
            self.event('warning', text=text)

    def save(self):
        """Write session.json. True when it is on disk; a full disk or a removed folder is dealt with here."""
        content = json_text(self.values).encode('ascii')
        for remedy in (None, self._give_up_ballast, self.make_folder_again):
            try:
                if remedy:
                    remedy()
                write_atomically(os.path.join(self.folder, FILE), content)
                self.saved = content
                return True
            except EnvironmentError as error:
                problem = error
        log('record not written: %s' % message_of(problem))
        return False

    def _give_up_ballast(self):
        remove_quietly(os.path.join(self.folder, BALLAST))

    def make_folder_again(self, removed=False):
        """A script may remove its own session's folder: the record of it needs one. removed: it was, for sure."""
        if removed or not os.path.isdir(self.folder):
            make_folder(self.folder)
            self.warn("the session's folder was removed, or files in it, while the session ran; they were made anew")
            self.on_made_again()

    def event(self, name, **details):
        """Append one line to events.jsonl. A line that cannot be written is counted, not fatal."""
        line = json.dumps(mask_value(dict(details, at=utc_now(), event=name)), sort_keys=True)
        try:
            with io.open(os.path.join(self.folder, 'events.jsonl'), 'ab', buffering=0) as stream:
                stream.write(line.encode('ascii') + b'\n')
        except EnvironmentError:
            self.lost_events += 1


def log(text):
    """A line for keeper.log, as bytes: text may hold anything, and on Python 2 stderr takes ASCII only."""
    try:
        os.write(2, ('%s %s\n' % (utc_now(), text)).encode('utf-8', 'replace'))
    except EnvironmentError:
        pass  # a full disk, or one that went away, takes the line, never the session


def put_ballast(folder):
    """Take the space that `Record.save` gives up on a full disk. Raises EnvironmentError."""
    with io.open(os.path.join(folder, BALLAST), 'wb') as stream:
        stream.write(b'\xaa' * BALLAST_SIZE)


def new(session_id, folder, request, configuration):
    """The values of a fresh record; every key is there from the start."""
    return mask_value({
        'schema': SCHEMA, 'id': session_id, 'folder': folder, 'state': None, 'outcome': None, 'reason': None,
        'refused_for': None,
        'exit': {'code': None, 'signal': None, 'status': None, 'error': None},
        'times': {'requested': utc_now(), 'started': None, 'ended': None, 'duration_s': None},
        'rig': _rig(request, configuration),
        'regimen': request.regimen, 'stage': request.stage, 'overrides': request.overrides, 'scripts': request.scripts,
        'params': None, 'subject': request.subject, 'argv': [], 'cwd': folder, 'limits': {},
        'environment': request.environment,
        'process': {'pid': None, 'identity': None, 'created': None}, 'keepers': [],
        'stop': {'cause': None, 'by': None, 'text': None, 'steps': []},
        'leftovers': [], 'containment': None, 'traceback': None, 'stderr_tail': None, 'outputs': [],
        'resources': {'samples': 0, 'peak_memory_bytes': None, 'peak_cpu_percent': None, 'peak_processes': None,
                      'peak_descriptors': None, 'least_free_disk_bytes': None, 'cpu_s': None},
        'checks': request.checks, 'logs': {}, 'warnings': [], 'simulated': request.simulated,
        'simulation': request.simulation,
    })


def _rig(request, configuration):
    from rig_agent.rig import identity
    own = to_text(sys.executable, FILE_SYSTEM_ENCODING)
    version = '%d.%d.%d' % sys.version_info[:3]
    python = request.python or configuration['python']
    return {'id': configuration['rig.id'], 'computer': configuration['rig.computer'],
            'user': request.user or identity.user_name(), 'account': identity.user_name(),
            'platform': identity.platform_name(), 'agent': {'version': __version__, 'python': version},
            'interpreter': {'path': python, 'version': version if python == own else None}}
