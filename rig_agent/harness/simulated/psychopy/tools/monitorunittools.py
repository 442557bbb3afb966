"""psychopy.tools.monitorunittools: from centimetres and degrees to pixels and back, on a monitor."""
from __future__ import absolute_import, division, print_function

import math


def _each(value, change):
    if isinstance(value, (list, tuple)):
        from psychopy.tools.arraytools import array
        return array([_each(item, change) for item in value])
    return change(value)


def _pixels_per_cm(monitor):
    return monitor.getSizePix()[0] / float(monitor.getWidth())


def _cm_per_degree(monitor):
    return monitor.getDistance() * math.tan(math.radians(1.0))


def cm2pix(cm, monitor):
    return _each(cm, lambda value: value * _pixels_per_cm(monitor))


def pix2cm(pixels, monitor):
    return _each(pixels, lambda value: value / _pixels_per_cm(monitor))


def deg2cm(degrees, monitor, correctFlat=False):
    return _each(degrees, lambda value: value * _cm_per_degree(monitor))


def cm2deg(cm, monitor, correctFlat=False):
    return _each(cm, lambda value: value / _cm_per_degree(monitor))


def deg2pix(degrees, monitor, correctFlat=False):
    return cm2pix(deg2cm(degrees, monitor), monitor)


def pix2deg(pixels, monitor, correctFlat=False):
    return cm2deg(pix2cm(pixels, monitor), monitor)


def convertToPix(vertices, pos, units, win):
    """Vertices and position in pixels of the window."""
    factor = {'pix': 1.0, 'pixels': 1.0, 'norm': win.size[0] / 2.0, 'height': float(win.size[1]),
              'cm': _pixels_per_cm(win.monitor)}.get(units, _pixels_per_cm(win.monitor) * _cm_per_degree(win.monitor))
    return _each(vertices, lambda value: value * factor) + _each(pos, lambda value: value * factor)
