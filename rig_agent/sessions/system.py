"""The operating system's part of a session: the functions of posix.py or of windows.py, which have the same names."""
from __future__ import absolute_import, unicode_literals

from rig_agent.base.compat import WINDOWS

if WINDOWS:
    from rig_agent.sessions.windows import *  # noqa
else:
    from rig_agent.sessions.posix import *  # noqa
