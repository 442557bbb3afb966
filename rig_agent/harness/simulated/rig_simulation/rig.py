"""What a rig's Windows has in its environment, for scripts on another system."""
from __future__ import absolute_import, division, print_function

import os
import socket


def install():
    """Names that scripts read: in either case, as on Windows."""
    for name in ('AIBS_COMP_ID', 'AIBS_RIG_ID'):
        value = os.environ.get(name) or os.environ.get(name.lower()) or 'simulated'
        os.environ[name] = os.environ[name.lower()] = value
    home = os.path.expanduser('~')
    for name, value in (('COMPUTERNAME', socket.gethostname()), ('USERNAME', 'simulated'), ('USERPROFILE', home),
                        ('PROGRAMDATA', 'C:/ProgramData'), ('APPDATA', home)):
        os.environ.setdefault(name, value)
    os.getlogin = lambda: os.environ['USERNAME']  # fails without a terminal
