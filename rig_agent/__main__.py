"""The entry of the `rig-agent` command and of `python -m rig_agent`."""
from __future__ import absolute_import, print_function, unicode_literals

import sys


def main():
    # Answered before click is imported: build servers and `doctor` ask for it often.
    if sys.argv[1:] == ['--version']:
        from rig_agent import __version__
        print('rig-agent', __version__)
        return 0
    from rig_agent.cli.main import run
    return run()


if __name__ == '__main__':
    sys.exit(main())
