"""The subject of a session: a mouse, by its LabTracks id."""
from __future__ import absolute_import, unicode_literals

import re

from rig_agent.base.compat import text_type
from rig_agent.base.errors import UsageError

MOUSE = re.compile(r'[Mm]?([0-9]{1,18})$')


def parse_mouse(text):
    """The LabTracks id in `612345`, `M612345` or the number itself, as text of digits. Raises UsageError."""
    match = MOUSE.match(text_type(text).strip()) if not isinstance(text, bool) else None
    if not match:
        raise UsageError('This is no mouse', expected='a LabTracks id, such as 612345 or M612345',
                         found=repr(text).lstrip('u'))
    return match.group(1)


def is_mouse(text):
    """Whether `parse_mouse` would take it."""
    return bool(MOUSE.match(text_type(text).strip()))
