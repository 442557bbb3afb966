"""What the simulator does not know is taken, used and reported: `unknown: psychopy.visual.RadialStim`.

An unknown thing accepts any use: calls, attributes, arithmetic, iteration, subclassing. So a gap in the simulator is
seen in the report, and does not look like a fault of the script. Asked to be strict, the first one is an error.
"""
from __future__ import absolute_import, division, print_function

import difflib
import os
import re
import sys
import types

from rig_simulation.clock import CLOCK
from rig_simulation.faults import misuse
from rig_simulation.libraries import SIMULATED
from rig_simulation.options import OPTIONS
from rig_simulation.report import MOST, REPORT

UNDECIDED_LOOK = 0.001  # seconds that a question to an unknown thing takes
LIKE = 0.84             # likeness of two names from which on one is taken for the other, misspelt
SHORTEST = 5            # name in which a slip is seen
PATIENCE = 200          # questions to the same unknown thing after which the answer changes, so that a wait ends
asked = {}              # name -> how often it was asked
last_asked = [None]     # simulated seconds
values_given = set()    # names of those that were taken as numbers or lists: what comes of them may be wrong


class SimulationGap(Exception):
    """The script uses something that the simulator does not know, and was asked to be strict."""


def unknown(name, force_class=None):
    """The unknown thing of this dotted name: a class when it is named like one."""
    record(name)
    short = name.rpartition('.')[2]
    if force_class is None:
        force_class = short[:1].isupper() and not short.isupper()
    if force_class:
        return type(str(short), (Unknown,), {'_rig_name': name, '__module__': str(name.rpartition('.')[0])})
    return Unknown._of(name)


def record(name):
    """Report one use of something unknown. Raises SimulationGap when strict."""
    use = REPORT.unknown.get(name)
    if use is not None:
        use['uses'] += 1
    elif len(REPORT.unknown) < MOST:
        REPORT.unknown[name] = {'uses': 1, 'where': script_line()}
    if OPTIONS.strict:
        raise SimulationGap('unknown: %s (used at %s); the simulator does not know it' % (name, script_line()))


def script_line():
    """`file.py:12` of the innermost frame that is not the simulator's own."""
    frame = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith((SIMULATED, '<frozen')):
        frame = frame.f_back
    return '%s:%d' % (os.path.basename(frame.f_code.co_filename), frame.f_lineno) if frame else None


class Unknown(object):
    """A thing that the simulator does not know."""
    _rig_name = 'unknown'

    def __init__(self, *arguments, **keywords):
        pass

    @classmethod
    def _of(cls, name):
        thing = cls()
        thing.__dict__['_rig_name'] = name
        return thing

    def __getattr__(self, name):
        if is_protocol(name) or stored_by_script(name, type(self)):
            raise misuse(AttributeError, name)
        return self._more('.' + name)

    def _more(self, text):
        if text.startswith('.'):
            record(self._rig_name + text)
        return Unknown._of(self._rig_name + text)

    def __call__(self, *arguments, **keywords):
        return self._more('()')

    def __getitem__(self, key):
        return self._more('[]')

    def __setitem__(self, key, value):
        pass

    def __delitem__(self, key):
        pass

    def __iter__(self):
        values_given.add(self._rig_name)
        return iter(())

    def __len__(self):
        values_given.add(self._rig_name)
        return 0

    def __contains__(self, item):
        return False

    def _answer(self, usual):
        CLOCK.elapsed += UNDECIDED_LOOK
        last_asked[0] = CLOCK.elapsed
        asked[self._rig_name] = times = asked.get(self._rig_name, 0) + 1
        return usual if times // PATIENCE % 2 == 0 else not usual

    def __bool__(self):
        return self._answer(True)

    __nonzero__ = __bool__

    def __float__(self):
        values_given.add(self._rig_name)
        return 0.0

    def __int__(self):
        values_given.add(self._rig_name)
        return 0

    __index__ = __long__ = __int__

    def __array__(self, dtype=None, copy=None):
        import numpy
        values_given.add(self._rig_name)
        return numpy.zeros((), dtype=dtype or float)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        return False

    def __repr__(self):
        return '<unknown %s>' % self._rig_name

    def __hash__(self):
        return id(self)

    def __eq__(self, other):
        return self is other or self._answer(False)

    def __ne__(self, other):
        return not self == other

    def __lt__(self, other):
        return self._answer(False)

    __le__ = __gt__ = __ge__ = __lt__

    def __deepcopy__(self, memory):
        return self

    def __reduce__(self):
        return str, (repr(self),)

    def __neg__(self):
        return self

    __pos__ = __abs__ = __invert__ = __neg__

    def __add__(self, other):
        return self

    __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __div__ = __rdiv__ = __truediv__ = __rtruediv__ = __add__
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __pow__ = __rpow__ = __and__ = __rand__ = __or__ = __ror__ = \
        __iadd__ = __isub__ = __imul__ = __itruediv__ = __idiv__ = __xor__ = __rxor__ = __lshift__ = __rshift__ = \
        __matmul__ = __rmatmul__ = __add__


class Accepting(object):
    """A base for simulated classes: what the real class has and this one does not is taken and reported."""

    def __getattr__(self, name):
        kind = type(self)
        if is_protocol(name) or stored_by_script(name, kind) or any(name in base.__dict__ for base in kind.__mro__) \
                or _asked_by_simulator():
            raise misuse(AttributeError, '%r object has no attribute %r' % (kind.__name__, name))
        if public_name(kind) + '.' + name not in REPORT.unknown:
            check_spelling(public_name(kind), name, [known for known in dir(self) if not known.startswith('_')])
        return unknown('%s.%s' % (public_name(kind), name), force_class=False)


class OpenModule(types.ModuleType):
    """A simulated module: its unknown names are taken and reported."""

    def __getattr__(self, name):
        if is_protocol(name) or _asked_by_simulator():
            raise AttributeError('module %r has no attribute %r' % (self.__name__, name))
        full = '%s.%s' % (self.__name__, name)
        from rig_simulation import imports
        if imports.is_simulated(full):
            __import__(full)
            return sys.modules[full]
        check_spelling(self.__name__, name, [known for known in vars(self) if not known.startswith('_')])
        thing = unknown(full)
        setattr(self, name, thing)
        return thing

    def __call__(self, *arguments, **keywords):
        """What is a module here may be a function on a rig, such as `toolbox.misc.mail`."""
        return unknown(self.__name__ + '()')


def public_name(kind):
    """`psychopy.visual.GratingStim`: where a script finds the simulated class that `kind` is or derives from."""
    for base in kind.__mro__:
        module = sys.modules.get(base.__module__)
        if getattr(module, '__file__', None) and os.path.abspath(module.__file__).startswith(SIMULATED):
            package = base.__module__
            while '.' in package and base.__name__ in vars(sys.modules[package.rpartition('.')[0]]):
                package = package.rpartition('.')[0]
            return '%s.%s' % (package, base.__name__)
    return kind.__name__


def check_keywords(of, given, known, others=True, like=LIKE):
    """Keywords that the simulated thing does not know are reported: as misspelt when close to a known one.

    `others`: whether those that resemble nothing are unknown, or no affair of the simulator. `like`: what is close.
    """
    for name in sorted(given):
        if name in known:
            continue
        close = difflib.get_close_matches(name, list(known), 1, like)
        if close:
            REPORT.finding('unknown-parameter', '%s has no parameter %s (at %s); did you mean %s?'
                           % (of, name, script_line(), close[0]))
        elif others:
            record('%s(%s=)' % (of, name))


def check_spelling(of, name, known):
    """Tell of an unknown name that one slip separates from a known one. Whose it is cannot be told from here."""
    for other in known:
        if is_slip(name, other):
            REPORT.finding('misspelt', '%s.%s is not known (used at %s); did you mean %s?'
                           % (of, name, script_line(), other), of='simulator')
            return


def is_slip(name, other):
    """Whether one letter too many, too few, wrong or in the wrong place tells two names apart.

    Names that real packages have side by side are no slips: `setSize` and `setSizes`, `MovieStim2` and `MovieStim3`,
    `clock` and `Clock`.
    """
    if min(len(name), len(other)) < SHORTEST or name.rstrip('s') == other.rstrip('s') \
            or re.sub(r'\d', '', name) == re.sub(r'\d', '', other) or name[1:] == other[1:]:
        return False
    if name.lower() == other.lower():
        return True
    head = len(os.path.commonprefix([name, other]))
    tail = len(os.path.commonprefix([name[head:][::-1], other[head:][::-1]]))
    first, second = name[head:len(name) - tail], other[head:len(other) - tail]
    return len(first) <= 1 and len(second) <= 1 or len(first) == 2 and first == second[::-1]


def _asked_by_simulator():
    """Whether the simulator itself asks for an attribute that may not be there: two frames up."""
    return sys._getframe(2).f_code.co_filename.startswith(SIMULATED)


def is_protocol(name):
    return name.startswith('__') and name.endswith('__')


_stored = []


def stored_by_script(name, kind):
    """Whether the script itself sets such an attribute in a class of its own: reading it too early is then its affair."""
    if (getattr(sys.modules.get(kind.__module__), '__file__', None) or '').startswith(SIMULATED):
        return False
    if not _stored:
        text = ''
        path = getattr(sys.modules.get('__main__'), '__file__', None) or (sys.argv[:1] or [''])[0]
        try:
            from rig_simulation.report import real_open
            with real_open(path, 'rb') as stream:
                text = stream.read(1 << 22).decode('latin-1')
        except (IOError, OSError):
            pass
        _stored.append(set(re.findall(r'\bself\s*\.\s*([A-Za-z_]\w*)\s*(?:,|[-+*/]?=[^=])', text)))
    return name in _stored[0]
