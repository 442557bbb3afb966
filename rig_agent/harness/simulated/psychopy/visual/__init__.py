"""psychopy.visual: windows and stimuli that know their numbers and show nothing."""
from __future__ import absolute_import, division, print_function

from psychopy.visual.base import BaseVisualStim  # noqa: F401
from psychopy.visual.elementarray import ElementArrayStim  # noqa: F401
from psychopy.visual.stimuli import (BufferImageStim, Circle, DotStim, GratingStim, ImageStim, Line,  # noqa: F401
                                     MovieStim, MovieStim2, MovieStim3, PatchStim, Polygon, RadialStim, Rect,
                                     ShapeStim, SimpleImageStim, TextStim)
from psychopy.visual.windows import Window, getMsPerFrame, openWindows  # noqa: F401
