"""psychopy.core: clocks, waits and the end of a script."""
from __future__ import absolute_import, division, print_function

import subprocess
import sys

from psychopy.clock import (Clock, CountdownTimer, MonotonicClock, StaticPeriod, getAbsTime, getTime,  # noqa: F401
                            monotonicClock, wait)

checkPygletDuringWait = True
runningThreads = []


def quit():
    """End the script."""
    sys.exit(0)


def rush(value=True, realtime=False):
    """Ask for a high priority: granted."""
    return True


def shellCall(shellCmd, stdin='', stderr=False, env=None, encoding=None):
    """Run a command; its output, and its error output when asked for."""
    words = shellCmd.split() if isinstance(shellCmd, str) else shellCmd
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)
    out, err = process.communicate()
    return (out, err) if stderr else out
