"""A console's owner on Windows: `console BUTTON COMMAND ...` runs the command and presses Ctrl-C when BUTTON appears.

Itself it is deaf to Ctrl-C, as cmd.exe is while it waits.
"""
from __future__ import absolute_import, unicode_literals

import os
import subprocess
import sys
import time


def main(button, *command):
    from rig_agent.sessions import winapi
    deaf = winapi.HANDLER(lambda event: event in (winapi.CTRL_C, winapi.CTRL_BREAK))
    winapi.kernel.SetConsoleCtrlHandler(deaf, True)
    process = subprocess.Popen(command, stdin=subprocess.PIPE)
    while process.poll() is None:
        if os.path.exists(button):
            os.remove(button)
            winapi.kernel.GenerateConsoleCtrlEvent(winapi.CTRL_C, 0)
        time.sleep(0.05)
    return process.returncode


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
