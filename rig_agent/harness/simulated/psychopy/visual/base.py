"""What all simulated visual stimuli share: attributes with psychopy's names, defaults and setters.

A stimulus class names its keywords with their defaults, in psychopy's order, in `KEYWORDS`; `stimulus_class` makes
`setOri(value, operation, log)` and the like of them.
"""
from __future__ import absolute_import, division, print_function

from psychopy.tools.arraytools import array, numpy, val2array
from psychopy.tools.attributetools import OPERATIONS, operated
from rig_simulation.faults import misuse, number
from rig_simulation.recorder import Accepting, check_keywords, public_name, script_line
from rig_simulation.report import REPORT
from rig_simulation.setters import REQUIRED, add_setter, names_of

PAIRS = frozenset(['pos', 'size', 'sf', 'phase', 'fieldPos', 'fieldSize', 'start', 'end', 'flipPos'])
UNITS = ('', 'deg', 'degs', 'degFlat', 'degFlatPos', 'pix', 'pixels', 'cm', 'norm', 'height', 'pt')
DEFAULTS = {'text': None, 'vertices': None, 'xys': None, 'flipHoriz': True, 'flipVert': True}  # of setters
OF_SETTERS = ('operation', 'op', 'units', 'colorSpace', 'log')
EVERYWHERE = ('name', 'autoLog', 'autoDraw', 'units', 'pos', 'size', 'ori', 'color', 'colorSpace', 'contrast',
              'opacity', 'depth', 'rgb', 'dkl', 'lms', 'interpolate', 'anchor', 'draggable', 'blendmode', 'flipHoriz',
              'flipVert', 'texRes', 'maskParams')


class BaseVisualStim(Accepting):
    """A visual stimulus on a window."""
    KEYWORDS = ()
    NUMBERS = ('ori', 'contrast', 'opacity')  # psychopy calculates with them as they are: a text is a TypeError

    def __init__(self, win, *values, **keywords):
        if win is None or isinstance(win, (str, int, float, list, dict)):
            raise misuse(AttributeError, '%r object has no attribute %r: the first argument of a stimulus is its window'
                         % (type(win).__name__, 'units'))
        self.win = win
        known = [name for name, _ in self.KEYWORDS]
        if len(values) > len(known):
            raise misuse(TypeError, '__init__() takes at most %d arguments (%d given)'
                         % (len(known) + 2, len(values) + 2))
        given = dict(zip(known, values), **keywords)
        check_keywords('psychopy.visual.%s' % self._simulated_name(), given, set(known).union(EVERYWHERE))
        for name, default in self.KEYWORDS:
            setattr(self, name, given.pop(name, default))
        for name, value in given.items():
            setattr(self, name, value)
        if not self.units:
            self.units = win.units
        self.status = 0
        self._needUpdate = self._needVertexUpdate = self._needTextureUpdate = True
        if keywords.get('autoDraw'):
            self.setAutoDraw(True)

    @classmethod
    def _simulated_name(cls):
        return next(base.__name__ for base in cls.__mro__ if 'KEYWORDS' in base.__dict__)

    def __setattr__(self, name, value):
        if name == 'units' and isinstance(value, (str, type(u''))) and value not in UNITS:
            REPORT.finding('units', 'psychopy knows no units %r (at %s): there are %s'
                           % (value, script_line(), ', '.join(UNITS[1:])))
        if name in PAIRS and value is not None:
            value = _pair(value)
        elif name in self.NUMBERS and isinstance(value, (str, type(u''))):
            number(name, value)
        object.__setattr__(self, name, value)

    def draw(self, win=None):
        """Nothing is shown."""

    def _auto_draw(self, value, log=None):
        self.autoDraw = value
        (self.win.addToAutoDraw if value else self.win.removeFromAutoDraw)(self)

    def setAutoLog(self, value=True, log=None):
        self.autoLog = value

    def setUseShaders(self, value=True, log=None):
        self.useShaders = value

    def _set(self, attrib, val, op='', log=None):
        setattr(self, attrib, operated(getattr(self, attrib, None), val, op))

    def contains(self, x, y=None, units=None):
        return False

    def overlaps(self, polygon):
        return False

    def _nothing(self, *arguments, **keywords):
        """Something that only a screen would show."""

    _updateList = _updateListShaders = _updateVertices = clearTextures = updateColors = _selectWindow = \
        _calcCyclesPerStim = _calcSizeRendered = _calcPosRendered = _calcVertices = setDKL = setLMS = _nothing


add_setter(BaseVisualStim, 'setAutoDraw', names_of('autoDraw'), BaseVisualStim._auto_draw)


def _pair(value):
    """As psychopy: one or two numbers become an array of two. Raises ValueError."""
    if isinstance(value, (str, type(u''))):
        try:
            value = float(value)  # numpy takes such a text for a number
        except ValueError:
            raise misuse(ValueError, 'could not convert string to float: %s' % value)
    try:
        return val2array(value)
    except (ValueError, TypeError):
        if numpy is not None and numpy.ndim(value) == 1 and len(value) == 3:  # a place in space
            return array(value)
        raise misuse(ValueError, 'this takes one number or two, not %r' % (value,))


def stimulus_class(kind):
    """Class decorator: a setter for each keyword, as psychopy's old interface has them."""
    for name in [name for name, _ in kind.KEYWORDS] + list(EVERYWHERE):
        method = 'set' + {'rgb': 'RGB', 'sf': 'SF', 'xys': 'XYs'}.get(name, name[0].upper() + name[1:])
        if not hasattr(kind, method):
            add_setter(kind, method, names_of(name), _storing(name), DEFAULTS.get(name, REQUIRED))
    return kind


def _storing(name):
    """The function that sets an attribute, after an operation with its present value."""
    method = 'set' + name[0].upper() + name[1:]
    colored = name.lower().endswith(('color', 'colors'))

    def store(self, value, *others, **more):
        if more:
            check_keywords('%s.%s' % (public_name(type(self)), method), more, OF_SETTERS)
        if colored and (others[:1] or 'colorSpace' in more):  # setColor(color, colorSpace, operation, log)
            space, others = others[0] if others else more['colorSpace'], others[1:]
            if space:
                setattr(self, 'colorSpace' if name == 'colors' else name + 'Space', space)
        if value is None and name in ('text', 'vertices'):  # it stays as it is
            return
        operation = others[0] if others else more.get('operation', more.get('op', ''))
        if isinstance(value, (str, type(u''))) or not isinstance(operation, (str, type(u''))):  # such as `log`
            operation = ''
        elif operation not in OPERATIONS:
            raise misuse(ValueError, 'Unsupported value "%s" for operation when setting %s' % (operation, name))
        elif operation and isinstance(value, (list, tuple)):
            value = array(value)
        setattr(self, name, operated(getattr(self, name, None), value, operation))
    return store
