"""What the simulation tells: facts are gathered here and written to `simulation.json` in the session's folder.

Each interpreter writes a part of its own, now and then and at its end, and merges all parts into the one report. So a
script that starts a second interpreter has one report, and a script that was killed still has one.
"""
from __future__ import absolute_import, division, print_function

import io
import json
import os
import platform
import stat
import sys

from rig_simulation import merging
from rig_simulation.clock import CLOCK, real_time
from rig_simulation.options import ACTIVE, OPTIONS

MOST = 2000  # entries of a list in the report; a script that opens a million files must not fill a disk
real_open, real_listdir, real_makedirs = io.open, os.listdir, os.makedirs
real_rename = getattr(os, 'replace', os.rename)
real_stat = os.stat


def real_mode(path):
    """The kind of what really is there, 0 for nothing: `os.path` asks `os.stat`, which a script sees changed."""
    try:
        return real_stat(path).st_mode
    except (EnvironmentError, ValueError):
        return 0


def real_isdir(path):
    return stat.S_ISDIR(real_mode(path))


def real_isfile(path):
    return stat.S_ISREG(real_mode(path))


class Report(object):
    """The facts of one interpreter. Attributes are counted up where things happen."""

    def __init__(self):
        self.process = os.getpid()
        self.started = real_time()
        self.complete = False
        self.is_first = False  # the session's own interpreter, not one that the script started
        self.expected = {}     # parameter -> seconds that it says something takes
        self.expected_seconds = self.compared_seconds = None
        self.stimuli = []      # dictionaries: name, kind, path, sweeps, sweeps_shown, frames, seconds
        self.never_shown = []  # (what has not a single frame and why, whose that is)
        self.trials = {}       # kind or outcome -> how many
        self.rewards = {'count': 0, 'volume': 0.0, 'largest': 0.0, 'limit': None, 'by_kind': {}}
        self.licks = 0
        self.sections = []     # parts of the session with a length of their own: name, seconds
        self.ended_by = None
        self.params = {}       # of the params file
        self.hardware = {}     # (device, line, kind) -> {'uses': n, 'last': value}
        self.files = {'read': {}, 'written': {}, 'missing': {}, 'stood_in': {}, 'redirected': {}}
        self.network = {}      # text -> how often
        self.processes = []    # argument lists
        self.unknown = {}      # name -> {'uses', 'where'}
        self.environment = {}  # what this machine lacks: name -> advice
        self.notes = []
        self.findings = []     # dictionaries: code, message, of ('script', 'environment', 'simulator')
        self.exception = None
        self.stuck = None

    def count_trial(self, kind):
        self.trials[kind] = self.trials.get(kind, 0) + 1

    def reward(self, volume, kind):
        """Water given, in mL."""
        self.rewards['count'] += 1
        self.rewards['volume'] += volume
        self.rewards['largest'] = max(self.rewards['largest'], volume)
        self.rewards['by_kind'][kind] = self.rewards['by_kind'].get(kind, 0) + 1

    def touch(self, device, line, kind, value=None):
        """Hardware was used: which device, which line or port, as what."""
        use = self.hardware.setdefault((str(device), str(line), kind), {'uses': 0})
        use['uses'] += 1
        if value is not None:
            use['last'] = value

    def file(self, kind, path, value=1):
        """A file was read or written, is missing, was stood in for, or a path of another system led elsewhere."""
        entries = self.files[kind]
        if path in entries:
            entries[path] = value if kind in ('stood_in', 'redirected') else entries[path] + 1
        elif len(entries) < MOST:
            entries[path] = value

    def network_use(self, text):
        self.network[text] = self.network.get(text, 0) + 1

    def note(self, text):
        """Something to know that is no finding; said once."""
        if text not in self.notes and len(self.notes) < MOST:
            self.notes.append(text)

    def finding(self, code, message, of='script'):
        """Something that a person has to look at. `of`: whose it is, `script`, `environment` or `simulator`."""
        found = {'code': code, 'message': message, 'of': of}
        if found not in self.findings and len(self.findings) < MOST:
            self.findings.append(found)

    def withdraw(self, code):
        self.findings = [found for found in self.findings if found['code'] != code]

    def as_json(self):
        return {
            'schema': merging.SCHEMA,
            'complete': self.complete,
            'processes': [{'pid': self.process, 'python': platform.python_version(), 'complete': self.complete,
                           'argv': list(getattr(sys, 'argv', [])), 'started': self.started}],
            'options': {'speed': OPTIONS.speed, 'mouse_model': OPTIONS.mouse_model, 'strict': OPTIONS.strict,
                        'fake_assets': OPTIONS.fake_assets, 'seed': OPTIONS.seed},
            'duration': {'simulated': CLOCK.elapsed, 'real': CLOCK.real_duration(), 'expected': self.expected_seconds,
                         'compared': self.compared_seconds, 'expected_from': dict(self.expected)},
            'frames': CLOCK.frames,
            'stimuli': list(self.stimuli),
            'trials': dict(self.trials),
            'rewards': dict(self.rewards, by_kind=dict(self.rewards['by_kind'])),
            'licks': self.licks,
            'sections': list(self.sections),
            'ended_by': self.ended_by,
            'params': dict(self.params),
            'hardware': [dict(use, device=device, line=line, kind=kind)
                         for (device, line, kind), use in sorted(self.hardware.items())],
            'files': {kind: dict(entries) for kind, entries in self.files.items()},
            'network': dict(self.network),
            'started_processes': list(self.processes),
            'unknown': [dict(use, name=name) for name, use in sorted(self.unknown.items())],
            'environment': dict(self.environment),
            'notes': list(self.notes),
            'findings': list(self.findings),
            'exception': self.exception,
            'stuck': self.stuck,
        }


REPORT = Report()


def begin():
    """Make the folders and leave a first part, so that even a script that dies at once has a report."""
    for folder in (parts_folder(), OPTIONS.output):
        if not real_isdir(folder):
            try:
                real_makedirs(folder)
            except OSError:  # a nested interpreter made it at the same moment
                if not real_isdir(folder):
                    raise
    REPORT.is_first = not real_listdir(parts_folder())
    write()


def parts_folder():
    return os.path.join(OPTIONS.folder, merging.PARTS)


def write():
    """This interpreter's part, then the report of all parts. A forked child has no part of its own."""
    if not ACTIVE or os.getpid() != REPORT.process:
        return
    try:
        part = REPORT.as_json()
    except RuntimeError:  # the script added a fact at this very moment; the next time will do
        return
    _replace(os.path.join(parts_folder(), '%d-%d.json' % (REPORT.started * 1000, REPORT.process)), part)
    _replace(os.path.join(OPTIONS.folder, merging.REPORT), merging.merge(read_parts()))


def read_parts():
    return merging.read_parts(OPTIONS.folder, real_open, real_listdir)


def _json(value, **options):
    return json.dumps(_finite(value), sort_keys=True, indent=4, separators=(',', ': '), default=repr, **options)


def _finite(value):
    """Numbers that JSON has not, such as NaN on an analog line, as text."""
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(one) for one in value]
    return repr(value) if isinstance(value, float) and value - value != 0 else value


def _replace(path, value):
    staged = '%s.staged-%d' % (path, REPORT.process)
    try:
        text = _json(value)
    except UnicodeDecodeError:  # Python 2: something, such as a path of Windows, is not in UTF-8
        text = _json(value, encoding='mbcs' if os.name == 'nt' else 'latin-1')  # these take any bytes
    with real_open(staged, 'wb') as stream:
        stream.write(text.encode('ascii'))
    try:
        real_rename(staged, path)
    except OSError:
        if os.name != 'nt':
            raise
        try:  # Python 2 does not rename over a file on Windows, and no Python over one that is being read
            os.remove(path)
            os.rename(staged, path)
        except OSError:
            pass
