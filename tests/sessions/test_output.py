"""When a script prints, its bytes are on disk and on the screen as they were; guarantees 13 to 15 and 38."""
from __future__ import absolute_import, unicode_literals

import hashlib
import io
import json
import os
import time

import pytest

from labs import SELF_DESTRUCT, disk_bytes, put, wait_for
from rig_agent.base.compat import WINDOWS, to_native
from rig_agent.sessions import follow, start, system
from rig_agent.sessions.follow import Tail
from rig_agent.sessions.logs import Log
from rig_agent.sessions.outputs import Outputs

MANY = '''
import hashlib
sent = hashlib.md5()
out = getattr(sys.stdout, "buffer", sys.stdout)
def say(block):
    sent.update(block)
    out.write(block)
    out.flush()
line = b"0123456789abcdef" * 64 + b"\\n"
for number in range(COUNT):
    say(line * 1000)
say(b"x" * 1000000 + b"\\n")
open("sent.md5", "w").write(sent.hexdigest())
'''


def test_when_much_is_printed_every_byte_is_on_disk_and_on_the_screen(lab):
    """42 MB of lines and one line of 1 MB."""
    lab.regimen(MANY.replace('COUNT', '40'))
    ended = lab.agent.start('run', 'stage_a')
    out, _ = ended.communicate()
    sent = lab.file('sent.md5').decode('ascii')
    assert hashlib.md5(lab.file('stdout.log')).hexdigest() == sent
    size = lab.record()['logs']['stdout']['size']
    shown = out[out.index(b'0123456789abcdef'):][:size]
    assert hashlib.md5(shown).hexdigest() == sent


def test_when_very_much_is_printed_every_byte_is_on_disk(lab):
    """205 MB of lines and one line of 1 MB, under a limit that they do not reach."""
    record = lab.run(MANY.replace('COUNT', '200'), log='250MB')
    digest = hashlib.md5()
    with io.open(lab.path('stdout.log'), 'rb') as stream:
        for block in iter(lambda: stream.read(1 << 20), b''):
            digest.update(block)
    assert digest.hexdigest() == lab.file('sent.md5').decode('ascii')
    assert record['logs']['stdout']['size'] == 200 * 1025000 + 1000001 and record['logs']['stdout']['dropped'] == 0


@pytest.mark.skipif(WINDOWS, reason='tests/windows has a log that is cut')
def test_when_yes_prints_for_five_seconds_its_end_is_kept_within_the_limit(lab):
    record = lab.run('import subprocess\nchild = subprocess.Popen(["yes"])\ntime.sleep(5)\nchild.kill()\n'
                     'child.wait()\nprint("the last line")\n', log='10MB')
    found = record['logs']['stdout']
    assert record['outcome'] == 'completed' and found['dropped'] > 0 and found['peak'] >= 10 ** 7
    assert disk_bytes(lab.path('stdout.log')) <= 11 * 10 ** 6
    with io.open(lab.path('stdout.log'), 'rb') as stream:
        stream.seek(-1000000, 2)
        assert stream.read() == (b'y\n' * 500000 + b'the last line\n')[-1000000:]


@pytest.mark.parametrize('locale', ['C', 'C.UTF-8'])
def test_when_the_bytes_are_no_text_they_reach_the_screen_under_any_locale(lab, locale):
    lab.agent.environment['LC_ALL'] = locale
    lab.regimen('os.write(1, b"\\xff\\xfe \\xe2\\x82")\ntime.sleep(0.1)\nos.write(1, b"\\xac\\n")\n', {'word': 'caf\u00e9'})
    process = lab.agent.start('run', 'stage_a')
    out, err = process.communicate()
    assert process.returncode == 0, err
    assert lab.file('stdout.log') == b'\xff\xfe \xe2\x82\xac\n'
    assert b'\xff\xfe \xe2\x82\xac\n' in out and b'Traceback' not in err


def test_when_a_log_is_over_its_limit_its_end_stays_and_a_follower_is_told(tmpdir):
    """Holes on Linux; nothing of the end is lost, and what a reader sees is never a zero that nobody wrote."""
    path = os.path.join(str(tmpdir), 'stdout.log')
    put(path, b'')
    log, tail, seen = Log(path, 400000), Tail(path, 'stdout', False), []
    if not WINDOWS:
        log.reserve()
        assert system.disk_bytes(log.descriptor) >= 400000  # for a script that has printed nothing yet
    with io.open(path, 'ab', buffering=0) as script:
        for number in range(100):
            script.write(b'%06d' % number * 2000 + b'\n')
            log.measure()
            if number == 10:
                tail.deliver(lambda name, block: seen.append((name, block)))
    kept = log.size - log.first
    assert WINDOWS or system.disk_bytes(log.descriptor) >= kept + 50000  # space for what comes is there again
    log.finish()
    assert WINDOWS or system.disk_bytes(log.descriptor) <= kept + 8192  # and is given back at the end
    tail.deliver(lambda name, block: seen.append((name, block)))
    assert log.size == 100 * 12001 and log.dropped > 0 and log.peak <= 400000 + 12001
    assert log.method == ('copied' if WINDOWS else 'holes')
    assert WINDOWS or system.disk_bytes(log.descriptor) <= 440000
    shown = b''.join(block for name, block in seen if name == 'stdout')
    assert b'\0' not in shown and shown.endswith(b'000099' * 2000 + b'\n') and shown.startswith(b'000000')
    assert any(name == 'stderr' and b'dropped' in block for name, block in seen)
    assert log.tail(100) == (b'000099' * 2000 + b'\n')[-100:]


def test_when_holes_cannot_be_made_the_end_is_copied_and_the_record_says_so(tmpdir, monkeypatch):
    def refuse(*_):
        raise OSError(95, 'not supported')
    monkeypatch.setattr(system, 'punch', refuse)
    path = os.path.join(str(tmpdir), 'stdout.log')
    put(path, b'')
    log, seen, late = Log(path, 100000), [], []
    close, far = Tail(path, 'stdout', False), Tail(path, 'stdout', True)  # one that keeps up, one that looks seldom
    with io.open(path, 'ab', buffering=0) as script:
        for number in range(50000):
            script.write(b'%09d\n' % number)
            if number % 700 == 0:
                close.deliver(lambda name, block: seen.append((name, block)))
                log.measure()
            if number % 30000 == 500:
                far.deliver(lambda name, block: late.append((name, block)))
    log.finish()
    for tail, shown in ((close, seen), (far, late)):
        tail.deliver(lambda name, block: shown.append((name, block)))
    assert b''.join(block for _, block in seen) == b''.join(b'%09d\n' % number for number in range(50000))
    lines = b''.join(block for name, block in late if name == 'stdout').split()
    numbers = [int(line) for line in lines if len(line) == 9]
    assert numbers[0] > 501 and numbers[-1] == 49999 and numbers == sorted(set(numbers))
    assert [block for name, block in late if name == 'stderr'] == [
        b'\n[bytes of stdout were dropped before they could be shown]\n'] * 2
    assert log.as_json()['method'] == 'copied' and log.size == 500000
    assert os.path.getsize(path) <= 110000
    assert log.tail(10) == b'000049999\n'


def test_when_the_last_line_holds_a_secret_or_colours_status_shows_neither(lab):
    process = lab.start('os.write(1, b"password=hunter2hunter2 \\x1b[31mready\\x1b[0m\\n")\n'
                        'while not os.path.exists("go"):\n    time.sleep(0.02)\n')
    wait_for(lambda: lab.state() == 'running' and lab.file('stdout.log'))
    shown, told = lab.agent('status').out, lab.agent('status', '--json').out
    put(lab.path('go'), b'')
    process.communicate()
    assert 'password=*** ready' in shown and 'password=*** ready' in told
    assert not any(word in text for text in (shown, told) for word in ('hunter2', '\x1b', 'u001b'))


def test_when_there_are_secrets_no_file_of_the_agent_holds_them(lab, web):
    """In the environment, in the script's URL and in an override; the script itself gets them as they are."""
    named, asked, given = 'hunter2hunter2', 'correcthorse99', 'batterystaple77'
    lab.agent.environment['LAB_API_TOKEN'] = named
    script = SELF_DESTRUCT.encode('ascii') + b'''
import json
params = json.load(open(sys.argv[1]))
assert params["password"][-2:] == "77" and sys.argv[1:] == [sys.argv[1]]
raise ValueError("no answer from https://host/x?token=%s" % os.environ["LAB_API_TOKEN"])
'''
    put(os.path.join(lab.agent.folder, 'regimen.yml'), json.dumps({
        'name': 'Test_Task_v0.0.1', 'transitions': [], 'stages': {'stage_a': {
            'script': web.put('/task.py', script) + '?token=' + asked, 'script_md5': hashlib.md5(script).hexdigest(),
            'parameters': {}}}}).encode('ascii'))
    web.put('/task.py?token=' + asked, script)
    ended = lab.agent('run', 'stage_a', '-v', '--set', 'password="%s"' % given, script_fails=True)
    record = lab.record()
    assert ended.code == 1 and record['outcome'] == 'failed' and '***' in record['traceback']['message'], ended
    assert [path for path, _ in web.hits] == ['/task.py?token=' + asked]
    own = ('stdout.log', 'stderr.log', os.path.basename(record['params']['path']))  # what the script reads and says
    found = []
    for folder, _, names in os.walk(lab.home):
        for name in names:
            with io.open(os.path.join(folder, name), 'rb') as stream:
                content = stream.read()
            found += [(name, secret) for secret in (named, asked, given) if secret.encode('ascii') in content]
    assert sorted(set(name for name, _ in found)) == sorted(own[1:]), found  # the negative control: it does find them
    shown = lab.agent('sessions', 'show', 'last').out + ended.out + lab.agent('sessions', 'show', 'last', '--json').out
    assert named not in shown and asked not in shown and given not in shown


def test_when_a_request_holds_a_secret_it_is_masked_as_soon_as_it_is_not_needed_any_more(lab):
    from test_supervision import prepared
    folder = prepared(lab, simulated=True, environment={'LAB_API_TOKEN': 'hunter2hunter2'},
                      script=b'import os\nassert os.environ["LAB_API_TOKEN"] == "hunter2hunter2"\n')

    def held():
        with io.open(os.path.join(folder, 'request.json'), 'rb') as stream:
            return b'hunter2hunter2' in stream.read()
    assert held()
    start.start(folder)
    assert follow.follow(folder)['outcome'] == 'completed'
    wait_for(lambda: not held())


def test_when_outputs_are_new_they_are_named_with_size_and_md5_and_old_ones_are_not(lab):
    outputs = os.path.join(lab.home, 'camstim', 'output')
    os.makedirs(to_native(outputs))
    put(os.path.join(outputs, 'old.pkl'), b'old')
    script = '''
import pickle
folder = os.environ["HOME"] + "/camstim/output/"
data = {"script": "if escape_pressed: pass", "items": list(range(1000))}
pickle.dump(data, open(folder + "plain.pkl", "wb"), 2)
data["escape_pressed"] = True
pickle.dump(data, open(folder + "aborted.pkl", "wb"), 0)
open(folder + "empty.pkl", "w")
open(folder + "notes.txt", "w").write("x")
'''
    record = lab.run(script)
    found = {os.path.basename(output['path']): output for output in record['outputs']}
    assert sorted(found) == ['aborted.pkl', 'plain.pkl']
    assert found['aborted.pkl']['escape_pressed'] is True and found['plain.pkl']['escape_pressed'] is False
    assert found['plain.pkl']['size'] == os.path.getsize(os.path.join(outputs, 'plain.pkl'))
    assert record['outcome'] == 'aborted' and record['command_exit'] == 1


def test_when_a_folder_comes_back_only_with_files_of_others_they_are_no_outputs(lab):
    """A share that was away at the start, an old file that is moved in: what is older than the session is not of it."""
    outputs = os.path.join(lab.home, 'camstim', 'output')
    os.makedirs(to_native(outputs))
    put(os.path.join(outputs, 'changed.pkl'), b'before')
    script = '''
folder = os.environ["HOME"] + "/camstim/output/"
for name, days in (("old.pkl", 9), ("new.pkl", 0), ("changed.pkl", 9)):
    open(folder + name, "w").write("written")
    os.utime(folder + name, (time.time() - days * 86400,) * 2)
'''
    record = lab.run(script)
    assert sorted(os.path.basename(output['path']) for output in record['outputs']) == ['changed.pkl', 'new.pkl']


def test_when_the_clock_is_set_back_the_outputs_are_found_all_the_same(tmpdir, monkeypatch):
    watched = Outputs([str(tmpdir)])
    path = os.path.join(str(tmpdir), 'new.pkl')
    put(path, b'data')
    os.utime(path, (time.time() - 7200,) * 2)
    assert watched.new() == {}
    monkeypatch.setattr(time, 'time', lambda now=time.time: now() - 7200)
    assert list(watched.new()) == [path]


def test_when_an_output_would_run_code_it_is_not_run(lab):
    script = '''
import pickle
class Trap(object):
    def __reduce__(self):
        return os.system, ("touch sprung",)
pickle.dump([Trap(), "escape_pressed"], open("trap.pkl", "wb"), 2)
'''
    record = lab.run(script)
    assert record['outcome'] == 'aborted' and not os.path.exists(os.path.join(lab.folder(), 'sprung'))
    assert not os.path.exists('sprung')
