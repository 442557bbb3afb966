"""The virtual clock: time passes when frames are shown, when the script sleeps, and a little when it looks.

At speed `max` nothing waits. A frame moves the clock to the next refresh of a 60 Hz screen, a sleep moves it by its
length, and each look at the clock moves it by a microsecond at first and by ever more while nothing but looking
happens, so that a busy wait ends. With a number as speed the clock is the real one times that number, and waits wait.

Only what a script sees is changed: modules of the standard library that wait for real things (threads, queues,
sockets, processes) took the real functions when they were imported, before `install`.
"""
from __future__ import absolute_import, division, print_function

import contextlib
import datetime as datetime_module
import os
import time as time_module

# These wait for real things: imported here, they keep the real clock.
import select  # noqa: F401
import socket  # noqa: F401
import subprocess  # noqa: F401
import threading  # noqa: F401
try:
    import queue
    import _thread as threads_of_python
except ImportError:  # Python 2
    import Queue as queue  # noqa: F401
    import thread as threads_of_python

from rig_simulation.faults import misuse, number
from rig_simulation.options import ACTIVE, OPTIONS

FRAMES_PER_SECOND = 60.0
FRAME = 1.0 / FRAMES_PER_SECOND
LOOK = 1e-6          # seconds that one look at the clock takes
PATIENT_LOOKS = 100  # looks in a row after which one takes longer
WITH_OTHERS = 0.002  # real seconds of a sleep of the script while its processes work
PATIENCE = 20.0      # real seconds in all that they get in this way

get_ident = threads_of_python.get_ident
real_start_new_thread = threads_of_python.start_new_thread
real_time = time_module.time
real_sleep = time_module.sleep
real_monotonic = getattr(time_module, 'monotonic', time_module.time)
# Seconds in which this interpreter computed; of the clocks Python 2 has, Windows' own is none of that.
real_computed = getattr(time_module, 'process_time', None) or (
    time_module.clock if os.name != 'nt' else lambda times=os.times: sum(times()[:2]))
real_localtime, real_gmtime = time_module.localtime, time_module.gmtime
real_strftime, real_ctime, real_asctime = time_module.strftime, time_module.ctime, time_module.asctime
class RealTime(object):
    """What modules of the standard library that wait for real things have in place of `time`."""
    time, sleep, monotonic = staticmethod(real_time), staticmethod(real_sleep), staticmethod(real_monotonic)


RealDatetime, RealDate = datetime_module.datetime, datetime_module.date


class EndOfSimulation(BaseException):
    """The script went on beyond any sensible session; no `except Exception` of a script may hold it."""


class FastClock(object):
    """Time that passes as fast as the script computes."""
    speed = 'max'

    def __init__(self, limit):
        self.epoch = real_time()
        self.real_start = real_monotonic()
        self.elapsed = 0.0     # simulated seconds since the start
        self.refreshes = 0     # of the screen, since the start
        self.frames = 0        # flips of windows
        self.looks = 0         # in a row
        self.total_looks = 0   # so that a watchdog sees progress
        self.limit = limit
        self.main = get_ident()
        self.threads = None    # the script's, once it has any beside its main one
        self.beyond_limit = lambda: None
        self.others = lambda: False  # whether processes of the script are at work
        self.patience = PATIENCE     # real seconds left for them
        self.waits_for_child = False  # whether the script saw a moment ago that a process that it started still runs

    def look(self):
        """Simulated seconds since the start; looking takes a moment."""
        self.total_looks += 1
        if self.threads is not None and get_ident() != self.main:
            self.threads.look_beside()
            return self.elapsed
        self.looks = looks = self.looks + 1
        moment = self.elapsed + (LOOK if looks < PATIENT_LOOKS else LOOK * looks / PATIENT_LOOKS)
        if self.threads is not None or moment > self.limit:
            self._pass_to(moment)
        else:
            self.elapsed = moment
        return self.elapsed

    def flip(self):
        """Wait for the next refresh of the screen; simulated seconds at that moment."""
        self.refreshes = refresh = self.refreshes + 1
        moment = refresh * FRAME
        if moment < self.elapsed:
            self.refreshes = refresh = int(self.elapsed / FRAME) + 1
            moment = refresh * FRAME
        self.looks = 0
        if self.threads is not None or moment > self.limit:
            self._pass_to(moment)
        else:
            self.elapsed = moment
        self.frames += 1
        return moment

    def sleep(self, seconds):
        """Let simulated seconds pass. Another thread than the script's main one waits until they have passed there."""
        seconds = number('seconds', seconds)
        if seconds < 0:
            raise misuse(IOError if str is bytes else ValueError, 'sleep length must be non-negative, not %r' % seconds)
        self.looks = 0
        if get_ident() == self.main:
            waits, self.waits_for_child = self.waits_for_child, False
            if self.patience > 0 and (waits or self.others()):
                self.patience -= WITH_OTHERS
                real_sleep(WITH_OTHERS)
                if waits:  # the child's time passes, not the script's
                    return
        self._pass_to(self.elapsed + seconds)

    def _pass_to(self, moment):
        """It becomes that moment, for the thread that waits for it."""
        if self.threads is not None:
            self.threads.pass_to(moment)
        else:
            self.elapsed = moment
        if self.elapsed > self.limit and get_ident() == self.main:
            self.beyond_limit()

    def real_duration(self):
        return real_monotonic() - self.real_start


class PacedClock(FastClock):
    """The real clock times a factor."""

    def __init__(self, limit, speed):
        super(PacedClock, self).__init__(limit)
        self.speed = float(speed)

    def look(self):
        self.total_looks += 1
        self.elapsed = max(self.elapsed, self.real_duration() * self.speed)
        if self.elapsed > self.limit:
            self.beyond_limit()
        return self.elapsed

    def flip(self):
        now = self.look()
        self.refreshes = refresh = max(self.refreshes + 1, int(now / FRAME) + 1)
        self._wait_until(refresh * FRAME)
        self.frames += 1
        return self.elapsed

    def sleep(self, seconds):
        self._wait_until(self.look() + seconds)

    def _wait_until(self, moment):
        missing = moment / self.speed - self.real_duration()
        if missing > 0:
            real_sleep(missing)
        self.look()


CLOCK = FastClock(OPTIONS.limit) if OPTIONS.speed == 'max' else PacedClock(OPTIONS.limit, OPTIONS.speed)
if not ACTIVE:
    CLOCK = PacedClock(float('inf'), 1.0)


def now():
    """Seconds since 1970, simulated."""
    return CLOCK.epoch + CLOCK.look()


# ------------------------------------------------------------------------------------------------ what scripts see

class Seen(object):
    """The functions of `time` as a script sees them.

    Bound methods: like builtins, and unlike functions, they stay what they are as an attribute of a class, as in
    `logging.Formatter.converter = time.localtime`.
    """

    def time(self):
        return now()

    def time_ns(self):
        return int(now() * 1e9)

    def look_ns(self):
        return int(CLOCK.look() * 1e9)

    def localtime(self, seconds=None):
        return real_localtime(now() if seconds is None else seconds)

    def gmtime(self, seconds=None):
        return real_gmtime(now() if seconds is None else seconds)

    def ctime(self, seconds=None):
        return real_ctime(now() if seconds is None else seconds)

    def asctime(self, moment=None):
        return real_asctime(self.localtime() if moment is None else moment)

    def strftime(self, form, moment=None):
        return real_strftime(form, self.localtime() if moment is None else moment)


def install():
    """Change the names in `time` and `datetime` that a script sees."""
    seen = Seen()
    for name in ('time', 'time_ns', 'localtime', 'gmtime', 'ctime', 'asctime', 'strftime'):
        if hasattr(time_module, name):
            setattr(time_module, name, getattr(seen, name))
    time_module.sleep = CLOCK.sleep
    for name in ('clock', 'monotonic', 'perf_counter', 'process_time'):
        if hasattr(time_module, name):
            setattr(time_module, name, CLOCK.look)
            if hasattr(time_module, name + '_ns'):
                setattr(time_module, name + '_ns', seen.look_ns)
    datetime_module.datetime = _virtual('datetime', RealDatetime, {
        'now': classmethod(lambda cls, tz=None: cls.fromtimestamp(now(), tz)),
        'today': classmethod(lambda cls: cls.fromtimestamp(now())),
        'utcnow': classmethod(lambda cls: cls(1970, 1, 1) + datetime_module.timedelta(seconds=now()))})
    datetime_module.date = _virtual('date', RealDate, {
        'today': classmethod(lambda cls: cls.fromtimestamp(now()))})


@contextlib.contextmanager
def real_datetimes():
    """For the import of a library whose C code derives its types from datetime's: another class there crashes it."""
    virtual = datetime_module.datetime, datetime_module.date
    datetime_module.datetime, datetime_module.date = RealDatetime, RealDate
    try:
        yield
    finally:
        datetime_module.datetime, datetime_module.date = virtual


def _virtual(name, real, methods):
    """A class that is the real one in all but its idea of now."""
    class LikeReal(type(real)):
        def __instancecheck__(cls, instance):
            return isinstance(instance, real)

        def __subclasscheck__(cls, subclass):
            return issubclass(subclass, real)
    members = dict(methods, __module__='datetime', __doc__=real.__doc__, __slots__=())
    return LikeReal(name, (real,), members)
