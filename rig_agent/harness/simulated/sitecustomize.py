"""Start the simulation before the script's first line, in this interpreter and in those that the script starts."""
from __future__ import absolute_import, division, print_function

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def run_the_other_sitecustomize():
    """The environment may have a sitecustomize of its own, which ours hides."""
    for folder in sys.path:
        path = os.path.join(folder, 'sitecustomize.py')
        if os.path.abspath(folder) != HERE and os.path.isfile(path):
            with open(path, 'rb') as stream:
                exec(compile(stream.read(), path, 'exec'), {'__name__': 'sitecustomize', '__file__': path})
            return


try:
    run_the_other_sitecustomize()
except Exception as error:  # else Python would go on without the rest of this file, and the script run unsimulated
    sys.stderr.write('Error in the sitecustomize of this environment: %s: %s\n' % (type(error).__name__, error))
if os.environ.get('RIG_AGENT_SIMULATION'):
    import rig_simulation
    rig_simulation.activate()
