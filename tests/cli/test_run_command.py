"""`run`, `explain` and `generate` through the installed command: the main job, and what goes wrong with it."""
from __future__ import absolute_import, unicode_literals

import io
import json
import os
import signal
import sys
import time

import psutil
import pytest

from rig_agent.base.compat import WINDOWS, json_text, to_text
from rig_agent.base.files import md5_of_bytes
from rig_agent.cli.context import LONGEST_HELP

REGIMEN = '''
name: Desk_Test_v0.0.1
stages:
  stage_0:
    script: ./script.py
    script_md5: {md5}
    parameters: {{stage: stage_0, reward_volume: 0.007, stimulus: {{params: {{sampling: random}}}}, sizes: [1, 2]}}
'''
PRINT_PARAMS = b'import json, sys\nprint(json.dumps(json.load(open(sys.argv[1])), sort_keys=True))\n'


@pytest.fixture
def stage(write):
    """stage(script) writes a regimen whose only stage runs these bytes, their md5 asserted."""
    def make(script, md5=None):
        write('script.py', script)
        return write('regimen.yml', REGIMEN.format(md5=md5 or md5_of_bytes(script)))
    return make


def session_folders(agent):
    sessions = os.path.join(agent.home, 'sessions')
    return [os.path.join(sessions, name) for name in os.listdir(sessions)] if os.path.isdir(sessions) else []


def test_a_stage_runs_to_its_outcome_and_the_record_says_what_ran(agent, stage):
    stage(PRINT_PARAMS)
    ended = agent('run', 'stage_0', '--mouse', 'M612345', '--user', 'jane')
    assert ended.code == 0, ended
    assert 'completed' in ended.out and '"mouse_id": "612345"' in ended.out
    [folder] = session_folders(agent)
    with io.open(os.path.join(folder, 'session.json'), encoding='utf-8') as stream:
        record = json.load(stream)
    assert record['state'] == 'ended' and record['outcome'] == 'completed'
    assert record['subject'] == '612345' and record['rig']['id'] == 'TEST.1'
    [script] = record['scripts']
    assert script['found_md5'] == script['expected_md5'] == md5_of_bytes(PRINT_PARAMS)
    assert script['assertion'] == 'regimen' and script['kind'] == 'file'
    names = sorted(os.listdir(folder))
    ran = [name for name in names if name.endswith('_stage_0.py')]
    with io.open(os.path.join(folder, ran[0]), 'rb') as stream:
        assert stream.read() == PRINT_PARAMS
    assert {'session.json', 'stdout.log', 'stderr.log', 'events.jsonl'} <= set(names)


def test_with_json_stdout_holds_the_record_and_nothing_else(agent, stage):
    stage(PRINT_PARAMS)
    ended = agent('--json', 'run', 'stage_0')
    assert ended.code == 0 and ended.json['outcome'] == 'completed'


def test_set_overrides_parameters_and_the_record_keeps_that(agent, stage):
    stage(PRINT_PARAMS)
    ended = agent('run', '--set', 'reward_volume=0.01', '--set', 'stimulus.params.sampling="even"', '--set', 'sizes.1=5',
                  '--json')
    record = ended.json
    assert record['overrides'] == {'reward_volume': 0.01, 'stimulus.params.sampling': 'even', 'sizes.1': 5}
    with io.open(record['params']['path'], 'rb') as stream:
        text = stream.read()
    assert json.loads(text.decode('ascii')) == {'stage': 'stage_0', 'reward_volume': 0.01, 'sizes': [1, 5],
                                                'stimulus': {'params': {'sampling': 'even'}}}
    assert text == json_text(json.loads(text.decode('ascii'))).encode('ascii')


@pytest.mark.parametrize('setting, words', [
    ('reward_volume', 'reward_volume=0.01'), ('reward_volume=abc', 'double quotes'), ('x=NaN', 'not JSON'),
    ('sizes.7=1', 'place in a list'), ('stage.deeper=1', 'plain value'), ('=1', 'reward_volume=0.01')])
def test_an_override_that_cannot_be_applied_is_a_usage_error(agent, stage, setting, words):
    stage(PRINT_PARAMS)
    ended = agent('run', 'stage_0', '--set', setting)
    assert ended.code == 2 and words in ended.err and session_folders(agent) == []


def test_an_override_that_adds_a_key_warns_with_the_nearest_one(agent, stage):
    stage(PRINT_PARAMS)
    ended = agent('generate', 'stage_0', '--set', 'reward_volum=1')
    assert ended.code == 0 and 'did you mean `reward_volume`' in ended.err


def test_when_the_script_fails_the_exit_code_is_1_and_the_error_is_named(agent, stage):
    stage(b'raise ValueError("no lick spout")\n')
    ended = agent('run', 'stage_0', script_fails=True)
    assert ended.code == 1 and 'failed' in ended.out and 'ValueError: no lick spout' in ended.out


def test_when_the_md5_is_wrong_the_exit_code_is_5_and_nothing_runs(agent, stage, write, folder):
    stage(b'open("ran", "w").close()\n', md5='0' * 32)
    ended = agent('run', 'stage_0')
    assert ended.code == 5 and '0' * 32 in ended.err
    assert md5_of_bytes(b'open("ran", "w").close()\n') in ended.err
    assert session_folders(agent) == []


def test_when_the_time_is_over_the_exit_code_is_8(agent, stage):
    stage(b'import time\ntime.sleep(60)\n')
    ended = agent('run', 'stage_0', '--timeout', '1s', script_fails=True)
    assert ended.code == 8 and 'timed_out' in ended.out


@pytest.mark.skipif(WINDOWS, reason='a test on Windows cannot send a console Ctrl-C to one process alone')
def test_ctrl_c_ends_a_script_that_started_another_interpreter_with_all_its_processes(agent, stage):
    """A stage of runTask.py's kind: it starts a second interpreter, waits for it and ignores how it ended."""
    nested = ('import os, threading, time\ntimer = threading.Timer(110, os._exit, [1])\n'
              'timer.daemon = True\ntimer.start()\n'
              'open("nested.pid", "w").write(str(os.getpid()))\ntime.sleep(100)\n')
    stage(('import os, subprocess, sys\n'
           'open("nested.py", "w").write(%r)\nprint("started")\nsys.stdout.flush()\n'
           'subprocess.call([sys.executable, "nested.py"])\n' % str(nested)).encode('ascii'))
    process = agent.start('run', 'stage_0')
    pid_file = None
    deadline = time.time() + 60
    while time.time() < deadline and pid_file is None:
        found = [os.path.join(place, 'nested.pid') for place in session_folders(agent)]
        pid_file = next((path for path in found if os.path.isfile(path) and os.path.getsize(path)), None)
        time.sleep(0.02)
    if pid_file is None:
        process.kill()
        pytest.fail('it did not start: %r' % (process.communicate(),))
    nested_pid = int(open(pid_file).read())
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert process.returncode == 130, (out, err)
    assert b'stopped' in out or b'killed' in out
    assert not psutil.pid_exists(nested_pid) or psutil.Process(nested_pid).status() == psutil.STATUS_ZOMBIE


# ------------------------------------------------------------------------------------------------ sources

PINNED = 'http://scripts.example.org/projects/VB/repos/scripts/raw/task.py?at=021ec55fbbdbb05aad1681c016e83066fe5aa1dd'


@pytest.fixture
def mirrored(agent, write, web):
    """A stage with a pinned URL whose host is gone, mirrored to a server here: mirrored(bytes served)."""
    def make(content, md5):
        web.put('/mirror/projects/VB/repos/scripts/raw/task.py?at=021ec55fbbdbb05aad1681c016e83066fe5aa1dd', content)
        write('regimen.yml', 'name: Pinned_Test_v1.0.0\nstages:\n  stage_0:\n    script: %s\n    script_md5: %s\n'
                             '    parameters: {stage: stage_0}\n' % (PINNED, md5))
        write('rig_agent.yml', 'mirrors: {"http://scripts.example.org/": "%s/mirror/"}\n' % web.url)
    return make


def test_a_pinned_url_is_fetched_once_then_runs_from_the_cache_without_its_server(agent, mirrored, web):
    mirrored(PRINT_PARAMS, md5_of_bytes(PRINT_PARAMS))
    record = agent('--json', 'run', 'stage_0').json
    [script] = record['scripts']
    assert record['outcome'] == 'completed' and script['reference'] == PINNED and web.host in script['served_by']
    web.close()
    ended = agent('run', 'stage_0')
    assert ended.code == 0 and web.count() == 1, ended


def test_one_changed_byte_of_a_pinned_url_is_refused_and_nothing_runs(agent, mirrored):
    mirrored(PRINT_PARAMS.replace(b'indent', b'Indent') + b' ', md5_of_bytes(PRINT_PARAMS))
    ended = agent('run', 'stage_0')
    assert ended.code == 5 and md5_of_bytes(PRINT_PARAMS) in ended.err and session_folders(agent) == []


def test_a_script_of_a_gigabyte_is_refused_without_being_fetched(agent, mirrored, web):
    mirrored(b'', '0' * 32)
    web.put('/mirror/projects/VB/repos/scripts/raw/task.py?at=021ec55fbbdbb05aad1681c016e83066fe5aa1dd', b'x',
            promised=10 ** 9)
    ended = agent('run', 'stage_0')
    assert ended.code == 4 and 'too large' in ended.err and session_folders(agent) == []


def test_a_simulated_task_gets_what_it_downloads_from_verified_copies_only(agent, write, web):
    """A stage of runTask.py's kind, whose parameters name the URL of the real task."""
    commit = '3f18cbcb226292cf111e3b569a4270252e28e482'
    task = 'http://scripts.example.org/%s/TaskControl.py' % commit
    web.put('/%s/TaskControl.py' % commit, b'print("the task itself")\n')
    script = (b'import json, sys\ntry:\n    from urllib.request import urlopen\nexcept ImportError:\n    from urllib2 import urlopen\n'
              b'for url in json.load(open(sys.argv[1]))["GHTaskScriptParams"].values():\n    exec(urlopen(url).read())\n')
    write('script.py', script)
    write('regimen.yml', 'name: Task_v1.0.0\nstages:\n  s:\n    script: ./script.py\n    parameters:\n'
                         '      GHTaskScriptParams: {taskControl: %s}\n' % task)
    write('rig_agent.yml', 'mirrors: {"http://scripts.example.org/": "%s/"}\n' % web.url)
    ended = agent('run', 's', '--simulate')
    assert ended.code == 0 and 'the task itself' in ended.out, ended
    web.close()
    assert agent('run', 's', '--simulate', '--offline').code == 0


def test_what_a_real_session_saves_meanwhile_is_no_output_of_a_simulated_one(agent, write, folder):
    write('regimen.yml', 'name: x\nstages: {s: {script: ./script.py}}\n')
    write('rig_agent.yml', 'outputs: [saved]\n')
    os.mkdir(os.path.join(folder, 'saved'))
    write('script.py', b'import io, os\nfor name in (os.environ["ELSEWHERE"], "output"):\n'
                       b'    if not os.path.isdir(name):\n        os.makedirs(name)\n'
                       b'    io.open(os.path.join(name, "saved.pkl"), "wb").write(b"x")\n')
    agent.environment['ELSEWHERE'] = os.path.join(folder, 'saved')
    assert sorted(os.path.dirname(output['path']) == os.path.join(folder, 'saved')
                  for output in agent('--json', 'run', 's').json['outputs']) == [False, True]
    os.remove(os.path.join(folder, 'saved', 'saved.pkl'))
    [output] = agent('--json', 'run', 's', '--simulate').json['outputs']
    assert os.path.dirname(output['path']) != os.path.join(folder, 'saved')


def test_the_lock_file_says_which_bytes_a_placeholder_means(agent, write):
    write('regimen.yml', 'name: Locked_Test_v1.0.0\nstages:\n  s:\n    script: rig_agent_passive_viewing_v2.py\n'
                         '    script_md5: rig_agent_passive_viewing_v2.py\n')
    assert agent('explain', 's', '--json').json['scripts'][0]['expected_md5'] is None
    assert agent('lock').code == 0
    assert agent('explain', 's', '--json').json['scripts'][0]['expected_md5']


# ------------------------------------------------------------------------------------------------ guards

def test_a_second_session_of_a_mouse_on_one_day_is_refused_until_it_is_accepted(agent, stage):
    stage(PRINT_PARAMS)
    assert agent('run', 'stage_0', '--mouse', '612345').code == 0
    ended = agent('run', 'stage_0', '--mouse', '612345')
    assert ended.code == 4 and '--accept repeat-session' in ended.err and len(session_folders(agent)) == 1
    record = agent('run', 'stage_0', '--mouse', '612345', '--accept', 'repeat-session', '--json').json
    assert [(check['name'], check['answer']) for check in record['checks'] if check['name'] == 'repeat-session'] == [
        ('repeat-session', 'accepted by --accept')]
    ended = agent('run', 'stage_0', '--mouse', '612345', '--accept', 'repeatsession')
    assert ended.code == 2 and 'repeat-session' in ended.err


# ------------------------------------------------------------------------------------------------ bad input

@pytest.mark.parametrize('regimen, words, code, message', [
    (None, ['run', 'x'], 6, 'no such regimen'),
    ('', ['run', 'x'], 6, 'empty'),
    ('- a\n- b\n', ['run', 'x'], 6, 'list'),
    ('name: x\nstages: {a: {script: b_v2.py}}\n', ['run', 'zz'], 6, 'zz'),
    ('name: x\nstages: {a: {parameters: {}}}\n', ['run', 'a'], 6, 'no script'),
    ('name: x\nstages: {a: {script: NotImplemented}}\n', ['run', 'a'], 6, 'paper'),
    ('name: x\nstages: {a: {script: no_such_v2.py}}\n', ['run', 'a', '--offline'], 7, 'no_such_v2.py'),
    ('name: x\nstages: {a: {script: ./no_such.py}}\n', ['run', 'a'], 6, 'no_such.py'),
    ('name: x\nstages: {a: {script: rig_agent_passive_viewing_v2.py, script_md5: 0123456789012345678901234567890}}\n',
     ['run', 'a'], 5, '31 digits'),
    ('name: x\nstages: {a: {script: ./script.py, parameters: {d: .inf}}}\n', ['run', 'a'], 6, '.inf'),
    ('name: x\nstages: {a: {script: ../x_v2.py}}\n', ['run', 'a'], 6, '../x_v2.py'),
    ('name: x\nstages: {a: {script: 0123456789012345678901234567890123456789}}\n', ['run', 'a'], 6, 'resource id'),
    ('name: x\nstages: {a: {script: "https://host/p/browse/a.py?at=0123456789012345678901234567890123456789"}}\n',
     ['run', 'a'], 6, '/raw/'),
    ('name: x\nstages: {a: {script: ./script.py}, b: {script: ./script.py}}\n', ['run'], 2, 'Which stage'),
    ('name: x\nstages: {a: {script: ./script.py}}\n', ['run', 'a', '--timeout', 'soon'], 2, '--timeout'),
    ('name: x\nstages: {a: {script: ./script.py}}\n', ['run', 'a', '--silence', '0'], 2, 'more than 0'),
    ('name: x\nstages: {a: {script: ./script.py}}\n', ['run', 'a', '--mouse', ''], 2, 'no mouse'),
    ('name: x\nstages: {a: {script: ./script.py}}\n', ['run', 'a', '--seed', '0'], 2, '--seed only with --simulate'),
    ('name: x\nstages: {a: {script: ./script.py}}\n', ['smoke', 'a', '--fake-assets'], 2, '--fake-assets only'),
    ('name: x\nstages: {a: {script: ./script.py}}\n', ['run', 'a', '--simulate', '--accept', 'x'], 2, 'guard `x`'),
    ('name: x\nstages: {a: {script: ./script.py}}\n', ['run', 'a', '--mouse', 'mickey'], 2, 'mickey'),
    ('name: x\nstages: {a: {script: ./script.py}}\n', ['run', 'a', '--python', '/no/such/python'], 4, '/no/such/python'),
    ('name: x\nstages: {a: {script: ./script.py}}\n', ['run', 'a', '--no-such-option'], 2, 'no-such-option'),
], ids=lambda value: None if not isinstance(value, list) else ' '.join(value))
def test_bad_input_gets_a_clear_message_and_its_exit_code(agent, write, regimen, words, code, message):
    write('script.py', b'print("ran")\n')
    if regimen is not None:
        write('regimen.yml', regimen)
    ended = agent(*words)
    assert ended.code == code, ended
    assert message in ended.err + ended.out, ended
    assert 'ran\n' not in ended.out


def test_ten_megabytes_of_aliases_are_refused_quickly(agent, write):
    lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'] + [
        'a%d: &a%d [%s]' % (n, n, ', '.join(['*a%d' % (n - 1)] * 10)) for n in range(1, 12)]
    write('regimen.yml', '\n'.join(lines) + '\nstages: {a: {script: x_v2.py, parameters: {p: *a11}}}\n')
    ended = agent('show')
    assert ended.code == 6 and 'too large' in ended.err
    write('regimen.yml', 'x: &x [1]\ny: [%s]\n' % ', '.join(['*x'] * 2500000))
    ended = agent('show')
    assert ended.code == 6 and 'too large' in ended.err


@pytest.mark.skipif(WINDOWS or getattr(os, 'geteuid', lambda: 1)() == 0, reason='a folder is never unwritable for root')
def test_a_home_without_write_permission_is_refused(agent, stage):
    stage(PRINT_PARAMS)
    os.chmod(agent.home, 0o500)
    ended = agent('run', 'stage_0')
    os.chmod(agent.home, 0o700)
    assert ended.code == 4 and agent.home in ended.err


def test_a_home_that_is_a_file_is_refused(agent, stage, write):
    stage(PRINT_PARAMS)
    blocked = write('blocked', b'')
    ended = agent('run', 'stage_0', environment={'RIG_AGENT_HOME': blocked})
    assert ended.code == 4 and 'blocked' in ended.err, ended


# ------------------------------------------------------------------------------------------------ generate, explain

def test_generate_writes_the_exact_script_and_the_params(agent, stage, folder):
    script = b'# -*- coding: utf-8 -*-\r\n# \xc3\xa9\nprint(1)\r\n'
    stage(script)
    ended = agent('generate', 'stage_0', '--output', 'out')
    assert ended.code == 0, ended
    script_path, params_path = ended.out.split('\n')[:2]
    with io.open(os.path.join(folder, script_path), 'rb') as stream:
        assert stream.read() == script
    with io.open(os.path.join(folder, params_path), 'rb') as stream:
        assert json.loads(stream.read().decode('ascii'))['stage'] == 'stage_0'
    assert script_path.endswith('_stage_0.py') and params_path == script_path[:-3] + '.json'


def test_generate_takes_other_destinations(agent, stage, folder):
    stage(PRINT_PARAMS)
    ended = agent('--json', 'generate', '--script', 's.py', '--params', 'deep/p.json')
    assert ended.json['script'] == 's.py'
    assert os.path.isfile(os.path.join(folder, 's.py')) and os.path.isfile(os.path.join(folder, 'deep', 'p.json'))


def test_generate_into_a_place_that_is_a_file_says_so(agent, stage, write):
    stage(PRINT_PARAMS)
    write('taken', b'')
    ended = agent('generate', 'stage_0', '--output', 'taken')
    assert ended.code == 2 and 'taken' in ended.err


def test_explain_shows_the_plan_and_runs_nothing(agent, stage):
    stage(PRINT_PARAMS)
    ended = agent('explain', 'stage_0')
    assert ended.code == 0 and md5_of_bytes(PRINT_PARAMS) in ended.out and session_folders(agent) == []
    plan = agent('explain', 'stage_0', '--json').json
    assert plan['stage'] == 'stage_0' and plan['scripts'][0]['role'] == 'main'
    assert plan['limits']['total'] == {'value': 7200.0, 'origin': 'default'}


def test_common_options_stand_before_or_after_the_command(agent, stage):
    path = stage(PRINT_PARAMS)
    assert agent('--json', '--regimen', path, 'explain', 'stage_0').json == \
        agent('explain', 'stage_0', '--regimen', path, '--json').json
    assert agent('config', '--json', 'show').json['settings'] == agent('config', 'show', '--json').json['settings']


def test_every_command_and_group_takes_the_common_options_and_says_in_whole_what_it_is_for():
    from rig_agent.cli.main import rig_agent
    groups, seen = [rig_agent], 0
    while groups:
        group = groups.pop()
        for name in group.list_commands(None):
            command = group.get_command(None, name)
            taken = {option for parameter in command.params for option in parameter.opts}
            assert {'--config', '--json', '-q', '-v', '--offline'} <= taken, name
            assert not command.get_short_help_str(LONGEST_HELP).endswith('...'), name
            groups += [command] if hasattr(command, 'list_commands') else []
            seen += 1
    assert seen > 50


def test_an_error_with_json_is_one_document_with_its_exit_code(agent):
    ended = agent('--json', 'explain', 'x')
    assert ended.code == 6 and ended.json['error']['exit_code'] == 6 and ended.json['error']['what']


@pytest.mark.parametrize('words', [
    ('run', 'a', '\u2013mouse', '612345'), ('status', '\xe9'), ('run', 'a', '--timeout', '\xe9'), ('\xe9',),
    ('sessions', '\u2013json'), ('sessions', 'list', '--limit', '\xe9'), ('harness', 'zoo', '\xe9'),
    ('sessions', 'list', '--outcome', '\xe9')])
def test_letters_beyond_ascii_where_none_belong_are_a_mistake_of_typing(agent, words):
    ended = agent(*words)
    assert ended.code in (2, 6) and 'itself failed' not in ended.err, ended
    assert any(word in ended.err for word in words if max(word) > '~'), ended
    assert not ended.out


@pytest.mark.parametrize('words', [('--json', 'check', '--bogus'), ('explian', '--json'),
                                   ('sessions', 'list', '--limit', 'many', '--json')])
def test_a_command_line_that_is_not_understood_has_its_answer_in_json_too(agent, words):
    ended = agent(*words)
    assert ended.code == ended.json['error']['exit_code'] == 2
    assert ended.json['error']['what'] in ended.err.replace('\n', ' ')


def test_a_mistyped_command_is_answered_with_the_nearest(agent):
    ended = agent('explian')
    assert ended.code == 2 and 'explain' in ended.err


def test_a_defect_of_the_agent_becomes_a_report_and_exit_code_3(agent, write):
    """Guarantee 37, with an exception whose message cannot be printed."""
    program = ('import sys\nfrom rig_agent.cli import main\n'
               'class Odd(Exception):\n    def __str__(self):\n        raise KeyError("no")\n'
               'def broken(*args, **kwargs):\n    raise Odd("token=hunter2hunter2")\n'
               'main.rig_agent.main = broken\nsys.exit(main.run([]))\n')
    path = write('odd.py', program)
    agent.argv = lambda *words: [str(sys.executable), path.encode('utf-8') if str is bytes else path]
    ended = agent()
    assert ended.code == 3 and 'rig-agent itself failed' in ended.err
    [report] = os.listdir(os.path.join(agent.home, 'logs'))
    with io.open(os.path.join(agent.home, 'logs', report), 'rb') as stream:
        text = to_text(stream.read())
    assert 'Odd' in text and 'platform' in text and 'rig-agent 0' in text and 'hunter2hunter2' not in text
