"""What a rig's Windows has in its environment, for scripts on another system."""
from __future__ import absolute_import, division, print_function

import contextlib
import os
import re
import signal
import socket
import subprocess

from rig_simulation import libraries
from rig_simulation.recorder import Unknown

# Of Windows' own, for how processes are started and stopped: taken and of no effect elsewhere.
OF_SUBPROCESS = {'CREATE_NEW_CONSOLE': 0x10, 'CREATE_NEW_PROCESS_GROUP': 0x200, 'CREATE_NO_WINDOW': 0x8000000,
                 'DETACHED_PROCESS': 8, 'STARTF_USESHOWWINDOW': 1, 'STARTF_USESTDHANDLES': 0x100, 'SW_HIDE': 0,
                 'HIGH_PRIORITY_CLASS': 0x80, 'NORMAL_PRIORITY_CLASS': 0x20}
VARIABLE = re.compile(r'%(\w+)%')  # in a path
OF_PSUTIL = ('HIGH_PRIORITY_CLASS', 'REALTIME_PRIORITY_CLASS', 'ABOVE_NORMAL_PRIORITY_CLASS', 'NORMAL_PRIORITY_CLASS')


class StartupInfo(object):
    """subprocess.STARTUPINFO."""

    def __init__(self, **settings):
        self.dwFlags = self.wShowWindow = 0
        self.__dict__.update(settings)


def install():
    """Names that scripts read: in either case, as on Windows."""
    for name in ('AIBS_COMP_ID', 'AIBS_RIG_ID'):
        value = os.environ.get(name) or os.environ.get(name.lower()) or 'simulated'
        os.environ[name] = os.environ[name.lower()] = value
    home = os.path.expanduser('~')
    drive, folder = os.path.splitdrive(home)
    scratch = os.environ.get('TMPDIR', '/tmp')
    for name, value in (('COMPUTERNAME', socket.gethostname()), ('USERNAME', 'simulated'), ('USERPROFILE', home),
                        ('PROGRAMDATA', 'C:/ProgramData'), ('ALLUSERSPROFILE', 'C:/ProgramData'), ('APPDATA', home),
                        ('LOCALAPPDATA', home), ('HOMEDRIVE', drive), ('HOMEPATH', folder), ('SYSTEMDRIVE', 'C:'),
                        ('PUBLIC', 'C:/Users/Public'), ('TEMP', scratch), ('TMP', scratch),
                        ('USERDOMAIN', socket.gethostname())):
        os.environ.setdefault(name, value)
    os.getlogin = lambda: os.environ['USERNAME']  # fails without a terminal
    if os.name == 'nt':
        return
    for name, value in OF_SUBPROCESS.items():
        setattr(subprocess, name, value)
    subprocess.STARTUPINFO = StartupInfo
    signal.CTRL_C_EVENT = signal.CTRL_BREAK_EVENT = signal.SIGINT
    os.startfile = Unknown._of('os.startfile')
    os.path.expandvars = _also_of_windows(os.path.expandvars)


def _also_of_windows(expand):
    """`expandvars` that knows `%NAME%` too."""
    def expandvars(path):
        expanded = expand(path)
        if not isinstance(expanded, (str, type(u''))):
            return expanded
        return VARIABLE.sub(lambda found: os.environ.get(found.group(1).upper(), found.group()), expanded)
    return expandvars


class LibrariesOfWindows(Unknown):
    """`ctypes.windll`: a script's calls are taken and reported; to other modules no library is there."""

    def __getattr__(self, name):
        if not libraries.asked_by_script():
            raise AttributeError(name)
        return super(LibrariesOfWindows, self).__getattr__(name)


def patch_ctypes(ctypes):
    if hasattr(ctypes, 'windll'):
        return
    for name in ('windll', 'oledll', 'WinDLL', 'OleDLL'):
        setattr(ctypes, name, LibrariesOfWindows._of('ctypes.' + name))
    ctypes.WINFUNCTYPE = ctypes.CFUNCTYPE
    ctypes.WinError = lambda code=None, description=None: OSError(code or 0, description or 'an error of Windows')
    ctypes.GetLastError, ctypes.FormatError = lambda: 0, lambda code=None: 'an error of Windows'


@contextlib.contextmanager
def importable_wintypes():
    """While ctypes.wintypes is imported: on Python 2 it has a type of Windows' own, which fails elsewhere."""
    import ctypes
    real = ctypes._SimpleCData
    if str is bytes and os.name != 'nt':
        ctypes._SimpleCData = object
    try:
        yield
    finally:
        ctypes._SimpleCData = real


def patch_psutil(psutil):
    for name in OF_PSUTIL:
        if not hasattr(psutil, name):
            setattr(psutil, name, 0)
