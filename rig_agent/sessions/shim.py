"""The script's direct parent: it starts verified bytes, waits, and writes how they ended, whatever becomes of the rest.

A file of its own that imports the standard library only: it runs as `python -E -S shim.py` in the session folder, on
every Python and system, so that nothing that is installed or configured can disturb it. What its keeper also needs
(locks, identities of processes) stands here for that reason and is imported from here.

It reads `start` of request.json: argv, environment (variables to add), python_path (folders to put before PYTHONPATH),
files (name -> md5). It writes started.json
when the script runs and exit.json when it ended: {code, signal, error, wrong, ended, duration_s}. It holds the lock
on shim.lock as long as it lives: a second one never starts a second script.
"""
from __future__ import absolute_import, unicode_literals

import errno
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import time

WINDOWS = os.name == 'nt'
PY2 = sys.version_info[0] == 2
MARK = 'RIG_AGENT_SESSION'
CREATE_SUSPENDED = 4
if WINDOWS:
    if __name__ == '__main__':
        sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
        import winapi
        del sys.path[0]
    else:
        from rig_agent.sessions import winapi
LOCKED_BYTE = 0x3fffffff  # far behind any content, so that on Windows a locked file can still be read


def main():
    close_inherited()
    lock = take_lock('shim.lock', patience=5)
    if lock is None or any(os.path.exists(name) for name in ('started.json', 'exit.json', 'closed')):
        return 75  # this session has been started before, or was closed meanwhile
    stay_apart()
    spec = read_json('request.json')['start']
    exit_file = ReservedFile('exit.json')
    begun = monotonic()
    outcome = {'code': None, 'signal': None, 'error': None, 'wrong': changed_files(spec['files'])}
    if not outcome['wrong']:
        try:
            process = start(spec)
        except (EnvironmentError, ValueError, TypeError) as error:
            outcome['error'] = describe(error)
        else:
            begun = monotonic()
            tell_started(process, begun)
            outcome['code'], outcome['signal'] = wait(process)
            outcome.update(usage(process))
    outcome.update(ended=utc_text(time.time()), duration_s=round(max(monotonic() - begun, 0), 6))
    content = json.dumps(outcome, sort_keys=True)
    exit_file.write(content)
    tell_keeper(content)
    return 0


def changed_files(expected):
    """The files whose bytes are not those that were verified: [{name, expected, found}]."""
    wrong = []
    for name in sorted(expected):
        try:
            with io.open(name, 'rb') as stream:
                found = md5(stream.read())
        except EnvironmentError as error:
            found = describe(error)
        if found != expected[name]:
            wrong.append({'name': name, 'expected': expected[name], 'found': found})
    return wrong


def start(spec):
    """The running script: its streams are the log files, its stdin is at its end, nothing else is inherited."""
    options = ({'creationflags': CREATE_SUSPENDED} if WINDOWS else
               {'preexec_fn': become_plain, 'close_fds': not PY2})
    with io.open(os.devnull, 'rb') as nothing, append_to('stdout.log') as out, append_to('stderr.log') as err:
        process = subprocess.Popen([native(word) for word in spec['argv']], stdin=nothing, stdout=out, stderr=err,
                                   env=environment_of(spec), **options)
    if WINDOWS:
        winapi.contain(process, spec['environment'][MARK])
    return process


def environment_of(spec):
    """The variables of the script: those of this process, and what the session adds."""
    environment = dict(getattr(os, 'environb', os.environ))
    # Windows knows a variable in any case, and Python gives all names in upper case: two of one name must not arise.
    environment.update((native(key.upper() if WINDOWS else key), native(value))
                       for key, value in spec['environment'].items())
    path = [native(folder) for folder in spec['python_path']] + [environment.get(native('PYTHONPATH'))]
    if any(path):
        environment[native('PYTHONPATH')] = native(os.pathsep).join(folder for folder in path if folder)
    return environment


def append_to(name):
    return os.fdopen(winapi.open_to_append(name), 'ab', 0) if WINDOWS else io.open(name, 'ab', buffering=0)


def wait(process):
    """(exit code, None) or (None, signal number). Reaps the orphans that fall to this process as well."""
    if WINDOWS:
        return process.wait() & 0xffffffff, None
    while True:
        try:
            pid, status = os.waitpid(-1, 0)
        except OSError as error:
            if error.errno == errno.EINTR:
                continue
            raise
        if pid == process.pid and (os.WIFEXITED(status) or os.WIFSIGNALED(status)):
            process.returncode = 0  # reaped here; Popen must not look for it again
            return (os.WEXITSTATUS(status), None) if os.WIFEXITED(status) else (None, os.WTERMSIG(status))


def usage(process):
    """What the script and the children that it waited for have used: {cpu_s, largest_process_bytes}."""
    if WINDOWS:
        return {'cpu_s': process.job.cpu_s()} if process.job else {}
    import resource
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {'cpu_s': round(used.ru_utime + used.ru_stime, 3), 'largest_process_bytes': used.ru_maxrss * 1024}


def tell_started(process, begun):
    """started.json: who runs. A disk that is full must not end the session: the keeper finds the script all the same."""
    uncontained = getattr(process, 'uncontained', None)
    now = {'shim': {'pid': os.getpid(), 'identity': identity(os.getpid())},
           'script': {'pid': process.pid, 'identity': identity(process.pid, ended_too=True)},
           'started': utc_text(time.time()),
           'monotonic': begun, 'uncontained': describe(uncontained) if uncontained else None}
    try:
        with io.open('started.json.staged-shim', 'wb') as stream:
            stream.write(json.dumps(now, sort_keys=True).encode('ascii'))
        move_over('started.json.staged-shim', 'started.json')
    except EnvironmentError:
        tell_keeper(json.dumps({'started': now}))


def tell_keeper(content):
    """The same over the pipe from the keeper, for a folder that the script has removed. Nobody may be there."""
    try:
        os.write(1, (content + '\n').encode('ascii'))
    except EnvironmentError:
        pass


class ReservedFile(object):
    """A small file whose space is taken before it is needed: a disk that fills up meanwhile does not lose it."""

    def __init__(self, name, size=4096):
        self.name, self.staged = name, name + '.staged-shim'
        try:
            with io.open(self.staged, 'wb') as stream:
                stream.write(b' ' * size)
        except EnvironmentError:
            pass

    def write(self, content):
        for attempt in range(100):
            try:
                with io.open(self.staged, 'r+b' if os.path.exists(self.staged) else 'wb') as stream:
                    stream.write(content.encode('ascii'))
                    stream.truncate()
                    stream.flush()
                    os.fsync(stream.fileno())
                return move_over(self.staged, self.name)
            except EnvironmentError as error:
                if not WINDOWS or error.errno != errno.EACCES:
                    return None  # the folder is gone; the pipe is left
                time.sleep(0.02)


# ------------------------------------------------------------------------------------------------ processes

def close_inherited():
    """Close whatever the parent left open: only stdin, stdout and stderr belong to a session."""
    if WINDOWS:  # its parent kept all else to itself; the script must not inherit these in turn
        return winapi.keep_handles_from_children()
    try:
        descriptors = [int(name) for name in os.listdir('/proc/self/fd')]
    except EnvironmentError:
        descriptors = range(3, 1024)
    for descriptor in descriptors:
        if descriptor > 2:
            try:
                os.close(descriptor)
            except OSError:
                pass


def stay_apart():
    """Be deaf to signals meant for the script, and be the one that its orphans fall to."""
    if WINDOWS:
        winapi.show_no_dialogs()
        return winapi.stand_ctrl_c()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # where a parent ignores it, the script's exit code would be lost
    become_subreaper()


def become_subreaper():
    """Orphaned descendants become our children instead of init's. True when the system does that."""
    import ctypes
    try:
        return ctypes.CDLL(None).prctl(36, 1, 0, 0, 0) == 0  # PR_SET_CHILD_SUBREAPER
    except (AttributeError, OSError):
        return False


def become_plain():
    """In the script, before it is one: a process group of its own, every signal as a shell would leave it."""
    os.setpgid(0, 0)
    unblock_signals()
    for name in ('SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGPIPE', 'SIGXFSZ', 'SIGCHLD', 'SIGALRM', 'SIGUSR1',
                 'SIGUSR2'):
        signal.signal(getattr(signal, name), signal.SIG_DFL)


def unblock_signals():
    """An empty mask of blocked signals: the parent's is inherited and survives exec."""
    if hasattr(signal, 'pthread_sigmask'):
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
    elif not WINDOWS:
        import ctypes
        ctypes.CDLL(None).sigprocmask(2, ctypes.create_string_buffer(128), None)  # SIG_SETMASK


def identity(pid, ended_too=False):
    """What tells this process from a later one with the same pid: boot and start time; None when it is gone.

    ended_too: also of a child that has ended and whose status nobody has taken yet.
    """
    if WINDOWS:
        return winapi.identity(pid, ended_too)
    fields = process_fields(pid)
    return fields[3] if fields and (ended_too or not fields[2]) else None


def lives(pid, known):
    """Whether this process is there, and is the one of that identity. One whose identity was never learnt is gone."""
    return known is not None and identity(pid) == known


def process_fields(pid):
    """Linux: (parent, process group, whether it is dead and not reaped, identity), or None when it is gone."""
    try:
        fields = read_small('/proc/%d/stat' % pid).rpartition(b')')[2].split()
        return (int(fields[1]), int(fields[2]), fields[0] in (b'Z', b'X'),
                '%s:%s' % (boot_id(), fields[19].decode('ascii')))
    except (EnvironmentError, IndexError):
        return None


def boot_id():
    """What tells this run of the computer from the one before."""
    if boot_id.known is None:
        try:
            boot_id.known = read_small('/proc/sys/kernel/random/boot_id').strip().decode('ascii')
        except EnvironmentError:
            boot_id.known = 'unknown'  # some containers hide it: start times have to tell alone
    return boot_id.known


boot_id.known = None


def read_small(path):
    """Up to 4 kB of a file: `io.open` of Python 2 takes five times as long, and this is done for every process."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return os.read(descriptor, 4096)
    finally:
        os.close(descriptor)


# ------------------------------------------------------------------------------------------------ locks

def take_lock(path, patience=0.0):
    """The open descriptor that holds the system's lock on `path`, or None after `patience` seconds.

    The system frees it when the process dies; no child inherits it. Raises EnvironmentError when `path` cannot be
    opened, or lies where there are no locks.
    """
    private = getattr(os, 'O_NOINHERIT', 0) | getattr(os, 'O_CLOEXEC', 0)
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | private, 0o644)
    except EnvironmentError as error:
        if error.errno != errno.EACCES or not os.path.exists(path):
            raise
        descriptor = os.open(path, os.O_RDONLY | private)  # the file of another account: its lock is for all
    if not WINDOWS:
        keep_from_children(descriptor)
    deadline = monotonic() + patience
    while True:
        if _try_lock(descriptor, shared=False):
            return descriptor
        if monotonic() >= deadline:
            os.close(descriptor)
            return None
        time.sleep(0.01)


def is_locked(path):
    """Whether a living process holds the lock on `path`. Looking takes a shared lock for a moment."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, 'O_NOINHERIT', 0))  # enough, and another account may too
    except EnvironmentError:
        return False
    try:
        return not _try_lock(descriptor, shared=True)
    finally:
        os.close(descriptor)


def _try_lock(descriptor, shared):
    if not WINDOWS:
        import fcntl
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
            return True
        except EnvironmentError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES, errno.EINTR):
                raise
            return False
    import msvcrt
    os.lseek(descriptor, LOCKED_BYTE, 0)
    try:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    except EnvironmentError:
        return False
    if shared:
        os.lseek(descriptor, LOCKED_BYTE, 0)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
    return True


def keep_from_children(descriptor):
    import fcntl
    fcntl.fcntl(descriptor, fcntl.F_SETFD, fcntl.fcntl(descriptor, fcntl.F_GETFD) | fcntl.FD_CLOEXEC)


# ------------------------------------------------------------------------------------------------ what 2.7 lacks

def _monotonic_clock():
    if hasattr(time, 'monotonic'):
        return time.monotonic
    import ctypes
    if WINDOWS:
        ctypes.windll.kernel32.GetTickCount64.restype = ctypes.c_uint64
        return lambda: ctypes.windll.kernel32.GetTickCount64() / 1000.0
    library, moment = ctypes.CDLL(None), (ctypes.c_long * 2)()

    def read():
        library.clock_gettime(1, moment)
        return moment[0] + moment[1] * 1e-9
    return read


monotonic = _monotonic_clock()


def md5(content):
    try:
        return hashlib.md5(content, usedforsecurity=False).hexdigest()
    except TypeError:  # Python before 3.9
        return hashlib.md5(content).hexdigest()


def native(text):
    """Text as the system's calls take it: bytes, as names on disk are, which is UTF-8 whatever a C locale says.

    On Windows these are of the ANSI page on Python 2, and no bytes on Python 3.
    """
    if WINDOWS and not PY2:
        return text
    encoding = sys.getfilesystemencoding() or 'ascii'
    return text.encode('utf-8' if encoding.lower() in ('ascii', 'ansi_x3.4-1968', 'us-ascii') else encoding)


def move_over(source, destination):
    if not WINDOWS:
        os.rename(source, destination)
    elif not PY2:
        os.replace(source, destination)
    else:
        import ctypes
        if not ctypes.windll.kernel32.MoveFileExW(source, destination, 9):
            raise OSError(errno.EACCES, 'in use', destination)


def read_json(path):
    with io.open(path, 'rb') as stream:
        return json.loads(stream.read().decode('utf-8'))


def utc_text(timestamp):
    return time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(timestamp)) + '.%03dZ' % (timestamp * 1000 % 1000)


def describe(error):
    """An operating system error in one line, as text: on Python 2 the system gives it in its own encoding."""
    text = getattr(error, 'strerror', None) or str(error)
    return text.decode(sys.getfilesystemencoding() or 'utf-8', 'replace') if isinstance(text, bytes) else text


if __name__ == '__main__':
    if os.path.isfile(os.path.join(sys.path[0], str('shim.py'))):
        del sys.path[0]  # this folder's modules must not stand in for the standard library's
    sys.exit(main())
