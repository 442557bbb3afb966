"""psychopy.tools.arraytools: numpy arrays where there is numpy, lists of numbers elsewhere."""
from __future__ import absolute_import, division, print_function

try:
    import numpy
except ImportError:
    numpy = None


def array(values, kind=float):
    """An array of numbers; a list of them without numpy."""
    if numpy is not None:
        return numpy.array(values, dtype=kind)
    return [array(value, kind) if isinstance(value, (list, tuple)) else kind(value) for value in values]


def filled(value, rows, columns=None):
    """An array with `value` everywhere."""
    if numpy is not None:
        return numpy.zeros(rows if columns is None else (rows, columns)) + value
    return [value if columns is None else [value] * columns for _ in range(rows)]


def val2array(value, withNone=True, withScalar=True, length=2):
    """A single value, a list or an array as an array of `length` numbers. Raises ValueError."""
    if value is None:
        if withNone:
            return None
        raise ValueError('Invalid parameter. None is not accepted as value.')
    if numpy is not None:
        value = numpy.array(value, float)
        if value.size == 1:
            if withScalar:
                return numpy.repeat(value, length)
            raise ValueError('Invalid parameter. Single numbers are not accepted.')
        if value.shape[-1] == length:
            return value
        raise ValueError('Invalid parameter. Should be length %s but got length %s.' % (length, value.shape[-1]))
    if not isinstance(value, (list, tuple)):
        value = [value] * length
    elif len(value) == 1:
        value = list(value) * length
    if len(value) != length:
        raise ValueError('Invalid parameter. Should be length %s but got length %s.' % (length, len(value)))
    return [float(item) for item in value]


def createXYs(x, y=None):
    """All pairs of two ranges."""
    return array([(first, second) for second in (x if y is None else y) for first in x])


def extendArr(inArray, newSize):
    """An array extended with zeros."""
    if numpy is None:
        return list(inArray) + [0] * (newSize - len(inArray))
    extended = numpy.zeros(newSize, numpy.asarray(inArray).dtype)
    extended[tuple(slice(0, length) for length in numpy.asarray(inArray).shape)] = inArray
    return extended


def makeRadialMatrix(matrixSize, center=(0.0, 0.0), radius=1.0):
    """Distance of each point from the centre, in radii; these may be two, along x and y."""
    steps = numpy.linspace(-1, 1, int(matrixSize))
    x, y = numpy.meshgrid(steps, steps)
    along_x, along_y = val2array(radius)
    return numpy.sqrt(((x - center[0]) / along_x) ** 2 + ((y - center[1]) / along_y) ** 2)
