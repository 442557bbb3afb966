"""Paths of a rig on another system: drives and network shares lead into the session's folder.

Scripts name `C:/ProgramData/camstim/output` and `//server/share/movie.npy` outright. On Windows they stay as they
are. On another system such a path would become an odd relative one; here camstim's output folders lead to the
session's output, all others to a folder of the session, empty at first.
"""
from __future__ import absolute_import, division, print_function

import os
import re

from rig_simulation.options import OPTIONS
from rig_simulation.report import REPORT, real_isdir, real_makedirs

WINDOWS = os.name == 'nt'
DRIVE = re.compile(r'^([A-Za-z]):(?:[\\/]|$)')
SHARE = re.compile(r'^(?:\\\\|//)(?=[^\\/])')
OUTPUTS = re.compile(r'^[A-Z]:[\\/]+ProgramData[\\/]+(?:AIBS_MPE[\\/]+)?camstim[\\/]+(?:output|data)(?:[\\/]+(.*))?$',
                     re.IGNORECASE)
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
    """Whether a path is one of Windows, on a system that is not."""
    if WINDOWS or not (path[1:2] == ':' or path[:2] in ('//', '\\\\')):
        return False
    return bool(DRIVE.match(path) or SHARE.match(path))


def resolve(path):
    """Where a path of a script leads on this machine; the path itself when it is one of this machine's."""
    if not is_foreign(path):
        return path
    output = OUTPUTS.match(path)
    if output:
        target = os.path.join(OPTIONS.output, *_parts(output.group(1) or ''))
    else:
        drive = DRIVE.match(path)
        rest = path[drive.end():] if drive else SHARE.sub('', path)
        first = drive.group(1).upper() if drive else 'share'
        target = os.path.join(OPTIONS.folder, DRIVES, first, *_parts(rest))
    REPORT.file('redirected', str(path), target)
    return target


def _parts(text):
    return [part for part in re.split(r'[\\/]+', text) if part not in ('', '.', '..')]


def make_parent(path):
    """The folder of a file to be written under a redirected path: a rig has it."""
    folder = os.path.dirname(path)
    if not real_isdir(folder):
        real_makedirs(folder)
