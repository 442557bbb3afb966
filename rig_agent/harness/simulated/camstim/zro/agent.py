"""camstim.zro.agent: where the agent of a rig keeps outputs and configuration. Here: the session's own folder."""
from __future__ import absolute_import, division, print_function

import os

from camstim.misc import SHIPPED
from rig_simulation.options import OPTIONS

OUTPUT_DIR = OPTIONS.output
CAMSTIM_DIR = os.path.dirname(OPTIONS.output)
LOG_DIR = CONFIG_DIR = CAMSTIM_DIR
CAMSTIM_CONFIG_PATH = SHIPPED
