"""Sessions on Windows: consoles, job objects, the deaths of their parts, statuses, arguments, variables, bytes."""
from __future__ import absolute_import, unicode_literals

import ctypes
import json
import msvcrt
import os
import subprocess
import sys

import pytest

from desks import SELF_DESTRUCT, end, read, wait_for
from rig_agent.base.files import md5_of_bytes
from rig_agent.sessions import follow, logoff, recover, shim, start, winapi, windows

PATIENT = SELF_DESTRUCT + b'''
print("ready"); sys.stdout.flush()
try:
    time.sleep(100)
except KeyboardInterrupt:
    open("saved.txt", "w").write("data")
    os._exit(0)
'''
# Every character of a keyboard, alone and in the company that breaks quoting.
WORDS = [r'a b', r'"', r'a"b', r'\\', 'ends in \\', r'\\"', r'a\\\"b c\\', "'", '%PATH%', '^', '&', '|', '<', '>',
         '(', ')', '!x!', '*', '?', '~', '$HOME', '`', '#', '@', '=', ',', ';', '{', '}', '[', ']', '', ' ', '\t',
         '--x="y z"', '/c', 'caf\xe9']
LEAVES_A_DAEMON = SELF_DESTRUCT + b'''
import subprocess
daemon = "import time; time.sleep(100)"
leader = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', '%s'], creationflags=8)" % daemon
subprocess.check_call([sys.executable, "-c", leader], creationflags=8)
os._exit(0)
'''


def steps(record):
    return [(step['step'], step['result'].split(':')[0]) for step in record['stop']['steps']]


# A process that attends to a session; its C library turns these events into SIGBREAK, as Microsoft's does and Wine's not.
ATTENDS = r'''
import ctypes, os, sys, threading
from rig_agent.sessions import follow, winapi
kernel = ctypes.WinDLL("kernel32")
called = []
as_the_library = winapi.HANDLER(lambda event: called.append(event) is None)
kernel.SetConsoleCtrlHandler(as_the_library, True)
with follow._Attendant(".", None):
    for event in (1, 2):  # Ctrl-Break; the window is closed
        thread = threading.Thread(target=ctypes.WinDLL("kernelbase").CtrlRoutine, args=(ctypes.c_void_p(event),))
        thread.daemon = True
        thread.start()
        thread.join(1)
print(called)
sys.stdout.flush()
os._exit(0)
'''


def alive(entry):
    return shim.identity(entry['pid']) == entry['identity']


# ------------------------------------------------------------------------------------------------ consoles

def test_when_ctrl_c_is_pressed_the_script_saves_its_data_and_the_command_ends_with_130(desk):
    desk.write(PATIENT)
    process, press = desk.console('run', 'a')
    running = desk.running()
    wait_for(lambda: b'ready' in read(running['folder'], 'stdout.log'))
    press()
    out = process.communicate()[0]
    record = desk.record()
    assert process.returncode == 130, out
    assert record['outcome'] == 'stopped' and record['stop']['by'] == 'Ctrl-C'
    assert steps(record)[-1] == ('interrupt', 'the script ended') and record['exit']['code'] == 0
    assert read(record['folder'], 'saved.txt') == b'data'


def test_when_the_console_goes_away_the_session_goes_on(desk):
    desk.write(SELF_DESTRUCT + b'import ctypes\nprint("ready"); sys.stdout.flush()\ntime.sleep(4)\nos._exit(5)\n')
    process, _ = desk.console('run', 'a', '-q')
    running = desk.running()
    [front] = [pid for pid, parent, name in winapi.processes() if parent == process.pid and name.startswith('python')]
    end(front)
    process.communicate()
    record = wait_for(lambda: desk.record()['state'] == 'ended' and desk.record())
    assert record['outcome'] == 'failed' and record['exit']['code'] == 5
    assert len(record['keepers']) == 1 and record['process']['pid'] == running['process']['pid']


def test_when_the_window_is_closed_no_stop_is_asked_for(desk):
    """The C library would make a Ctrl-Break of it, before the system ends the process."""
    out = subprocess.check_output([sys.executable, '-c', ATTENDS], env=desk.agent.environment, stdin=subprocess.PIPE)
    assert out.strip() == b'[1]'


def test_when_the_user_logs_off_the_script_saves_its_data_and_the_record_says_why_it_was_stopped(desk):
    """Windows asks each window, and then tells it; not when another program objected."""
    desk.write(PATIENT)
    process, _ = desk.console('run', 'a')
    running = desk.running()
    wait_for(lambda: b'ready' in read(running['folder'], 'stdout.log'))
    window = wait_for(lambda: window_of(desk.record()['keepers'][0]['pid']))
    tell = ctypes.windll.user32.PostMessageW
    for message, ends in ((0x11, 0), (0x16, 0)):
        tell(ctypes.c_void_p(window), message, ctypes.c_size_t(ends), ctypes.c_ssize_t(0))
    assert window_answers(window) and not os.path.exists(os.path.join(running['folder'], 'saved.txt'))
    tell(ctypes.c_void_p(window), 0x16, ctypes.c_size_t(1), ctypes.c_ssize_t(0))
    process.communicate()
    record = desk.record()
    assert record['outcome'] == 'stopped' and 'logged off' in record['reason']
    assert steps(record)[-1] == ('interrupt', 'the script ended')
    assert read(record['folder'], 'saved.txt') == b'data'


def window_of(pid):
    """The hidden window of a keeper, None as long as there is none."""
    user, found, owner = ctypes.windll.user32, None, ctypes.c_ulong()
    user.FindWindowExW.restype = ctypes.c_void_p
    while True:
        found = user.FindWindowExW(None, ctypes.c_void_p(found), ctypes.c_wchar_p(logoff.WINDOW), None)
        if not found:
            return None
        user.GetWindowThreadProcessId(ctypes.c_void_p(found), ctypes.byref(owner))
        if owner.value == pid:
            return found


def window_answers(window):
    """Whether the window has taken in all that it was told before."""
    return ctypes.windll.user32.SendMessageTimeoutW(ctypes.c_void_p(window), 0, ctypes.c_size_t(0), ctypes.c_ssize_t(0), 0,
                                                    10000, None)


def test_when_a_keeper_is_started_it_inherits_nothing_of_the_command(folder):
    """Python 2 hands on all that is open: a caller that reads the command's output would wait for the session."""
    with open(os.path.join(folder, 'x'), 'wb') as stream:
        handle = msvcrt.get_osfhandle(stream.fileno())
        information = ctypes.c_ulong()

        def inherited():
            assert ctypes.windll.kernel32.GetHandleInformation(ctypes.c_void_p(handle), ctypes.byref(information))
            return bool(information.value & 1)
        assert ctypes.windll.kernel32.SetHandleInformation(ctypes.c_void_p(handle), 1, 1) and inherited()
        windows.start_detached([sys.executable, '-c', 'pass'], folder, dict(os.environ))
        assert not inherited()


def test_when_the_script_is_asked_it_has_a_console_that_nobody_sees(desk):
    """And not that of the command: a Ctrl-C there would reach the script too."""
    record, folder = desk.session('import ctypes, os\nkernel = ctypes.windll.kernel32\n'
                                  'print(kernel.GetConsoleCP() != 0, bool(kernel.GetConsoleWindow()))\n')
    assert read(folder, 'stdout.log').strip() == b'True False' and record['outcome'] == 'completed'
    assert record['warnings'] == []


def test_when_the_keeper_dies_the_next_command_takes_over_and_can_still_press_ctrl_c(desk):
    folder = desk.prepare(PATIENT)
    start.start(folder)
    running = desk.running()
    wait_for(lambda: b'ready' in read(folder, 'stdout.log'))
    end(running['keepers'][0]['pid'])
    wait_for(lambda: not recover.is_kept(folder))  # no handle of its lock was inherited
    assert alive(running['process'])
    ended = desk.agent('stop', '--json')
    record = desk.record()
    assert ended.code == 0 and record['outcome'] == 'stopped' and record['exit']['code'] == 0, record
    assert len(record['keepers']) == 2 and steps(record)[-1] == ('interrupt', 'the script ended')
    assert read(folder, 'saved.txt') == b'data' and record['containment'] == 'job object'


def test_when_keeper_and_shim_die_the_script_lives_and_its_status_is_known(desk):
    """The job object does not end what is in it: no handle of it is left here."""
    folder = desk.prepare(SELF_DESTRUCT + b'print("ready"); sys.stdout.flush()\n'
                          b'while not os.path.exists("go"): time.sleep(0.05)\nos._exit(7)\n')
    start.start(folder)
    running = desk.running()
    for entry in (running['keepers'][0], shim.read_json(os.path.join(folder, 'started.json'))['shim']):
        end(entry['pid'])
    wait_for(lambda: not recover.is_kept(folder))
    assert alive(running['process'])
    assert recover.recover(folder, running)
    wait_for(lambda: recover.is_kept(folder) and len(desk.record()['keepers']) == 2)
    open(os.path.join(folder, 'go'), 'w').close()
    record = follow.follow(folder)
    assert (record['outcome'], record['exit']['code']) == ('failed', 7)


# ------------------------------------------------------------------------------------------------ job objects

def test_when_a_daemon_has_left_it_is_found_in_the_job_ended_and_named(desk):
    record, _ = desk.session(LEAVES_A_DAEMON)
    assert record['outcome'] == 'completed' and record['containment'] == 'job object'
    assert [entry['result'] for entry in record['leftovers']] == ['ended by the agent']
    assert not alive(record['leftovers'][0])


def test_when_a_job_cannot_be_had_the_next_means_is_used_and_the_record_names_it(desk):
    """Something else has the name of the session's job."""
    folder = desk.prepare(SELF_DESTRUCT + b'time.sleep(3)\nos._exit(0)\n')
    session = shim.read_json(os.path.join(folder, 'request.json'))['id']
    taken = ctypes.windll.kernel32.CreateEventW(None, True, False, 'Global\\rig_agent_%s' % session)
    assert taken
    start.start(folder)
    record = follow.follow(folder)
    assert record['outcome'] == 'completed'
    assert record['containment'].startswith('parents, mark in the environment; no job object: ')


def test_when_there_is_no_job_a_daemon_is_found_by_its_mark(desk):
    folder = desk.prepare(LEAVES_A_DAEMON)
    session = shim.read_json(os.path.join(folder, 'request.json'))['id']
    assert ctypes.windll.kernel32.CreateEventW(None, True, False, 'Global\\rig_agent_%s' % session)
    start.start(folder)
    record = follow.follow(folder)
    assert record['outcome'] == 'completed'
    assert [entry['result'] for entry in record['leftovers']] == ['ended by the agent']


def test_when_a_process_starts_suspended_it_runs_only_in_the_job_and_ends_with_it():
    job = winapi.Job('suspended-test')
    process = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(100)'], stdin=subprocess.PIPE,
                               creationflags=shim.CREATE_SUSPENDED)
    job.add(process._handle)
    assert job.pids() == [process.pid] and job.used()
    winapi.resume(process._handle)
    assert job.terminate(windows.ENDED_BY_AGENT) and process.wait() == windows.ENDED_BY_AGENT
    assert job.pids() == []


def test_when_the_agent_is_in_a_job_already_the_session_is_in_one_inside_it(desk):
    """As under a scheduler that has put the agent into a job of its own."""
    outer = winapi.Job('outer-test')
    desk.write(b'print(1)\n')
    process = subprocess.Popen(desk.agent.argv('run', 'a', '--json'), cwd=desk.agent.folder, stdin=subprocess.PIPE,
                               env=desk.agent.environment, stdout=subprocess.PIPE, creationflags=shim.CREATE_SUSPENDED)
    outer.add(process._handle)
    winapi.resume(process._handle)
    record = json.loads(process.communicate()[0].decode('utf-8'))
    assert record['outcome'] == 'completed' and record['containment'] == 'job object'
    assert [text for text in record['warnings'] if 'keeps it in a job object' in text], record['warnings']


# ------------------------------------------------------------------------------------------------ statuses

@pytest.mark.parametrize('script, code, outcome, status', [
    ('import os; os._exit(-1073741819)', 0xC0000005, 'crashed', '0xC0000005 access violation'),
    ('import os; os._exit(-1073740940)', 0xC0000374, 'crashed', '0xC0000374 heap corruption'),
    ('import sys; sys.exit(-1)', 0xFFFFFFFF, 'failed', None),
    ('import sys; sys.exit(259)', 259, 'failed', None),  # what Windows says of a process that still runs
    ('import sys; sys.exit(0x3fffffff)', 0x3fffffff, 'failed', None),
])
def test_when_a_script_ends_with_any_status_it_is_told_from_an_exit_code(desk, script, code, outcome, status):
    record, _ = desk.session(script, simulated=True)
    assert (record['exit']['code'], record['outcome'], record['exit']['status']) == (code, outcome, status)


# ------------------------------------------------------------------------------------------------ what the script gets

def test_when_arguments_hold_any_punctuation_the_script_gets_them_as_they_are(desk):
    script = 'import io, json, sys\nio.open("argv.json", "wb").write(json.dumps(sys.argv[2:]).encode("ascii"))\n'
    record, folder = desk.session(script, arguments=WORDS, simulated=True)
    assert record['outcome'] == 'completed' and json.loads(read(folder, 'argv.json').decode('ascii')) == WORDS


def test_when_variables_come_in_any_case_the_script_finds_one_of_each(desk, monkeypatch):
    monkeypatch.setenv(str('Lab_Camera'), str('inherited'))
    script = r'''
import ctypes, json, os
get = ctypes.windll.kernel32.GetEnvironmentStringsW
get.restype = ctypes.c_void_p
place, names = get(), []
while True:
    entry = ctypes.wstring_at(place)
    if not entry:
        break
    names.append(entry.partition("=")[0].upper())
    place += 2 * (len(entry) + 1)
found = {"names": names, "camera": os.environ["LAB_CAMERA"], "rig": os.environ["aibs_rig_id"]}
json.dump(found, open("found.json", "w"))
'''
    variables = {'lab_camera': 'asked for', 'AIBS_Rig_Id': 'NP.1'}
    record, folder = desk.session(script, simulated=True, environment=variables)
    found = shim.read_json(os.path.join(folder, 'found.json'))
    assert found['camera'] == 'asked for' and found['rig'] == 'NP.1'
    assert len(found['names']) == len(set(found['names'])), sorted(found['names'])
    # newer Pythons see to it themselves when they start a process; those of rigs do not
    names = shim.environment_of({'environment': variables, 'python_path': []})
    assert names['LAB_CAMERA'] == 'asked for' and len({name.upper() for name in names}) == len(names)


def test_when_a_rig_is_named_in_any_case_the_agent_knows_it(agent):
    for name in ('AIBS_RIG_ID', 'aibs_rig_id', 'Aibs_Rig_Id'):
        agent.environment.pop('AIBS_RIG_ID', None)
        ended = agent('explain', '--json', environment={name: 'NP.7'}, folder=os.path.dirname(__file__))
        assert ended.code == 6  # there is no regimen here: the variables are read all the same
    code = 'from rig_agent.rig import identity; print(identity.rig_id())'
    for name in ('AIBS_RIG_ID', 'aibs_rig_id', 'Aibs_Rig_Id'):
        out = subprocess.check_output([sys.executable, '-c', code], env=dict(agent.environment, **{name: 'NP.7'}),
                                      stdin=subprocess.PIPE)
        assert out.strip() == b'NP.7'


@pytest.mark.parametrize('content', [b'print("x")\n', b'print("x")\r\n', b'print("x")\r\nprint("y")\n# \x1a end\n'])
def test_when_a_script_has_any_line_ends_its_bytes_run_as_they_are(desk, content):
    """Text mode would turn LF into CRLF, and every md5 with it."""
    record = desk.run(content)
    assert record['outcome'] == 'completed' and record['scripts'][0]['found_md5'] == md5_of_bytes(content)
    assert read(record['argv'][1]) == content
    params = read(record['params']['path'])
    assert b'\r' not in params and md5_of_bytes(params) == record['params']['md5']
    ended = desk.agent('generate', 'a', '--output', os.path.join(desk.home, 'out'))
    assert ended.code == 0, ended
    names = [name for name in os.listdir(os.path.join(desk.home, 'out')) if name.endswith('.py')]
    assert read(desk.home, 'out', names[0]) == content


def test_when_a_script_prints_its_bytes_are_kept_and_shown_as_they_are(desk):
    script = (b'import os, sys\nos.write(1, b"LF\\n")\n'
              b'getattr(sys.stdout, "buffer", sys.stdout).write(b"CRLF\\r\\n\\xff\\n")\n')
    desk.write(script)
    process = desk.agent.start('run', 'a')
    shown = process.communicate()[0]
    kept = read(desk.folder(), 'stdout.log')
    assert b'CRLF\r\n\xff\n' in kept and kept in shown


def test_when_a_log_is_cut_while_the_script_prints_what_follows_is_at_its_end(desk):
    """The script's handle appends, in whichever process: no hole of zeros where the log was cut."""
    record, folder = desk.session(SELF_DESTRUCT + b'''
for number in range(60):
    os.write(1, b"%06d" % number * 200 + b"\\n")
    time.sleep(0.05)
os._exit(0)
''', limits={'log': 20000})
    kept = read(folder, 'stdout.log')
    assert b'\0' not in kept and kept.endswith(b'000059' * 200 + b'\n') and len(kept) <= 40000
    assert record['logs']['stdout']['method'] == 'copied'
    assert 0 <= 60 * 1201 - record['logs']['stdout']['size'] <= 5 * 1201  # a line written at the moment of a cut is lost
