"""The params file of the session: camstim reads it itself, from the script's first argument."""
from __future__ import absolute_import, division, print_function

import json
import os
import sys

from rig_simulation.report import REPORT, real_open

_given = []


def given_params():
    """The parameters of the params file; a copy. Like camstim, an unreadable file is a warning and no parameters."""
    if not _given:
        _given.append(_read())
    return dict(_given[0])


def _read():
    path = sys.argv[1] if len(sys.argv) > 1 else None
    if not path or not os.path.isfile(path):
        return {}
    try:
        with real_open(path, 'rb') as stream:
            params = json.loads(stream.read().decode('utf-8'))
        if not isinstance(params, dict):
            raise ValueError('it holds no object')
    except (EnvironmentError, ValueError) as error:
        print('Could not read params file %s: %s' % (path, error))
        REPORT.finding('unreadable-params', 'the params file cannot be read, a rig would run on defaults: %s' % error)
        return {}
    return params
