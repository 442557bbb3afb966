"""When any part of the agent is killed, no session is lost: guarantees 7, 21 and 35, with kill -9 and real processes."""
from __future__ import absolute_import, unicode_literals

import os
import random
import signal
import subprocess
import threading
import time

import pytest

from labs import disk_bytes, is_alive, kill, put, wait_for
from rig_agent.base.compat import WINDOWS, python_command
from rig_agent.base.units import parse_utc
from rig_agent.sessions import prepare, shim
from rig_agent.sessions.stopping import request_stop

pytestmark = pytest.mark.skipif(WINDOWS, reason='kill -9')

# Runs until the test says so, then exits 3.
WAITS = ('open("ran", "a").write("x")\nprint("ready")\nwhile not os.path.exists("go"):\n    time.sleep(0.02)\n'
         'print("done")\nsys.exit(3)\n')
MOMENTS = int(os.environ.get('RIG_AGENT_TEST_MOMENTS', 6))  # random kills; 50 for a thorough run


def kill_now(pid, number=signal.SIGKILL):
    kill(pid, number)
    wait_for(lambda: not is_alive(pid))


def kill_front_end(process):
    process.kill()
    process.communicate()


def go(lab):
    put(os.path.join(lab.folder(), 'go'), b'')


def closed(lab):
    """The record when it is closed; the next command of any kind helps."""
    lab.agent('status')
    wait_for(lambda: lab.record()['state'] == 'ended')
    assert_nothing_is_left(lab)
    return lab.record()


def assert_nothing_is_left(lab):
    record = lab.record()
    wait_for(lambda: not prepare.open_sessions(lab.home))
    lock = shim.take_lock(os.path.join(lab.home, 'rig.lock'), patience=5)
    assert lock is not None, 'the rig lock is held'
    os.close(lock)
    named = [record['process']['pid']] + [entry['pid'] for entry in record['leftovers']]
    living = [pid for pid in marked(record['id']) if pid not in named]
    assert not living, 'still there: %s' % living


def marked(session):
    """pids of living processes that carry the session's mark."""
    found = []
    for name in os.listdir('/proc'):
        try:
            with open('/proc/%s/environ' % name, 'rb') as stream:
                if name.isdigit() and ('RIG_AGENT_SESSION=' + session).encode('ascii') in stream.read():
                    found.append(int(name))
        except EnvironmentError:
            continue
    return found


def shim_pid(lab):
    return shim.read_json(os.path.join(lab.folder(), 'started.json'))['shim']['pid']


def test_when_the_front_end_is_killed_the_session_goes_on(lab):
    kill_front_end(lab.start(WAITS))
    time.sleep(0.3)
    assert is_alive(lab.record()['process']['pid'])
    go(lab)
    record = closed(lab)
    assert record['outcome'] == 'failed' and record['exit']['code'] == 3 and len(record['keepers']) == 1


def test_when_the_keeper_is_killed_the_session_goes_on_under_another(lab):
    outputs = os.path.join(lab.home, 'camstim', 'output')
    os.makedirs(outputs)
    put(os.path.join(outputs, 'old.pkl'), b'old')
    process = lab.start(WAITS)
    script = lab.record()['process']['pid']
    reserved = disk_bytes(lab.path('stdout.log'))
    time.sleep(0.5)
    age = shim.monotonic() - shim.read_json(lab.path('started.json'))['monotonic']
    kill_now(lab.keeper())
    samples = elapsed(lab)
    wait_for(lambda: len(lab.record()['keepers']) == 2)  # the front end saw to it
    assert is_alive(script) and len(marked(lab.record()['id'])) == 2
    wait_for(lambda: len(elapsed(lab)) > len(samples))
    assert elapsed(lab)[-1] >= age  # limits count from the script's start
    assert shim.take_lock(os.path.join(lab.home, 'rig.lock')) is None
    go(lab)
    process.communicate()
    record = closed(lab)
    assert process.returncode == 1 and record['exit']['code'] == 3 and lab.file('ran') == b'x'
    assert any('keeper died' in warning for warning in record['warnings'])
    assert record['outputs'] == []  # old.pkl was there before the first keeper
    assert record['logs']['stdout']['reserved'] == (reserved > 10 ** 8) and disk_bytes(lab.path('stdout.log')) < 10 ** 6


def elapsed(lab):
    """The seconds since the script's start of each whole sample in resources.csv."""
    if not os.path.exists(lab.path('resources.csv')):
        return []
    return [float(line.split(b',')[1]) for line in lab.file('resources.csv').split(b'\n')[1:-1]]


def test_when_both_are_killed_no_second_script_starts_and_the_next_command_takes_over(lab):
    process = lab.start(WAITS)
    first = lab.record()
    keeper = lab.keeper()
    kill_front_end(process)
    kill_now(keeper)
    lock = shim.take_lock(os.path.join(lab.home, 'rig.lock'))
    assert lock is not None, 'the script or its shim holds the lock of a dead keeper'
    os.close(lock)
    refused = lab.agent('run', 'stage_a', '--json')
    assert refused.code == 4 and refused.json['outcome'] == 'refused' and first['id'][:8] in refused.json['reason']
    values = lambda: shim.read_json(os.path.join(first['folder'], 'session.json'))  # noqa
    wait_for(lambda: len(values()['keepers']) == 2)
    put(os.path.join(first['folder'], 'go'), b'')
    wait_for(lambda: values()['state'] == 'ended')
    assert values()['exit']['code'] == 3 and values()['outcome'] == 'failed'


def test_when_a_second_keeper_comes_it_leaves_the_session_to_the_first(lab):
    process = lab.start(WAITS)
    second = subprocess.Popen([str(word) for word in python_command('rig_agent.sessions.keeper') + [lab.folder(), 'adopt']])
    assert second.wait() == 0 and is_alive(lab.keeper())
    go(lab)
    process.communicate()
    record = closed(lab)
    assert len(record['keepers']) == 1 and record['warnings'] == [] and lab.file('ran') == b'x'


def test_when_the_script_ends_while_nobody_watches_its_exit_code_is_kept(lab):
    process = lab.start(WAITS)
    keeper = lab.keeper()
    kill_front_end(process)
    kill_now(keeper)
    script = lab.record()['process']['pid']
    go(lab)
    wait_for(lambda: not is_alive(script))
    ended = lab.agent('sessions', 'recover', '--json')
    record = closed(lab)
    assert [entry['id'] for entry in ended.json['closed']] == [record['id']]
    assert record['outcome'] == 'failed' and record['exit']['code'] == 3 and record['times']['duration_s'] > 0


def test_when_the_shim_is_killed_the_keeper_still_learns_the_exit_code(lab):
    process = lab.start('import subprocess\nsubprocess.Popen(["sleep", "100"])\n' + WAITS)
    kill_now(shim_pid(lab))
    time.sleep(0.3)
    assert is_alive(lab.record()['process']['pid'])
    go(lab)
    process.communicate()
    record = closed(lab)
    assert record['outcome'] == 'failed' and record['exit']['code'] == 3
    # The end is the script's, not that of what it left, which had a second to go.
    assert [entry['name'] for entry in record['leftovers']] == ['sleep']
    closed_at = parse_utc(lab.events()[-1]['at'])
    assert parse_utc(record['times']['ended']) < closed_at - 0.8
    assert record['times']['duration_s'] < closed_at - parse_utc(record['times']['started']) - 0.8


def test_when_only_the_script_is_left_it_is_watched_and_the_record_says_what_is_lost(lab):
    process = lab.start(WAITS)
    keeper, below = lab.keeper(), shim_pid(lab)
    kill_front_end(process)
    kill_now(keeper)
    kill_now(below)
    script = lab.record()['process']['pid']
    assert lab.agent('status', '--json').json['running'][0]['process']['pid'] == script
    wait_for(lambda: len(lab.record()['keepers']) == 2)
    assert is_alive(script)
    go(lab)
    record = closed(lab)
    assert record['outcome'] == 'interrupted' and 'exit code is lost' in record['reason']


def test_when_only_its_record_tells_of_a_script_it_is_found_and_nothing_is_lost(lab):
    """What stood in its folder was removed and made anew; the shim lives a moment longer than the script."""
    process = lab.start(WAITS)
    keeper, script = lab.keeper(), lab.record()['process']['pid']
    kill_front_end(process)
    kill_now(keeper)
    os.remove(lab.path('started.json'))
    os.remove(lab.path('before.json'))
    lab.agent('status')
    wait_for(lambda: len(lab.record()['keepers']) == 2)
    assert is_alive(script) and lab.agent('status', '--json').json['running'][0]['process']['pid'] == script
    go(lab)
    record = closed(lab)
    assert record['outcome'] == 'failed' and record['exit']['code'] == 3 and lab.file('ran') == b'x'
    assert any('which output files were there before' in warning for warning in record['warnings'])


def test_when_the_script_removes_its_folder_the_session_is_found_and_stopped_all_the_same(lab):
    # ignore_errors: what the keeper writes at this very moment may stay
    process = lab.start('import shutil\nwhile not os.path.exists("go"):\n    time.sleep(0.02)\n'
                        'shutil.rmtree(os.getcwd(), ignore_errors=True)\ntime.sleep(60)\n')
    go(lab)

    def made_again():
        try:
            return any('folder was removed' in warning for warning in lab.record()['warnings'])
        except (EnvironmentError, TypeError):
            return False  # it is not there at this moment
    wait_for(made_again)
    running = lab.agent('status', '--json').json['running'][0]
    assert running['state'] == 'running' and len(running['keepers']) == 1
    refused = lab.agent('run', 'stage_a', '--json')
    assert refused.code == 4 and running['id'][:8] in refused.json['reason']
    assert keepers_of(running['folder']) == [running['keepers'][0]['pid']]  # none was started beside it
    stopped = lab.agent('stop', running['id'], '--json')
    process.communicate()
    assert stopped.code == 0 and stopped.json['outcome'] == 'stopped' and len(stopped.json['keepers']) == 1
    assert any('folder was removed' in warning for warning in stopped.json['warnings'])
    wait_for(lambda: not prepare.open_sessions(lab.home))


def test_when_everything_is_killed_as_by_a_power_loss_the_record_is_closed(lab):
    process = lab.start(WAITS)
    pids = [lab.keeper(), shim_pid(lab), lab.record()['process']['pid']]
    kill_front_end(process)
    for pid in pids:
        kill_now(pid)
    record = closed(lab)
    assert record['outcome'] == 'interrupted' and record['exit']['code'] is None
    assert record['times']['duration_s'] is None
    assert any(warning.startswith('when it ended is not known') for warning in record['warnings'])


def test_when_a_session_that_was_lost_is_closed_much_later_its_end_is_the_last_sign_of_it(lab):
    process = lab.start(WAITS)
    wait_for(lambda: os.path.exists(lab.path('resources.csv')))
    pids = [lab.keeper(), shim_pid(lab), lab.record()['process']['pid']]
    kill_front_end(process)
    for pid in pids:
        kill_now(pid)
    for name in ('stdout.log', 'stderr.log', 'resources.csv'):
        os.utime(lab.path(name), (time.time() - 86400,) * 2)
    day = time.strftime('%Y-%m-%d', time.gmtime(time.time() - 86400))
    assert closed(lab)['times']['ended'].startswith(day)


def test_when_a_stop_was_begun_by_a_keeper_that_died_it_is_gone_on_with(lab):
    process = lab.start('signal.signal(signal.SIGINT, signal.SIG_IGN)\n' + WAITS, grace=2)
    lab.agent('stop', '--no-wait')
    wait_for(lambda: lab.record()['state'] == 'stopping')
    kill_now(lab.keeper())
    process.communicate()
    record = closed(lab)
    assert record['outcome'] == 'killed' and record['stop']['cause'] == 'user'


@pytest.mark.parametrize('asked, outcome', [('before', 'killed'), ('after', 'crashed'), (None, 'crashed')])
def test_when_a_stop_left_no_step_in_the_record_the_signal_tells_whether_it_ended_the_script(lab, asked, outcome):
    """As when a full disk kept them out of it, until the keeper was gone."""
    process = lab.start(WAITS)
    keeper, script = lab.keeper(), lab.record()['process']['pid']
    os.kill(keeper, signal.SIGSTOP)
    if asked == 'before':
        request_stop(lab.folder(), 'a test')
    kill_now(script, signal.SIGTERM)
    wait_for(lambda: os.path.exists(lab.path('exit.json')))
    if asked == 'after':
        time.sleep(0.02)
        request_stop(lab.folder(), 'a test')
    kill_front_end(process)
    kill_now(keeper)
    record = closed(lab)
    assert (record['outcome'], record['stop']['steps']) == (outcome, []), record['reason']


# Saves its data on SIGINT, which takes it as long as the test says.
SAVES = ('def save(*_):\n    open("asked", "w").close()\n    while not os.path.exists("go"):\n        time.sleep(0.02)\n'
         '    open("saved", "w").close()\n    sys.exit(0)\n'
         'signal.signal(signal.SIGINT, save)\nprint("ready")\nsys.stdout.flush()\n')


@pytest.mark.parametrize('limits, outcome, cause', [({}, 'stopped', 'user'), ({'total': '1s'}, 'timed_out', 'total')])
def test_when_the_keeper_dies_during_a_stop_the_script_keeps_the_time_to_save_its_data(lab, limits, outcome, cause):
    process = lab.start(SAVES + 'time.sleep(60)\n', grace=60, **limits)
    if not limits:
        lab.agent('stop', '--no-wait')
    wait_for(lambda: os.path.exists(lab.path('asked')))
    wait_for(lambda: lab.record()['stop']['steps'][-1:] and lab.record()['stop']['steps'][-1]['step'] == 'interrupt')
    kill_now(lab.keeper())
    wait_for(lambda: len(lab.record()['keepers']) == 2)
    wait_for(lambda: [step['step'] for step in lab.record()['stop']['steps']].count('interrupt') == 2)
    go(lab)
    process.communicate()
    record = closed(lab)
    assert (record['outcome'], record['stop']['cause']) == (outcome, cause), record['stop']
    assert os.path.exists(lab.path('saved')) and record['stop']['steps'][-1]['result'] == 'the script ended'


def test_when_another_keeper_takes_over_the_peaks_before_it_are_kept(lab):
    process = lab.start('held = bytearray(120000000)\nwhile not os.path.exists("drop"):\n    time.sleep(0.02)\n'
                        'del held\n' + WAITS)
    wait_for(lambda: memory(lab)[-1:] > [120000000])
    put(lab.path('drop'), b'')
    wait_for(lambda: memory(lab)[-1] < 100000000)
    kill_now(lab.keeper())
    before = len(memory(lab))
    wait_for(lambda: len(memory(lab)) > before)
    go(lab)
    process.communicate()
    resources = closed(lab)['resources']
    assert resources['peak_memory_bytes'] > 120000000 and resources['samples'] == len(memory(lab))


def memory(lab):
    """What each sample says of it, in bytes."""
    if not os.path.exists(lab.path('resources.csv')):
        return []
    return [int(line.split(b',')[3]) for line in lab.file('resources.csv').splitlines()[1:]]


def test_when_the_script_obeys_a_stop_whose_keeper_died_it_was_stopped(lab):
    """The step stands in the record from its beginning."""
    process = lab.start('signal.signal(signal.SIGINT, lambda *_: open("asked", "w").close())\n'
                        + WAITS.replace('exit(3)', 'exit(0)'), grace=60)
    lab.agent('stop', '--no-wait')
    wait_for(lambda: os.path.exists(lab.path('asked')))
    wait_for(lambda: lab.record()['stop']['steps'][-1:] and lab.record()['stop']['steps'][-1]['step'] == 'interrupt')
    script = lab.record()['process']['pid']
    keeper = lab.keeper()
    kill_front_end(process)
    kill_now(keeper)
    go(lab)
    wait_for(lambda: not is_alive(script))
    record = closed(lab)
    assert record['outcome'] == 'stopped' and record['exit']['code'] == 0 and record['stop']['cause'] == 'user'


@pytest.mark.parametrize('victims', ['front end', 'keeper', 'both'])
def test_when_they_are_killed_at_any_moment_the_record_is_true(lab, victims):
    """kill -9 at random moments of short sessions; a reader parses the record all the while."""
    chance = random.Random(victims)
    script = 'open("ran", "a").write("x")\nprint("ready")\ntime.sleep(0.3)\n'
    lab.regimen(script)
    for _ in range((MOMENTS + 2) // 3):
        before = lab.folder()
        process = lab.agent.start('run', 'stage_a', '--json')
        reader = Reader(lab, before)
        deadline = time.time() + chance.uniform(0.1, 1.6)
        while time.time() < deadline and process.poll() is None:
            time.sleep(0.005)
        if victims != 'keeper':
            kill(process.pid, signal.SIGKILL)
        if victims != 'front end':
            for pid in keepers_of(lab.home):
                kill_now(pid)  # the next command must not still find it alive
        process.communicate()
        lab.agent('status')
        wait_for(lambda: not prepare.open_sessions(lab.home))
        reader.stop()
        assert not reader.torn
        if lab.folder() == before or lab.record() is None:
            continue  # killed before there was a session
        record = closed(lab)
        ran = os.path.exists(os.path.join(lab.folder(), 'ran'))
        if ran:
            assert (record['outcome'], record['exit']['code']) == ('completed', 0), record['reason']
            assert lab.file('ran') == b'x'
        else:
            assert record['outcome'] == 'interrupted' and 'before the script was started' in record['reason']


def keepers_of(home):
    """pids of the living keepers of this home's sessions."""
    found = []
    for name in os.listdir('/proc'):
        try:
            with open('/proc/%s/cmdline' % name, 'rb') as stream:
                line = stream.read()
        except EnvironmentError:
            continue
        if b'rig_agent.sessions.keeper' in line and home.encode('utf-8') in line:
            found.append(int(name))
    return found


class Reader(object):
    """Reads the newest record over and over; `torn` counts the times that it did not parse."""

    def __init__(self, lab, before):
        self.lab, self.before = lab, before
        self.torn, self.ended = 0, False
        self.thread = threading.Thread(target=self.read)
        self.thread.daemon = True  # of a test that fails: the others go on and end
        self.thread.start()

    def read(self):
        while not self.ended:
            try:
                if self.lab.folder() != self.before:
                    self.lab.record()
            except ValueError:
                self.torn += 1
            time.sleep(0.002)

    def stop(self):
        self.ended = True
        self.thread.join()


def test_when_the_console_prepares_and_dies_the_session_is_closed_unstarted(lab):
    """What `prepare` left, with nobody alive who would start it."""
    from rig_agent.rig import configuration
    from rig_agent.sessions import recover
    from test_supervision import prepared
    put(os.path.join(lab.home, 'old.pkl'), b'of a session before')
    folder = prepared(lab, outputs=[lab.home])
    settings = configuration.load()
    settings.override('home', lab.home)
    assert recover.recover_all(settings) == []  # we live, and may still start it
    spec = shim.read_json(os.path.join(folder, 'request.json'))
    spec['front_end']['identity'] = 'another:1'
    prepare.write_json(os.path.join(folder, 'request.json'), spec)
    assert len(recover.recover_all(settings)) == 1
    wait_for(lambda: lab.record()['state'] == 'ended')
    assert lab.record()['outcome'] == 'interrupted' and 'before the script was started' in lab.record()['reason']
    assert lab.record()['outputs'] == []
