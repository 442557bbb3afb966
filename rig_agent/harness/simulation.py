"""A camstim machine without one, for the sessions room: environment of a simulated child, and what it told.

The child is an ordinary `python SCRIPT PARAMS.json`. Its environment puts `rig_agent/harness/simulated` in front of its
path, so that `import camstim` finds the simulated one, and starts the virtual clock before the script's first line, in
the interpreters that the script itself starts too.
"""
from __future__ import absolute_import, unicode_literals

import json
import os
import socket

from rig_agent.base.compat import FILE_SYSTEM_ENCODING, folder_of
from rig_agent.base.errors import UsageError
from rig_agent.harness.simulated.rig_simulation import merging

MOUSE_MODELS = ('perfect', 'random', 'absent', 'impatient')
REPORT_NAME = merging.REPORT
# In the child's environment: the options of the simulation as JSON.
VARIABLE = 'RIG_AGENT_SIMULATION'


class Simulation(object):
    """How a session is simulated.

    speed: `max`, or a factor of real time. mouse_model: one of MOUSE_MODELS. strict: an unknown use is an error.
    fake_assets: stand in for missing movies, .stim files, images. seed: of everything that is drawn.
    limit: simulated seconds after which a script counts as endless. stuck: seconds of computing without a simulated
    moment after which it is ended. keys: [(simulated seconds, key), ...] that are pressed, such as `escape`.
    Raises UsageError.
    """

    def __init__(self, speed='max', mouse_model='perfect', strict=False, fake_assets=False, seed=0, limit=8 * 3600.0,
                 stuck=60.0, keys=()):
        if mouse_model not in MOUSE_MODELS:
            raise UsageError('There is no such mouse model', expected=', '.join(MOUSE_MODELS), found=mouse_model)
        self.speed = parse_speed(speed)
        self.mouse_model = mouse_model
        self.strict = bool(strict)
        self.fake_assets = bool(fake_assets)
        self.seed = int(seed)
        self.limit = float(limit)
        self.stuck = float(stuck)
        self.keys = [[float(moment), key] for moment, key in keys]

    def environment(self, session_folder, control_port=1111, urls=None):
        """Variables for the child. `control_port`: of SweepStim's control stream, None for no stream.

        urls: {address: path} of files that a script gets when it fetches the address; all else is refused.
        """
        return {VARIABLE: json.dumps({
            'folder': os.path.abspath(session_folder), 'output': self.output_folder(session_folder),
            'speed': self.speed, 'mouse_model': self.mouse_model, 'strict': self.strict,
            'fake_assets': self.fake_assets, 'seed': self.seed, 'limit': self.limit, 'stuck': self.stuck,
            'keys': self.keys, 'control_port': control_port, 'urls': urls or {},
            'encoding': FILE_SYSTEM_ENCODING}, sort_keys=True)}

    def python_path(self):
        """Folders that go in front of the child's PYTHONPATH."""
        return [os.path.join(folder_of(__file__), 'simulated')]

    def output_folder(self, session_folder):
        """Where the simulated camstim writes its output."""
        return os.path.join(os.path.abspath(session_folder), 'output')

    def as_json(self):
        """The choices, for the record."""
        return {'speed': self.speed, 'mouse_model': self.mouse_model, 'strict': self.strict,
                'fake_assets': self.fake_assets, 'seed': self.seed}


def free_control_port():
    """A UDP port of the loopback that nobody uses at this moment, so that sessions can run side by side."""
    probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]
    finally:
        probe.close()


def parse_speed(speed):
    """`max` or a factor above zero, from text or number. Raises UsageError."""
    if speed == 'max':
        return 'max'
    try:
        factor = float(speed)
    except (TypeError, ValueError):
        factor = 0.0
    if not 0.0 < factor < float('inf'):
        raise UsageError('This is no speed', expected='max, or a factor of real time, such as 1 or 10',
                         found='%s' % speed)
    return factor


def read_report(session_folder):
    """What the simulation told so far, as simulation.json has it; None when no script began.

    Read from the parts of each interpreter, so it is whole even while they end at the same moment.
    """
    return merging.merge(merging.read_parts(os.path.abspath(session_folder)))
