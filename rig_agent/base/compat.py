"""What one of the supported Pythons or systems lacks, in one place.

Python 2.7 has no monotonic clock, no `os.replace`, no time limits in subprocess, and hands every descriptor to its
children; Windows does not rename over a file that somebody reads. Nothing else in the package asks which Python or
system it runs on, except where the session's processes are concerned.
"""
from __future__ import absolute_import, unicode_literals

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
           'to_native', 'expand_user', 'folder_of', 'monotonic', 'replace', 'read_json', 'json_text', 'run_bounded',
           'environment', 'python_command', 'open_missing_streams', 'print_any_text']

WINDOWS = os.name == 'nt'
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


def to_native(text):
    """Text as `str`: bytes in the file system's encoding on Python 2, unchanged on Python 3.

    For the calls of Python 2 that take only bytes: environment variables and arguments of a child process.
    """
    return text.encode(FILE_SYSTEM_ENCODING) if PY2 and isinstance(text, text_type) else text


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


def environment():
    """This process's environment as a dictionary of text."""
    return {to_text(key, FILE_SYSTEM_ENCODING): to_text(value, FILE_SYSTEM_ENCODING)
            for key, value in os.environ.items()}


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


def print_any_text():
    """Let stdout and stderr take every letter: one that the console's code page lacks is printed as its number.

    Python 3 raises otherwise, and a pipe on Windows has a code page of 256 letters. On Python 2 click sees to it.
    """
    for name in ('stdout', 'stderr') if not PY2 else ():
        stream = getattr(sys, name)
        if hasattr(stream, 'reconfigure'):
            stream.reconfigure(errors='backslashreplace')
        elif hasattr(stream, 'buffer'):  # before 3.7
            setattr(sys, name, io.TextIOWrapper(stream.buffer, stream.encoding, 'backslashreplace',
                                                line_buffering=stream.line_buffering))


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
            time.sleep(0.02)


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
            time.sleep(0.01)


# ------------------------------------------------------------------------------------------------ processes

class TimedOut(Exception):
    """A bounded command did not end in time and was killed."""


def run_bounded(argv, timeout, env=None, cwd=None):
    """Run a short helper command to its end: (exit code, stdout bytes, stderr bytes).

    Not for scripts of a session: those are the keeper's. Raises TimedOut after `timeout` seconds and OSError when
    the command cannot be started.
    """
    import subprocess  # it takes a while, and few commands start another
    process = subprocess.Popen(
        [to_native(word) for word in argv], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        close_fds=not WINDOWS, cwd=to_native(cwd),
        env=None if env is None else {to_native(key): to_native(value) for key, value in env.items()})
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
