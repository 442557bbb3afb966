"""psychopy.tools.attributetools: attributes whose setting does something, and operations on them."""
from __future__ import absolute_import, division, print_function

from psychopy import logging

OPERATIONS = {'': lambda old, value: value, '=': lambda old, value: value, '+': lambda old, value: old + value,
              '-': lambda old, value: old - value, '*': lambda old, value: old * value,
              '/': lambda old, value: old / value, '**': lambda old, value: old ** value,
              '%': lambda old, value: old % value}


class attributeSetter(object):
    """Makes a setter of a method: `stim.opacity = 1` calls it, reading gives what it left in `__dict__`."""

    def __init__(self, func, doc=None):
        self.func = func
        self.__doc__ = doc if doc is not None else func.__doc__
        self.__name__ = func.__name__

    def __set__(self, obj, value):
        return self.func(obj, value)

    def __get__(self, obj, kind=None):
        if obj is None:
            return self
        try:
            return obj.__dict__[self.func.__name__]
        except KeyError:
            raise AttributeError('%r object has no attribute %r' % (kind.__name__, self.func.__name__))

    def __repr__(self):
        return repr(self.__get__)


def operated(old, value, operation):
    """The value after `old operation value`. Raises ValueError for an operation that psychopy does not know."""
    if operation in (None, False):
        operation = ''
    if operation not in OPERATIONS:
        raise ValueError('Unsupported value "%s" for operation when setting an attribute' % operation)
    if operation and old is None:
        raise TypeError('Cannot apply operation %r to an attribute that is None' % operation)
    return OPERATIONS[operation](old, value)


def setAttribute(self, attrib, value, log=None, operation=False, stealth=False):
    """Set an attribute, after an operation with its present value; `stealth` passes by its setter."""
    if operation is not False and operation not in ('', '='):
        from psychopy.tools.arraytools import numpy
        if numpy is not None and isinstance(value, (list, tuple)):
            value = numpy.array(value, float)
        value = operated(getattr(self, attrib), value, operation)
    if stealth:
        self.__dict__[attrib] = value
    else:
        setattr(self, attrib, value)
    logAttrib(self, log, attrib, value)


def logAttrib(obj, log, attrib, value=None):
    """Log the new value, when asked for."""
    if log and getattr(obj, 'autoLog', False):
        logging.exp('%s: %s = %s' % (getattr(obj, 'name', None), attrib, value), obj=obj)


def callAttributeSetter(self, attrib, value, log=None):
    setattr(self, attrib, value)
