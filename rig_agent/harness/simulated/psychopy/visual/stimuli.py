"""The visual stimuli, each with the keywords that psychopy gives it."""
from __future__ import absolute_import, division, print_function

import os

from psychopy.visual.base import BaseVisualStim, stimulus_class
from rig_simulation import images
from rig_simulation.faults import misuse

TEXTURES = ('sin', 'sqr', 'saw', 'tri', 'sinXsin', 'sqrXsqr', 'circle', 'gauss', 'cross', 'radRamp', 'raisedCos',
            'none', 'None', 'color', '')
_sizes = {}  # of image files; a sweep may set the same one thousands of times
COLORS = (('rgb', None), ('dkl', None), ('lms', None), ('color', (1.0, 1.0, 1.0)), ('colorSpace', 'rgb'),
          ('contrast', 1.0), ('opacity', 1.0), ('depth', 0))
LOGGING = (('name', None), ('autoLog', True), ('autoDraw', False))


@stimulus_class
class GratingStim(BaseVisualStim):
    """A texture behind a mask: gratings, gabors, noise."""
    KEYWORDS = (('tex', 'sin'), ('mask', 'none'), ('units', ''), ('pos', (0.0, 0.0)), ('size', None), ('sf', None),
                ('ori', 0.0), ('phase', (0.0, 0.0)), ('texRes', 128)) + COLORS + (
                    ('rgbPedestal', (0.0, 0.0, 0.0)), ('interpolate', False)) + LOGGING + (('maskParams', None),)

    def __init__(self, win, *values, **keywords):
        super(GratingStim, self).__init__(win, *values, **keywords)
        for name in ('tex', 'mask'):
            _check_texture(getattr(self, name))
        if self.size is None:
            self.size = {'norm': 0.5, 'height': 0.5, 'pix': 128.0, 'pixels': 128.0}.get(self.units, 2.0)
        if self.sf is None:
            self.sf = 1.0 / self.size[0] if self.units == 'pix' and self.size[0] else 1.0


@stimulus_class
class PatchStim(GratingStim):
    """The old name of GratingStim."""
    KEYWORDS = GratingStim.KEYWORDS


@stimulus_class
class ImageStim(BaseVisualStim):
    """An image from a file or an array."""
    KEYWORDS = (('image', None), ('mask', None), ('units', ''), ('pos', (0.0, 0.0)), ('size', None), ('ori', 0.0),
                ('color', (1.0, 1.0, 1.0)), ('colorSpace', 'rgb'), ('contrast', 1.0), ('opacity', 1.0), ('depth', 0),
                ('interpolate', False), ('flipHoriz', False), ('flipVert', False), ('texRes', 128)) + LOGGING + (
                    ('maskParams', None), ('tex', None))

    def __init__(self, win, *values, **keywords):
        super(ImageStim, self).__init__(win, *values, **keywords)
        shape = _read_image(self.image)
        self._origSize = shape or (1, 1)
        if self.size is None:
            self.size = shape or win.size

    def setImage(self, value, log=None):
        _read_image(value)
        self.image = value

    setTex = setImage


@stimulus_class
class SimpleImageStim(ImageStim):
    """An image as it is."""
    KEYWORDS = ImageStim.KEYWORDS


@stimulus_class
class BufferImageStim(ImageStim):
    """A picture of a part of the window."""
    KEYWORDS = (('buffer', 'back'), ('rect', (-1, 1, 1, -1)), ('sqPower2', False), ('stim', ())) + ImageStim.KEYWORDS


@stimulus_class
class TextStim(BaseVisualStim):
    KEYWORDS = (('text', 'Hello World'), ('font', ''), ('pos', (0.0, 0.0)), ('depth', 0), ('rgb', None),
                ('color', (1.0, 1.0, 1.0)), ('colorSpace', 'rgb'), ('opacity', 1.0), ('contrast', 1.0), ('units', ''),
                ('ori', 0.0), ('height', None), ('antialias', True), ('bold', False), ('italic', False),
                ('alignHoriz', 'center'), ('alignVert', 'center'), ('fontFiles', ()), ('wrapWidth', None),
                ('flipHoriz', False), ('flipVert', False), ('languageStyle', 'LTR'), ('size', 1)) + LOGGING[:2]


SHAPE = (('units', ''), ('lineWidth', 1.5), ('lineColor', (1.0, 1.0, 1.0)), ('lineColorSpace', 'rgb'),
         ('fillColor', None), ('fillColorSpace', 'rgb'), ('vertices', ((-0.5, 0), (0, 0.5), (0.5, 0))),
         ('closeShape', True), ('pos', (0, 0)), ('size', 1), ('ori', 0.0), ('opacity', 1.0), ('contrast', 1.0),
         ('depth', 0), ('interpolate', True), ('lineRGB', None), ('fillRGB', None), ('windingRule', None)) + LOGGING


@stimulus_class
class ShapeStim(BaseVisualStim):
    KEYWORDS = SHAPE


BaseShapeStim = ShapeStim


@stimulus_class
class Rect(ShapeStim):
    KEYWORDS = (('width', 0.5), ('height', 0.5)) + SHAPE


@stimulus_class
class Polygon(ShapeStim):
    NUMBERS = ShapeStim.NUMBERS + ('radius',)
    KEYWORDS = (('edges', 3), ('radius', 0.5)) + SHAPE


@stimulus_class
class Circle(Polygon):
    KEYWORDS = (('radius', 0.5), ('edges', 32)) + SHAPE


@stimulus_class
class Line(ShapeStim):
    KEYWORDS = (('start', (-0.5, -0.5)), ('end', (0.5, 0.5))) + SHAPE


@stimulus_class
class RadialStim(GratingStim):
    """Rings and wedges."""
    KEYWORDS = (('tex', 'sqrXsqr'), ('mask', 'none'), ('units', ''), ('pos', (0.0, 0.0)), ('size', (1.0, 1.0)),
                ('radialCycles', 3), ('angularCycles', 4), ('radialPhase', 0), ('angularPhase', 0), ('ori', 0.0),
                ('texRes', 64), ('angularRes', 100), ('visibleWedge', (0, 360)), ('sf', 1), ('phase', 0)) + COLORS + (
                    ('rgbPedestal', (0.0, 0.0, 0.0)), ('interpolate', False)) + LOGGING + (('maskParams', None),)


@stimulus_class
class DotStim(BaseVisualStim):
    """Moving dots."""
    NUMBERS = BaseVisualStim.NUMBERS + ('coherence', 'dir', 'speed')
    KEYWORDS = (('units', ''), ('nDots', 1), ('coherence', 0.5), ('fieldPos', (0.0, 0.0)), ('fieldSize', (1.0, 1.0)),
                ('fieldShape', 'sqr'), ('dotSize', 2.0), ('dotLife', 3), ('dir', 0.0), ('speed', 0.5)) + COLORS + (
                    ('element', None), ('signalDots', 'same'), ('noiseDots', 'direction')) + LOGGING[:2]

    def setFieldCoherence(self, *arguments, **keywords):
        self.setCoherence(*arguments, **keywords)

    def setPos(self, *arguments, **keywords):
        if arguments or keywords:
            self.setFieldPos(*arguments, **keywords)


@stimulus_class
class MovieStim(BaseVisualStim):
    """A movie file."""
    KEYWORDS = (('filename', ''), ('units', 'pix'), ('size', None), ('pos', (0.0, 0.0)), ('ori', 0.0),
                ('flipVert', False), ('flipHoriz', False), ('color', (1.0, 1.0, 1.0)), ('colorSpace', 'rgb'),
                ('opacity', 1.0), ('volume', 1.0), ('loop', False), ('depth', 0.0), ('noAudio', False)) + LOGGING[:2]

    def __init__(self, win, *values, **keywords):
        super(MovieStim, self).__init__(win, *values, **keywords)
        _read_image(self.filename)
        self.duration = 10.0  # seconds; nothing here reads movie containers

    def play(self, log=True):
        self.status = 1

    def pause(self, log=True):
        self.status = 2

    def stop(self, log=True):
        self.status = -1

    def seek(self, timestamp, log=True):
        pass


MovieStim2 = MovieStim3 = MovieStim


def _check_texture(value):
    """A texture is a name that psychopy knows, an array or an image file. Raises IOError for anything else."""
    if isinstance(value, (str, type(u''))) and not os.path.splitext(value)[1] and value not in TEXTURES:
        if not os.path.isfile(value):
            raise misuse(IOError, "Couldn't make sense of requested image: %r is no texture or mask" % value)
    _read_image(value)


def _read_image(value):
    """(width, height) of an image file; None for anything else. Raises IOError for a file that is not there."""
    if isinstance(value, (str, type(u''))) and os.path.splitext(value)[1]:
        if value not in _sizes:
            _sizes[value] = images.size_of_file(value)
        return _sizes[value]
    if hasattr(value, 'shape') and len(value.shape) >= 2:
        return value.shape[1], value.shape[0]
    return None
