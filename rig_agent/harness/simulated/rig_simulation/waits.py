"""What of Python's own `threading` and `queue` waits, or starts what may: on the virtual clock (see threads.py)."""
from __future__ import absolute_import, division, print_function

import os
import sys
import threading

from rig_simulation.clock import CLOCK, EndOfSimulation, FastClock, queue, threads_of_python
from rig_simulation.threads import THREADS, Runner, real_is_alive, release

Condition = getattr(threading, '_Condition', threading.Condition)  # Python 2 has the class there
WAITERS = '_Condition__waiters' if sys.version_info[0] == 2 else '_waiters'


class Waiter(object):
    """What a Condition keeps of one who waits: notified by `release`, as the lock that it has there otherwise."""

    def __init__(self):
        self.notified = False
        self.runner = THREADS.me()

    def release(self):
        self.notified = True
        if self.runner is not None:
            self.runner.ring()
        else:
            release(THREADS.main_runner.bell)
            release(THREADS.changed)


def limit(timeout):
    return None if timeout is None else max(timeout, 0)


def wait_of_condition(self, timeout=None):
    """Condition.wait: in simulated time."""
    if not self._is_owned():
        raise RuntimeError('cannot wait on un-acquired lock')
    waiter, waiters = Waiter(), getattr(self, WAITERS)
    waiters.append(waiter)
    saved = self._release_save()
    try:
        return THREADS.wait(lambda: waiter.notified, limit(timeout))
    finally:
        self._acquire_restore(saved)
        if not waiter.notified and waiter in waiters:
            waiters.remove(waiter)


def runner_of(thread):
    return getattr(thread, '_runner_of_simulation', THREADS.main_runner)


def is_alive(thread):
    """Thread.is_alive: the main thread is no longer when Python ends, though the simulation waits for others there."""
    return real_is_alive(thread) and not (isinstance(thread, threading._MainThread) and THREADS.main_runner.ended)


def join(real):
    """Thread.join: in simulated time."""
    def call(self, timeout=None):
        if is_alive(self) and self is not threading.current_thread():
            runner = runner_of(self)
            waiter = Waiter()
            runner.waiters.append(waiter)
            ended = THREADS.wait(lambda: runner.ended or not real_is_alive(self), limit(timeout))
            runner.waiters.remove(waiter)
            if not ended:
                return None
        return None if isinstance(self, threading._MainThread) else real(self)
    return call


def started(real):
    """A function that starts a thread, as `thread.start_new_thread`: the thread is known from then on."""
    def start(function, *arguments, **keywords):
        thread = getattr(function, '__self__', None)
        runner = Runner(thread if isinstance(thread, threading.Thread) else None)
        if runner.thread is not None:
            thread._runner_of_simulation = runner

        def run(*arguments, **keywords):
            THREADS.begin(runner)
            try:
                return function(*arguments, **keywords)
            finally:
                end(runner)
        end = THREADS.end  # Python 2 takes global names away from a thread that outlives it
        THREADS.running.add(runner)
        CLOCK.threads = THREADS
        try:
            return real(run, *arguments, **keywords)
        except Exception:
            THREADS.running.discard(runner)
            raise
    return start


def shutdown(real):
    """As Python ends it waits for threads; these go on in simulated time, but not for ever."""
    def call():
        THREADS.end(THREADS.main_runner)
        try:
            for thread in threading.enumerate():
                if not thread.daemon and thread is not threading.current_thread():
                    thread.join()
        except EndOfSimulation:
            return None
        return real()
    return call


def forked(real):
    def fork():
        process = real()
        if process == 0:
            THREADS.forget()
        return process
    return fork


def install():
    """Change what waits in `threading` and `queue`; a clock that keeps pace with the real one needs none of it."""
    if type(CLOCK) is not FastClock:
        return
    Condition.wait = wait_of_condition
    threading.Thread.join = join(threading.Thread.join)
    threading.Thread.is_alive = is_alive
    if hasattr(threading.Thread, 'isAlive'):
        threading.Thread.isAlive = is_alive
    threading._shutdown = shutdown(threading._shutdown)
    threads_of_python.start_new_thread = threads_of_python.start_new = started(threads_of_python.start_new_thread)
    for name in ('_start_new_thread', '_start_joinable_thread'):  # the latter since Python 3.13
        if hasattr(threading, name):
            setattr(threading, name, started(getattr(threading, name)))
    for module, name in ((threading, '_time'), (queue, 'time'), (queue, '_time')):
        if hasattr(module, name):
            setattr(module, name, CLOCK.look)
    if hasattr(queue, '_PySimpleQueue'):
        queue.SimpleQueue = queue._PySimpleQueue  # the other one waits out of sight
    if hasattr(os, 'fork'):
        os.fork = forked(os.fork)
