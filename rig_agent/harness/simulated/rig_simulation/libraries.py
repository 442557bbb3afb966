"""Which files are the interpreter's, its libraries' or the simulator's own, and say nothing of the script."""
from __future__ import absolute_import, division, print_function

import os
import sys

from rig_simulation.options import native

SIMULATED = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FOLDERS = tuple({os.path.abspath(folder) + os.sep for folder in (
    sys.prefix, getattr(sys, 'base_prefix', sys.prefix), getattr(sys, 'real_prefix', sys.prefix),
    os.path.dirname(os.__file__), SIMULATED) if folder not in ('/', '')} | {'/proc/', '/sys/', '/dev/', '/etc/'})
NAMES = ('.pyc', '.pyo', '.pyx', '.pxd', '.pxi', 'matplotlibrc', '.netrc', '_netrc', 'pyvenv.cfg')


def is_of_script(path):
    """Whether a file on this machine belongs to what the script is and does."""
    path = native(path)
    full = os.path.abspath(path)
    return not full.startswith(FOLDERS) and not path.endswith(NAMES) and not path.startswith('<')


def is_simulated(path):
    """Whether a file is the simulator's."""
    return os.path.abspath(native(path)).startswith(SIMULATED)


def file_of(frame):
    """Where a frame's code stands. Python's own may be compiled with relative names: there its module tells."""
    name = frame.f_code.co_filename
    return name if os.path.isabs(name) or name.startswith('<') else frame.f_globals.get('__file__') or name


def is_code_of_script(filename):
    """Whether code is the script's, also where it made that itself and it stands in no file."""
    return is_of_script(filename) or filename.startswith('<') and not is_passed_over(filename)


def is_passed_over(filename):
    """Whether code is the simulator's, or Python's innermost: what it does, others asked for."""
    return filename.startswith((SIMULATED, '<frozen'))


def asked_by_script():
    """Whether the script asks for this, or a module beside it; libraries try for what they can do without."""
    frame = sys._getframe(2)
    while frame is not None and is_passed_over(frame.f_code.co_filename):
        frame = frame.f_back
    return frame is None or is_of_script(frame.f_code.co_filename)
