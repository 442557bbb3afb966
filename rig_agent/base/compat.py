"""What one of the supported Pythons or systems lacks, in one place.

Python 2.7 has no monotonic clock, no `os.replace`, no time limits in subprocess, and hands every descriptor to its
children; Windows does not rename over a file that somebody reads. Nothing else in the package asks which Python or
system it runs on, except where the session's processes are concerned.
"""
from __future__ import absolute_import, unicode_literals

import codecs
import errno
import io
import json
import os
import stat
import sys
import threading
import time

from six import PY2, binary_type, python_2_unicode_compatible, text_type

__all__ = ['PY2', 'WINDOWS', 'binary_type', 'text_type', 'python_2_unicode_compatible', 'to_text', 'printed_text',
           'message_of', 'reason_of', 'to_native', 'system_path', 'name_as_text', 'expand_user', 'folder_of',
           'environment', 'environment_for', 'conda_path', 'set_git_variables_aside', 'git_variables', 'python_command',
           'open_missing_streams', 'hear_of_children', 'print_any_text', 'is_terminal', 'monotonic', 'sleep', 'replace',
           'json_text', 'read_json', 'run_bounded']

WINDOWS = os.name == 'nt'
CONDA_FOLDERS = ('Library\\mingw-w64\\bin', 'Library\\usr\\bin', 'Library\\bin', 'Scripts', 'bin')
CODE_PAGE = 'mbcs' if WINDOWS else None  # what programs print into a file there, unless they are told otherwise
FILE_SYSTEM_ENCODING = sys.getfilesystemencoding() or 'utf-8'
if not WINDOWS and FILE_SYSTEM_ENCODING.lower() in ('ascii', 'ansi_x3.4-1968', 'us-ascii'):
    FILE_SYSTEM_ENCODING = 'utf-8'  # LC_ALL=C on Python 2 and 3.6: names on disk are UTF-8 all the same


def to_text(value, encoding='utf-8'):
    """Bytes as text, never failing: what does not decode becomes the replacement character."""
    return value.decode(encoding, 'replace') if isinstance(value, binary_type) else value


def printed_text(content):
    """What a script printed, as text, never failing: each line in UTF-8 where it is that, else in Windows' code page."""
    return '\n'.join(_printed_line(line) for line in content.split(b'\n'))


def _printed_line(line):
    try:
        return line.decode('utf-8')
    except UnicodeDecodeError:
        return line.decode(CODE_PAGE or 'utf-8', 'replace')


def message_of(error):
    """What an exception says, as text, never failing: on Python 2 that may be bytes, of the system's own encoding."""
    for read in (text_type, str):
        try:
            return to_text(read(error), FILE_SYSTEM_ENCODING)
        except Exception:  # an exception whose own __str__ raises must not hide what happened
            continue
    return '(its message cannot be printed)'


def reason_of(error):
    """The same in few words: of an error of the system only its reason, without number and path."""
    return to_text(getattr(error, 'strerror', None), FILE_SYSTEM_ENCODING) or message_of(error)


def to_native(text):
    """Text as `str`: bytes in the file system's encoding on Python 2, unchanged on Python 3.

    For the calls of Python 2 that take only bytes: environment variables and arguments of a child process.
    """
    return text.encode(FILE_SYSTEM_ENCODING) if PY2 and isinstance(text, text_type) else text


def system_path(path):
    """A path as the calls of `os` take it: text where Windows knows any letter, else as `to_native`."""
    return path if WINDOWS else to_native(path)


def name_as_text(name):
    """A name that the system gave, as text that can be written anywhere: what is none of it becomes a question mark."""
    return to_text(name, FILE_SYSTEM_ENCODING).encode('utf-8', 'replace').decode('utf-8')


def database_path(path):
    """A path as sqlite3 takes it: Python 2 wants bytes, and SQLite wants them in UTF-8 on every system."""
    return path.encode('utf-8') if PY2 and isinstance(path, text_type) else path


def expand_user(path):
    """A path whose `~` at its beginning is the user's folder, also where that has a name outside ASCII."""
    if not path.startswith('~'):
        return path
    return to_text(os.path.expanduser(to_native(path)), FILE_SYSTEM_ENCODING)


def folder_of(module_file):
    """The folder of a module by its `__file__`, as text: on Python 2 that is bytes."""
    return os.path.dirname(os.path.abspath(to_text(module_file, FILE_SYSTEM_ENCODING)))


_set_aside = {}


def environment():
    """The environment that this process was started with, as a dictionary of text."""
    variables = dict(_set_aside)
    variables.update(os.environ)
    return {to_text(key, FILE_SYSTEM_ENCODING): to_text(value, FILE_SYSTEM_ENCODING)
            for key, value in variables.items()}


def set_git_variables_aside():
    """Keep `GIT_*` from GitPython, which hands all of os.environ on to git; what else is started gets them still.

    To be done before there are threads: one cannot read os.environ while another changes it.
    """
    for name in git_variables():
        _set_aside[name] = os.environ.pop(name)


def git_variables():
    """The names of those variables in os.environ."""
    return [name for name in os.environ if name.upper().startswith(str('GIT_'))]


def environment_for(python):
    """The same for a process of this interpreter: with the PATH that it needs."""
    variables, path = environment(), conda_path(python)
    if path is not None:
        variables['PATH'] = path
    return variables


def conda_path(python):
    """The PATH that `conda activate` would give this interpreter on Windows; None where ours is that, or will do.

    There the libraries of a conda environment lie in folders of their own: where these are not on PATH, or another
    environment's come first, `import numpy` or `import ssl` fails.
    """
    prefix = os.path.dirname(python)
    if not (WINDOWS and prefix and os.path.isdir(os.path.join(prefix, 'conda-meta'))):
        return None
    ours = environment().get('PATH', '')
    folders = [prefix] + [os.path.join(prefix, folder) for folder in CONDA_FOLDERS]
    path = os.pathsep.join(folders + [folder for folder in ours.split(os.pathsep) if folder not in folders])
    return None if path == ours else path


def use_conda_environment():
    """For an agent that was started by its full path, as a scheduled task does, without `conda activate`."""
    path = conda_path(to_text(sys.executable, FILE_SYSTEM_ENCODING))
    if path is not None:
        os.environ[str('PATH')] = to_native(path)


def allow_ascii_locale():
    """Let click start under `LC_ALL=C` on Python 3.6, where it refuses to; later Pythons take UTF-8 then."""
    if sys.version_info[:2] == (3, 6) and not WINDOWS:
        import locale
        if locale.getpreferredencoding().lower() in ('ascii', 'ansi_x3.4-1968', 'us-ascii'):
            os.environ['LC_ALL'] = 'C.UTF-8'


def open_missing_streams():
    """Give a process that was started without stdin, stdout or stderr the null device as such.

    Else Python 3 has no stream there, and the next file that is opened takes its number.
    """
    for number, name in enumerate(('stdin', 'stdout', 'stderr')):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
        if getattr(sys, name) is None:
            stream = io.open(number, 'w' if number else 'r')
            setattr(sys, name, stream)
            setattr(sys, '__%s__' % name, stream)  # keeps it open when another takes its place


def hear_of_children():
    """Learn how the processes end that are started from here: a parent that ignores SIGCHLD hands that down.

    The system forgets their exit codes then, and Python takes each for a 0.
    """
    import signal
    if hasattr(signal, 'SIGCHLD') and signal.getsignal(signal.SIGCHLD) == signal.SIG_IGN:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)


def print_any_text():
    """Let stdout and stderr take every letter: one that the console's code page lacks is printed as its number.

    Python 3 raises otherwise, and a pipe on Windows has a code page of 256 letters. On Python 2 click sees to it, but
    for a console in UTF-8, whose code page Python 2 does not know, and for line ends: click writes those of Windows,
    and a stream in text mode would make CR CR LF of them, and of what a script has printed.
    """
    if PY2:
        codecs.register(lambda name: codecs.lookup('utf-8') if name == 'cp65001' else None)
    for name in ('stdout', 'stderr'):
        stream = getattr(sys, name)
        if PY2:
            if WINDOWS:
                import msvcrt
                msvcrt.setmode(stream.fileno(), os.O_BINARY)
        elif hasattr(stream, 'reconfigure'):
            stream.reconfigure(errors='backslashreplace')
        elif hasattr(stream, 'buffer'):  # before 3.7
            setattr(sys, name, io.TextIOWrapper(stream.buffer, stream.encoding, 'backslashreplace',
                                                line_buffering=stream.line_buffering))


def is_terminal(stream):
    """Whether somebody may sit at the other end of a stream: on Windows the null device calls itself a terminal too."""
    if not stream.isatty():
        return False
    if not WINDOWS:
        return True
    import ctypes
    import msvcrt
    mode = ctypes.c_ulong()
    handle = ctypes.c_void_p(msvcrt.get_osfhandle(stream.fileno()))
    return bool(ctypes.windll.kernel32.GetConsoleMode(handle, ctypes.byref(mode)))


# ------------------------------------------------------------------------------------------------ clocks

def _python2_monotonic():
    import ctypes
    if WINDOWS:
        milliseconds = ctypes.windll.kernel32.GetTickCount64
        milliseconds.restype = ctypes.c_uint64
        return lambda: milliseconds() / 1000.0

    class Timespec(ctypes.Structure):
        _fields_ = [('seconds', ctypes.c_long), ('nanoseconds', ctypes.c_long)]
    clock_gettime = ctypes.CDLL(None, use_errno=True).clock_gettime
    clock_monotonic = 6 if sys.platform == 'darwin' else 1

    def read():
        now = Timespec()
        if clock_gettime(clock_monotonic, ctypes.byref(now)) != 0:
            raise OSError(ctypes.get_errno(), 'clock_gettime')
        return now.seconds + now.nanoseconds * 1e-9
    return read


# Seconds on a clock that no clock step moves; only differences have a meaning.
monotonic = time.monotonic if hasattr(time, 'monotonic') else _python2_monotonic()


def sleep(seconds):
    """time.sleep; a signal that has a handler may end it early. Python 2 on Windows calls that an error."""
    try:
        time.sleep(seconds)
    except EnvironmentError as error:
        if error.errno != errno.EINTR:
            raise


# ------------------------------------------------------------------------------------------------ files

def _move_over(source, destination):
    if not (PY2 and WINDOWS):
        getattr(os, 'replace', os.rename)(source, destination)
        return
    import ctypes
    replace_existing, write_through = 1, 8
    if not ctypes.windll.kernel32.MoveFileExW(text_type(source), text_type(destination),
                                              replace_existing | write_through):
        raise ctypes.WinError()


def replace(source, destination, patience=2.0):
    """Move `source` over `destination` in one step.

    On Windows a read-only file, or one that somebody has open, cannot be replaced: the one is made writable, the other
    is tried again for `patience` seconds. Raises OSError.
    """
    deadline = monotonic() + patience
    while True:
        try:
            return _move_over(source, destination)
        except OSError as error:
            if not _is_held(error) or monotonic() > deadline:
                raise
            if os.path.exists(destination) and not os.access(destination, os.W_OK):
                os.chmod(destination, stat.S_IWRITE | stat.S_IREAD)
            sleep(0.02)


def _is_held(error):
    """Whether Windows refused because somebody has the file open at this moment."""
    return WINDOWS and error.errno in (errno.EACCES, errno.EPERM)


# ------------------------------------------------------------------------------------------------ JSON

def json_text(value):
    """JSON as every file and every `--json` of this project has it, the same on every Python.

    Sorted keys, indent 4, no trailing spaces, ASCII, one newline at the end. Raises ValueError for NaN and infinity.
    """
    text = json.dumps(value, sort_keys=True, indent=4, separators=(',', ': '), allow_nan=False)
    return to_text(text) + '\n'


def read_json(path):
    """The JSON document in a file. Raises ValueError when it is none, EnvironmentError when it cannot be read.

    On Windows a file that is being replaced at this moment cannot be opened: tried again for a second.
    """
    deadline = monotonic() + 1.0
    while True:
        try:
            with io.open(path, 'rb') as stream:
                return json.loads(stream.read().decode('utf-8'))
        except EnvironmentError as error:
            if not _is_held(error) or monotonic() > deadline:
                raise
            sleep(0.01)


# ------------------------------------------------------------------------------------------------ processes

# Held while a process is started: on Windows, Python 2 hands what one thread has opened for a child to that of another,
# and whoever waits for the end of its output then waits for both.
spawning = threading.Lock()


class TimedOut(Exception):
    """A bounded command did not end in time and was killed."""


def run_bounded(argv, timeout, env=None, cwd=None):
    """Run a short helper command to its end: (exit code, stdout bytes, stderr bytes).

    Not for scripts of a session: those are the keeper's. Raises TimedOut after `timeout` seconds and OSError when
    the command cannot be started.
    """
    import subprocess  # it takes a while, and few commands start another
    with spawning:
        process = subprocess.Popen(
            [to_native(word) for word in argv], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            close_fds=not WINDOWS, cwd=to_native(cwd),
            env={to_native(key): to_native(value) for key, value in (env or environment()).items()})
    late = []

    def kill():
        late.append(True)
        process.kill()
    timer = threading.Timer(timeout, kill)
    timer.start()
    try:
        out, err = process.communicate(b'')
    finally:
        timer.cancel()
    if late:
        raise TimedOut('no end after %g s: %s' % (timeout, argv[0]))
    return process.returncode, out, err


def python_command(module):
    """The argv that runs a module of this package with the interpreter that runs us now."""
    return [to_text(sys.executable, FILE_SYSTEM_ENCODING), '-m', module]
