"""psychopy.visual.dot: DotStim under the name of psychopy's module."""
from __future__ import absolute_import, division, print_function

from psychopy.visual.stimuli import DotStim  # noqa: F401
