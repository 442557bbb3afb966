"""psychopy.visual.filters: textures and masks as arrays; they need numpy, as on a rig."""
from __future__ import absolute_import, division, print_function

import numpy

from psychopy.tools.arraytools import makeRadialMatrix


def makeGrating(res, ori=0.0, cycles=1.0, phase=0.0, gratType='sin', contr=1.0):
    """A grating of res x res points, from -contr to contr; angles in degrees."""
    steps = numpy.arange(0, 2 * numpy.pi, 2 * numpy.pi / int(res))[:int(res)]
    x, y = numpy.meshgrid(steps, steps)
    turn, shift = numpy.radians(-ori), numpy.radians(phase)
    along = (x * numpy.cos(turn) - y * numpy.sin(turn)) * cycles + shift
    if gratType == 'sqr':
        return contr * numpy.where(numpy.sin(along) >= 0, 1.0, -1.0)
    if gratType == 'ramp':
        return contr * (along % (2 * numpy.pi) / numpy.pi - 1.0)
    return contr * numpy.sin(along)


def makeMask(matrixSize, shape='circle', radius=1.0, center=(0.0, 0.0), range=(-1, 1), fringeWidth=0.2):
    """A mask of a shape, between the two values of `range`."""
    distance = makeRadialMatrix(matrixSize, center, radius)
    if shape in ('gauss', 'gaussian'):
        inside = numpy.exp(-(distance ** 2) * 4.5)
    elif shape in ('ramp',):
        inside = numpy.clip(1.0 - distance, 0.0, 1.0)
    elif shape in ('raisedCosine', 'raisedCos'):
        edge = numpy.clip((distance - (1.0 - fringeWidth)) / fringeWidth, 0.0, 1.0)
        inside = 0.5 + 0.5 * numpy.cos(numpy.pi * edge)
    else:
        inside = (distance <= 1.0).astype(float)
    return inside * (range[1] - range[0]) + range[0]


def makeGauss(x, mean=0.0, sd=1.0, gain=1.0, base=0.0):
    return base + gain * numpy.exp(-(numpy.asarray(x) - mean) ** 2 / (2.0 * sd ** 2))


def maskMatrix(matrix, shape='circle', radius=1.0, center=(0.0, 0.0)):
    return numpy.asarray(matrix) * makeMask(numpy.shape(matrix)[0], shape, radius, center, (0, 1))
