"""`rig-agent smoke`, as a person types it."""
from __future__ import absolute_import, unicode_literals

import io
import os
import signal
import sys
import time
from xml.etree import ElementTree

import pytest

from labs import faults, put, wait_for
from rig_agent.base.compat import WINDOWS, read_json, to_text
from rig_agent.base.files import read_file

PROJECT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..'))
REGIMEN = os.path.join(PROJECT, 'regimen.yml')
# A task of camstim's Behavior kind, without camstim: runs for a minute, saves when it is interrupted.
TASK = '''
import io, json, os, sys, time
def save(data):
    folder = os.path.join(os.path.dirname(os.path.abspath(sys.argv[1])), 'output')
    if not os.path.isdir(folder):
        os.makedirs(folder)
    with io.open(os.path.join(folder, 'task.pkl'), 'wb') as stream:
        stream.write(data)
try:
    for second in range(60):
        print(second)
        time.sleep(1)
except KeyboardInterrupt:
    %s
'''
STAGES = '''
name: Lab_Task_v1.0.0
transitions: []
stages:
  saves: {script: ./saves.py, parameters: {stage: saves}}
  loses: {script: ./loses.py, parameters: {stage: loses}}
  on_paper: {script: NotImplemented, script_md5: NotImplemented, parameters: {stage: on_paper}}
  wrong_md5: {script: ./saves.py, script_md5: 0123456789abcdef0123456789abcdef, parameters: {stage: wrong_md5}}
'''


@pytest.fixture
def lab(write):
    write('saves.py', TASK % "save(b'x' * 10)")
    write('loses.py', TASK % "save(b'')")
    return write('regimen.yml', STAGES)


def test_without_a_stage_the_regimens_first_one_is_proved_and_everything_is_told(agent):
    ended = agent('smoke', '--simulate', '--regimen', REGIMEN, '--set', 'max_task_duration_min=1')
    assert ended.code == 0
    told = dict(line.split(None, 1) for line in ended.out.splitlines())
    assert told['stage'] == 'TRAINING_0_gratings_autorewards'
    assert told['outcome'].startswith('completed') and told['result'] == 'passed'
    assert told['script'].startswith('rig_agent_change_detection_v2.py  md5 ')
    assert 'bundled' in told['script'] and 'asserted by the regimen' in told['script']
    assert os.path.isfile(os.path.join(told['session'], 'session.json'))
    assert told['output'].startswith(told['session']) and 'B)' in told['output']
    assert told['duration'].endswith(', for 1 min 20 s of simulated session')


def test_several_stages_give_a_table_a_document_and_a_file_for_build_servers(agent, folder):
    junit = os.path.join(folder, 'smoke.xml')
    names = ['TRAINING_1_gratings', 'IMAGING_7_receptive_field']
    ended = agent('smoke', *(names + ['--simulate', '--jobs', '2', '--regimen', REGIMEN, '--junit', junit, '--json',
                                      '--set', 'max_task_duration_min=0.5', '--set', 'max_mapping_duration_min=7']))
    assert ended.code == 0
    assert [result['stage'] for result in ended.json['results']] == names
    assert {result['verdict'] for result in ended.json['results']} == {'passed'}
    assert [round(result['simulated_s']) for result in ended.json['results']] == [50, 420]
    suite = ElementTree.parse(junit).getroot()
    assert (suite.get('tests'), suite.get('failures')) == ('2', '0')


def test_golden_runs_tell_what_an_edit_changed(agent, folder):
    golden = os.path.join(folder, 'golden')
    words = ['smoke', 'TRAINING_2_gratings_flashed', '--simulate', '--regimen', REGIMEN]
    short = ['--set', 'max_task_duration_min=2']
    assert agent(*(words + short + ['--record', golden])).code == 0
    same = agent(*(words + short + ['--compare', golden, '--json']))
    assert (same.code, same.json['changes']) == (0, [])
    edited = agent(*(words + ['--set', 'max_task_duration_min=1', '--set', 'reward_volume=0.02', '--compare', golden]))
    assert edited.code == 1
    table = [line.split() for line in edited.out.splitlines() if line.startswith('TRAINING_2_gratings_flashed ')]
    changed = {line[1]: line[2:] for line in table}
    assert changed['parameters.reward_volume'] == ['0.01', '0.02']
    assert changed['duration_s'] == ['140.0', '80.0']
    assert 'rewards.volume' in changed and 'outcome' not in changed and 'python' not in changed


def test_a_run_that_does_not_pass_is_no_golden_run(agent, folder, lab):
    ended = agent('smoke', 'loses', '--simulate', '--record', os.path.join(folder, 'golden'))
    assert ended.code == 1 and 'its golden run is not kept' in ended.err
    assert os.listdir(os.path.join(folder, 'golden')) == []


def test_each_interpreter_that_is_named_gets_its_turn(agent, folder):
    this, missing = to_text(sys.executable), os.path.join(folder, 'no-such-python')
    ended = agent('smoke', '--simulate', '--regimen', REGIMEN, '--set', 'max_task_duration_min=0.1',
                  '--python', this, '--python', missing, '--json')
    first, second = ended.json['results']
    assert ended.code == 4
    assert (first['python'], first['verdict']) == (this, 'passed')
    assert (second['verdict'], second['whose']) == ('failed', 'machine') and missing in second['reasons'][0]


@pytest.mark.parametrize('command', ['run', 'smoke'])
def test_a_relative_path_of_an_interpreter_begins_where_the_command_was_typed(agent, folder, command):
    there = os.path.relpath(to_text(sys.executable), folder)
    ended = agent(command, 'TRAINING_1_gratings', '--simulate', '--regimen', REGIMEN, '--python', there)
    assert ended.code == 0, ended


def test_on_a_rig_a_stage_is_stopped_after_its_duration_so_that_its_data_is_saved(agent, lab):
    ended = agent('smoke', 'saves', '--duration', '1s', '--json')
    result, = ended.json['results']
    assert (ended.code, result['verdict'], result['outcome']) == (0, 'passed', 'stopped')
    assert result['outputs'][0]['size'] == 10 and 1 <= result['duration_s'] < 30


def test_on_a_rig_a_stage_that_saves_nothing_when_it_is_stopped_fails(agent, lab):
    ended = agent('smoke', 'loses', '--duration', '0.5s')
    assert ended.code == 1
    assert 'because   no output of more than 0 bytes was written' in ended.out


def test_a_simulated_session_is_stopped_as_on_a_rig_through_its_control_stream(agent):
    ended = agent('smoke', 'IMAGING_2_images_A_passive', '--simulate', '--speed', '1', '--duration', '1s', '--json',
                  '--regimen', REGIMEN)
    result, = ended.json['results']
    assert (result['verdict'], result['outcome'], result['reasons']) == ('passed', 'stopped', [])
    assert result['simulated_s'] < 60 and result['outputs']


def test_stages_that_cannot_start_say_why_in_one_line_each(agent, lab):
    ended = agent('smoke', 'on_paper', 'wrong_md5', '--simulate')
    assert ended.code == 1
    rows = {line.split()[0]: line for line in ended.out.splitlines()}
    assert 'refused' in rows['on_paper'] and 'NotImplemented' in rows['on_paper']
    assert '0123456789abcdef0123456789abcdef' in rows['wrong_md5']
    assert agent('smoke', 'on_paper', '--simulate').code == 6
    assert agent('smoke', 'wrong_md5', '--simulate').code == 5


@pytest.mark.parametrize('words, code, text', [
    (['smoke', 'savse', '--simulate'], 6, 'saves'),
    (['smoke', '--all', '--jobs', '2'], 2, '--simulate'),
    (['smoke', '--record', 'golden'], 2, '--simulate'),
    (['smoke', 'loses', '--simulate', '--speed', '-1'], 2, '--speed'),
    (['smoke', 'on_paper', '--simulate', '--compare', 'nowhere'], 6, '--record'),
    (['smoke', 'on_paper', '--simulate', '--junit', 'no/such/folder/file.xml'], 2, 'file.xml'),
    (['smoke', '--simulate', '--regimen', 'elsewhere.yml'], 6, 'elsewhere.yml')])
def test_what_cannot_be_done_is_refused_with_its_exit_code(agent, lab, words, code, text):
    ended = agent(*words)
    assert ended.code == code and text in ended.err


@pytest.mark.skipif(WINDOWS, reason='a console Ctrl-C cannot be sent to one process there')
def test_ctrl_c_stops_every_session_and_the_rest_is_not_begun(agent, lab):
    process = agent.start('smoke', 'saves', 'loses', 'saves', '--simulate', '--speed', '1')
    try:
        record = wait_for_running_session(os.path.join(agent.home, 'sessions'))
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate()
    finally:
        if process.poll() is None:
            process.kill()
    assert process.returncode == 130
    with io.open(record, encoding='utf-8') as stream:
        assert '"outcome": "stopped"' in stream.read()
    assert b'saves' in out and b'loses' not in out and b'0 of 1 passed, 1 not run' in out


@pytest.mark.skipif(WINDOWS, reason='a console Ctrl-C cannot be sent to one process there')
def test_ctrl_c_that_a_wrapper_passes_on_as_well_hurries_nothing(agent, lab, write):
    write('saves.py', TASK % "print('asked')\n    while not os.path.exists('go'):\n        time.sleep(0.02)\n"
                             "    save(b'x' * 10)")
    agent.environment['PYTHONPATH'] = faults('long_press')
    process = agent.start('smoke', 'saves', '--simulate', '--speed', '1', '--json')
    try:
        record = wait_for_running_session(os.path.join(agent.home, 'sessions'))
        process.send_signal(signal.SIGINT)
        wait_for(lambda: os.path.exists(os.path.join(os.path.dirname(record), 'stop.json')))
        process.send_signal(signal.SIGINT)
        wait_for(lambda: b'asked' in read_file(os.path.join(os.path.dirname(record), 'stdout.log')))
        assert read_json(os.path.join(os.path.dirname(record), 'stop.json'))['now'] is False
        put(os.path.join(os.path.dirname(record), 'go'), b'')
        process.communicate()
    finally:
        if process.poll() is None:
            process.kill()
    assert process.returncode == 130 and read_json(record)['outcome'] == 'stopped'


def wait_for_running_session(sessions):
    deadline = time.time() + 60
    while time.time() < deadline:
        for name in os.listdir(sessions) if os.path.isdir(sessions) else ():
            log = os.path.join(sessions, name, 'stdout.log')
            if os.path.isfile(log) and os.path.getsize(log):
                return os.path.join(sessions, name, 'session.json')
        time.sleep(0.05)
    raise AssertionError('no session ran')
