"""What the simulator does not know is taken, used and reported: `unknown: psychopy.visual.RadialStim`.

An unknown thing accepts any use: calls, attributes, arithmetic, iteration, subclassing. So a gap in the simulator is
seen in the report, and does not look like a fault of the script. Asked to be strict, the first one is an error.
"""
from __future__ import absolute_import, division, print_function

import abc
import difflib
import os
import re
import sys
import types

from rig_simulation.clock import CLOCK, get_ident
from rig_simulation.faults import misuse
from rig_simulation.libraries import SIMULATED
from rig_simulation.options import OPTIONS
from rig_simulation.report import MOST, REPORT
from rig_simulation.star_imports import names_wanted

UNDECIDED_LOOK = 0.001  # seconds that a question to an unknown thing takes
LIKE = 0.84             # likeness of two names from which on one is taken for the other, misspelt
SHORTEST = 5            # name in which a slip is seen
# Names of errors: on Python 3 only a class of that kind may stand behind `except`.
ERRORS = re.compile('(Error|Exception|Warning|Again|Timeout|TimedOut|Interrupted)$|^error$')
OF_PRINTING = ('print_file_and_line', 'rig_agent_of')  # what is asked of an error that is shown
PATIENCE = 200          # questions to the same unknown thing after which the answer changes, so that a wait ends
asked = {}              # name -> how often it was asked
last_asked = [None]     # simulated seconds
kinds = {}              # name -> unknown class: the same each time, so that what is raised is caught
values_given = set()    # names of those that were taken as numbers or lists: what comes of them may be wrong


class SimulationGap(Exception):
    """The script uses something that the simulator does not know, and was asked to be strict."""


def unknown(name, force_class=None):
    """The unknown thing of this dotted name: a class when it is named like one."""
    record(name)
    short = name.rpartition('.')[2]
    if force_class is None:
        force_class = short[:1].isupper() and not short.isupper()
    return unknown_class(name) if force_class or ERRORS.search(short) else Unknown._of(name)


def unknown_class(name):
    """The class of this name. Its instances are unknown; one that is named like an error can be raised and caught."""
    if name not in kinds:
        module, _, short = name.rpartition('.')
        errors = (Warning if short.endswith('Warning') else Exception,) if ERRORS.search(short) else ()
        kinds[name] = UnknownKind(str(short), (Unknown,) + errors, {'_rig_name': name, '__module__': str(module)})
    return kinds[name]


def as_class(base):
    """The class of an unknown thing that a script takes for one: as a base, or for `isinstance`."""
    return unknown_class(base._rig_name) if isinstance(base, Unknown) else base


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


class Taken(object):
    """What unknown things and unknown classes take alike: items, numbers, arithmetic, order."""

    def __getitem__(self, key):
        return Unknown._of(self._rig_name + '[]')

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

    def __bool__(self):
        return answer(self, True)

    __nonzero__ = __bool__

    def __float__(self):
        values_given.add(self._rig_name)
        return 0.0

    def __int__(self):
        values_given.add(self._rig_name)
        return 0

    __index__ = __long__ = __int__

    def __repr__(self):
        return '<unknown %s>' % self._rig_name

    def __lt__(self, other):
        return answer(self, False)

    __le__ = __gt__ = __ge__ = __lt__

    def __neg__(self):
        return self

    __pos__ = __abs__ = __invert__ = __neg__

    def __add__(self, other):
        return self

    __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __div__ = __rdiv__ = __truediv__ = __rtruediv__ = __add__
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __pow__ = __rpow__ = __and__ = __rand__ = __or__ = __ror__ = \
        __iadd__ = __isub__ = __imul__ = __itruediv__ = __idiv__ = __xor__ = __rxor__ = __lshift__ = __rshift__ = \
        __matmul__ = __rmatmul__ = __add__


def answer(thing, usual):
    """What an unknown thing says when it is asked: the usual, and after long the contrary, so that a wait ends."""
    CLOCK.elapsed += UNDECIDED_LOOK
    last_asked[0] = CLOCK.elapsed
    asked[thing._rig_name] = times = asked.get(thing._rig_name, 0) + 1
    return usual if times // PATIENCE % 2 == 0 else not usual


def waits_for_input():
    """The script looks at an input that nobody feeds: what it then waits for, or gives up, is not its fault."""
    if get_ident() == CLOCK.main:  # another thread may look all the time, and must not drive the script's
        CLOCK.look()
    last_asked[0] = CLOCK.elapsed


class Unknown(Taken):
    """A thing that the simulator does not know."""
    _rig_name = 'unknown'

    def __init__(self, *arguments, **keywords):
        if isinstance(self, Exception):
            self.args = arguments

    @classmethod
    def _of(cls, name):
        thing = UnknownThing() if cls is Unknown else cls()
        thing.__dict__['_rig_name'] = name
        return thing

    def __getattr__(self, name):
        if is_protocol(name) or name in OF_PRINTING and isinstance(self, Exception) \
                or stored_by_script(name, type(self)):
            raise misuse(AttributeError, name)
        return unknown('%s.%s' % (self._rig_name, name), force_class=False)

    def __call__(self, *arguments, **keywords):
        return Unknown._of(self._rig_name + '()')

    def __array__(self, dtype=None, copy=None):
        import numpy
        values_given.add(self._rig_name)
        return numpy.zeros((), dtype=dtype or float)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        return False

    def __hash__(self):
        return id(self)

    def __eq__(self, other):
        return self is other or answer(self, False)

    def __ne__(self, other):
        return not self == other

    def __deepcopy__(self, memory):
        return self

    def __reduce__(self):
        return str, (repr(self),)

class UnknownThing(Unknown):
    """An unknown thing that came of another one, such as `wx.lib.plot.PlotCanvas`: it may well be a class."""

    def __new__(cls, *arguments):
        """`class Mine(thing)` on an older Python calls the type of its base with a name, bases and members."""
        if len(arguments) == 3:
            name, bases, members = arguments
            return UnknownKind(name, tuple(as_class(base) for base in bases), members)
        return super(UnknownThing, cls).__new__(cls)

    def __instancecheck__(self, instance):
        return isinstance(instance, as_class(self))

    def __subclasscheck__(self, subclass):
        return issubclass(as_class(subclass), as_class(self))

    def __mro_entries__(self, bases):
        """`class Mine(thing)` from Python 3.7 on."""
        return (as_class(self),)


class UnknownKind(Taken, abc.ABCMeta):
    """The class of unknown classes: `zmq.Context.instance()`, `Slope.RISING`, `Qt.AlignLeft | Qt.AlignTop`.

    Derived from ABCMeta, so that a script may derive from an abstract class too.
    """

    def __getattr__(cls, name):
        if is_protocol(name) or stored_by_script(name, cls):
            raise misuse(AttributeError, 'type object %r has no attribute %r' % (cls.__name__, name))
        thing = unknown('%s.%s' % (cls._rig_name, name), force_class=False)
        setattr(cls, name, thing)  # the same one each time: `state == State.RUNNING`
        return thing


class AcceptingKind(abc.ABCMeta):
    """The class of simulated classes: their class methods and constants too may be missing here."""

    def __getattr__(cls, name):
        if is_protocol(name) or stored_by_script(name, cls) or _asked_by_simulator():
            raise misuse(AttributeError, 'type object %r has no attribute %r' % (cls.__name__, name))
        return missing(cls, name, cls)


class Accepting(AcceptingKind(str('Accepting'), (object,), {})):
    """A base for simulated classes: what the real class has and this one does not is taken and reported."""

    def __getattr__(self, name):
        kind = type(self)
        if is_protocol(name) or stored_by_script(name, kind) or any(name in base.__dict__ for base in kind.__mro__) \
                or _asked_by_simulator():
            raise misuse(AttributeError, '%r object has no attribute %r' % (kind.__name__, name))
        return missing(kind, name, self)


def missing(kind, name, thing):
    """What the simulated class, or an object of it, lacks."""
    full = '%s.%s' % (public_name(kind), name)
    if full not in REPORT.unknown:
        check_spelling(public_name(kind), name, [known for known in dir(thing) if not known.startswith('_')])
    return unknown(full, force_class=False)


class OpenModule(types.ModuleType):
    """A simulated module: its unknown names are taken and reported."""

    def __getattr__(self, name):
        if name == '__all__' and (self.__name__ in REPORT.unknown or 'MORE_NAMES' in vars(self)):
            known = [known for known in vars(self) if not known.startswith('_')]
            return known + [wanted for wanted in names_wanted(sys._getframe(1))
                            if wanted.startswith(vars(self).get('MORE_NAMES', ''))]
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
    if '_rig_name' in vars(kind) or \
            (getattr(sys.modules.get(kind.__module__), '__file__', None) or '').startswith(SIMULATED):
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
