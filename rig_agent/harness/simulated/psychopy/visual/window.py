"""psychopy.visual.window: the window under the name of psychopy's module."""
from __future__ import absolute_import, division, print_function

from psychopy.visual.windows import Window, getMsPerFrame, openWindows  # noqa: F401
