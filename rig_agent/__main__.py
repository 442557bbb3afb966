"""The entry of the `rig-agent` command and of `python -m rig_agent`."""
from __future__ import absolute_import, print_function, unicode_literals

import os
import sys


def main():
    use_utf8_for_names()
    # Answered before click is imported: build servers and `doctor` ask for it often.
    if sys.argv[1:] == ['--version']:
        from rig_agent import __version__
        print('rig-agent', __version__)
        return 0
    from rig_agent.cli.main import run
    code = run()
    leave_threads(code)
    return code


def leave_threads(code):
    """End the process now if a thread still waits for a server that was given up, or was interrupted; else return.

    Such a thread cannot be ended, and an interpreter that shuts down around a running one prints tracebacks or aborts.
    """
    threading = sys.modules.get('threading')
    if threading and any(thread.daemon for thread in threading.enumerate()):
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (EnvironmentError, ValueError):  # nobody reads it any more
                pass
        os._exit(code)


def use_utf8_for_names():
    """Under `LC_ALL=C` Pythons before 3.7 cannot open a path with a letter outside ASCII: start again in UTF-8."""
    if os.name == 'nt' or sys.version_info >= (3, 7) or os.environ.get('LC_ALL') == 'C.UTF-8' or \
            (sys.getfilesystemencoding() or 'ascii').lower() not in ('ascii', 'ansi_x3.4-1968', 'us-ascii'):
        return
    as_module = os.path.basename(sys.argv[0]) == '__main__.py'
    words = ['-m', 'rig_agent'] + sys.argv[1:] if as_module else sys.argv
    os.execve(sys.executable, [sys.executable] + words, dict(os.environ, LC_ALL='C.UTF-8'))


if __name__ == '__main__':
    sys.exit(main())
