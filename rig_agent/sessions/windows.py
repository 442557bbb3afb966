"""Processes, consoles, jobs and file space on Windows; posix.py has the same functions. Imported through system.py.

The keeper has a console of its own without a window, which the shim and the script share: a Ctrl-C there reaches the
script, and what happens to the user's console reaches none of them. The script and all that it starts are in a job
object. Where a job cannot be had, descendants are found by their parents and by a mark in their environment, and the
record says so.
"""
from __future__ import absolute_import, unicode_literals

import errno
import io
import os
import signal
import subprocess
import sys

from rig_agent.base.compat import sleep, spawning, to_native, to_text
from rig_agent.sessions import logoff, shim, winapi

NO_WINDOW, BREAKAWAY = 0x08000000, 0x01000000
ENDED_BY_AGENT = 1  # the exit code of what is terminated here

_unreaped = []
_jobs = {}


# ------------------------------------------------------------------------------------------------ starting

def start_detached(argv, cwd, environment):
    """Start a process that outlives us and our console: on a console of its own, out of our job. Returns its pid.

    Raises OSError.
    """
    with spawning:
        winapi.keep_handles_from_children()
        nothing = os.open(os.devnull, os.O_RDWR)
        try:
            process = _start_detached([to_native(word) for word in argv], dict(
                stdin=nothing, stdout=nothing, stderr=nothing, cwd=to_native(cwd), env=_native(environment)))
        finally:
            os.close(nothing)
    _unreaped.append(process)
    return process.pid


def _start_detached(argv, options):
    try:
        return subprocess.Popen(argv, creationflags=NO_WINDOW | BREAKAWAY, **options)
    except OSError as error:
        if getattr(error, 'winerror', None) != winapi.ACCESS_DENIED:
            raise
        return subprocess.Popen(argv, creationflags=NO_WINDOW, **options)  # our job lets nothing out


def start_shim(argv, cwd, environment, log):
    """Start the shim in `cwd`, its stderr into the descriptor `log`. Returns the Popen; stdout is a pipe from it."""
    _job(environment[shim.MARK])  # held from here on: a job loses its name with its last handle
    winapi.keep_handles_from_children()
    with io.open(os.devnull, 'rb') as nothing:
        return subprocess.Popen([to_native(word) for word in argv], stdin=nothing, stdout=subprocess.PIPE, stderr=log,
                                cwd=to_native(cwd), env=_native(environment))


def _native(environment):
    return {to_native(key): to_native(value) for key, value in environment.items()}


def shim_interpreter(executable, base):
    """The base interpreter: that of a virtual environment is a launcher, and would be a process between."""
    return base or executable


close_inherited = shim.close_inherited


def become_keeper(log_path, on_signal):
    """Stand alone: a log for what goes wrong, deaf to Ctrl-C, told when the user's Windows session ends."""
    descriptor = os.open(log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, 'O_NOINHERIT', 0), 0o644)
    for standard in (1, 2):
        os.dup2(descriptor, standard)
    os.close(descriptor)
    winapi.stand_ctrl_c()
    logoff.hear(lambda: on_signal(signal.SIGBREAK, None))


def told_by(number):
    """Why the keeper stops the session when it was signalled."""
    return 'the Windows session ended: somebody logged off, or the computer was shut down'


# ------------------------------------------------------------------------------------------------ waiting

class Ending(object):
    """Waits for the end of any process, ours or not."""

    def __init__(self, pid, identity):
        self.pid, self.identity = pid, identity
        try:
            self._process = winapi.Process(pid)
        except OSError:
            self._process = None

    def ended(self):
        return self._process.wait(0) if self._process else not shim.lives(self.pid, self.identity)

    def wait(self, seconds):
        """Up to `seconds`; True when the process ended."""
        if self._process is None:
            sleep(min(seconds, 0.02))
            return self.ended()
        return self._process.wait(seconds)

    def close(self):
        if self._process:
            self._process.close()
            self._process = None


def reap(pid):
    """(exit code, None) of a process that ended and that somebody still holds, (None, None) when it is forgotten."""
    try:
        with winapi.Process(pid) as process:
            return process.exit_code(), None
    except OSError:
        return None, None


# ------------------------------------------------------------------------------------------------ the tree

def processes(skip=()):
    """Every process that we may look at, but those of `skip`: pid -> (parent, None, identity, False).

    A parent counts only when it is older than its child: pids are used again soon, and what another program's dead
    parent left behind must not be taken for ours. The caller is no parent: what the keeper has started is the shim and,
    by the system, the host of its console, and orphans do not fall to it here.
    """
    listed = [(pid, parent, shim.identity(pid)) for pid, parent, _ in winapi.processes()
              if pid not in skip]
    ages = {pid: _age(identity) for pid, _, identity in listed if identity}

    def known(pid, parent):
        return parent if parent != os.getpid() and ages.get(parent, ages[pid]) <= ages[pid] else None
    return {pid: (known(pid, parent), None, identity, False) for pid, parent, identity in listed if identity}


def since_this_boot(identity):
    """Asked of process groups, which Windows does not have."""
    return False


def _age(identity):
    return int(identity.rpartition(':')[2])


def _job(session):
    """The session's job object, held by this process; None where there is none to be had."""
    if session not in _jobs:
        try:
            _jobs[session] = winapi.Job(session)
        except OSError:
            _jobs[session] = None
    return _jobs[session]


def in_job(session):
    """The pids in the session's job object."""
    job = _job(session)
    return job.pids() if job else ()


def end_job(session):
    """End everything in the session's job object in one step."""
    job = _job(session)
    if job:
        job.terminate(ENDED_BY_AGENT)


def carries_mark(pid, session):
    """Whether the environment of this process names the session: looked at only where the job object does not tell."""
    job = _job(session)
    if job and job.used():
        return False
    import psutil
    try:
        return psutil.Process(pid).environ().get(shim.MARK) == session
    except (psutil.Error, EnvironmentError):
        return False


def containment(uncontained=None):
    """How descendants are found, as the record says it; `uncontained`: why the script is in no job object."""
    return 'parents, mark in the environment; no job object: %s' % uncontained if uncontained else 'job object'


def confinement():
    """Why this keeper may not outlive what started it, or None: it asks to be let out of its job, which can say no."""
    return 'the program that started this session keeps it in a job object, and may end it with itself' \
        if winapi.in_a_job() else None


def describe(pid):
    """(short name, command line) of a process, as far as they can be read."""
    names = {number: name for number, _, name in winapi.processes()}
    import psutil
    try:
        command = ' '.join(to_text(word, sys.getfilesystemencoding()) for word in psutil.Process(pid).cmdline())
    except (psutil.Error, EnvironmentError):
        command = ''
    return names.get(pid, ''), command


def send(pid, what):
    """End one process: Windows has no gentler way, `terminate` and `kill` are the same. False when it is not there."""
    try:
        with winapi.Process(pid, winapi.TERMINATE) as process:
            return process.terminate(ENDED_BY_AGENT)
    except OSError:
        return False


def interrupt(pid):
    """What Ctrl-C in its console does: to the script and what shares its console. None, or why it was not possible."""
    try:
        winapi.press_ctrl_c(pid)
    except OSError as error:
        return 'its console takes no Ctrl-C: %s' % shim.describe(error)
    return None


def signal_name(number):
    """`SIGBREAK` for 21."""
    for name in ('SIGINT', 'SIGBREAK', 'SIGTERM'):
        if getattr(signal, name) == number:
            return name
    return 'signal %d' % number


def udp_listeners(port, pids):
    """Which of these processes have that UDP port bound."""
    import psutil
    try:
        rows = psutil.net_connections(str('udp'))
    except (psutil.Error, EnvironmentError):
        return []
    return sorted({row.pid for row in rows if row.laddr and row.laddr.port == port} & set(pids))


# ------------------------------------------------------------------------------------------------ file space

def reserve(descriptor, offset, length):
    """Windows has no such call: what was reserved is lost when any handle is closed. Raises OSError."""
    raise OSError(errno.ENOSYS, 'Windows reserves no space')


def punch(descriptor, offset, length):
    """Only some of its file systems can: the end is copied and the log truncated. Raises OSError."""
    raise OSError(errno.ENOSYS, 'Windows makes no holes')


def release(descriptor):
    """Nothing was reserved."""


def disk_bytes(descriptor):
    """The bytes that a file takes on its disk, as far as they are counted here: there are no reserved ones."""
    return os.fstat(descriptor).st_size


def next_data(descriptor, offset):
    """There are no holes."""
    return offset


def path(text):
    """A path as the calls of `os` take it."""
    return text


def read_available(descriptor):
    """What stands in a pipe now; never waits."""
    found = b''
    while winapi.readable(descriptor):
        found += os.read(descriptor, 65536)
    return found


free_disk = winapi.free_disk
truncate = winapi.truncate
keep_from_children = winapi.keep_from_children
part_from_console = winapi.part_from_console
