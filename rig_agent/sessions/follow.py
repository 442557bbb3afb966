"""Follow a session from outside: its output as it comes, its state, its record at the end.

Following changes nothing: any number of consoles may follow one session, and go away at any moment.
"""
from __future__ import absolute_import, unicode_literals

import io
import os
import signal
import time

from rig_agent.base.compat import WINDOWS, monotonic
from rig_agent.base.errors import NotFound
from rig_agent.sessions import record, recover, stopping, system

POLL = 0.04            # seconds between two looks
KEEPER_CHECK = 1.0     # how often the keeper's being alive is looked at
BLOCK = 1 << 18
MOST_BLOCKS = 64       # of one log before the other one has its turn


def follow(folder, on_output=None, on_state=None, tail=False):
    """Follow until the record is closed; returns the record.

    on_output(name, bytes): what `stdout` or `stderr` got, in order, as it comes. on_state(record): at each change of
    state. tail: begin at the end of what the logs hold. A keeper that dies meanwhile is replaced.
    Raises NotFound when there is no such session.
    """
    logs = [Tail(os.path.join(folder, name + '.log'), name, tail) for name in ('stdout', 'stderr')] if on_output else []
    state, checked, values = None, monotonic(), record.read(folder)
    seen = None
    while True:
        status = _status(folder)
        if status != seen:
            seen = status
            values = _read_again(folder, values)
            if values['state'] != state and on_state:
                on_state(values)
            state = values['state']
        busy = sum([log.deliver(on_output) for log in logs])
        if state == 'ended':
            if not busy:
                return values
        elif not busy:
            if monotonic() - checked > KEEPER_CHECK:
                checked = monotonic()
                recover.recover(folder, values)
            time.sleep(POLL)


def attend(folder, on_output=None, on_state=None, say=None, who='Ctrl-C'):
    """Follow as the console that asked for the session: (record, whether Ctrl-C ended it).

    The first Ctrl-C asks for a stop and goes on following, the second one hurries it; SIGTERM asks for a stop as well.
    A console that closes (SIGHUP) leaves the session to its keeper: KeyboardInterrupt is raised then.
    say(text): tells the person what happens. Only for the main thread.
    """
    attendant = _Attendant(folder, say or (lambda text: None), who)
    kept = {number: signal.signal(number, attendant.on_signal) for number in attendant.numbers()}
    try:
        return follow(folder, on_output, on_state), attendant.interrupted
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


class _Attendant(object):

    def __init__(self, folder, say, who):
        self.folder, self.say, self.who = folder, say, who
        self.asked = 0
        self.interrupted = False

    def numbers(self):
        return [signal.SIGINT] + ([signal.SIGBREAK] if WINDOWS else [signal.SIGTERM])

    def on_signal(self, number, _frame):
        self.asked += 1
        if number == signal.SIGINT:
            self.interrupted = True
        name = self.who if number == signal.SIGINT else system.signal_name(number)
        stopping.request_stop(self.folder, name, now=self.asked > 1)
        self.say('Stopping: the script has its time to save. Once more ends it at once.' if self.asked == 1
                 else 'Ending it now.')


def _status(folder):
    try:
        found = os.stat(system.path(os.path.join(folder, record.FILE)))
    except OSError:
        return None
    return found.st_mtime, found.st_ino, found.st_size


def _read_again(folder, before):
    try:
        return record.read(folder)
    except NotFound:
        return before  # the script removed its folder; the keeper will make it again


class Tail(object):
    """One growing log, from where we are; bytes that were dropped meanwhile are skipped with a line that says so."""

    def __init__(self, path, name, from_end):
        self.path, self.name = path, name
        self.stream = None
        self.offset = None if from_end else 0

    def deliver(self, on_output):
        """Hand over what is new; true when there was something."""
        if self.stream is None:
            try:
                self.stream = io.open(self.path, 'rb', buffering=0)
            except EnvironmentError:
                return False
        descriptor = self.stream.fileno()
        size = os.fstat(descriptor).st_size
        if self.offset is None:
            self.offset = size
        if size < self.offset:  # copied and truncated, where holes cannot be made
            self.offset = 0
        if size == self.offset:
            return False
        for _ in range(MOST_BLOCKS):
            if self.offset >= size:
                break
            self._deliver_block(descriptor, size, on_output)
        return True

    def _deliver_block(self, descriptor, size, on_output):
        data = system.next_data(descriptor, self.offset)
        if data > self.offset:
            self._skip(data, on_output)
            return
        os.lseek(descriptor, self.offset, 0)
        block = os.read(descriptor, min(BLOCK, size - self.offset))
        if b'\0' in block and system.next_data(descriptor, self.offset) != self.offset:
            return  # punched while it was read: zeros that the script never wrote
        self.offset += len(block)
        on_output(self.name, block)

    def _skip(self, position, on_output):
        on_output('stderr', ('\n[%d bytes of %s were dropped before they could be shown]\n'
                             % (position - self.offset, self.name)).encode('ascii'))
        self.offset = position
