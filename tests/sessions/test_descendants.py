"""When a script has descendants, all of them are found, asked and ended, and nobody else; guarantees 3, 4 and 6."""
from __future__ import absolute_import, unicode_literals

import json
import os
import signal
import subprocess
import sys
import uuid

import pytest

from labs import is_alive, kill, put, wait_for
from rig_agent.base.compat import WINDOWS
from rig_agent.sessions import admission, shim, system
from rig_agent.sessions.stopping import COULD_NOT_BE_ENDED
from rig_agent.sessions.tree import Tree

pytestmark = pytest.mark.skipif(WINDOWS, reason='forks; tests/windows has what Windows has')

WAITS_FOR_GO = 'while not os.path.exists("go"):\n    time.sleep(0.02)\n'
# start(name, new_session, environment): a sleeping descendant whose parent is gone at once; its pid is in a file.
ORPHANS = '''
def start(name, new_session, environment):
    if os.fork():
        os.wait()
        while not os.path.exists(name) or open("/proc/%s/comm" % open(name).read()).read() != "sleep\\n":
            time.sleep(0.01)
        return
    if new_session:
        os.setsid()
    if os.fork():
        os._exit(0)
    with open(name + ".staged", "w") as stream:
        stream.write(str(os.getpid()))
    os.rename(name + ".staged", name)
    for descriptor in (0, 1, 2):
        os.close(descriptor)
    os.execve("/bin/sleep", ["sleep", "100"], environment)
'''


@pytest.fixture
def bystander():
    """The negative control: a process of somebody else, the leader of a group, that does the same and must live."""
    process = subprocess.Popen(['sleep', '100'], preexec_fn=os.setsid)
    yield process
    assert process.poll() is None, 'a process of somebody else was ended'
    process.kill()
    process.wait()


def test_when_a_daemon_has_left_everything_behind_it_is_ended_all_the_same(lab, bystander):
    """A session of its own, no mark in its environment, its parent gone."""
    record = lab.run(ORPHANS + 'start("daemon.pid", True, {})\n')
    daemon = lab.pid_in('daemon.pid')
    assert record['outcome'] == 'completed' and not is_alive(daemon)
    assert [(entry['pid'], entry['name']) for entry in record['leftovers']] == [(daemon, 'sleep')]


def test_when_keeper_and_shim_died_descendants_are_still_found(lab, bystander):
    """They have fallen to init: one is known by its mark, the other by its process group."""
    process = lab.start(ORPHANS + 'start("marked.pid", True, dict(os.environ))\nstart("grouped.pid", False, {})\n'
                        'print("ready")\n' + WAITS_FOR_GO)
    left = [lab.pid_in('marked.pid'), lab.pid_in('grouped.pid')]
    pids = [lab.keeper(), shim.read_json(lab.path('started.json'))['shim']['pid']]
    process.kill()
    process.communicate()
    for pid in pids:
        kill(pid, signal.SIGKILL)
        wait_for(lambda: not is_alive(pid))
    assert all(is_alive(pid) for pid in left)
    lab.agent('status')
    put(lab.path('go'), b'')
    wait_for(lambda: lab.record()['state'] == 'ended')
    assert sorted(entry['pid'] for entry in lab.record()['leftovers']) == sorted(left)
    assert not any(is_alive(pid) for pid in left)


def test_when_the_keeper_died_what_fell_to_the_shim_is_found_by_the_next(lab, bystander):
    """A daemon with nothing that tells of the session but that the shim is its parent by now."""
    process = lab.start(ORPHANS + 'start("daemon.pid", True, {})\nprint("ready")\n' + WAITS_FOR_GO)
    daemon, keeper = lab.pid_in('daemon.pid'), lab.keeper()
    process.kill()
    process.communicate()
    kill(keeper, signal.SIGKILL)
    wait_for(lambda: not is_alive(keeper))
    lab.agent('status')
    wait_for(lambda: len(lab.record()['keepers']) == 2)
    samples = lab.file('resources.csv').count(b'\n') if os.path.exists(lab.path('resources.csv')) else 0
    wait_for(lambda: os.path.exists(lab.path('resources.csv')) and lab.file('resources.csv').count(b'\n') > samples + 1)
    put(lab.path('go'), b'')
    wait_for(lambda: lab.record()['state'] == 'ended')
    assert [entry['pid'] for entry in lab.record()['leftovers']] == [daemon] and not is_alive(daemon)


def test_when_the_script_is_deaf_its_child_is_asked_too_before_the_kill(lab):
    """A child in a session of its own saves its data when it is terminated."""
    child = ('import os, signal, time\\nsignal.signal(signal.SIGTERM, lambda *_: (open("saved", "w"), os._exit(0)))\\n'
             'open("child", "w")\\ntime.sleep(100)')
    process = lab.start('import subprocess\nfor number in (signal.SIGINT, signal.SIGTERM):\n'
                        '    signal.signal(number, signal.SIG_IGN)\n'
                        'subprocess.Popen(["setsid", sys.executable, "-c", "%s"])\nprint("ready")\ntime.sleep(100)\n'
                        % child.replace('"', '\\"'), grace=2)
    wait_for(lambda: os.path.exists(lab.path('child')))
    lab.agent('stop')
    process.communicate()
    assert lab.record()['outcome'] == 'killed' and lab.record()['exit']['signal'] == 'SIGKILL'
    lab.file('saved')


def test_when_the_leader_ends_at_once_its_child_has_the_grace_to_save_its_data(lab):
    child = ('import os, time\\nwhile os.getppid() == %d:\\n    time.sleep(0.01)\\n'
             'time.sleep(0.5)\\nopen("saved", "w")')
    record = lab.run('import subprocess\nsubprocess.Popen(["setsid", sys.executable, "-c", "%s" %% os.getpid()])\n'
                     'print("ready")\ntime.sleep(100)\n' % child.replace('"', '\\"'), '--timeout', '1', grace=30)
    assert record['outcome'] == 'timed_out' and record['times']['duration_s'] < 20
    lab.file('saved')


def test_when_something_outlives_the_script_it_is_asked_before_it_is_killed(lab):
    child = 'import os, signal, time\\nsignal.signal(signal.SIGTERM, lambda *_: (open("saved", "w"), os._exit(0)))\\n' \
            'open("child", "w")\\ntime.sleep(100)'
    record = lab.run('import subprocess\nsubprocess.Popen(["setsid", sys.executable, "-c", "%s"])\n'
                     'while not os.path.exists("child"):\n    time.sleep(0.02)\n' % child.replace('"', '\\"'))
    assert record['outcome'] == 'completed' and [entry['result'] for entry in record['leftovers']] == ['ended by the agent']
    lab.file('saved')


def test_when_orphans_of_a_killed_shim_end_no_zombie_of_them_stays(lab):
    """They fall to the keeper, which reaps them; the shim itself and the script are waited for."""
    process = lab.start('print("ready")\n' + WAITS_FOR_GO + 'for _ in range(5):\n    if not os.fork():\n'
                        '        if os.fork():\n            os._exit(0)\n        ' +
                        WAITS_FOR_GO.replace('go', 'vanish').replace('    time', '            time') +
                        '        os._exit(0)\n    os.wait()\n' + WAITS_FOR_GO.replace('go', 'end'))
    kill(shim.read_json(lab.path('started.json'))['shim']['pid'], signal.SIGKILL)
    keeper = lab.keeper()

    def children():
        fields = [shim.process_fields(int(name)) for name in os.listdir('/proc') if name.isdigit()]
        return len([entry for entry in fields if entry and entry[0] == keeper])
    put(lab.path('go'), b'')
    wait_for(lambda: children() == 7)
    put(lab.path('vanish'), b'')
    wait_for(lambda: children() == 2)
    put(lab.path('end'), b'')
    process.communicate()
    assert lab.record()['exit']['code'] == 0


def test_when_somebody_waits_for_a_status_it_is_not_taken():
    waited, other = (subprocess.Popen([sys.executable, '-c', 'raise SystemExit(%d)' % code]) for code in (3, 4))
    tree = Tree('x')
    wait_for(lambda: tree.find() is not None and {waited.pid, other.pid} <= set(tree.orphans))
    tree.reap_orphans((waited.pid,))
    assert waited.wait() == 3
    with pytest.raises(OSError):
        os.waitpid(other.pid, 0)
    other.returncode = 4


@pytest.mark.parametrize('old_kernel', [True, False])
def test_when_a_process_ended_before_it_was_looked_at_that_is_seen(monkeypatch, old_kernel):
    """Its identity was never learnt; on kernels before 5.3 that is all there is to tell by."""
    if old_kernel:
        from rig_agent.sessions import posix
        monkeypatch.setattr(posix, 'PIDFD_OPEN', 99999)
    process = subprocess.Popen([sys.executable, '-c', ''])
    lives = system.Ending(os.getpid(), shim.identity(os.getpid()))
    wait_for(lambda: shim.process_fields(process.pid)[2])
    assert system.Ending(process.pid, shim.identity(process.pid)).ended() and not lives.ended()
    known = shim.identity(process.pid, ended_too=True)  # as the shim tells of a script that ended at once
    assert known and system.Ending(process.pid, known).ended() and not shim.lives(process.pid, known)
    process.wait()


@pytest.mark.parametrize('theirs', [True, False])
def test_when_a_number_is_used_again_it_is_another_process(theirs):
    pid = os.getppid()
    identity = 'another boot:1' if theirs else shim.identity(pid)
    assert system.Ending(pid, identity).ended() is theirs
    tree = Tree('x')
    tree.ours = {pid: identity}
    assert (pid in tree.find()) is not theirs
    survivors = admission.survivors({'leftovers': [{'pid': pid, 'identity': identity, 'result': COULD_NOT_BE_ENDED}]})
    assert survivors == ([] if theirs else [pid])


def test_when_a_session_has_no_folder_any_more_its_processes_tell_that_it_lives(folder):
    """Or has one in which its shim, which is about to start the script, has no lock yet."""
    gone, session = os.path.join(folder, 'gone'), uuid.uuid4().hex  # these tests may run twice at a time
    put(os.path.join(folder, 'session.json'), b'{}')
    process = subprocess.Popen(['sleep', '100'], env={shim.MARK: session})
    wait_for(lambda: system.carries_mark(process.pid, session))
    for place in (gone, folder):
        assert admission.is_alive(place, session) and not admission.is_alive(place, session + 'd')
    process.kill()
    process.wait()
    assert not admission.is_alive(gone, session) and not admission.is_alive(folder, session)


def test_when_a_descendant_holds_stdout_the_result_is_there_at_once(lab):
    """The command ends in about the time that a leftover has to end by itself; a minute would be waiting for the pipe."""
    child = 'import time; time.sleep(100)'
    begun = shim.monotonic()
    record = lab.run('import subprocess\nsubprocess.Popen([sys.executable, "-c", "%s"])\n' % child)
    assert record['outcome'] == 'completed' and record['times']['duration_s'] < 10 and shim.monotonic() - begun < 20
    assert [entry['result'] for entry in record['leftovers']] == ['ended by the agent']


@pytest.mark.parametrize('script_lives', [False, True])
def test_when_another_process_has_the_number_of_one_of_ours_it_is_left_alone(lab, bystander, script_lives):
    """As after a power loss, when the system hands out the same numbers again: identities tell them apart."""
    process = lab.start('print("ready")\n' + WAITS_FOR_GO)
    keeper, record, started = lab.keeper(), lab.record(), shim.read_json(lab.path('started.json'))
    process.kill()
    process.communicate()
    for pid in [keeper, started['shim']['pid']] + [started['script']['pid']] * (not script_lives):
        kill(pid, signal.SIGKILL)
        wait_for(lambda: not is_alive(pid))
    started['shim']['pid'] = bystander.pid
    if not script_lives:
        started['script']['pid'] = record['process']['pid'] = bystander.pid
    put(lab.path('started.json'), json.dumps(started).encode('ascii'))
    put(lab.path('session.json'), json.dumps(record).encode('ascii'))
    lab.agent('status')
    if script_lives:
        wait_for(lambda: len(lab.record()['keepers']) == 2)
        put(lab.path('go'), b'')
    wait_for(lambda: lab.record()['state'] == 'ended')
    assert lab.record()['outcome'] == 'interrupted' and lab.record()['leftovers'] == []
