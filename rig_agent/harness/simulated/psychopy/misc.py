"""psychopy.misc: the tools under their old names."""
from __future__ import absolute_import, division, print_function

from psychopy.tools.arraytools import createXYs, extendArr, makeRadialMatrix, val2array  # noqa: F401
from psychopy.tools.filetools import fromFile, toFile  # noqa: F401
from psychopy.tools.monitorunittools import cm2deg, cm2pix, deg2cm, deg2pix, pix2cm, pix2deg  # noqa: F401
