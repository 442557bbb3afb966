"""How fast the command starts: against importing the libraries that it cannot do without."""
from __future__ import absolute_import, unicode_literals

import os
import sys
import tempfile

from measure import command, medians, report, row
from rig_agent.base.files import remove_folder

PROJECT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
AGENT = os.path.join(os.path.dirname(sys.executable), 'rig-agent')
STAGE = 'TRAINING_1_gratings'


def main():
    home = tempfile.mkdtemp()
    os.environ.update({str('RIG_AGENT_HOME'): str(home), str('RIG_AGENT_CACHE'): str(os.path.join(home, 'cache'))})
    os.chdir(PROJECT)
    command(AGENT, '--offline', 'cache', 'fetch', STAGE)()
    try:
        version, click, explain, click_and_yaml, help_page = medians([
            command(AGENT, '--version'), command(sys.executable, '-c', 'import click'),
            command(AGENT, 'explain', STAGE), command(sys.executable, '-c', 'import click, yaml'),
            command(AGENT, '--help')], times=15)
    finally:
        remove_folder(home)
    return report('startup', [
        row('rig-agent --version', version, 'python -c "import click"', click, limit=1.5),
        row('rig-agent explain STAGE, warm cache', explain, 'python -c "import click, yaml"', click_and_yaml, limit=2.0),
        row('rig-agent --help', help_page, 'python -c "import click"', click)])


if __name__ == '__main__':
    sys.exit(main())
