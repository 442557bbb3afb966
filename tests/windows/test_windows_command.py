"""The installed command `rig-agent.exe` does on Windows what a rig needs from it."""
from __future__ import absolute_import, unicode_literals

import io
import json
import os
import shutil
import sys

import pytest

from desks import read
from support import PROJECT

COMMAND = os.path.join(os.path.dirname(sys.executable), 'Scripts', 'rig-agent.exe')


@pytest.fixture
def installed(agent):
    """The agent, through the program that pip made."""
    if not os.path.exists(COMMAND):
        pytest.skip('rig_agent is not installed into this Python')
    agent.argv = lambda *words: [COMMAND] + list(words)
    shutil.copy(os.path.join(PROJECT, 'regimen.yml'), agent.folder)
    return agent


def test_run_ends_with_the_scripts_outcome(installed):
    for script, code, outcome in ((b'print("fine")\n', 0, 'completed'), (b'raise ValueError("no")\n', 1, 'failed')):
        with io.open(os.path.join(installed.folder, 'task.py'), 'wb') as stream:
            stream.write(script)
        with io.open(os.path.join(installed.folder, 'regimen.yml'), 'wb') as stream:
            stream.write(b'name: T_v1\ntransitions: []\nstages: {a: {script: ./task.py, parameters: {}}}\n')
        ended = installed('run', 'a', '--json')
        assert ended.code == code and ended.json['outcome'] == outcome, ended


def test_smoke_runs_a_stage_of_the_projects_regimen_simulated(installed):
    ended = installed('smoke', '--simulate', 'TRAINING_1_gratings')
    assert ended.code == 0, ended


def test_cache_fetch_and_check_hold_the_bundled_scripts(installed):
    fetched = installed('cache', 'fetch', '--all', '--json')
    assert fetched.code == 0, fetched
    ended = installed('cache', 'verify')
    assert ended.code == 0, ended
    scripts = os.path.join(installed.folder, 'scripts')
    os.mkdir(scripts)
    name = 'rig_agent_change_detection_v2.py'
    shutil.copy(os.path.join(PROJECT, 'rig_agent', 'scripts', 'bundled', name), scripts)
    # 7: the repository cannot be reached, and no copy of it is here
    assert installed('check', '--dir', scripts).code in (0, 7)
    assert read(scripts, name) == read(PROJECT, 'rig_agent', 'scripts', 'bundled', name)


def test_logs_of_what_ran_are_collected(installed):
    assert installed('smoke', '--simulate', 'TRAINING_1_gratings').code == 0
    ended = installed('logs', 'collect')
    assert ended.code == 0 and ended.out.startswith('1 sessions'), ended


def test_sessions_are_listed_and_status_says_that_nothing_runs(installed):
    ended = installed('sessions', '--json')
    assert ended.code == 0 and json.loads(ended.out) == {'sessions': []}
    assert installed('status').code == 0
