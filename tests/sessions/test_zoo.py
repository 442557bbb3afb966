"""When a script misbehaves in the way its name says, its session ends as it should: the zoo, run by the installed command.

The whole zoo runs once for this module, several sessions side by side, each in a home of its own.
"""
from __future__ import absolute_import, unicode_literals

import io
import json
import os
import subprocess
import sys

import pytest

from labs import disk_bytes, together
from rig_agent.base.compat import WINDOWS, to_text
from rig_agent.harness import zoo
from rig_agent.sessions import shim

NAMES = [animal.name for animal in zoo.animals()]


@pytest.fixture(scope='module')
def records(tmpdir_factory):
    """name -> {right, record} of every script of the zoo."""
    place = to_text(str(tmpdir_factory.mktemp('zoo')))

    reader, writer = os.pipe()  # nobody ever writes into it: a script that had it as its stdin would wait

    def run(name):
        home = os.path.join(place, name)
        os.mkdir(home)
        environment = {key: value for key, value in os.environ.items() if not key.upper().startswith('RIG_AGENT')}
        environment.update({str('RIG_AGENT_HOME'): str(home), str('HOME'): str(home)})
        process = subprocess.Popen([str(word) for word in AGENT + ['harness', 'zoo', 'run', name, '--json']],
                                   stdin=reader, stdout=subprocess.PIPE, env=environment, close_fds=not WINDOWS)
        result = json.loads(to_text(process.communicate()[0]))['results'][0]
        result['exit'] = process.returncode
        return result
    try:
        return dict(zip(NAMES, together([lambda name=name: run(name) for name in NAMES], at_once=6)))
    finally:
        os.close(reader)
        os.close(writer)


AGENT = [sys.executable, '-m', 'rig_agent']


@pytest.mark.parametrize('name', NAMES)
def test_when_it_runs_its_session_ends_as_it_should(records, name):
    result = records[name]
    assert result['right'] and result['exit'] == 0, result['record']['reason']
    record = result['record']
    assert record['state'] == 'ended' and record['reason'] and record['times']['duration_s'] >= 0
    assert not is_alive(record['process']), 'the script still lives'
    for leftover in record['leftovers']:
        assert not is_alive(leftover) and leftover['name']


def is_alive(process):
    return process['pid'] is not None and shim.lives(process['pid'], process['identity'])


def log(record, name):
    with io.open(os.path.join(record['folder'], name), 'rb') as stream:
        return stream.read()


def test_when_it_behaves_nothing_is_found_wrong(records):
    """The negative control of all others."""
    record = records['behaves']['record']
    assert record['leftovers'] == [] and record['warnings'] == [] and record['stop']['steps'] == []
    assert record['traceback'] is None and record['exit'] == {'code': 0, 'signal': None, 'status': None, 'error': None}
    assert [os.path.basename(output['path']) for output in record['outputs']] == ['behaves.pkl']
    assert record['outputs'][0]['size'] > 0 and len(record['outputs'][0]['md5']) == 32


def test_when_signals_are_ignored_the_steps_go_up_to_kill(records):
    record = records['ignores_sigterm']['record']
    steps = [(step['step'], step['result'].split(':')[0]) for step in record['stop']['steps']]
    assert steps[:2] == [('control', 'skipped'), ('interrupt', 'no effect')]
    if WINDOWS:  # where nothing can ignore `terminate`
        assert steps[2:] == [('terminate', 'the script ended')]
    else:
        assert steps[2:] == [('terminate', 'no effect'), ('kill', 'the script ended')]
        assert record['exit']['signal'] == 'SIGKILL'


def test_when_a_handler_exits_0_the_ended_run_is_no_success(records):
    record = records['says_0_when_terminated']['record']
    assert record['exit']['code'] == 0 and record['outcome'] == 'timed_out'


@pytest.mark.skipif(WINDOWS, reason='Wine does not say which process has a UDP port')
def test_when_it_listens_as_camstim_does_the_control_stream_is_asked_first(records):
    record = records['listens_like_camstim']['record']
    assert [step['step'] for step in record['stop']['steps']] == ['control']
    assert [os.path.basename(output['path']) for output in record['outputs']] == ['saved.pkl']


def test_when_the_leader_obeys_its_stubborn_child_is_ended_too(records):
    record = records['leaves_a_stubborn_child']['record']
    child = int(log(record, 'child.pid'))
    assert child in [entry['pid'] for entry in record['leftovers']]
    assert [entry['result'] for entry in record['leftovers']] == ['ended by the agent']


def test_when_a_daemon_forks_away_it_is_found_ended_and_named(records):
    record = records['forks_away']['record']
    assert int(log(record, 'daemon.pid')) in [entry['pid'] for entry in record['leftovers']]


def test_when_a_child_holds_stdout_the_result_does_not_change(records):
    record = records['holds_stdout']['record']
    assert record['exit']['code'] == 0 and len(record['leftovers']) == 1


def test_when_it_crashes_the_signal_is_kept_apart_from_the_code(records):
    expected = {'code': None, 'signal': 'SIGSEGV', 'status': None, 'error': None}
    if WINDOWS:
        expected.update(code=0xC0000005, signal=None, status='0xC0000005 access violation')
    assert records['segfaults']['record']['exit'] == expected


def test_when_another_interpreter_fails_the_session_failed(records):
    record = records['starts_another_interpreter']['record']
    assert record['exit']['code'] == 0
    assert (record['traceback']['type'], record['traceback']['message']) == ('RuntimeError', 'no camera')


def test_when_it_floods_the_log_keeps_its_end_within_its_limit(records):
    record = records['floods']['record']
    limit, found = record['limits']['log']['value'], record['logs']['stdout']
    path = os.path.join(record['folder'], 'stdout.log')
    assert found['dropped'] > 0 and found['size'] > limit and found['peak'] >= limit
    if not WINDOWS:
        assert disk_bytes(path) <= limit * 1.1
    with io.open(path, 'rb') as stream:
        stream.seek(-100, 2)
        assert stream.read().splitlines()[-2:] == [b'y', b'the last line']


def test_when_bytes_are_invalid_they_are_on_disk_as_they_were(records):
    record = records['writes_invalid_bytes']['record']
    expected = b'\xff\xfe\x00invalid\xc3\n\xe2\x82\xac split\n\x1b[31mred\x1b[0m\nno end of line'
    assert log(record, 'stdout.log') == expected and log(record, 'stderr.log') == expected


def test_when_it_reads_stdin_that_is_at_its_end(records):
    assert log(records['reads_stdin']['record'], 'stdout.log').splitlines()[-1] == b"got ''"


def test_when_it_removes_its_folder_the_record_and_the_logs_are_there_again(records):
    record = records['deletes_its_folder']['record']
    assert record['exit']['code'] == 3 and any('removed' in warning for warning in record['warnings'])
    assert log(record, 'stdout.log').strip() == b'going'


def test_when_it_edits_itself_the_record_says_so(records):
    assert any('was changed' in warning for warning in records['edits_itself']['record']['warnings'])


def test_when_it_eats_memory_the_peak_is_known(records):
    record = records['eats_memory']['record']
    assert record['stop']['cause'] == 'memory' and record['resources']['peak_memory_bytes'] > 200 * 10 ** 6
