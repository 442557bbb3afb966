"""psychopy.tools.unittools: angles."""
from __future__ import absolute_import, division, print_function

from numpy import degrees, radians  # noqa: F401
