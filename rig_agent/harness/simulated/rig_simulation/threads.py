"""Threads of a script on the virtual clock, and waits that end by themselves.

Only the script's main thread moves the clock. What another thread waits for in time (a sleep, a Timer, `wait(timeout)`)
is a moment in the order of wake-ups: when the main thread's sleep, flip or wait passes that moment, the thread runs,
while the main one waits until it rests again. So a thread that polls sixty times a second does so sixty times in each
simulated second, however fast that passes. (On a machine with too much to do a thread may miss its moment.)

A thread that computes takes no simulated time, as the main thread does not. One that goes on computing is left behind
in the end, and one that waits for something real (a socket, a pipe, a lock) is left to that.
"""
from __future__ import absolute_import, division, print_function

import heapq
import itertools
import os
import sys
import threading

from rig_simulation.clock import (CLOCK, LOOK, PATIENT_LOOKS, FastClock, real_computed, real_monotonic, real_sleep,
                                  threads_of_python)
from rig_simulation.report import real_listdir, real_open

SAMPLE = 0.005       # real seconds between two looks at where a running thread is
TASKS = '/proc/self/task'  # Linux tells there who is kept from computing by a busy machine
# Real seconds at one place, after which a thread waits for something real.
STILL = 0.1 if os.name == 'nt' or not os.path.isdir(TASKS) else 0.02 if sys.version_info[0] > 2 else 0.05
BUSY = 0.3           # the part of that time in which nobody computes then
PATIENCE = 5.0       # real seconds that it may compute without a rest while the others wait
NEVER = float('inf')
OUTSIDE = 2.0        # real seconds in all that waits for something real take beside simulated time, till it comes
PART = 0.05          # the part of what is left of them that one wait takes at most
get_ident, allocate_lock = threads_of_python.get_ident, threads_of_python.allocate_lock
real_is_alive = threading.Thread.is_alive


def acquired(lock, seconds):
    """Whether a lock could be taken within so many real seconds."""
    if sys.version_info[0] > 2:
        return lock.acquire(True, seconds)
    end, pause = real_monotonic() + seconds, 0.0
    while not lock.acquire(False):  # Python 2 knows no end of waiting
        if real_monotonic() >= end:
            return False
        real_sleep(pause)
        pause = min(pause + 0.00002, 0.001)
    return True


def is_kept_from_computing():
    """Whether another thread than this one could compute and waits for a processor, as far as the system tells."""
    try:
        states = [_state(os.path.join(TASKS, task)) for task in real_listdir(TASKS)]
    except EnvironmentError:  # not Linux, or a thread ended meanwhile
        return False
    return states.count(b'R') > 1


def _state(task):
    with real_open(os.path.join(task, 'stat'), 'rb') as stream:
        return stream.read().rpartition(b')')[2].split()[0]


def release(lock):
    """Release a lock that may be free already."""
    try:
        lock.release()
    except threads_of_python.error:
        pass


class Runner(object):
    """A thread of the script."""

    def __init__(self, thread=None):
        self.thread = thread     # its threading.Thread, where it has one
        self.ident = None        # from its first moment on
        self.ended = False
        self.waiters = []        # of those who join it
        self.bell = allocate_lock()
        self.bell.acquire()      # free: it is to look whether it can go on
        self.turn = None         # of its next wake-up; None while it runs
        self.looks = 0           # in a row, at the clock
        self.place, self.still = None, 0.0  # where it was when looked at, and for how many real seconds
        self.kept_waiting = 0.0  # real seconds since it rested

    def ring(self):
        self.turn = None
        THREADS.running.add(self)
        release(self.bell)

    def is_gone(self):
        return self.ended and (self.thread is None or not real_is_alive(self.thread))

    def is_worth_waiting(self, frames):
        """Whether it will rest in a moment, as far as can be seen."""
        frame = frames.get(self.ident)
        if self.ident is not None and frame is None and not self.ended:
            self.ended, self.thread = True, None  # its end was not seen: a thread of before a fork
        place = frame and (id(frame), frame.f_lasti)
        if place is None or place != self.place:
            self.place, self.still = place, 0.0
        return self.still < STILL and self.kept_waiting < PATIENCE


class Threads(object):
    """All threads of the script, and who wakes when."""

    def __init__(self, clock):
        self.clock = clock
        self.forget()

    def forget(self):
        """Only this one thread is there, at the start and in a forked child."""
        self.main = self.clock.main = get_ident()
        self.main_runner = Runner()
        self.runners = {}            # ident -> Runner, of the others
        self.running = set()         # of the others, those that do not rest
        self.wakeups = []            # a heap of (moment, turn, Runner)
        self.turns = itertools.count()
        self.changed = allocate_lock()  # free: somebody came to rest, ended, or rang for the main thread
        self.outside = OUTSIDE       # real seconds left
        self.moving = False          # whether the main thread is in here: waiting, or letting others run
        self.order = allocate_lock()  # taken while the main thread, or the watchdog for it, wakes others

    # -------------------------------------------------------------------------------------------- of other threads

    def begin(self, runner):
        runner.ident = get_ident()
        self.runners[runner.ident] = runner

    def end(self, runner):
        runner.ended = True
        self.runners.pop(runner.ident, None)
        for waiter in list(runner.waiters):
            waiter.release()
        release(self.changed)

    def me(self):
        """The runner of the thread that asks; None of the main one."""
        ident = get_ident()
        if ident == self.main:
            return None
        if ident not in self.runners:  # a library's own
            runner = Runner()
            self.running.add(runner)
            self.begin(runner)
        return self.runners[ident]

    def moves_the_clock(self):
        """Whether it is the main thread that asks, of a clock that does not keep pace with the real one."""
        return type(self.clock) is FastClock and get_ident() == self.main

    def rest(self, runner, ready, moment):
        """Wait until `ready()`, or for a moment of simulated time."""
        while not ready() and self.clock.elapsed < moment:
            runner.turn = turn = next(self.turns)
            if moment < NEVER:
                heapq.heappush(self.wakeups, (moment, turn, runner))
            runner.kept_waiting = 0.0
            runner.place = None
            self.running.discard(runner)
            release(self.changed)
            runner.bell.acquire()
            runner.turn = None
            self.running.add(runner)
        return ready()

    def look_beside(self):
        """Another thread looks at the clock; one that does nothing else lets time pass by that."""
        runner = self.me()
        runner.looks += 1
        if runner.looks % PATIENT_LOOKS == 0:
            self.rest(runner, never, self.clock.elapsed + LOOK * runner.looks)

    # -------------------------------------------------------------------------------------------- of the main thread

    def pass_to(self, moment):
        """It becomes a moment of simulated time, and those whose time comes before run, one after the other."""
        runner = self.me()
        if runner is not None:
            runner.looks = 0
            self.rest(runner, never, moment)
            return
        self._alone(self._pass_to, moment)

    def _pass_to(self, moment):
        clock = self.clock
        self.settle(never)
        while self.next_wakeup() <= moment and clock.elapsed <= clock.limit:
            self.wake_next()
            self.settle(never)
        clock.elapsed = max(clock.elapsed, moment)

    def _alone(self, function, *arguments):
        """Call a function in the main thread while the watchdog wakes nobody."""
        if self.moving:  # a signal came meanwhile, and its handler waits
            return function(*arguments)
        self.moving = True
        self.order.acquire()
        try:
            return function(*arguments)
        finally:
            self.order.release()
            self.moving = False

    def pass_meanwhile(self, seconds):
        """So many the main thread has not come back: it computes, or waits in a way that is not seen here."""
        if self.order.acquire(False):
            try:
                if self.next_wakeup() <= self.clock.elapsed + seconds:
                    self.wake_next()
            finally:
                self.order.release()

    def next_wakeup(self):
        """The moment when the next thread wakes by itself."""
        while self.wakeups:
            moment, turn, runner = self.wakeups[0]
            if runner.turn == turn:
                return moment
            heapq.heappop(self.wakeups)  # it was woken before its time
        return NEVER

    def wake_next(self):
        moment, turn, runner = heapq.heappop(self.wakeups)
        self.clock.elapsed = max(self.clock.elapsed, moment)
        runner.ring()

    def settle(self, ready):
        """Let the others run until each rests, has ended or is not worth waiting for, or until `ready()`."""
        while self.running:
            frames = sys._current_frames()
            awaited = [runner for runner in list(self.running) if runner.is_worth_waiting(frames)]
            self.running.difference_update([runner for runner in list(self.running) if runner.is_gone()])
            awaited = [runner for runner in awaited if runner in self.running]
            if not awaited or ready():
                return
            ending = any(runner.ended for runner in awaited)
            begun, computed = real_monotonic(), real_computed()
            if not acquired(self.changed, SAMPLE / 50 if ending else SAMPLE):
                computes = real_computed() - computed > BUSY * SAMPLE or is_kept_from_computing()
                waited = real_monotonic() - begun
                for runner in awaited:
                    runner.still = 0.0 if computes or runner.place is None else runner.still + waited
                    runner.kept_waiting += waited

    def wait(self, ready, seconds=None, really=None):
        """Whether `ready()` came true; in any thread, within simulated seconds where they are given.

        `really(real seconds)` waits for what comes from outside of this interpreter.
        """
        clock = self.clock
        moment = NEVER if seconds is None else clock.elapsed + seconds
        runner = self.me()
        if runner is not None:
            runner.looks = 0
            return self.rest(runner, ready, moment)
        clock.looks = 0
        return self._alone(self._wait, ready, moment, really)

    def _wait(self, ready, moment, really):
        """As `wait`, in the main thread: time goes on to the next wake-up, and on, until the moment."""
        clock = self.clock
        while not ready():
            self.settle(ready)
            if ready():
                break
            if clock.elapsed >= moment:
                return False
            upcoming = min(moment, self.next_wakeup())
            if self._came_for_real(ready, upcoming - clock.elapsed, really):
                break
            if upcoming < NEVER:
                self._pass_to(upcoming)
                if clock.elapsed > clock.limit:
                    clock.beyond_limit()
        return True

    def _came_for_real(self, ready, seconds, really):
        """Wait a little in real time too, where what is waited for may come from outside; whether it came."""
        if seconds == NEVER:
            share = SAMPLE
        elif self.clock.others():  # a process needs its time to start
            share = min(seconds, max(self.outside, self.clock.patience) * PART)
        elif really is not None or self.running:
            share = min(seconds, self.outside * PART)
        else:
            return False
        begun = real_monotonic()
        if really is not None:
            really(share)
        else:
            acquired(self.main_runner.bell, share)
        if ready():
            self.outside = OUTSIDE
            return True
        if seconds < NEVER:
            used = real_monotonic() - begun
            if self.clock.others():
                self.clock.patience -= used
            else:
                self.outside -= min(used, share)
        return False


def never():
    return False


THREADS = Threads(CLOCK)
