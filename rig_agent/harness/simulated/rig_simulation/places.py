"""Paths of a rig that a simulation follows to another place, in the session's folder.

Scripts name `C:/ProgramData/camstim/output` and `//server/share/movie.npy` outright. Camstim's output folders, the one
in the home among them, lead to the session's output on every system: what a simulated session writes must never lie
among the data of real ones.
Other paths of Windows stay as they are there. On another system such a path would become an odd relative one; here it
leads to a folder of the session, empty at first. Backslashes within a path separate its parts, for `os.path` too.
"""
from __future__ import absolute_import, division, print_function

import ntpath
import os
import re

from rig_simulation.options import OPTIONS, native
from rig_simulation.report import REPORT, real_isdir, real_makedirs

WINDOWS = os.name == 'nt'
DRIVE = re.compile(r'^([A-Za-z]):(?:[\\/]|$)')
SHARE = re.compile(r'^(?:\\\\|//)(?=[^\\/])')
OUTPUTS = re.compile(r'^[A-Z]:[\\/]+ProgramData[\\/]+(?:AIBS_MPE[\\/]+)?camstim[\\/]+(?:output|data)(?:[\\/]+(.*))?$',
                     re.IGNORECASE)
HOME = r'[\\/]+'.join(re.escape(part) for part in re.split(r'[\\/]+', os.path.expanduser('~').rstrip('\\/')))
OUTPUTS_AT_HOME = re.compile(r'^%s[\\/]+camstim[\\/]+(?:output|data)(?:[\\/]+(.*))?$' % HOME,
                             re.IGNORECASE if WINDOWS else 0)
DRIVES = 'simulation.drives'
TEXT = (str, type(u''))


def as_text(path):
    """A path as text, None when it is none (a descriptor, a stream)."""
    if hasattr(path, '__fspath__'):
        path = path.__fspath__()
    if isinstance(path, bytes) and not isinstance(path, str):
        path = os.fsdecode(path)
    return path if isinstance(path, TEXT) else None


def is_foreign(path):
    """Whether a path leads elsewhere: to camstim's output folders; one of Windows, on a system that is not."""
    if not (path[1:2] == ':' or path[:2] in ('//', '\\\\')):
        return False
    return bool(OUTPUTS.match(path) if WINDOWS else DRIVE.match(path) or SHARE.match(path))


def is_led(path):
    """Whether a path is followed to another place: a foreign one, or one in camstim's output folders."""
    return is_foreign(path) or _output_at(path) is not None


def _output_at(path):
    """The match of a path in camstim's output folders, None elsewhere; group 1 is what follows the folder."""
    return OUTPUTS.match(path) or OUTPUTS_AT_HOME.match(native(path))


def resolve(path):
    """Where a path of a script leads on this machine; the path itself when it is one of this machine's."""
    if not is_led(path):
        return path if WINDOWS or '\\' not in path else path.replace('\\', '/')
    path = native(path)
    output = _output_at(path)
    if output:
        target = os.path.join(OPTIONS.output, *_parts(output.group(1) or ''))
    else:
        drive = DRIVE.match(path)
        rest = path[drive.end():] if drive else SHARE.sub('', path)
        first = drive.group(1).upper() if drive else 'share'
        target = os.path.join(OPTIONS.folder, DRIVES, first, *_parts(rest))
    REPORT.file('redirected', path, target)
    return target


def whose_emptiness():
    """Whose an empty list of files is: the machine's when the script looked where only a rig has something."""
    sought = [path for path in REPORT.files['redirected'] if is_foreign(path) and _output_at(path) is None]
    return 'environment' if sought else 'script'


def install():
    """Let `os.path` understand paths of Windows elsewhere, as it does on a rig."""
    if WINDOWS:
        return
    for name in ('basename', 'dirname', 'split', 'splitext', 'normpath'):
        setattr(os.path, name, _of_either(getattr(os.path, name), getattr(ntpath, name)))
    for name in ('abspath', 'realpath'):
        setattr(os.path, name, _of_either(getattr(os.path, name), _absolute(getattr(os.path, name))))
    isabs = os.path.isabs
    os.path.isabs = lambda path: isabs(path) or is_foreign(as_text(path) or '')
    os.path.join = _joining(os.path.join)


def _of_either(posix, windows):
    def call(path, *arguments, **keywords):
        text = as_text(path)
        if text is None or not ('\\' in text or is_foreign(text)):
            return posix(path, *arguments, **keywords)
        return windows(text)
    return call


def _absolute(posix):
    return lambda path: ntpath.normpath(path) if is_foreign(path) else posix(path.replace('\\', '/'))


def _joining(posix):
    def join(path, *parts):
        for position in range(len(parts) - 1, -1, -1):
            if is_foreign(as_text(parts[position]) or ''):
                return posix(*parts[position:])
        return posix(path, *parts)
    return join


def _parts(text):
    return [part for part in re.split(r'[\\/]+', text) if part not in ('', '.', '..')]


def make_parent(path):
    """The folder of a file to be written under a redirected path: a rig has it, unless it is one within outputs."""
    folder = os.path.dirname(path)
    if not real_isdir(folder) and not folder.startswith(OPTIONS.output + os.sep):
        real_makedirs(folder)
