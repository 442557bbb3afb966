"""What proving stages in simulation costs: twenty of them side by side, and one hour of change detection."""
from __future__ import absolute_import, unicode_literals

import io
import os
import shutil
import sys
import tempfile

from measure import command, medians, report, row

PROJECT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ALLOWED = 10.0  # seconds for an hour of session time
MORE = """
  MORE_{number}_images_A:
    <<: *change_detection
    parameters:
      <<: *flashed
      stage: MORE_{number}_images_A
      stimulus: *images_a
"""


def main():
    folder = tempfile.mkdtemp()
    os.environ.update({str('RIG_AGENT_HOME'): str(folder), str('RIG_AGENT_CACHE'): str(os.path.join(folder, 'cache'))})
    try:
        regimen = twenty_stages(os.path.join(folder, 'regimen.yml'))
        smoke = [sys.executable, '-m', 'rig_agent', 'smoke', '--simulate', '--regimen', regimen]
        two, one = medians([command(*(smoke + ['--all', '--jobs', '2'])), command(*(smoke + ['--all']))], times=1)
        hour, nothing = medians([command(*(smoke + ['TRAINING_2_gratings_flashed'])),
                                 command(*(smoke + ['TRAINING_2_gratings_flashed', '--set',
                                                    'max_task_duration_min=0.05']))], times=3)
        return report('smoke', [
            row('smoke --all, 20 stages, 2 jobs', two, 'the same with 1 job', one),
            row('smoke, 60 min of change detection at 60 Hz', hour, 'the 10 s that it may take', ALLOWED, limit=1.0),
            row('smoke, 60 min of change detection at 60 Hz', hour, 'the same, 3 s of it', nothing)])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def twenty_stages(path):
    """The project's regimen with five stages more."""
    with io.open(os.path.join(PROJECT, 'regimen.yml'), encoding='utf-8') as stream:
        text = stream.read()
    with io.open(path, 'w', encoding='utf-8') as stream:
        stream.write(text + ''.join(MORE.format(number=number) for number in range(5)))
    return path


if __name__ == '__main__':
    sys.exit(main())
