"""When a script hangs, falls silent, cannot start, or is asked to stop: limits, stops and refusals on real processes."""
from __future__ import absolute_import, unicode_literals

import os
import signal
import time

import pytest

from desks import Desk
from labs import faults, put, wait_for
from rig_agent.base.compat import WINDOWS, monotonic
from rig_agent.base.errors import WrongBytes
from rig_agent.base.units import parse_utc
from rig_agent.sessions import follow, shim, start
from rig_agent.sessions.outcome import EXIT_CODES

SLEEPS = 'print("ready")\ntime.sleep(60)\n'
DEAF = 'signal.signal(signal.SIGINT, signal.SIG_IGN)\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n' + SLEEPS
SPEAKS = 'for _ in range(38):\n    sys.stdout.write(".")\n    sys.stdout.flush()\n    time.sleep(0.1)\n'
OTHER_SESSION = '''
import subprocess
child = subprocess.Popen(["setsid", sys.executable, "-c", "import time; time.sleep(100)"])
open("child.pid", "w").write(str(child.pid))
print("ready")
time.sleep(60)
'''


no_ctrl_c = pytest.mark.skipif(WINDOWS, reason='on Windows, tests/windows presses Ctrl-C')
no_sigterm = pytest.mark.skipif(WINDOWS, reason='Windows ends a process without asking it')


def alive(pid):
    return shim.identity(pid) is not None


def steps(record):
    return [(step['step'], step['result'].split(':')[0]) for step in record['stop']['steps']]


# ------------------------------------------------------------------------------------------------ limits

def test_when_the_wall_clock_limit_is_reached_the_run_ends(lab):
    record = lab.run(SLEEPS, '--timeout', '1')
    assert record['outcome'] == 'timed_out' and record['command_exit'] == 8
    assert 1 <= record['times']['duration_s'] < 20
    assert record['limits']['total'] == {'value': 1, 'origin': 'option'}
    assert steps(record) == [('control', 'skipped'), ('interrupt', 'the script ended')]
    assert not alive(record['process']['pid'])


def test_when_the_machine_is_slow_to_start_the_script_its_time_has_not_begun(agent):
    desk = Desk(agent)
    folder = desk.prepare(b'print(1)\n', limits={'total': 2.5, 'silence': 2.5})
    lock = shim.take_lock(os.path.join(folder, 'shim.lock'))  # its shim waits for it before it starts the script
    start.start(folder)
    time.sleep(3.5)
    os.close(lock)
    record = follow.follow(folder)
    assert (record['outcome'], record['stop']['cause']) == ('completed', None), record['reason']


def test_when_a_script_speaks_the_silence_limit_lets_it_live(lab):
    record = lab.run(SPEAKS, '--silence', '3')
    assert record['outcome'] == 'completed' and record['command_exit'] == 0
    assert record['times']['duration_s'] > 3.7


def test_when_a_script_falls_silent_it_is_stalled_unless_its_output_file_grows(labs):
    from labs import together
    writes = ('print("ready")\nfor n in range(25):\n    open("growing.pkl", "ab").write(b"x" * 100)\n    time.sleep(0.1)\n')
    silent, writing = labs(2)
    first, second = together([lambda: silent.run(SLEEPS, '--silence', '1'),
                              lambda: writing.run(writes, '--silence', '2')])
    assert first['outcome'] == 'stalled' and first['command_exit'] == 8
    assert second['outcome'] == 'completed'


def test_when_descendants_left_the_session_they_end_with_it(lab):
    """setsid, under a limit; what is left is called none found."""
    if WINDOWS:
        pytest.skip('no setsid')
    record = lab.run(OTHER_SESSION, '--timeout', '4', grace=0.5)
    child = lab.pid_in('child.pid')
    assert record['outcome'] == 'timed_out' and not alive(child)
    assert child in [entry['pid'] for entry in record['leftovers']]


def test_when_a_child_belongs_it_may_stay(lab):
    script = ('import subprocess\nchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)", '
              '"companion"])\nopen("child.pid", "w").write(str(child.pid))\n')
    record = lab.run(script, '--keep-children', 'companion')
    child = lab.pid_in('child.pid')
    try:
        assert record['outcome'] == 'completed' and alive(child)
        assert [entry['result'] for entry in record['leftovers']] == ['kept, as asked']
    finally:
        os.kill(child, signal.SIGTERM)


# ------------------------------------------------------------------------------------------------ beginnings

def test_when_the_interpreter_is_not_there_that_is_an_outcome(lab):
    record = lab.run('print("x")', '--python', '/no/such/python')
    assert record['outcome'] == 'not_started' and record['command_exit'] == 4
    assert record['exit']['error'] and record['process']['pid'] is None


def test_when_the_script_fails_its_traceback_is_in_the_record(lab):
    record = lab.run('def run():\n    raise ValueError("caf\u00e9 %d" % 3)\nrun()\n')
    assert record['outcome'] == 'failed' and record['command_exit'] == 1 and record['exit']['code'] == 1
    assert (record['traceback']['type'], record['traceback']['line']) == ('ValueError', 5)
    assert 'ValueError' in record['stderr_tail']


def test_when_the_same_failure_runs_often_it_is_always_judged_alike(lab):
    """A child is judged only after it was reaped."""
    from rig_agent.sessions import follow, start
    folders = [prepared(lab, simulated=True, script=b'import sys; sys.exit(3)') for _ in range(50)]
    for folder in folders:
        start.start(folder)
    records = [follow.follow(folder) for folder in folders]
    assert [(record['outcome'], record['exit']['code']) for record in records] == [('failed', 3)] * 50


def test_when_bytes_change_between_verification_and_session_nothing_is_prepared(lab):
    with pytest.raises(WrongBytes) as caught:
        prepared(lab, found_md5='0' * 32)
    assert caught.value.expected == '0' * 32 and caught.value.exit_code == 5 and lab.record() is None


def test_when_bytes_change_before_the_start_nothing_runs(lab):
    """The session's own copy is hashed again by the process that starts it."""
    from rig_agent.rig import configuration
    from rig_agent.sessions import follow, start
    from rig_agent.sessions.outcome import exit_code_of
    folder = prepared(lab)
    path = [os.path.join(folder, name) for name in os.listdir(folder) if name.endswith('.py')][0]
    with open(path, 'ab') as stream:
        stream.write(b'\nopen("edited-ran", "w")\n')
    start.start(folder)
    record = follow.follow(folder)
    assert record['outcome'] == 'refused' and exit_code_of(record) == 5
    assert not os.path.exists(os.path.join(folder, 'edited-ran'))
    assert configuration  # the room below is used as the command uses it


def prepared(lab, simulated=False, script=b'print("x")\n', limits=None, found_md5=None, **more):
    """A session's folder that `prepare` made in this lab's home, for what the command line cannot bring about."""
    from rig_agent.base.files import md5_of_bytes
    from rig_agent.rig import configuration
    from rig_agent.sessions.prepare import prepare
    from rig_agent.sessions.request import SessionRequest
    path = os.path.join(lab.agent.folder, 'direct.py')
    put(path, script)
    settings = configuration.load()
    settings.override('home', lab.home)
    settings.override('outputs', [])
    for name, value in (limits or {}).items():
        settings.override('limits.' + name, value)
    return prepare(SessionRequest('direct', [{'role': 'main', 'name': 'direct.py', 'path': path,
                                              'found_md5': found_md5 or md5_of_bytes(script)}], {}, simulated=simulated, **more),
                   settings)


def test_when_another_session_is_being_started_this_moment_it_is_refused(lab):
    from rig_agent.sessions import follow, start
    lock = shim.take_lock(os.path.join(lab.home, 'rig.lock'))
    folder = prepared(lab)
    start.start(folder)
    record = follow.follow(folder)
    os.close(lock)
    assert record['outcome'] == 'refused' and 'being started' in record['reason']


def test_when_a_session_runs_a_second_one_is_refused_and_a_simulated_one_is_not(lab):
    from rig_agent.sessions import follow, start
    process = lab.start(SLEEPS)
    running = lab.record()
    second = prepared(lab)
    start.start(second)
    refused = follow.follow(second)
    free = prepared(lab, simulated=True)
    start.start(free)
    assert follow.follow(free)['outcome'] == 'completed'
    assert refused['outcome'] == 'refused' and running['id'][:8] in refused['reason']
    stopped = lab.agent('stop', running['id'], '--now', '--json')
    assert stopped.code == 0 and WINDOWS or steps(stopped.json) == [('terminate', 'the script ended')]
    process.communicate()
    third = prepared(lab)
    start.start(third)
    assert follow.follow(third)['outcome'] == 'completed'


def test_when_the_script_looks_around_it_finds_only_what_belongs_to_it(lab):
    script = '''
import json
found = {"descriptors": sorted(int(name) for name in os.listdir("/proc/self/fd") if os.path.exists("/proc/self/fd/" + name)),
         "cwd": os.getcwd(), "argv": sys.argv[1:], "unbuffered": os.environ.get("PYTHONUNBUFFERED"),
         "rig": [os.environ.get("aibs_rig_id"), os.environ.get("AIBS_RIG_ID"), os.environ.get("aibs_comp_id")],
         "interrupt": signal.getsignal(signal.SIGINT) is signal.default_int_handler,
         "pipe": open("/proc/self/status").read().split("SigBlk:")[1].split()[0],
         "params": json.load(open(sys.argv[1]))}
json.dump(found, open("found.json", "w"))
'''
    if WINDOWS:
        pytest.skip('looks into /proc')
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as a background job of a shell has it
    try:
        record = lab.run(script, parameters={'speed': 2, 'name': 'caf\u00e9'})
    finally:
        signal.signal(signal.SIGINT, before)
    assert record['outcome'] == 'completed', record['traceback']
    found = shim.read_json(os.path.join(lab.folder(), 'found.json'))
    assert found['descriptors'] in ([0, 1, 2], [0, 1, 2, 3])  # 3: the listing itself
    assert found['cwd'] == os.path.realpath(lab.folder()) and found['unbuffered'] == '1'
    assert found['rig'] == ['TEST.1', 'TEST.1', 'TEST.1-Stim']
    assert found['interrupt'] and int(found['pipe'], 16) == 0
    assert found['params'] == {'speed': 2, 'name': 'caf\u00e9'} and found['argv'] == [record['params']['path']]


# ------------------------------------------------------------------------------------------------ stopping

def interrupt(lab, process, count):
    """SIGINT to the command, as a terminal's Ctrl-C does; returns its exit code."""
    for number in range(count):
        if number:
            wait_for(lambda: os.path.exists(lab.path('stop.json')))
            time.sleep(follow.SAME_PRESS + 0.1)
        process.send_signal(signal.SIGINT)
    process.communicate()
    return process.returncode


@no_ctrl_c
def test_when_ctrl_c_is_pressed_the_session_ends_in_order(lab):
    process = lab.start(SLEEPS)
    assert interrupt(lab, process, 1) == 130
    record = lab.record()
    assert record['outcome'] == 'stopped' and record['stop']['by'] == 'Ctrl-C'
    assert steps(record)[-1] == ('interrupt', 'the script ended')


@no_ctrl_c
def test_when_ctrl_c_is_pressed_twice_the_end_is_hurried(lab):
    begun = monotonic()
    process = lab.start(DEAF, grace=30)
    assert interrupt(lab, process, 2) == 130
    assert lab.record()['outcome'] == 'killed' and monotonic() - begun < 25
    assert not alive(lab.record()['process']['pid'])


@no_sigterm
def test_when_the_command_is_terminated_it_stops_the_session_cleanly(lab):
    process = lab.start(SLEEPS)
    process.terminate()
    process.communicate()
    assert process.returncode == 9 and lab.record()['outcome'] == 'stopped'


@no_sigterm
def test_when_the_keeper_is_terminated_it_stops_the_session_cleanly(lab):
    process = lab.start(SLEEPS)
    os.kill(lab.keeper(), signal.SIGTERM)
    process.communicate()
    record = lab.record()
    assert record['outcome'] == 'stopped' and len(record['keepers']) == 1 and process.returncode == 9


def test_when_stop_is_asked_for_it_waits_and_says_how_it_went(lab):
    process = lab.start(SLEEPS)
    ended = lab.agent('stop', '--json')
    process.communicate()
    assert ended.code == 0 and ended.json['outcome'] == 'stopped' and process.returncode == 9
    assert 'asked to save its data first and made to end after 4 s' in ended.err
    assert lab.agent('stop').code == 4  # nothing runs
    assert EXIT_CODES[ended.json['outcome']] == 9


@no_sigterm
def test_when_a_process_cannot_be_ended_the_run_ends_all_the_same_and_names_it(labs):
    """The kill is made to do nothing, in the keeper alone; once it is the script, once what it left."""
    from labs import together
    leaves = ('import subprocess\nsubprocess.Popen(["setsid", sys.executable, "-c", "import signal, time; '
              'signal.signal(signal.SIGTERM, signal.SIG_IGN); open(\\"deaf\\", \\"w\\"); time.sleep(100)"])\n'
              'while not os.path.exists("deaf"):\n    time.sleep(0.02)\n')
    first, second = labs(2)
    for lab in (first, second):
        lab.agent.environment['PYTHONPATH'] = faults('no_kill')
    deaf, left = together([lambda: first.run(DEAF, '--timeout', '4', grace=0.2), lambda: second.run(leaves)])
    stuck = [deaf['process']['pid'], left['leftovers'][0]['pid']]
    try:
        assert all(alive(pid) for pid in stuck)
        assert deaf['outcome'] == 'timed_out' and any(str(stuck[0]) in warning for warning in deaf['warnings'])
        assert [step['step'] for step in deaf['stop']['steps']] == ['control', 'interrupt', 'terminate', 'kill']
        assert deaf['stop']['steps'][-1]['result'] == 'no effect' and 4 <= deaf['stop']['steps'][-1]['after_s'] < 20
        assert left['outcome'] == 'completed'
        for lab, record, pid in zip((first, second), (deaf, left), stuck):
            assert [entry['result'] for entry in record['leftovers'] if entry['pid'] == pid] == ['could not be ended']
            again = lab.run(SLEEPS)
            assert again['outcome'] == 'refused' and record['id'][:8] in again['reason']
    finally:
        for pid in stuck:
            os.kill(pid, signal.SIGKILL)
    for lab, pid in zip((first, second), stuck):
        wait_for(lambda: not alive(pid))
        assert lab.run('print("free")')['outcome'] == 'completed'


@no_sigterm
@pytest.mark.parametrize('stopped', [False, True])
def test_when_the_keeper_has_a_defect_the_script_is_seen_to_its_end_all_the_same(lab, stopped):
    lab.agent.environment['PYTHONPATH'] = faults('defective_keeper')
    process = lab.start('time.sleep(0.5)\nprint("ready")\nsys.stdout.flush()\n'
                        'while not os.path.exists("go"):\n    time.sleep(0.02)\nsys.exit(3)\n')
    wait_for(lambda: 'keeper failed' in [event['event'] for event in lab.events()])
    if stopped:
        assert lab.agent('stop', '--no-wait').code == 0
    else:
        put(lab.path('go'), b'')
    out, err = process.communicate()
    record = lab.record()
    assert b'Traceback' not in err and any('RuntimeError: a defect' in warning for warning in record['warnings'])
    assert (record['outcome'], process.returncode) == (('killed', 9) if stopped else ('failed', 1)), record['reason']
    assert record['exit']['code'] == (None if stopped else 3) and not alive(record['process']['pid'])
    assert any(warning.startswith('sample failed') for warning in record['warnings'])
    wait_for(lambda: not os.listdir(os.path.join(lab.home, 'running')))  # a moment after the record


@pytest.mark.parametrize('text', ['{"frames": NaN}', '{"frames": [Infinity]}', '[', 'NaN'])
def test_when_a_script_leaves_a_simulation_that_no_record_may_hold_its_session_is_closed(lab, text):
    record = lab.run('open("simulation.json", "w").write(%r)' % str(text))
    assert record['outcome'] == 'completed' and record['simulation'] is None
    wait_for(lambda: not os.listdir(os.path.join(lab.home, 'running')))  # a moment after the record


@pytest.mark.parametrize('saves, outcome', [(True, 'completed'), (False, 'failed')])
def test_when_a_traceback_was_handled_at_an_import_and_data_were_saved_later_nothing_failed(lab, saves, outcome):
    put(os.path.join(lab.agent.folder, 'driver.py'),
        b'import traceback\ntry:\n    import no_such_driver\nexcept ImportError:\n    traceback.print_exc()\n')
    lab.agent.environment['PYTHONPATH'] = lab.agent.folder
    record = lab.run('import driver\ntime.sleep(0.1)\n' + ('open("saved.pkl", "w").write("data")\n' if saves else '')
                     + 'print("done")\n')
    assert (record['outcome'], record['traceback']['nested']) == (outcome, True), record['reason']


@no_sigterm
@pytest.mark.parametrize('limits, words, outcome', [({}, ('stop', '--now'), 'killed'), ({'total': '1s'}, (), 'timed_out')])
def test_when_the_keeper_has_a_defect_a_deaf_script_is_ended_and_its_time_is_limited(lab, limits, words, outcome):
    lab.agent.environment['PYTHONPATH'] = faults('defective_keeper')
    process = lab.start('signal.signal(signal.SIGTERM, signal.SIG_IGN if %r else signal.SIG_DFL)\n'
                        'time.sleep(0.5)\nprint("ready")\nsys.stdout.flush()\ntime.sleep(100)\n' % bool(words), **limits)
    wait_for(lambda: 'keeper failed' in [event['event'] for event in lab.events()])
    if words:
        assert lab.agent(*words).code in (0, 9)
    process.communicate()
    assert lab.record()['outcome'] == outcome, lab.record()['reason']
    assert not alive(lab.record()['process']['pid'])


@pytest.mark.skipif(WINDOWS, reason='/proc')
def test_when_looking_for_outputs_takes_long_a_silent_script_is_found_all_the_same(lab):
    lab.agent.environment['PYTHONPATH'] = faults('slow_share')
    record = lab.run('print("ready")\nsys.stdout.flush()\ntime.sleep(60)\n', silence='2s', startup='60s')
    assert record['outcome'] == 'stalled' and record['times']['duration_s'] < 60


def test_when_a_stop_is_asked_for_before_the_start_nothing_runs(lab):
    from rig_agent.sessions import follow, start
    from rig_agent.sessions.stopping import request_stop
    folder = prepared(lab, script=b'open("ran", "w")\n')
    request_stop(folder, 'Ctrl-C')
    start.start(folder)
    record = follow.follow(folder)
    assert record['outcome'] == 'stopped' and 'before the script was started' in record['reason']
    assert not os.path.exists(os.path.join(folder, 'ran')) and record['process']['pid'] is None


# ------------------------------------------------------------------------------------------------ clocks

def test_when_the_wall_clock_steps_limits_and_durations_hold(labs):
    """The clock of the keeper and the shim goes back an hour after a second, then forward two."""
    from labs import together
    first, second = labs(2)
    for lab in (first, second):
        lab.agent.environment['PYTHONPATH'] = faults('stepping_clock')
    limited, free = together([lambda: first.run(SLEEPS, '--timeout', '2'), lambda: second.run(SPEAKS, '--silence', '3')])
    assert limited['outcome'] == 'timed_out' and 2 <= limited['times']['duration_s'] < 20
    assert free['outcome'] == 'completed' and 3.7 <= free['times']['duration_s'] < 20
    moments = [event['at'] for event in first.events() if event['event'] in ('running', 'stopping')]
    assert parse_utc(moments[1]) < time.time() - 1800  # the keeper's clock did step
