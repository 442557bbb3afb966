"""psychopy.visual.ElementArrayStim: many small textures at once. Scripts derive classes of their own from it."""
from __future__ import absolute_import, division, print_function

from psychopy.tools.arraytools import filled, numpy
from psychopy.visual.base import BaseVisualStim, stimulus_class
from psychopy.visual.stimuli import LOGGING
from rig_simulation.faults import misuse

# Attributes with a value for each element: name -> numbers an element.
PER_ELEMENT = {'sizes': 2, 'xys': 2, 'colors': 3, 'opacities': None, 'oris': None, 'sfs': 2, 'contrs': None,
               'phases': 2, 'depths': None, 'rgbs': 3}


@stimulus_class
class ElementArrayStim(BaseVisualStim):
    """A field of elements. Each attribute of the elements is an array with a row for each."""
    KEYWORDS = (('units', None), ('fieldPos', (0.0, 0.0)), ('fieldSize', (1.0, 1.0)), ('fieldShape', 'circle'),
                ('nElements', 100), ('sizes', 2.0), ('xys', None), ('rgbs', None), ('colors', (1.0, 1.0, 1.0)),
                ('colorSpace', 'rgb'), ('opacities', 1.0), ('depths', 0), ('fieldDepth', 0), ('oris', 0), ('sfs', 1.0),
                ('contrs', 1), ('phases', 0), ('elementTex', 'sin'), ('elementMask', 'gauss'), ('texRes', 48),
                ('interpolate', True)) + LOGGING[:2] + (('maskParams', None),)

    def __init__(self, win, *values, **keywords):
        names = [name for name, _ in self.KEYWORDS]
        given = dict(zip(names, values), **keywords)
        object.__setattr__(self, 'nElements', int(given.get('nElements', 100)))
        object.__setattr__(self, 'fieldSize', given.get('fieldSize', (1.0, 1.0)))
        object.__setattr__(self, 'fieldShape', given.get('fieldShape', 'circle'))
        super(ElementArrayStim, self).__init__(win, *values, **keywords)
        self.needVertexUpdate = self.needColorUpdate = self._needTextureUpdate = True
        self.useShaders = False
        self.ori, self.autoDraw = 0.0, False

    def __setattr__(self, name, value):
        if name in PER_ELEMENT:
            value = self._scattered() if name == 'xys' and value is None else self._for_each(name, value)
        super(ElementArrayStim, self).__setattr__(name, value)

    def _for_each(self, name, value):
        """As psychopy: one value for all, or one for each element. Raises ValueError."""
        if value is None:
            return None
        columns = PER_ELEMENT[name]
        if numpy is None:
            return value if isinstance(value, list) else [value] * self.nElements
        if isinstance(value, (str, type(u''))) and name in ('colors', 'rgbs'):
            value = 1.0  # the name of a colour
        try:
            value = numpy.asarray(value, dtype=float)
        except (ValueError, TypeError) as error:
            raise misuse(type(error), str(error))
        shape = (self.nElements,) if columns is None else (self.nElements, columns)
        if value.shape == shape:
            return value
        if columns is not None and value.shape in ((self.nElements,), (self.nElements, 1)):
            return numpy.tile(value.reshape(self.nElements, 1), (1, columns))
        if value.size == 1 or (columns is not None and value.shape in ((columns,), (1, columns))):
            return numpy.zeros(shape) + value
        raise misuse(ValueError, 'New value for %s should be a single value or have %d rows, not the shape %s'
                     % (name, self.nElements, value.shape))

    def _scattered(self):
        """Places of the elements, anywhere in the field."""
        if numpy is None:
            return filled(0.0, self.nElements, 2)
        size = numpy.zeros(2) + numpy.asarray(self.fieldSize, dtype=float)
        return (numpy.random.rand(self.nElements, 2) - 0.5) * size

    def setPos(self, *arguments, **keywords):
        if arguments or keywords:
            self.setFieldPos(*arguments, **keywords)

    def setTex(self, value, log=None):
        self.elementTex = value

    def setMask(self, value, log=None):
        self.elementMask = value

    def setRgbs(self, value, operation=''):
        self.rgbs = self.colors = value

    def updateElementColors(self):
        self.needColorUpdate = False

    def updateElementVertices(self):
        self.needVertexUpdate = False

    updateTextureCoords = updateElementVertices

    def draw(self, win=None):
        self.needVertexUpdate = self.needColorUpdate = False
