"""The output file of a session: written where camstim would, named as camstim would, a dictionary in a pickle."""
from __future__ import absolute_import, division, print_function

import os
import platform
import sys
import time
import uuid
try:
    import cPickle as pickle
except ImportError:
    import pickle

from rig_simulation.clock import CLOCK
from rig_simulation.options import OPTIONS
from rig_simulation.recorder import Unknown
from rig_simulation.report import REPORT, real_open


def name_of_script():
    """SweepStim's: the script's name without its ending."""
    return os.path.splitext(os.path.basename(sys.argv[0] or 'script'))[0]


def stamp():
    """Behavior's: the moment."""
    return time.strftime('%y%m%d%H%M%S')


def save(data, name):
    """Write the output and tell its path. One that is there already is not overwritten: the new one has a stamp."""
    data = dict(data, **_about_the_run())
    path = os.path.join(OPTIONS.output, name + '.pkl')
    if os.path.exists(path):
        path = os.path.join(OPTIONS.output, '%s-%s.pkl' % (stamp(), name))
    content = packed(data)
    with real_open(path, 'wb') as stream:
        stream.write(content)
    REPORT.file('written', path)
    return path


def _about_the_run():
    try:
        with real_open(sys.argv[0], 'rb') as stream:
            text = stream.read()
    except EnvironmentError:
        text = b''
    text = text if isinstance(text, str) else text.decode('utf-8', 'replace')
    return {
        'session_uuid': str(uuid.uuid4()), 'script': sys.argv[0], 'scripttext': text, 'unpickleable': [],
        'simulated': True,
        'duration': CLOCK.elapsed, 'comp_id': os.environ.get('AIBS_COMP_ID') or os.environ.get('aibs_comp_id', ''),
        'rig_id': os.environ.get('AIBS_RIG_ID') or os.environ.get('aibs_rig_id', ''),
        'platform_info': {'camstim': '0.2.4', 'camstim_git_hash': None, 'psychopy': '1.82.01', 'pyglet': '1.2.4',
                          'python': platform.python_version(), 'os': [platform.system(), platform.release()],
                          'hardware': [platform.processor(), platform.machine()], 'computer_name': platform.node()}}


def packed(data):
    """The pickle, protocol 2, without what cannot be pickled; its names stand under `unpickleable`."""
    try:
        return pickle.dumps(data, 2)
    except Exception:
        kept = {name: value for name, value in data.items() if can_be_pickled(value)}
        kept['unpickleable'] = sorted(set(data) - set(kept))
        return pickle.dumps(kept, 2)


def can_be_pickled(value):
    if isinstance(value, Unknown):
        return False
    try:
        pickle.dumps(value, 2)
    except Exception:
        return False
    return True
