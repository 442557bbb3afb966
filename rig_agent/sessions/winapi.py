"""What Windows offers for processes, jobs, consoles and files and Python does not, by ctypes.

Used by windows.py and by the shim. It imports the standard library only, since the shim does.
"""
from __future__ import absolute_import, unicode_literals

import ctypes
import errno
import msvcrt
import os
import time
from ctypes import wintypes

kernel = ctypes.WinDLL(str('kernel32'), use_last_error=True)
QUERY, TERMINATE, SYNCHRONIZE = 0x1000, 0x0001, 0x00100000
CTRL_C, CTRL_BREAK = 0, 1
ALREADY_EXISTS, ACCESS_DENIED = 183, 5
HIGHEST_HANDLE = 1 << 14  # that is looked at: a process gets low numbers, used again; the agent holds a few hundred
LONGEST_HOLD = 60.0  # seconds for which the end of the console is held up; the system grants 5 to 20


class _Entry(ctypes.Structure):
    """PROCESSENTRY32W"""
    _fields_ = [('size', wintypes.DWORD), ('usage', wintypes.DWORD), ('pid', wintypes.DWORD), ('heap', ctypes.c_size_t),
                ('module', wintypes.DWORD), ('threads', wintypes.DWORD), ('parent', wintypes.DWORD),
                ('priority', wintypes.LONG), ('flags', wintypes.DWORD), ('name', wintypes.WCHAR * 260)]


class _Members(ctypes.Structure):
    """JOBOBJECT_BASIC_PROCESS_ID_LIST"""
    _fields_ = [('assigned', wintypes.DWORD), ('listed', wintypes.DWORD), ('pids', ctypes.c_size_t * 4096)]


class _Accounts(ctypes.Structure):
    """JOBOBJECT_BASIC_ACCOUNTING_INFORMATION"""
    _fields_ = [('times', ctypes.c_int64 * 4), ('faults', wintypes.DWORD), ('total', wintypes.DWORD),
                ('active', wintypes.DWORD), ('terminated', wintypes.DWORD)]


def _declare(name, result, *arguments):
    function = getattr(kernel, name)
    function.restype, function.argtypes = result, arguments
    return function


HANDLER = ctypes.WINFUNCTYPE(wintypes.BOOL, wintypes.DWORD)
_open_process = _declare('OpenProcess', wintypes.HANDLE, wintypes.DWORD, wintypes.BOOL, wintypes.DWORD)
_close = _declare('CloseHandle', wintypes.BOOL, wintypes.HANDLE)
_times = _declare('GetProcessTimes', wintypes.BOOL, wintypes.HANDLE, *[ctypes.POINTER(wintypes.FILETIME)] * 4)
_exit_code = _declare('GetExitCodeProcess', wintypes.BOOL, wintypes.HANDLE, ctypes.POINTER(wintypes.DWORD))
_terminate = _declare('TerminateProcess', wintypes.BOOL, wintypes.HANDLE, wintypes.UINT)
_wait = _declare('WaitForSingleObject', wintypes.DWORD, wintypes.HANDLE, wintypes.DWORD)
_snapshot = _declare('CreateToolhelp32Snapshot', wintypes.HANDLE, wintypes.DWORD, wintypes.DWORD)
_first = _declare('Process32FirstW', wintypes.BOOL, wintypes.HANDLE, ctypes.POINTER(_Entry))
_next = _declare('Process32NextW', wintypes.BOOL, wintypes.HANDLE, ctypes.POINTER(_Entry))
_create_job = _declare('CreateJobObjectW', wintypes.HANDLE, wintypes.LPVOID, wintypes.LPCWSTR)
_assign = _declare('AssignProcessToJobObject', wintypes.BOOL, wintypes.HANDLE, wintypes.HANDLE)
_query_job = _declare('QueryInformationJobObject', wintypes.BOOL, wintypes.HANDLE, ctypes.c_int, wintypes.LPVOID,
                      wintypes.DWORD, wintypes.LPVOID)
_terminate_job = _declare('TerminateJobObject', wintypes.BOOL, wintypes.HANDLE, wintypes.UINT)
_is_in_job = _declare('IsProcessInJob', wintypes.BOOL, wintypes.HANDLE, wintypes.HANDLE, ctypes.POINTER(wintypes.BOOL))
_create_file = _declare('CreateFileW', wintypes.HANDLE, wintypes.LPCWSTR, wintypes.DWORD, wintypes.DWORD,
                        wintypes.LPVOID, wintypes.DWORD, wintypes.DWORD, wintypes.HANDLE)
_seek = _declare('SetFilePointerEx', wintypes.BOOL, wintypes.HANDLE, ctypes.c_int64, wintypes.LPVOID, wintypes.DWORD)
_set_end = _declare('SetEndOfFile', wintypes.BOOL, wintypes.HANDLE)
_information = _declare('SetHandleInformation', wintypes.BOOL, wintypes.HANDLE, wintypes.DWORD, wintypes.DWORD)
_free_space = _declare('GetDiskFreeSpaceExW', wintypes.BOOL, wintypes.LPCWSTR, ctypes.POINTER(ctypes.c_uint64),
                       wintypes.LPVOID, wintypes.LPVOID)
_peek = _declare('PeekNamedPipe', wintypes.BOOL, wintypes.HANDLE, wintypes.LPVOID, wintypes.DWORD, wintypes.LPVOID,
                 ctypes.POINTER(wintypes.DWORD), wintypes.LPVOID)
_set_handler = _declare('SetConsoleCtrlHandler', wintypes.BOOL, wintypes.LPVOID, wintypes.BOOL)
_attach = _declare('AttachConsole', wintypes.BOOL, wintypes.DWORD)
_generate = _declare('GenerateConsoleCtrlEvent', wintypes.BOOL, wintypes.DWORD, wintypes.DWORD)
_resume = ctypes.WinDLL(str('ntdll')).NtResumeProcess
_resume.restype, _resume.argtypes = wintypes.LONG, (wintypes.HANDLE,)
_handlers = []  # a console handler must live as long as it may be called


def last_error():
    """The last failure as an OSError, which names it in the system's words."""
    return ctypes.WinError(ctypes.get_last_error())


# ------------------------------------------------------------------------------------------------ processes

class Process(object):
    """A process by its pid, kept from being forgotten by the system while this object is open. Raises OSError."""

    def __init__(self, pid, access=QUERY | SYNCHRONIZE):
        self.handle = _open_process(access, False, pid)
        if not self.handle:
            raise last_error()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def wait(self, seconds):
        """True when it has ended, at the latest after so many seconds."""
        return _wait(self.handle, int(seconds * 1000)) == 0

    def created(self):
        """When it was created, in 100 ns since 1601: what tells it from a later one with its pid."""
        moments = [wintypes.FILETIME() for _ in range(4)]
        if not _times(self.handle, *[ctypes.byref(moment) for moment in moments]):
            raise last_error()
        return moments[0].dwHighDateTime << 32 | moments[0].dwLowDateTime

    def exit_code(self):
        """The code that it ended with, 0 to 2**32 - 1; None while it lives."""
        code = wintypes.DWORD()
        if not self.wait(0) or not _exit_code(self.handle, ctypes.byref(code)):
            return None
        return code.value

    def terminate(self, code):
        """End it at once. False when that is not allowed, or it has ended."""
        return bool(_terminate(self.handle, code))

    def close(self):
        if self.handle:
            _close(self.handle)
            self.handle = None


def identity(pid, ended_too=False):
    """What tells this process from a later one with the same pid; None when it is gone or not ours to look at."""
    try:
        with Process(pid) as process:
            return None if process.wait(0) and not ended_too else 'windows:%d' % process.created()
    except OSError:
        return None


def processes():
    """Every process: [(pid, pid of the one that started it, name of its program)]."""
    found, entry = [], _Entry()
    entry.size = ctypes.sizeof(_Entry)
    snapshot = _snapshot(2, 0)  # TH32CS_SNAPPROCESS
    if snapshot in (None, wintypes.HANDLE(-1).value):
        return found
    more = _first(snapshot, ctypes.byref(entry))
    while more:
        found.append((entry.pid, entry.parent, entry.name))
        more = _next(snapshot, ctypes.byref(entry))
    _close(snapshot)
    return found


def show_no_dialogs():
    """A crash ends the process, and those that it starts, instead of waiting for somebody to close a window."""
    kernel.SetErrorMode(kernel.GetErrorMode() | 0x8003)  # critical errors, access violations, missing files


def resume(handle):
    """Let a process run that was created suspended. Raises OSError."""
    if _resume(int(handle)) != 0:
        raise OSError(errno.EACCES, 'a process that was created suspended could not be resumed')


# ------------------------------------------------------------------------------------------------ job objects

class Job(object):
    """The job object of a session, made or opened by its name: every process started in it belongs to it.

    It does not end its processes when its last handle is closed: a session outlives the agent. Raises OSError.
    """

    def __init__(self, session):
        self.handle = _create_job(None, 'Global\\rig_agent_%s' % session)
        if not self.handle:
            raise last_error()

    def add(self, process_handle):
        """Raises OSError where the process is in a job already that does not allow another one (before Windows 8)."""
        if not _assign(self.handle, int(process_handle)):
            raise last_error()

    def pids(self):
        """The processes in it that live."""
        members = _Members()
        _query_job(self.handle, 3, ctypes.byref(members), ctypes.sizeof(members), None)
        return [int(pid) for pid in members.pids[:members.listed]]

    def used(self):
        """Whether a process ever belonged to it."""
        return self._accounts().total > 0

    def cpu_s(self):
        """Seconds of CPU time of all that ever belonged to it."""
        return round(sum(self._accounts().times[:2]) * 1e-7, 3)

    def _accounts(self):
        accounts = _Accounts()
        _query_job(self.handle, 1, ctypes.byref(accounts), ctypes.sizeof(accounts), None)
        return accounts

    def terminate(self, code):
        """End all processes in it in one step, those that are being started too."""
        return bool(_terminate_job(self.handle, code))


def in_a_job():
    """Whether this process is in a job object, whosever."""
    answer, this_process = wintypes.BOOL(), wintypes.HANDLE(-1)
    return bool(_is_in_job(this_process, None, ctypes.byref(answer))) and bool(answer)


def contain(process, session):
    """Put a subprocess that was created suspended into the session's job object, then let it run.

    `process.job` holds the job as long as the caller lives, `process.uncontained` is the error for which there is none.
    Raises OSError when the process does not begin to run; it has been ended then.
    """
    process.job = process.uncontained = None
    try:
        job = Job(session)
        job.add(process._handle)
        process.job = job
    except OSError as error:
        process.uncontained = error
    try:
        resume(process._handle)
    except OSError:
        process.kill()
        raise


# ------------------------------------------------------------------------------------------------ consoles

def stand_ctrl_c():
    """Be deaf to the console's Ctrl-C and Ctrl-Break, though the processes that are started from here are not.

    The end of the console is held up as long as the system allows, so that what is at work can be finished.
    """
    def handle(event):
        if event not in (CTRL_C, CTRL_BREAK):
            time.sleep(LONGEST_HOLD)
        return True
    _handlers.append(HANDLER(handle))
    _set_handler(_handlers[-1], True)
    _set_handler(None, False)  # "ignore Ctrl-C" is inherited: the script must not inherit it


def part_from_console():
    """Let the end of the console, or of the Windows session, end this process and nothing else.

    The C library makes SIGBREAK of it, as of Ctrl-Break: whoever closes a window would press Ctrl-Break in it.
    """
    _handlers.append(HANDLER(lambda event: event not in (CTRL_C, CTRL_BREAK)))
    _set_handler(_handlers[-1], True)  # asked before the C library's


def press_ctrl_c(pid):
    """Ctrl-C for every process on the console of `pid`; the caller becomes one of them. Raises OSError.

    stand_ctrl_c has to be called before.
    """
    kernel.FreeConsole()
    if not _attach(pid):
        raise last_error()
    for handler in _handlers:
        _set_handler(handler, True)
    if not _generate(CTRL_C, 0):
        raise last_error()


# ------------------------------------------------------------------------------------------------ files

def open_to_append(path):
    """A descriptor whose every write goes to the file's end, in whichever process it is. Raises OSError.

    O_APPEND of the C library is a matter of one process; the access right of this handle goes with it.
    """
    append_only = 0x00000004 | 0x00000080 | 0x00020000 | SYNCHRONIZE  # append, read attributes and rights; no write
    handle = _create_file(path, append_only, 7, None, 4, 0x80, None)  # shared with all; made when it is not there
    if handle in (None, wintypes.HANDLE(-1).value):
        raise last_error()
    return msvcrt.open_osfhandle(handle, os.O_APPEND | os.O_WRONLY | os.O_BINARY | os.O_NOINHERIT)


def truncate(descriptor, size):
    """Cut a file. Raises OSError."""
    handle = msvcrt.get_osfhandle(descriptor)
    if not _seek(handle, size, None, 0) or not _set_end(handle):
        raise last_error()


def keep_from_children(descriptor):
    """Children do not inherit it: on Python 2 they would."""
    _information(msvcrt.get_osfhandle(descriptor), 1, 0)


def keep_handles_from_children():
    """Children inherit no handle of this process, but what they are started with.

    Python 2 opens all files and sockets so that they do, and gives them no other way; Python 3 before 3.7 still hands on
    what the process inherited itself, such as the pipe of its caller, who then waits for the end of our children.
    """
    for handle in range(4, HIGHEST_HANDLE, 4):  # there is no list of them; a number that is none costs a microsecond
        _information(handle, 1, 0)


def free_disk(folder):
    """Bytes that this user can still write there. Raises OSError."""
    free = ctypes.c_uint64()
    if not _free_space(folder, ctypes.byref(free), None, None):
        raise last_error()
    return free.value


def readable(descriptor):
    """How many bytes stand in a pipe."""
    count = wintypes.DWORD()
    return count.value if _peek(msvcrt.get_osfhandle(descriptor), None, 0, None, ctypes.byref(count), None) else 0
