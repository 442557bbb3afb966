"""Which rig and which computer this is, and who is at it."""
from __future__ import absolute_import, unicode_literals

import os

from rig_agent.base.compat import FILE_SYSTEM_ENCODING, environment, to_text


def from_environment(name):
    """An environment variable in upper or lower case, as Windows takes it and Linux does not.

    camstim scripts read `aibs_rig_id` and `aibs_comp_id` in lower case (facts of public camstim scripts).
    """
    variables = environment()
    return variables.get(name.upper()) or variables.get(name.lower())


def host_name():
    if hasattr(os, 'uname'):
        return to_text(os.uname()[1])
    import socket  # every command needs the name, and this import takes 5 ms
    return to_text(socket.gethostname(), FILE_SYSTEM_ENCODING)


def computer_id():
    """AIBS_COMP_ID, such as `NP.1-Stim`, else the host name."""
    return from_environment('AIBS_COMP_ID') or host_name()


def rig_id():
    """AIBS_RIG_ID, such as `BEH.B-Box4`, else the host name."""
    return from_environment('AIBS_RIG_ID') or host_name()


def user_name():
    """The account that runs us, or `unknown` where the system does not tell."""
    import getpass
    try:
        return to_text(getpass.getuser(), FILE_SYSTEM_ENCODING)
    except Exception:  # no HOME, no entry in passwd, no pwd module: a name is not worth a failure
        return 'unknown'


def platform_name():
    """The operating system with its version, such as `Windows-10-10.0.19041`."""
    import platform
    return to_text(platform.platform())
