"""The operating system's lock on a file: one writer, a wait that is said aloud, free when its owner dies."""
from __future__ import absolute_import, unicode_literals

import errno
import io
from contextlib import contextmanager

from rig_agent.base.compat import WINDOWS, reason_of
from rig_agent.base.errors import Refused

PATIENCE = 0.5  # seconds of waiting before it is said


@contextmanager
def held(path, doing, say=None, limit=600.0):
    """Hold the lock `path` while the block runs; no other process, and no other thread, is in it then.

    doing: what the holder does, for the messages, such as `fetches scripts`. say: called with one line when the wait is
    noticeable. limit: seconds to wait. Raises Refused after that and where there are no locks, EnvironmentError where no
    file can be made.
    """
    import logging  # here: filelock takes 100 ms on newer Pythons, and most commands write nothing
    import filelock
    logging.getLogger('filelock').addHandler(logging.NullHandler())  # Python 2 complains of a logger that has none
    version = tuple(int(part) for part in filelock.__version__.split('.')[:2])
    # Newer ones are held by a thread unless told otherwise, and another thread than the first may be the one to let go.
    # Older ones do not know the option, and complain on stderr when they are given it.
    options = {'thread_local': False} if version >= (3, 11) else {}
    lock = filelock.FileLock(path, **options)
    try:
        lock.acquire(timeout=min(PATIENCE, limit))
    except filelock.Timeout:
        _refuse_without_locks(path)
        if say:
            say('Waiting: another rig-agent %s.' % doing)
        try:
            lock.acquire(timeout=limit)
        except filelock.Timeout:
            raise Refused('Another rig-agent %s and did not finish in %g s' % (doing, limit), where=path,
                          advice='See what it waits for, or end it; the lock ends with it.')
    try:
        yield
    finally:
        lock.release()


def _refuse_without_locks(path):
    """Nothing can be locked on some network drives; filelock takes that for a lock which another holds."""
    if WINDOWS:
        return
    import fcntl
    with io.open(path, 'ab') as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except EnvironmentError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES, errno.EINTR):
                raise Refused('Nothing can be locked in this folder', where=path, found=reason_of(error),
                              advice='Put it on a disk of this computer: `home` and `cache` of the configuration.')
