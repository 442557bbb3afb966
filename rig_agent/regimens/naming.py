"""The names of regimens: `{project}_{task}_v{major}.{minor}.{patch}`, and the step from one version to the next."""
from __future__ import absolute_import, unicode_literals

import re
from collections import namedtuple

CONVENTION = re.compile(r'([A-Za-z0-9]+(?:_[A-Za-z0-9]+)+)_v(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)$')
LOOSE = re.compile(r'(.*?)_?v(\d+)(?:\.(\d+))?(?:\.(\d+))?([A-Za-z0-9.+-]*)$')

# base: what stands before the version. version: (major, minor, patch), missing parts 0.
Name = namedtuple('Name', 'base version')


def parse_name(name):
    """The Name in a regimen's name, also in a deviating one, such as `Openscope_Vippo_v10`; None without a version."""
    match = LOOSE.match(name or '')
    return match and Name(match.group(1), tuple(int(part or 0) for part in match.group(2, 3, 4)))


def convention_flaw(name):
    """What keeps a name from following the convention, as a short text; None when it does."""
    if CONVENTION.match(name):
        return None
    if re.search(r'[^A-Za-z0-9_.]', name):
        return 'only letters, digits, `_` and `.` are used'
    version = re.search(r'(?:^|_)v(.*)$', name)
    if not version:
        return 'it has no version'
    if not re.match(r'(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$', version.group(1)):
        return 'its version is not three numbers'
    return 'it has no task beside its project'
