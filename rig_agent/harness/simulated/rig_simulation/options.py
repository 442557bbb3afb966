"""What the simulation was asked for: one JSON document in the environment, so that nested interpreters get it too."""
from __future__ import absolute_import, division, print_function

import json
import os
import tempfile

VARIABLE = 'RIG_AGENT_SIMULATION'
GIVEN = json.loads(os.environ.get(VARIABLE) or '{}')
# Of names on disk, for Python 2, which on POSIX does not know it yet when this is imported.
ENCODING = 'mbcs' if os.name == 'nt' else GIVEN.get('encoding', 'utf-8')
DEFAULTS = {
    'folder': None,           # the session's folder, where the report goes
    'output': None,           # where camstim's output goes; default: output/ in the session's folder
    'speed': 'max',           # or a factor: 1 is real time
    'mouse_model': 'perfect',
    'strict': False,          # an unknown use is an error
    'fake_assets': False,     # stand in for missing assets
    'seed': 0,
    'control_port': 1111,     # SweepStim's control stream; None: no stream
    'limit': 8 * 3600.0,      # simulated seconds after which a script counts as endless
    'stuck': 60.0,            # seconds of computing without a simulated moment that count as an endless loop
    'keys': [],               # [[simulated seconds, key], ...]: pressed by nobody, at these moments
    'window': [1920, 1200],   # pixels of the screen
    'urls': {},               # address -> file that is served for it, as nothing is fetched
}


class Options(object):
    """The options as attributes."""

    def __init__(self, given):
        for name, default in DEFAULTS.items():
            setattr(self, name, given.get(name, default))
        for name in ('folder', 'output', 'mouse_model'):
            value = getattr(self, name)
            if value is not None:
                setattr(self, name, native(value))
        if self.folder is None:
            self.folder = tempfile.gettempdir()
        if self.output is None:
            self.output = os.path.join(self.folder, 'output')


def native(value):
    """Anything as `str`: text on Python 2 as its calls take it, in Windows' code page there."""
    return value.encode(ENCODING) if str is bytes and isinstance(value, type(u'')) else str(value)


ACTIVE = bool(GIVEN)
OPTIONS = Options(GIVEN)
