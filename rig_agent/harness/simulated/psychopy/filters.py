"""psychopy.filters: the old place of psychopy.visual.filters."""
from __future__ import absolute_import, division, print_function

from psychopy.visual.filters import makeGauss, makeGrating, makeMask, makeRadialMatrix, maskMatrix  # noqa: F401
