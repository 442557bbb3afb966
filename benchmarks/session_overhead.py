"""What supervision costs a script: its start, its frames, its output, its end; against the same script run directly.

`python benchmarks/session_overhead.py [LOOP [WATCH]]`: the seconds of a frame loop, of which four of each kind are run,
5 by default; and of the watch on CPU and memory, 20 by default. A session is longer: `60 600` takes 19 minutes.
"""
from __future__ import absolute_import, unicode_literals

import argparse
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile

from measure import medians, report, row
from rig_agent.base.compat import WINDOWS, environment, monotonic, python_command, to_native, to_text

NOTHING = b'pass\n'
FRAMES = b'''
import json, os, sys, time
clock = getattr(time, 'perf_counter', None) or time.time
seconds = json.load(open(sys.argv[1]))['seconds']
print('ready')
times, frame, begun = [], 0, clock()
while frame < seconds * 60:
    frame += 1
    while clock() < begun + frame / 60.0 - 0.002:
        time.sleep(0.001)
    while clock() < begun + frame / 60.0:
        pass
    times.append(clock())
open(sys.argv[1] + '.frames', 'w').write(json.dumps([after - before for before, after in zip(times, times[1:])]))
'''
FLOOD = b'''
import os, sys, time
block = b'x' * 99 + b'\\n'
block = block * 10000
begun = time.time()
for _ in range(500):
    os.write(1, block)
open(sys.argv[1] + '.took', 'w').write(repr(time.time() - begun))
'''
ENDS = b'''
import sys, time
time.sleep(0.5)
open(sys.argv[1] + '.end', 'w').write(repr(time.time()))
'''
SLEEPS = b'''
import json, sys, time
print('ready')
time.sleep(json.load(open(sys.argv[1]))['seconds'])
'''


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('loop', nargs='?', type=float, default=5)
    parser.add_argument('watch', nargs='?', type=float, default=20)
    lengths = parser.parse_args()
    place = tempfile.mkdtemp()
    try:
        rows = (start_rows(place) + frame_rows(place, lengths.loop) + watch_rows(place, lengths.watch) +
                flood_rows(place) + end_rows(place))
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return report('session', rows)


class Bench(object):
    """One script, to be run supervised and directly."""

    def __init__(self, place, name, script, **parameters):
        self.folder = os.path.join(place, name)
        os.makedirs(os.path.join(self.folder, 'home'))
        self.environment = dict(environment(), RIG_AGENT_HOME=os.path.join(self.folder, 'home'))
        self.params = os.path.join(self.folder, 'params.json')
        self.put('task.py', script)
        self.put('params.json', json.dumps(parameters).encode('ascii'))
        self.put('regimen.yml', json.dumps({'name': 'Bench_Task_v1.0.0', 'transitions': [], 'stages': {'a': {
            'script': './task.py', 'script_md5': hashlib.md5(script).hexdigest(), 'parameters': parameters}}}).encode('ascii'))

    def put(self, name, content):
        with io.open(os.path.join(self.folder, name), 'wb') as stream:
            stream.write(content)

    def start(self, argv, stdout):
        return subprocess.Popen([to_native(word) for word in argv], cwd=to_native(self.folder), stdout=stdout,
                                stderr=subprocess.STDOUT, close_fds=not WINDOWS,
                                env={to_native(key): to_native(value) for key, value in self.environment.items()})

    def supervised(self, stdout=None):
        """The running command; its output goes to a file, as a terminal's speed is not ours."""
        return self.start(python_command('rig_agent') + ['run', 'a'], stdout or self.sink('agent.out'))

    def direct(self):
        return self.start([sys.executable, 'task.py', 'params.json'], self.sink('direct.out'))

    def sink(self, name):
        return io.open(os.path.join(self.folder, name), 'wb')

    def session(self, suffix=''):
        """The newest session's params path with a suffix."""
        home = os.path.join(self.folder, 'home', 'sessions')
        # Names of one second end in a random id; handed_over.json is written once, at the start.
        folder = max((os.path.join(home, name) for name in os.listdir(home)),
                     key=lambda path: os.stat(os.path.join(path, 'handed_over.json')).st_mtime)
        return [os.path.join(folder, name) for name in os.listdir(folder) if name.endswith('_a.json')][0] + suffix


def value(path):
    with io.open(path, encoding='ascii') as stream:
        return json.loads(stream.read())


def start_rows(place):
    bench = Bench(place, 'start', NOTHING)
    supervised, direct, agent = medians([lambda: bench.supervised().wait(), lambda: bench.direct().wait(),
                                         lambda: bench.start(python_command('rig_agent') + ['show', 'a'],
                                                             bench.sink('show.out')).wait()], 9)
    return [row('run a script that does nothing', supervised, 'python script params', direct),
            row('of that, supervision', supervised - agent, 'rig-agent show STAGE', agent)]


def frame_rows(place, seconds):
    """The 99.9th percentile of the intervals between frames; both kinds in turns, as the machine is not always the same."""
    bench = Bench(place, 'frames', FRAMES, seconds=seconds)
    with_agent, without = [], []
    for _ in range(4):
        bench.direct().wait()
        without += value(bench.params + '.frames')
        bench.supervised().wait()
        with_agent += value(bench.session('.frames'))
    return [row('99.9th percentile of frame intervals', percentile(with_agent), 'without supervision',
                percentile(without), 1.05),
            row('worst frame interval', max(with_agent), 'without supervision', max(without))]


def percentile(intervals):
    return sorted(intervals)[int(len(intervals) * 0.999)]


def watch_rows(place, seconds):
    """CPU of the keeper and of the front end while a script runs, over that time; memory of the keeper."""
    import psutil
    bench = Bench(place, 'watch', SLEEPS, seconds=seconds + 3)
    command = bench.supervised()
    front_end, keeper = psutil.Process(command.pid), None
    while keeper is None:
        found = [process for process in psutil.process_iter() if runs_keeper(process, bench.folder)]
        keeper = found[0] if found else None
    wait(1.5)
    before, begun = used(front_end) + used(keeper), monotonic()
    wait(seconds)
    cpu, span, memory = used(front_end) + used(keeper) - before, monotonic() - begun, keeper.memory_info().rss
    command.wait()
    return [row('CPU of keeper and front end', cpu, 'one core, %d s' % span, span, 0.01),
            row('memory of the keeper, MB', memory / 1e6, 'MB allowed', 40.0, 1, kind='MB')]


def runs_keeper(process, folder):
    import psutil
    try:
        words = [to_text(word) for word in process.cmdline()]
    except psutil.Error:
        return False
    return 'rig_agent.sessions.keeper' in words and any(folder in word for word in words)


def used(process):
    times = process.cpu_times()
    return times.user + times.system


def wait(seconds):
    import time
    time.sleep(seconds)


def flood_rows(place):
    """The time that a script takes to write 500 MB to its stdout; each file is new, and removed before the next run."""
    bench = Bench(place, 'flood', FLOOD)
    with_agent, without = [], []
    for _ in range(7):
        bench.direct().wait()
        without.append(value(bench.params + '.took'))
        os.remove(os.path.join(bench.folder, 'direct.out'))
        bench.supervised().wait()
        with_agent.append(value(bench.session('.took')))
        os.remove(os.path.join(os.path.dirname(bench.session()), 'stdout.log'))
        os.remove(os.path.join(bench.folder, 'agent.out'))
    return [row('write 500 MB to stdout', sorted(with_agent)[3], 'to a file directly', sorted(without)[3], 1 / 0.9)]


def end_rows(place):
    """From the script's last statement to the end of the command that tells its outcome."""
    import time
    bench = Bench(place, 'end', ENDS)
    told = []
    for _ in range(9):
        process = bench.supervised(subprocess.PIPE)
        while not process.stdout.readline().startswith(b'outcome'):
            pass
        seen = time.time()
        process.communicate()
        told.append(seen - value(bench.session('.end')))
    return [row('the end of a script is on the screen', sorted(told)[4], 'the time allowed', 0.1, 1)]


if __name__ == '__main__':
    sys.exit(main())
