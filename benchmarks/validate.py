"""What validating a regimen costs, against loading the same file with PyYAML's C loader."""
from __future__ import absolute_import, unicode_literals

import io
import os
import shutil
import sys
import tempfile

import yaml

from measure import command, medians, report, row
from rig_agent.regimens.reading import read
from rig_agent.regimens.validation import validate

HERE = os.path.dirname(os.path.abspath(__file__))
STAGE = """
  {name}:
    <<: *change_detection
    parameters:
      <<: *continuous
      stage: {name}
      stimulus: *gratings
      max_task_duration_min: 15.0
      warm_up_trials: -1
      response_window: [0.0, 0.5]
      reward_volume: 0.005
      abort_on_early_response: false
      failure_repeats: 0
"""


def regimen(stages):
    """Bytes of a regimen with so many stages, its common parts those of the project's own."""
    with io.open(os.path.join(HERE, '..', 'regimen.yml'), encoding='utf-8') as stream:
        common = stream.read().split('transitions:')[0]
    names = ['TRAINING_%d' % number for number in range(stages)]
    transitions = ''.join('  - {trigger: progress, source: %s, dest: %s, conditions: one_complete}\n' % pair
                          for pair in zip(names, names[1:]))
    return (common + 'transitions:\n' + transitions + 'stages:\n'
            + ''.join(STAGE.format(name=name) for name in names)).encode('utf-8')


def main():
    loader = getattr(yaml, 'CSafeLoader', yaml.SafeLoader)
    rows, taken = [], {}
    for stages in (100, 1000):
        content = regimen(stages)
        loading, reading, validating = medians([
            lambda: yaml.load(content, Loader=loader), lambda: read(content, 'x'), lambda: validate(content, 'x')])
        taken[stages] = validating
        rows.append(row('read %d stages' % stages, reading, 'yaml.load', loading))
        rows.append(row('validate %d stages' % stages, validating, 'yaml.load', loading, 4))
    rows.append(row('validate 1000 stages', taken[1000], 'ten times 100 stages', taken[100] * 10, 2))
    rows.append(_command_row(regimen(100)))
    return report('validate', rows)


def _command_row(content):
    folder = tempfile.mkdtemp()
    try:
        path = os.path.join(folder, 'regimen.yml')
        with io.open(path, 'wb') as stream:
            stream.write(content)
        load = ('import yaml, click; '
                'yaml.load(open(%r, "rb"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))' % str(path))
        ours, theirs = medians([command(sys.executable, '-m', 'rig_agent', 'regimen', 'validate', path),
                                command(sys.executable, '-c', load)], times=5)
    finally:
        shutil.rmtree(folder)
    return row('rig-agent regimen validate, 100 stages', ours, 'python -c: import click, yaml; load', theirs, 4)


if __name__ == '__main__':
    sys.exit(main())
