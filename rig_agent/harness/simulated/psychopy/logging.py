"""psychopy.logging: levels, a console, log files; messages carry seconds since the start, as psychopy's do."""
from __future__ import absolute_import, division, print_function

import io
import sys

from rig_simulation.clock import CLOCK
from psychopy.clock import MonotonicClock, monotonicClock  # noqa: F401

CRITICAL = 50
FATAL = CRITICAL
ERROR = 40
WARNING = 30
WARN = WARNING
DATA = 25
EXP = 22
INFO = 20
DEBUG = 10
NOTSET = 0
_NAMES = {CRITICAL: 'CRITICAL', ERROR: 'ERROR', WARNING: 'WARNING', DATA: 'DATA', EXP: 'EXP', INFO: 'INFO',
          DEBUG: 'DEBUG', NOTSET: 'NOTSET'}
defaultClock = monotonicClock
_targets = []


def getLevel(level):
    return _NAMES.get(level, 'Level %s' % level)


def addLevel(level, levelName):
    _NAMES[level] = levelName


def setDefaultClock(clock):
    global defaultClock
    defaultClock = clock


class _Target(object):
    def __init__(self, level):
        self.level = level

    def setLevel(self, level):
        self.level = level

    def write(self, text):
        self.stream.write(text)


class _Console(_Target):
    def __init__(self, level=WARNING):
        _Target.__init__(self, level)
        _targets.append(self)

    @property
    def stream(self):
        return sys.stderr


class LogFile(_Target):
    """A log file; `logger` and `encoding` are psychopy's."""

    def __init__(self, f=None, level=WARNING, filemode='a', logger=None, encoding='utf8'):
        _Target.__init__(self, level)
        self.stream = f if hasattr(f, 'write') else io.open(f, filemode, encoding=encoding) if f else sys.stdout
        _targets.append(self)

    def write(self, text):
        try:
            self.stream.write(text)
        except TypeError:  # Python 2: a file of text
            self.stream.write(text.decode('utf-8', 'replace'))


console = _Console()


def log(msg, level, t=None, obj=None):
    moment = CLOCK.elapsed if t is None else t
    for target in _targets:
        if level >= target.level:
            target.write('%.4f \t%s \t%s\n' % (moment, getLevel(level), msg))


def fatal(msg, t=None, obj=None):
    log(msg, FATAL, t, obj)


def error(msg, t=None, obj=None):
    log(msg, ERROR, t, obj)


def warning(msg, t=None, obj=None):
    log(msg, WARNING, t, obj)


def data(msg, t=None, obj=None):
    log(msg, DATA, t, obj)


def exp(msg, t=None, obj=None):
    log(msg, EXP, t, obj)


def info(msg, t=None, obj=None):
    log(msg, INFO, t, obj)


def debug(msg, t=None, obj=None):
    log(msg, DEBUG, t, obj)


critical = fatal
warn = warning


def flush(logger=None):
    for target in _targets:
        target.stream.flush()
