"""psychopy.tools.coordinatetools: from polar and spherical coordinates to cartesian ones and back, with numpy."""
from __future__ import absolute_import, division, print_function

import numpy


def _angle(value, units, back=False):
    if units not in ('deg', 'degs', 'degrees'):
        return value
    return numpy.degrees(value) if back else numpy.radians(value)


def pol2cart(theta, radius, units='deg'):
    theta = _angle(theta, units)
    return radius * numpy.cos(theta), radius * numpy.sin(theta)


def cart2pol(x, y, units='deg'):
    return _angle(numpy.arctan2(y, x), units, back=True), numpy.hypot(x, y)


def sph2cart(elevation, azimuth, radius):
    """Spherical coordinates, angles in degrees."""
    elevation, azimuth = numpy.radians(elevation), numpy.radians(azimuth)
    flat = radius * numpy.cos(elevation)
    return flat * numpy.cos(azimuth), flat * numpy.sin(azimuth), radius * numpy.sin(elevation)


def cart2sph(z, y, x):
    flat = numpy.hypot(x, y)
    return numpy.degrees(numpy.arctan2(z, flat)), numpy.degrees(numpy.arctan2(y, x)), numpy.hypot(flat, z)
