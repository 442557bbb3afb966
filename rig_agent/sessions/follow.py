"""Follow a session from outside: its output as it comes, its state, its record at the end.

Following changes nothing: any number of consoles may follow one session, and go away at any moment.
"""
from __future__ import absolute_import, unicode_literals

import io
import os
import signal

from rig_agent.base.compat import WINDOWS, monotonic, sleep
from rig_agent.base.errors import NotFound, Refused
from rig_agent.sessions import record, recover, stopping, system
from rig_agent.sessions.logs import BLOCK as BLOCK_OF_LOG

POLL = 0.05            # seconds between two looks
KEEPER_CHECK = 1.0     # how often the keeper's being alive is looked at; each time twice as long while it is not
MOST_KEEPERS = 5       # that are started one after the other and do not take the session over
BLOCK = 1 << 18
SAME_PRESS = 0.5       # seconds in which a signal is no second one: `timeout` and other wrappers pass one on twice
FOLDER_PATIENCE = 3.0  # seconds in which a folder that was removed is there again
REMEMBERED = 1024      # bytes shown last, by which the place is found again in a log whose end was moved
MOST_BLOCKS = 16       # in one look: a console that keeps up with a flood takes the script's time for it


def follow(folder, on_output=None, on_state=None, tail=False, between=None, patience=None):
    """Follow until the record is closed; returns the record.

    on_output(name, bytes): what `stdout` or `stderr` got, in order, as it comes. on_state(record): at each change of
    state. tail: begin at the end of what the logs hold. between(): called between two looks, about every 50 ms.
    patience: return the record as it is after so many seconds. A keeper that dies meanwhile is replaced.
    Raises NotFound when there is no such session, RigAgentError when none can keep it any more.
    """
    logs = [Tail(os.path.join(folder, name + '.log'), name, tail) for name in ('stdout', 'stderr')] if on_output else []
    state, values = None, _first_look(folder)
    begun = checked = monotonic()
    keepers, seen = 0, None
    while True:
        status = _status(folder)
        if status != seen:
            seen = status
            values = read_again(folder, values)
            if values['state'] != state and on_state:
                on_state(values)
            state = values['state']
        if between:
            between()
        busy = sum([log.deliver(on_output) for log in logs])
        if state == 'ended':
            if not busy:
                return values
        elif patience is not None and monotonic() - begun > patience:
            return values
        else:
            if monotonic() - checked > KEEPER_CHECK * 2 ** keepers:
                checked = monotonic()
                keepers = keepers + 1 if recover.recover(folder, values) else 0
                if keepers == MOST_KEEPERS:
                    raise recover.not_kept(folder, values)
            sleep(POLL)


def attend(folder, on_output=None, on_state=None, say=None, between=None, begin=None):
    """Follow as the console that asked for the session: (record, whether Ctrl-C was pressed).

    begin(folder): starts it, when Ctrl-C and SIGTERM are heard already, so that none falls in between.
    The first Ctrl-C asks for a stop and goes on following, the second one hurries it; SIGTERM asks for a stop as well.
    A console that goes away (SIGHUP, the close of its window) leaves the session to its keeper. say(text) tells the
    person what happens; it is called between two looks at the session, never inside a signal handler; so is between().
    Only for the main thread.
    """
    attendant = _Attendant(folder, say)

    def speak():
        attendant.speak()
        if between:
            between()
    with attendant:
        if begin:
            begin(folder)
        return follow(folder, on_output, on_state, between=speak), attendant.interrupted


class Presses(object):
    """How often somebody asked for a stop: a signal that is passed on twice is one press."""

    def __init__(self):
        self.count, self._last = 0, None

    def add(self):
        """A signal came; False when it was of the press before."""
        now = monotonic()
        if self._last is not None and now - self._last < SAME_PRESS:
            return False
        self.count, self._last = self.count + 1, now
        return True


class _Attendant(object):
    """Turns signals into stop requests while a session is followed."""

    def __init__(self, folder, say):
        self.folder, self.say = folder, say
        self.presses, self.said = Presses(), 0
        self.interrupted = False
        self.problem = None  # why the last stop could not be asked for
        self.kept = {}

    def __enter__(self):
        system.part_from_console()
        for number in (signal.SIGINT, signal.SIGBREAK if WINDOWS else signal.SIGTERM):
            if signal.getsignal(number) != signal.SIG_IGN:  # as a shell script has it for what it starts with `&`
                self.kept[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(self, *_):
        for number, handler in self.kept.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)

    def _on_signal(self, number, _frame):
        self.interrupted = self.interrupted or number == signal.SIGINT
        if not self.presses.add():
            return
        by = 'Ctrl-C' if number == signal.SIGINT else system.signal_name(number)
        try:
            stopping.request_stop(self.folder, by, now=self.presses.count > 1)
        except Refused as error:
            self.problem = '%s: %s' % (error.what, error.found)

    def speak(self):
        """Say what the last signal did, once for each."""
        while self.said < min(self.presses.count, 2):
            self.said += 1
            text = self.problem or ('stopping: the script is asked to save its data first; Ctrl-C again to hurry'
                                    if self.said == 1 else 'stopping at once: its data may be lost')
            if self.say:
                self.say(text)


def _status(folder):
    try:
        found = os.stat(system.path(os.path.join(folder, record.FILE)))
    except OSError:
        return None
    return found.st_mtime, found.st_ino, found.st_size


def _first_look(folder):
    """The record. A script may have removed its folder before anybody looked; its keeper makes it again in a second."""
    deadline = monotonic() + FOLDER_PATIENCE
    while True:
        try:
            return record.read(folder)
        except NotFound:
            if monotonic() > deadline:
                raise
        sleep(POLL)


def read_again(folder, before):
    """The record as it is now; as it was `before` where the folder is away."""
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
        self.before = b''  # the last bytes before `offset`

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
            self.offset, self.before = size, _read_at(descriptor, max(size - REMEMBERED, 0), min(size, REMEMBERED))
        if size == self.offset:
            return False
        if self._was_moved(descriptor, size):
            self._find_place(descriptor, size, on_output)
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
        self.before = (self.before + block)[-REMEMBERED:]
        on_output(self.name, block)

    def _was_moved(self, descriptor, size):
        """Whether the log's end was moved forward, as it is where holes cannot be made. Holes hold zeros."""
        there = _read_at(descriptor, self.offset - len(self.before), len(self.before))
        return size < self.offset or not self.before.endswith(there.lstrip(b'\0'))

    def _find_place(self, descriptor, size, on_output):
        """Go on where what was shown last is now; whole blocks are moved. At the beginning when that is dropped too."""
        for position in range(self.offset - BLOCK_OF_LOG, 0, -BLOCK_OF_LOG):
            if position <= size and _read_at(descriptor, position - len(self.before), len(self.before)) == self.before:
                self.offset = position
                return
        on_output('stderr', ('\n[bytes of %s were dropped before they could be shown]\n' % self.name).encode('ascii'))
        self.offset, self.before = 0, b''

    def _skip(self, position, on_output):
        on_output('stderr', ('\n[%d bytes of %s were dropped before they could be shown]\n'
                             % (position - self.offset, self.name)).encode('ascii'))
        self.offset, self.before = position, b''


def _read_at(descriptor, position, count):
    if position < 0 or not count:
        return b''
    os.lseek(descriptor, position, 0)
    return os.read(descriptor, count)
