"""psychopy.clock: clocks and waits on the virtual clock."""
from __future__ import absolute_import, division, print_function

from rig_simulation.clock import CLOCK, now
from rig_simulation.faults import number


class MonotonicClock(object):
    """Seconds since it was made."""

    def __init__(self, start_time=None):
        self._timeAtLastReset = CLOCK.look() if start_time is None else start_time
        self._epochTimeAtLastReset = CLOCK.epoch + CLOCK.elapsed

    def getTime(self, applyZero=True):
        return CLOCK.look() - (self._timeAtLastReset if applyZero else 0.0)

    def getLastResetTime(self):
        return self._timeAtLastReset


class Clock(MonotonicClock):
    """Seconds since it was made or reset."""

    def reset(self, newT=0.0):
        self._timeAtLastReset = CLOCK.look() + newT
        self._epochTimeAtLastReset = CLOCK.epoch + CLOCK.elapsed

    def add(self, t):
        self._timeAtLastReset += t

    addTime = add


class CountdownTimer(Clock):
    """Seconds that are left; below zero when the time is over."""

    def __init__(self, start=0):
        Clock.__init__(self)
        self._countdown_duration = start
        if start:
            self.add(start)

    def getTime(self):
        return self._timeAtLastReset - CLOCK.look()

    def reset(self, t=None):
        if t is not None:
            self._countdown_duration = t
        Clock.reset(self, self._countdown_duration)


class StaticPeriod(object):
    """A stretch of time in which a script does something else."""

    def __init__(self, screenHz=None, win=None, name='StaticPeriod'):
        self.status = -1
        self.countdown = CountdownTimer()

    def start(self, duration):
        self.status = 0
        self.countdown.reset(duration)

    def complete(self):
        self.status = 1
        left = self.countdown.getTime()
        if left > 0:
            CLOCK.sleep(left)
        return 1 if left > 0 else 0


monotonicClock = MonotonicClock()


def getTime():
    return monotonicClock.getTime()


def getAbsTime():
    return now()


def wait(secs, hogCPUperiod=0.2):
    """Wait for so many seconds."""
    CLOCK.sleep(max(0.0, number('seconds', secs)))
