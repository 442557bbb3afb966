"""stdout.log and stderr.log: the script writes into them itself; the keeper bounds them and keeps their end.

Space is reserved ahead, so that a disk that fills up does not reach the script. A log over its limit loses its
beginning: as a hole in the file where the system can do that, which loses no byte of the end; else by moving the end
forward and truncating, which can lose what is written at that moment. The record says which: `holes` or `copied`.
"""
from __future__ import absolute_import, unicode_literals

import errno
import io
import os

from rig_agent.sessions import system

NAMES = ('stdout', 'stderr')
BLOCK = 4096


class Log(object):
    """One log: `size` counts every byte that the script wrote, `first` is where what is kept begins."""

    def __init__(self, path, limit):
        self.path, self.limit = path, limit
        self.descriptor = os.open(system.path(path), os.O_RDWR | os.O_CREAT | getattr(os, 'O_BINARY', 0) |
                                  getattr(os, 'O_CLOEXEC', 0), 0o644)
        system.keep_from_children(self.descriptor)
        self.size = self.first = self.dropped = self.peak = self.growth = 0
        self.reserved = None  # where the reserved space ends; None: not reserved
        self.method = None

    def reserve(self):
        """Take the space of a whole log. Raises OSError when there is no such space or no such call."""
        if not self.limit:
            raise OSError(errno.EINVAL, 'the logs have no limit')
        system.reserve(self.descriptor, 0, self.limit)
        self.reserved = self.limit

    def measure(self):
        """Look at the file; true when it grew. Bounds it when it is over its limit."""
        size = self.dropped_by_copy() + os.fstat(self.descriptor).st_size
        self.growth = max(size - self.size, 0)
        self.size = max(size, self.size)
        self.peak = max(self.peak, self.size - self.first)
        if self.limit and self.size - self.first > self.limit:
            self.shorten()
        return self.growth > 0

    def dropped_by_copy(self):
        return self.dropped if self.method == 'copied' else 0

    def shorten(self):
        """Drop the beginning, so that three quarters of the limit are left: not at every look, and never the end."""
        first = (self.size - self.limit * 3 // 4) // BLOCK * BLOCK
        if first <= self.first:
            return
        if self.method != 'copied':
            try:
                system.punch(self.descriptor, self.first, first - self.first)
                self.method = 'holes'
            except OSError:
                self.method = 'copied'
        if self.method == 'copied':
            self._move_end(first - self.first)
        self.dropped += first - self.first
        self.first = first
        if self.reserved is not None:
            self._reserve_more()

    def _move_end(self, count):
        """Move what is to be kept to the file's beginning, over what goes, then cut.

        What the script appends meanwhile is moved too, in its order; only what it writes between the last look and the
        cut is lost. A script that writes faster than this moves is not waited for.
        """
        position = 0
        while position < 2 * self.limit:
            os.lseek(self.descriptor, count + position, 0)
            block = os.read(self.descriptor, 1 << 20)
            if not block:
                break
            os.lseek(self.descriptor, position, 0)
            os.write(self.descriptor, block)
            position += len(block)
        system.truncate(self.descriptor, position)

    def take_up(self):
        """See whether a keeper before this one has reserved space. None is taken here: a disk may be full by now."""
        if system.disk_bytes(self.descriptor) > os.fstat(self.descriptor).st_size + BLOCK:
            self.reserved = self.limit

    def _reserve_more(self):
        try:
            os.fsync(self.descriptor)  # else freed blocks are not free yet
            end = os.fstat(self.descriptor).st_size
            system.reserve(self.descriptor, end, self.limit // 4)
            self.reserved = end + self.limit // 4
        except OSError:
            self.reserved = None

    def finish(self):
        """The last look: hold the limit, give the reserved space back, a keeper's before this one too."""
        self.measure()
        system.release(self.descriptor)

    def as_json(self):
        return {'path': self.path, 'size': self.size, 'dropped': self.dropped, 'peak': self.peak,
                'method': self.method, 'reserved': self.reserved is not None}

    def tail(self, count):
        """The last bytes of the log, at most `count`."""
        length = os.fstat(self.descriptor).st_size
        start = max(length - count, 0)
        if self.method == 'holes':
            start = max(start, self.first)
        os.lseek(self.descriptor, start, 0)
        return b''.join(iter(lambda: os.read(self.descriptor, 1 << 16), b''))

    def modified(self):
        """When the script last wrote."""
        return os.fstat(self.descriptor).st_mtime

    def restore(self):
        """Write the log again where the script has removed it; its bytes are still here."""
        if os.path.exists(self.path):
            return False
        with io.open(self.path, 'wb') as stream:
            stream.write(self.tail(self.limit or self.size))
        return True

    def close(self):
        os.close(self.descriptor)


class Logs(object):
    """Both logs of a session."""

    def __init__(self, folder, limit):
        self.by_name = {name: Log(os.path.join(folder, name + '.log'), limit) for name in NAMES}

    def reserve(self):
        """Reserve both; raises OSError."""
        for log in self.by_name.values():
            log.reserve()

    def take_up(self):
        for log in self.by_name.values():
            log.take_up()

    def measure(self):
        """True when the script wrote something since the last look."""
        return any([log.measure() for log in self.by_name.values()])

    def fast(self):
        """Whether a log grows so fast that the next look should come sooner."""
        return any(log.limit and log.growth > log.limit // 50 for log in self.by_name.values())

    def quiet(self):
        """Whether nothing was written since the last look."""
        return not any(log.growth for log in self.by_name.values())

    def finish(self):
        for log in self.by_name.values():
            log.finish()

    def as_json(self):
        return {name: log.as_json() for name, log in self.by_name.items()}

    def sizes(self):
        return [self.by_name[name].size for name in NAMES]
