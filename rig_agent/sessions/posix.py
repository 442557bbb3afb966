"""Processes, signals and file space on Linux; windows.py has the same functions. Imported through system.py."""
from __future__ import absolute_import, unicode_literals

import ctypes
import errno
import io
import os
import select
import signal
import subprocess

from rig_agent.base.compat import hear_of_children, sleep, to_native, to_text
from rig_agent.sessions import shim

PAGE = 4096
PUNCH_HOLE, KEEP_SIZE = 2, 1
SEEK_DATA = 3
SIGNALS = {'interrupt': signal.SIGINT, 'terminate': signal.SIGTERM, 'kill': signal.SIGKILL}
PIDFD_OPEN = 434  # the same number on every architecture
KEEPER_SIGNALS = (signal.SIGTERM, signal.SIGHUP)

_library = ctypes.CDLL(None, use_errno=True)
_unreaped = []


# ------------------------------------------------------------------------------------------------ starting

def start_detached(argv, cwd, environment):
    """Start a process that outlives us and our terminal: a session of its own, no descriptor of ours. Returns its pid.

    Raises OSError.
    """
    with io.open(os.devnull, 'r+b') as nothing:
        process = subprocess.Popen([to_native(word) for word in argv], stdin=nothing, stdout=nothing, stderr=nothing,
                                   cwd=to_native(cwd), preexec_fn=os.setsid, close_fds=True,
                                   env={to_native(key): to_native(value) for key, value in environment.items()})
    _unreaped.append(process)  # so that Popen does not complain that it still runs
    return process.pid


def start_shim(argv, cwd, environment, log):
    """Start the shim in `cwd`, its stderr into the descriptor `log`. Returns the Popen; stdout is a pipe from it."""
    with io.open(os.devnull, 'rb') as nothing:
        return subprocess.Popen([to_native(word) for word in argv], stdin=nothing, stdout=subprocess.PIPE, stderr=log,
                                cwd=to_native(cwd), preexec_fn=os.setsid, close_fds=True,
                                env={to_native(key): to_native(value) for key, value in environment.items()})


def shim_interpreter(executable, base):
    """The interpreter that runs the shim: the base one, as a 2.7 virtualenv does not start without `site`."""
    return base or executable


close_inherited = shim.close_inherited


def become_keeper(log_path, on_signal):
    """Stand alone: a log for what goes wrong, orphans of the session fall to us, ends are asked for by signals."""
    descriptor = os.open(to_native(log_path), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)
    shim.become_subreaper()
    shim.unblock_signals()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    hear_of_children()
    for number in KEEPER_SIGNALS:
        signal.signal(number, on_signal)


# ------------------------------------------------------------------------------------------------ waiting

class Ending(object):
    """Waits for the end of any process, ours or not, without taking its status."""

    def __init__(self, pid, identity):
        self.pid, self.identity = pid, identity
        descriptor = _library.syscall(PIDFD_OPEN, pid, 0)
        self._poll = None
        if descriptor >= 0 and shim.identity(pid) == identity:  # else it is another process with that pid by now
            shim.keep_from_children(descriptor)
            self._poll = select.poll()
            self._poll.register(descriptor, select.POLLIN)
        self._descriptor = descriptor

    def ended(self):
        if self._poll is not None:
            return bool(self._poll.poll(0))
        return not shim.lives(self.pid, self.identity)

    def wait(self, seconds):
        """Up to `seconds`; True when the process ended. A signal may cut it short."""
        if self._poll is None:
            sleep(min(seconds, 0.02))
            return self.ended()
        try:
            return bool(self._poll.poll(max(int(seconds * 1000), 1)))
        except select.error as error:
            if error.args[0] != errno.EINTR:
                raise
            return False

    def close(self):
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor, self._poll = -1, None


def reap(pid):
    """(exit code, signal) of a child that ended, (None, None) when that cannot be known. Never waits."""
    try:
        found, status = os.waitpid(pid, os.WNOHANG)
    except OSError:
        return None, None
    if found != pid:
        return None, None
    return (None, os.WTERMSIG(status)) if os.WIFSIGNALED(status) else (os.WEXITSTATUS(status), None)


# ------------------------------------------------------------------------------------------------ the tree

def processes(skip=()):
    """Every process: pid -> (parent, process group, identity, whether it is dead and only not yet reaped).

    skip: pids that need not be looked at.
    """
    found = {}
    for name in os.listdir('/proc'):
        fields = shim.process_fields(int(name)) if name.isdigit() and int(name) not in skip else None
        if fields:
            parent, group, dead, identity = fields
            found[int(name)] = parent, group, identity, dead
    return found


def since_this_boot(identity):
    """Whether the process with this identity was started since the computer was."""
    return identity is not None and identity.rpartition(':')[0] == shim.boot_id()


def carries_mark(pid, session):
    """Whether the environment that this process was started with names the session."""
    try:
        with io.open('/proc/%d/environ' % pid, 'rb') as stream:
            return ('%s=%s' % (shim.MARK, session)).encode('ascii') in stream.read().split(b'\0')
    except EnvironmentError:
        return False


def in_job(session):
    """The pids of the session's job object: a thing of Windows."""
    return ()


def end_job(session):
    """End everything in the session's job object: a thing of Windows."""


def containment(uncontained=None):
    """How descendants are found, as the record says it. `uncontained` is for Windows."""
    return 'subreaper, process group, mark in the environment'


def confinement():
    """Why this keeper may not outlive what started it: nothing here."""
    return None


def describe(pid):
    """(short name, command line) of a process, as far as they can be read."""
    try:
        with io.open('/proc/%d/comm' % pid, 'rb') as stream:
            name = to_text(stream.read().strip())
        with io.open('/proc/%d/cmdline' % pid, 'rb') as stream:
            command = to_text(stream.read(4096).replace(b'\0', b' ').strip())
    except EnvironmentError:
        return '', ''
    return name, command


def send(pid, what):
    """Signal one process: `interrupt`, `terminate` or `kill`. False when it is not there or not ours to end."""
    return _signal(os.kill, pid, SIGNALS[what])


def interrupt(pid):
    """What Ctrl-C at a terminal does: SIGINT to the script's process group. None, or why it was not possible."""
    if _signal(os.killpg, pid, signal.SIGINT) or send(pid, 'interrupt'):
        return None
    return 'the script is not there'


def _signal(kill, pid, number):
    """Signal by `kill`, os.kill or os.killpg; False when there is nobody."""
    try:
        kill(pid, number)
    except OSError:
        return False
    try:
        kill(pid, signal.SIGCONT)  # one that is stopped, as by a debugger, hears nothing before it goes on
    except OSError:
        pass  # it is gone already
    return True


def told_by(number):
    """Why the keeper stops the session when it was signalled."""
    return 'the keeper was sent %s' % signal_name(number)


def signal_name(number):
    """`SIGSEGV` for 11."""
    for name in sorted(vars(signal)):
        if name.startswith('SIG') and not name.startswith('SIG_') and getattr(signal, name) == number:
            if name not in ('SIGCLD', 'SIGPOLL', 'SIGIOT', 'SIGRTMIN', 'SIGRTMAX'):
                return name
    return 'signal %d' % number


# ------------------------------------------------------------------------------------------------ file space

def _fallocate(descriptor, mode, offset, length):
    call = getattr(_library, 'fallocate64', None) or _library.fallocate
    while call(descriptor, mode, ctypes.c_int64(offset), ctypes.c_int64(length)) != 0:
        number = ctypes.get_errno()
        if number != errno.EINTR:
            raise OSError(number, os.strerror(number))


def reserve(descriptor, offset, length):
    """Take space for bytes that are still to come, without changing the file's size. Raises OSError."""
    _fallocate(descriptor, KEEP_SIZE, offset, length)


def punch(descriptor, offset, length):
    """Give the space of these bytes back; they read as zeros and the file's size stays. Raises OSError."""
    _fallocate(descriptor, PUNCH_HOLE | KEEP_SIZE, offset, length)


def release(descriptor):
    """Give back what was reserved behind the file's end."""
    os.ftruncate(descriptor, os.fstat(descriptor).st_size)


def disk_bytes(descriptor):
    """The bytes that a file takes on its disk, reserved ones included."""
    return os.fstat(descriptor).st_blocks * 512


def next_data(descriptor, offset):
    """The first position from `offset` on that is no hole; the file's end when there is none."""
    try:
        return os.lseek(descriptor, offset, SEEK_DATA)
    except EnvironmentError as error:
        return os.fstat(descriptor).st_size if error.errno == errno.ENXIO else offset


def free_disk(folder):
    """Bytes that this user can still write there. Raises OSError."""
    found = os.statvfs(to_native(folder))
    return found.f_bavail * found.f_frsize


def truncate(descriptor, size):
    os.ftruncate(descriptor, size)


def path(text):
    """A path as the calls of `os` take it whatever the locale says."""
    return to_native(text)


def keep_from_children(descriptor):
    shim.keep_from_children(descriptor)


def udp_listeners(port, pids):
    """Which of these processes have that UDP port bound."""
    inodes = set()
    for table in ('/proc/net/udp', '/proc/net/udp6'):
        try:
            with io.open(table, 'rb') as stream:
                rows = [line.split() for line in stream.read().splitlines()[1:]]
        except EnvironmentError:
            continue
        inodes.update(b'socket:[' + row[9] + b']' for row in rows if int(row[1].rpartition(b':')[2], 16) == port)
    return [pid for pid in pids if inodes & _open_files(pid)]


def _open_files(pid):
    folder = '/proc/%d/fd' % pid
    found = set()
    try:
        names = os.listdir(folder)
    except OSError:
        return found
    for name in names:
        try:
            found.add(os.readlink('%s/%s' % (folder, name)).encode('utf-8', 'replace'))
        except (OSError, UnicodeError):
            continue
    return found


def read_available(descriptor):
    """What stands in a pipe now; never waits."""
    found = b''
    while select.select([descriptor], [], [], 0)[0]:
        block = os.read(descriptor, 65536)
        if not block:
            break
        found += block
    return found


def part_from_console():
    """A console that goes away sends SIGHUP, which ends who follows a session and nothing else."""
