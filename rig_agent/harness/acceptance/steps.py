"""The steps of an acceptance, in the order in which a person would lose faith.

Each is a function of a Bench that returns a line on what was seen, or raises Wrong, or Skipped with the reason. `must`
is what the documentation promises of it.
"""
from __future__ import absolute_import, unicode_literals

import io
import os
import platform
import shutil
import sys
from collections import namedtuple

from rig_agent import __version__
from rig_agent.base.compat import WINDOWS, environment_for, run_bounded, to_text
from rig_agent.base.files import md5_of_bytes, md5_of_file
from rig_agent.harness.acceptance.bench import HANG, Skipped, Wrong, end, is_there
from rig_agent.scripts import bundled_scripts

Step = namedtuple(str('Step'), 'title command must function')
STEPS = []
SLEEPS = 'print("ready")\nsys.stdout.flush()\ntime.sleep(60)\n'
SAVES = 'print("ready")\nsys.stdout.flush()\ntry:\n    time.sleep(60)\nexcept KeyboardInterrupt:\n    ' \
        'open("saved.txt", "w").write("data")\n    os._exit(0)\n'
WAITS = 'print("ready")\nsys.stdout.flush()\nwhile not os.path.exists("go"):\n    time.sleep(0.1)\nos._exit(5)\n'
CRASHES = ('import ctypes\nif os.name == "nt":  # in a thread that Python does not guard\n'
           '    ctypes.windll.kernel32.CreateThread(None, 0, ctypes.c_void_p(8), None, 0, None)\n    time.sleep(60)\n'
           'ctypes.string_at(0)\n')
LEAVES_A_CHILD = ('import subprocess\nchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(90)"])\n'
                  'print(child.pid)\nsys.stdout.flush()\nos._exit(0)\n')
STIMULUS = '''
from camstim import Stimulus, SweepStim, Window
from psychopy import visual
window = Window(fullscr=False)
gratings = Stimulus(visual.GratingStim(window), sweep_params={"Ori": ([0, 90], 0)}, sweep_length=1.0, runs=5)
gratings.set_display_sequence([(0, 10)])
SweepStim(window=window, stimuli=[gratings], pre_blank_sec=0, post_blank_sec=0, params={}).run()
'''
PICTURE = 'print(os.environ["AIBS_RIG_ID" if os.name != "nt" else "aibs_rig_id"])\nprint(os.getcwd())\n'


def step(title, command, must):
    def add(function):
        STEPS.append(Step(title, command, must, function))
        return function
    return add


def expect(what, found, expected):
    """Raises Wrong when they differ."""
    if found != expected:
        raise Wrong('%s: %.300s; it must be %.300s' % (what, found, expected))


def expect_outcome(record, code, outcome, expected_code):
    expect('outcome (%s)' % record['reason'], record['outcome'], outcome)
    expect('exit code of the command', code, expected_code)


# ------------------------------------------------------------------------------------------------ the machine

@step('The agent starts and says which it is', 'rig-agent --version', 'its name and version, exit code 0')
def version(bench):
    ended = bench.agent('--version')
    expect('it prints', (ended.out.strip(), ended.code), ('rig-agent %s' % __version__, 0))
    return '%s, Python %s, %s' % (ended.out.strip(), sys.version.split()[0], to_text(platform.platform()))


@step("The interpreter for scripts is the rig's", 'PYTHON -c "import camstim"',
      'its version, and that camstim is there; without it only simulated sessions can run')
def interpreter(bench):
    variables = environment_for(bench.python)
    code, out, err = run_bounded([bench.python, '-c', 'import sys; print(sys.version.split()[0])'], HANG, variables)
    expect('exit code of %s (%s)' % (bench.python, to_text(err)[-300:]), code, 0)
    if run_bounded([bench.python, '-c', 'import camstim'], HANG, variables)[0]:
        raise Skipped('%s is Python %s and has no camstim, or it cannot be imported without a display'
                      % (bench.python, to_text(out).strip()))
    return '%s is Python %s and imports camstim' % (bench.python, to_text(out).strip())


# ------------------------------------------------------------------------------------------------ outcomes

@step('A script runs to its end', 'rig-agent run a', 'outcome `completed`, exit code 0, its output named with its md5')
def completes(bench):
    script = 'os.path.isdir("output") or os.mkdir("output")\nopen("output/data.pkl", "wb").write(b"x" * 10)\n'
    record, code = bench.run(script, '--mouse', '612345')
    expect_outcome(record, code, 'completed', 0)
    expect('outputs', [output['md5'] for output in record['outputs']], [md5_of_bytes(b'x' * 10)])
    return 'in %s s, kept together by: %s' % (record['times']['duration_s'], record['containment'])


@step('A script fails', 'rig-agent run a', 'outcome `failed`, exit code 1, the line of the error')
def fails(bench):
    record, code = bench.run('raise ValueError("no camera")\n')
    expect_outcome(record, code, 'failed', 1)
    expect('the error', (record['traceback']['type'], record['traceback']['message']), ('ValueError', 'no camera'))
    return record['reason']


@step('A script falls by an access violation', 'rig-agent run a',
      'outcome `crashed`, exit code 1, at once: no window waits for a click')
def crashes(bench):
    record, code = bench.run(CRASHES)
    expect_outcome(record, code, 'crashed', 1)
    return '%s after %s s' % (record['exit']['status'] or record['exit']['signal'], record['times']['duration_s'])


@step('A script hangs', 'rig-agent run a --timeout 2', 'outcome `timed_out`, exit code 8, nothing left of it')
def hangs(bench):
    record, code = bench.run(SLEEPS, '--timeout', '2')
    expect_outcome(record, code, 'timed_out', 8)
    expect('still there', is_there(record['process']['pid'], record['process']['identity']), False)
    return 'ended by: %s' % record['stop']['steps'][-1]['step']


@step('A script falls silent', 'rig-agent run a --silence 2', 'outcome `stalled`, exit code 8')
def silent(bench):
    record, code = bench.run(SLEEPS, '--silence', '2')
    expect_outcome(record, code, 'stalled', 8)
    return record['reason']


@step('A script leaves a child behind', 'rig-agent run a', 'outcome `completed`; the child is ended and named')
def leaves(bench):
    record, code = bench.run(LEAVES_A_CHILD)
    expect_outcome(record, code, 'completed', 0)
    expect('what was left', [entry['result'] for entry in record['leftovers']], ['ended by the agent'])
    return 'pid %d, %s' % (record['leftovers'][0]['pid'], record['containment'])


# ------------------------------------------------------------------------------------------------ stops

@step('Ctrl-C', 'rig-agent run a, then Ctrl-C', 'the script saves its data; outcome `stopped`, exit code 130')
def ctrl_c(bench):
    bench.stage(SAVES)
    process, press = bench.pressable('run', 'a', '--json')
    record = bench.running()
    press()
    ended = bench.ended(process)
    expect_outcome(bench.record(), ended.code, 'stopped', 130)
    expect('saved', os.path.exists(os.path.join(record['folder'], 'saved.txt')), True)
    return ', '.join('%s: %s' % (entry['step'], entry['result']) for entry in bench.record()['stop']['steps'])


@step('A stop from another window', 'rig-agent stop', 'outcome `stopped`; `run` ends with exit code 9')
def stop(bench):
    bench.stage(SAVES)
    process = bench.start('run', 'a', '--json')
    bench.running()
    expect('exit code of stop', bench.agent('stop').code, 0)
    expect_outcome(bench.record(), bench.ended(process).code, 'stopped', 9)
    return 'saved and stopped'


@step('The window is closed', 'rig-agent run a, then its process is ended',
      'the session goes on; its record ends with the exit code of the script, 5')
def front_end_dies(bench):
    bench.stage(WAITS)
    process = bench.start('run', 'a', '--json')
    before = bench.running()
    process.kill()
    process.communicate()  # would wait for ever if the session held what the window read
    expect('state after that', bench.record()['state'], 'running')
    bench.let_go()
    record = bench.closed()
    expect('exit code of the script', record['exit']['code'], 5)
    expect('keepers', len(record['keepers']), 1)
    return 'pid %d went on' % before['process']['pid']


@step('The keeper dies', 'its process is ended; rig-agent status',
      'the script is not disturbed; the next command takes the session over; the exit code is kept, 5')
def keeper_dies(bench):
    bench.stage(WAITS)
    process = bench.start('run', 'a', '--json')
    record = bench.running()
    end(record['keepers'][-1]['pid'])
    expect('exit code of status', bench.agent('status').code, 0)
    expect('state after that', bench.record()['state'], 'running')
    bench.let_go()
    bench.ended(process)
    record = bench.closed()
    expect('exit code of the script', record['exit']['code'], 5)
    return '%d keepers' % len(record['keepers'])


@step('A second session beside a running one', 'rig-agent run a, twice', 'the second is refused, exit code 4')
def second(bench):
    bench.stage(SLEEPS)
    process = bench.start('run', 'a', '--json')
    running = bench.running()
    refused = bench.agent('run', 'a', '--json')
    expect('outcome and exit code of the second', (refused.json['outcome'], refused.code), ('refused', 4))
    expect('exit code of stop', bench.agent('stop', running['id'], '--now').code, 0)
    bench.ended(process)
    return refused.json['reason']


# ------------------------------------------------------------------------------------------------ bytes

@step('Line ends stay as they are', 'rig-agent run a, for LF and CRLF; rig-agent stages',
      'what runs has the md5 of what was given; a printed line has one end')
def line_ends(bench):
    for content in (b'print("LF")\n', b'print("CRLF")\r\nprint("LF")\n'):
        record, code = bench.run(content)
        expect_outcome(record, code, 'completed', 0)
        expect('md5 of what ran', md5_of_file(record['argv'][1]), md5_of_bytes(content))
    expect('lines with two ends', '\r\r' in bench.agent('stages').out, False)
    return 'LF and CRLF'


@step('A script is not the one that the regimen names', 'rig-agent run a', 'exit code 5; nothing runs')
def wrong_bytes(bench):
    bench.stage(b'print(1)\n', script_md5=md5_of_bytes(b'other'))
    expect('exit code', bench.agent('run', 'a', '--json').code, 5)
    expect('sessions', [record['outcome'] for record in bench.records()], [])
    return 'refused'


@step('Odd folders and variables', 'rig-agent run a, in a folder with a blank and an accent',
      'outcome `completed`; the script reads `aibs_rig_id` in lower case')
def odd(bench):
    bench.variables['AIBS_RIG_ID'] = bench.variables['aibs_rig_id'] = 'NP.1'
    record, code = bench.run(PICTURE)
    expect_outcome(record, code, 'completed', 0)
    expect('what it reads', bench.read(record['folder'], 'stdout.log').split()[0], b'NP.1')
    return record['folder']


@step('A script floods its log', 'rig-agent run a, with a limit of 1 MB',
      'the log stays bounded; its last line is kept')
def floods(bench):
    bench.variables['RIG_AGENT_LIMITS_LOG'] = '1MB'
    record, code = bench.run('for number in range(20000):\n    print("%09d " % number * 20)\nprint("the last line")\n')
    expect_outcome(record, code, 'completed', 0)
    log = bench.read(record['folder'], 'stdout.log')
    expect('its last line', log.split()[-3:], [b'the', b'last', b'line'])
    expect('more than 2 MB of data', len(log.lstrip(b'\0')) > 2000000, False)
    return '%d bytes printed, method: %s' % (record['logs']['stdout']['size'], record['logs']['stdout']['method'])


# ------------------------------------------------------------------------------------------------ scripts and reports

def use_bundled(bench):
    """A regimen of a script that the package ships; its name."""
    path = sorted(_bundled_paths())[0]
    bench.stage(b'', script=os.path.basename(path), script_md5=md5_of_file(path))
    return os.path.basename(path)


def _bundled_paths():
    folder = bundled_scripts.FOLDER
    return [os.path.join(folder, name) for name in os.listdir(folder) if name.endswith('_v2.py')]


@step("A regimen's scripts are fetched", 'rig-agent cache fetch --all; rig-agent cache verify', 'exit codes 0')
def fetch(bench):
    name = use_bundled(bench)
    expect('exit code of fetch', bench.agent('cache', 'fetch', '--all').code, 0)
    expect('exit code of verify', bench.agent('cache', 'verify').code, 0)
    return name


@step('A simulated session', 'rig-agent smoke a --simulate', 'exit code 0, `passed`')
def simulated(bench):
    bench.stage(STIMULUS.encode('ascii'))  # as it is: simulated, its end after 100 s would be that of the session
    [result] = bench.agent('smoke', 'a', '--simulate', '--json').json['results']
    expect('verdict (%s)' % '; '.join(result['reasons']), (result['verdict'], result['exit_code']), ('passed', 0))
    return '%g s of a session in %s s' % (result['simulated_s'], result['duration_s'])


@step("The rig's scripts are compared with the repository", 'rig-agent check --dir FOLDER',
      'exit code 0 or 1; 7 where the repository cannot be reached')
def check(bench):
    use_bundled(bench)
    scripts = os.path.join(bench.folder, 'scripts')
    if not os.path.isdir(scripts):
        os.mkdir(scripts)
    for path in _bundled_paths():
        shutil.copy(path, scripts)
    repository = bench.configuration['scripts.repository']
    bench.variables['RIG_AGENT_SCRIPTS_REPOSITORY'] = repository
    ended = bench.agent('check', '--dir', scripts, '--json')
    if ended.code == 7:
        raise Skipped('%s: %s' % (repository, ended.json['error']['what']))
    if ended.code not in (0, 1):
        raise Wrong('exit code %d: %s' % (ended.code, ended.err))
    return 'compared with %s' % repository


@step('The logs are collected', 'rig-agent logs collect', 'exit code 0, one file')
def logs(bench):
    record, _ = bench.run(b'print(1)\n')
    ended = bench.agent('logs', 'collect')
    expect('exit code', ended.code, 0)
    return ended.out.strip().splitlines()[-1] if ended.out.strip() else 'collected'


@step('Nobody is there to be asked', 'rig-agent run, with two stages and nothing on stdin',
      'exit code 2: it names the stages, and does not wait for an answer')
def unattended(bench):
    bench.put('regimen.yml', b'name: X_v1\ntransitions: []\nstages: {a: {script: a_v2.py}, b: {script: b_v2.py}}\n')
    ended = bench.unattended('run')
    expect('exit code', ended.code, 2)
    return ended.err.strip().splitlines()[0]


@step('Letters that the console lacks', 'rig-agent stages, on the code pages 437 and 65001', 'exit code 0')
def letters(bench):
    with io.open(os.path.join(bench.folder, 'regimen.yml'), 'wb') as stream:
        stream.write('name: X_v1\ntransitions: []\nstages: {"\u4e2d \u2192": {script: a_v2.py}}\n'.encode('utf-8'))
    for page in ('cp437', 'cp65001') if WINDOWS else ('cp437',):
        bench.variables['PYTHONIOENCODING'] = page
        expect('exit code on %s' % page, bench.agent('stages').code, 0)
    return 'printed as their numbers' if WINDOWS else 'printed'
