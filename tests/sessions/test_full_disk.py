"""When the disk is full, the session ends as its script does, can be stopped, and its record is written; guarantee 16."""
from __future__ import absolute_import, unicode_literals

import io
import os
import signal
import threading
import time

import pytest

import support
from labs import SELF_DESTRUCT, is_alive, kill, put, wait_for
from rig_agent.sessions import follow, prepare, record, shim, start

PRINTS_ON = '''
print("ready")
while not os.path.exists("full"):
    time.sleep(0.02)
for number in range(2000):
    print("line %04d " % number + "x" * 500)
print("the end")
'''


@pytest.fixture
def small_disk(tmpdir):
    with support.small_disk(os.path.join(str(tmpdir), 'small'), '40m') as place:
        yield place


def live_on(lab, disk):
    lab.home = lab.agent.home = disk
    lab.agent.environment['RIG_AGENT_HOME'] = disk


def fill(disk):
    """Another process takes every byte that is left."""
    with io.open(os.path.join(disk, 'filler'), 'ab', buffering=0) as filler:
        take_all(filler)


def take_all(filler):
    for size in (65536, 4096, 1):
        try:
            while filler.write(b'\xaa' * size) == size:
                pass
        except EnvironmentError:
            pass


def test_when_another_process_fills_the_disk_the_session_ends_as_its_script_does(lab, small_disk):
    live_on(lab, small_disk)
    process = lab.start(PRINTS_ON, log='4MB', disk='1MB')
    fill(small_disk)
    put(lab.path('full'), b'')
    process.communicate()
    values = lab.record()
    assert values['outcome'] == 'completed' and values['state'] == 'ended', values['reason']
    assert process.returncode == 0
    assert any('free' in warning for warning in values['warnings'])
    assert lab.file('stdout.log').rstrip().endswith(b'the end')
    assert values['logs']['stdout']['size'] > 1000000


def test_when_space_cannot_be_reserved_below_the_disk_limit_the_start_is_refused(lab, small_disk):
    live_on(lab, small_disk)
    values = lab.run('open("ran", "w")', log='100MB', disk='1GB')
    assert values['outcome'] == 'refused' and values['command_exit'] == 4 and 'disk limit' in values['reason']
    assert not os.path.exists(lab.path('ran'))


WAITS = 'print("ready")\nwhile not os.path.exists("go"):\n    time.sleep(0.02)\nsys.exit(3)\n'


def test_when_the_disk_is_full_the_session_can_be_stopped_and_hurried(lab, small_disk):
    live_on(lab, small_disk)
    process = lab.start('signal.signal(signal.SIGINT, signal.SIG_IGN)\n' + WAITS, log='1MB', disk='1MB', grace=60)
    fill(small_disk)
    with pytest.raises(EnvironmentError):  # the negative control
        put(lab.path('something'), b'x')
    assert lab.agent('stop', '--no-wait').code == 0
    wait_for(lambda: lab.record()['state'] == 'stopping')
    assert lab.agent('stop', '--now').code == 0
    process.communicate()
    values = lab.record()
    assert values['outcome'] == 'killed' and 'rig-agent stop' in values['stop']['by']
    assert not os.path.exists(lab.path('stop.reserved')) and not os.path.exists(lab.path(record.BALLAST))


class Filler(threading.Thread):
    """Another process that goes on filling the disk: whatever becomes free is taken at once."""

    def __init__(self, disk):
        super(Filler, self).__init__()
        self.path, self.over = os.path.join(disk, 'filler'), False

    def run(self):
        with io.open(self.path, 'ab', buffering=0) as filler:
            while not self.over:
                take_all(filler)
                time.sleep(0.001)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over = True
        self.join()


def test_when_the_disk_stays_full_whatever_is_given_up_the_session_is_stopped_all_the_same(lab, small_disk):
    """Not even keeper.log can be written, nor the record: the next command closes it by what the shim wrote."""
    live_on(lab, small_disk)
    process = lab.start('signal.signal(signal.SIGINT, signal.SIG_IGN)\n' + WAITS, log='1MB', disk='1MB', grace=0.5)
    script, keeper = lab.record()['process']['pid'], lab.keeper()
    with Filler(small_disk) as filler:
        wait_for(lambda: is_full(os.path.join(small_disk, 'more')))
        assert lab.agent('stop', '--no-wait').code == 0
        wait_for(lambda: not is_alive(script))
        wait_for(lambda: not is_alive(keeper))
    os.remove(filler.path)
    lab.agent('status')
    process.communicate()
    values = lab.record()
    assert values['state'] == 'ended' and values['outcome'] == 'killed', values['reason']
    assert values['stop']['cause'] == 'user'


def is_full(path):
    try:
        with io.open(path, 'wb', buffering=0) as stream:
            return not stream.write(b'\xaa' * 4096)
    except EnvironmentError:
        return True
    finally:
        os.path.exists(path) and os.remove(path)


def test_when_the_disk_is_full_and_the_keeper_killed_the_exit_code_is_kept(lab, small_disk):
    """The shim has taken its space at the start."""
    live_on(lab, small_disk)
    process = lab.start(WAITS, log='1MB', disk='1MB')
    keeper, script = lab.keeper(), lab.record()['process']['pid']
    fill(small_disk)
    process.kill()
    process.communicate()
    kill(keeper, signal.SIGKILL)
    wait_for(lambda: not is_alive(keeper))
    put(lab.path('go'), b'')
    wait_for(lambda: not is_alive(script))
    wait_for(lambda: not shim.is_locked(lab.path('shim.lock')))
    lab.agent('status')
    wait_for(lambda: lab.record()['state'] == 'ended')
    assert lab.record()['exit']['code'] == 3 and lab.record()['outcome'] == 'failed'


def test_when_the_disk_is_full_before_the_start_the_script_runs_and_is_found_again(lab, small_disk):
    """started.json could not be written: the shim tells its keeper, the record the next one."""
    from test_supervision import prepared
    live_on(lab, small_disk)
    folder = prepared(lab, script=(SELF_DESTRUCT + WAITS.replace('print("ready")\n', '')).encode('ascii'),
                      limits={'disk': 0, 'log': 1000000})
    fill(small_disk)
    start.start(folder)
    wait_for(lambda: record.read(folder)['state'] == 'running')
    assert not os.path.exists(os.path.join(folder, 'started.json'))
    keeper, script = lab.keeper(), lab.record()['process']['pid']
    kill(keeper, signal.SIGKILL)
    wait_for(lambda: not is_alive(keeper))
    lab.agent('status')
    wait_for(lambda: len(lab.record()['keepers']) == 2)
    assert is_alive(script) and prepare.open_sessions(lab.home)
    put(os.path.join(folder, 'go'), b'')
    values = follow.follow(folder)
    assert values['outcome'] == 'failed' and values['exit']['code'] == 3, values['reason']
