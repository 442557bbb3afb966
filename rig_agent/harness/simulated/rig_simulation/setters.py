"""Setters of simulated classes: they take their value by position, or by any name that psychopy has for it."""
from __future__ import absolute_import, division, print_function

import re

from rig_simulation.faults import misuse

REQUIRED = object()
WORD = re.compile(r'[A-Z]?[a-z]+|[A-Z]+')


def add_setter(kind, method, names, store, default=REQUIRED):
    """Give the class `kind` a `method` that calls `store(self, value, further arguments and keywords ...)`."""
    def setter(self, *arguments, **keywords):
        value, arguments = _value(method, names, arguments, keywords, default)
        return store(self, value, *arguments, **keywords)
    setter.__name__ = setter.__qualname__ = str(method)
    setattr(kind, setter.__name__, setter)


def names_of(attribute):
    """What psychopy may call the value of `setFillColor`: value, newFillColor, fillColor, color ..."""
    last = WORD.findall(attribute)[-1]
    names = {'value', 'val', 'newVal', 'newValue'}
    for name in (attribute, last[0].lower() + last[1:], last.rstrip('s').lower()):
        names.update([name, 'new' + name[0].upper() + name[1:], 'new' + name.upper()])
    return sorted(names)


def _value(method, names, arguments, keywords, default):
    """(the value, the arguments behind it); takes it out of the keywords. Raises TypeError when there is none."""
    if arguments and not keywords:
        return arguments[0], arguments[1:]
    named = [name for name in names if name in keywords]
    if len(named) + bool(arguments) > 1:
        raise misuse(TypeError, "%s() got multiple values for argument '%s'" % (method, named[-1]))
    if named:
        return keywords.pop(named[0]), ()
    if arguments:
        return arguments[0], arguments[1:]
    if keywords and default is REQUIRED:
        raise misuse(TypeError, "%s() got an unexpected keyword argument '%s'" % (method, sorted(keywords)[0]))
    if default is REQUIRED:
        raise misuse(TypeError, '%s() takes at least 2 arguments (1 given)' % method)
    return default, ()
