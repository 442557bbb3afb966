"""What proving a rig's scripts costs: check, a warm fetch, a cold fetch from a slow server."""
from __future__ import absolute_import, unicode_literals

import io
import json
import os
import random
import shutil
import sys
import tempfile

from measure import command, medians, report, row

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'tests'))
from servers import GitRepository, WebServer  # noqa: E402

from rig_agent.base.files import md5_of_bytes  # noqa: E402

AGENT = [sys.executable, '-m', 'rig_agent']
COMMIT = 'c' * 40
SCRIPTS, SIZE, STAGES, URLS, DELAY = 1000, 20 << 10, 100, 200, 0.1


def main():
    folder = tempfile.mkdtemp()
    os.environ[str('RIG_AGENT_HOME')] = str(folder)
    os.environ.pop(str('RIG_AGENT_CACHE'), None)
    os.chdir(folder)  # away from this project's own regimen and cache
    try:
        return report('scripts', checks(folder) + warm_fetch(folder) + cold_fetch(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def checks(folder):
    rig, repository = os.path.join(folder, 'rig'), GitRepository(os.path.join(folder, 'repository'))
    os.environ[str('RIG_AGENT_SCRIPTS_REPOSITORY')] = str(repository.url)
    os.mkdir(rig)
    files = {'v2/s%04d_v2.py' % number: content(number, SIZE) for number in range(SCRIPTS)}
    repository.commit(files)
    for name, text in files.items():
        write(os.path.join(rig, os.path.basename(name)), text)
    paths = [os.path.join(rig, name) for name in os.listdir(rig)]
    md5sum, version = command('md5sum', *paths), command(*(AGENT + ['--version']))
    check = AGENT + ['check', '--dir', rig]
    command(*check)()  # the clone is there, as on any rig after its first day

    def plain():
        md5sum()
        version()
    offline, online, against = medians([command(*(check + ['--offline'])), command(*check), plain])
    return [row('check of 1,000 scripts of 20 KiB, offline', offline, 'md5sum of them, and --version', against, 2),
            row('check of 1,000 scripts, repository fetched first', online, 'md5sum of them, and --version', against)]


def warm_fetch(folder):
    server = WebServer()
    path = regimen(folder, server, STAGES)
    agent = AGENT + ['--regimen', path]
    fetch, explain = agent + ['cache', 'fetch', '--all'], agent + ['explain', 'S000']
    command(*fetch)()
    server.close()
    warm, one = medians([command(*fetch), command(*explain)])
    return [row('cache fetch --all, 100 stages, all there', warm, 'explain of one of them', one, 2)]


def cold_fetch(folder):
    server = WebServer()
    path = regimen(folder, server, URLS, delay=DELAY)
    times = []
    for parallel in ((), ('--parallel', '1')):
        os.environ[str('RIG_AGENT_CACHE')] = str(os.path.join(folder, 'cold%d' % len(times)))
        fetch = AGENT + ['--regimen', path, 'cache', 'fetch', '--all'] + list(parallel)
        times.extend(medians([command(*fetch)], times=1))
    assert server.count() == 2 * URLS, server.count()
    server.close()
    return [row('cache fetch --all, 200 URLs, 100 ms each, cold', times[0], 'one after the other', times[1], 0.25)]


def regimen(folder, server, stages, **trouble):
    """A regimen of stages that each name a script of their own; returns its path."""
    document = {'name': 'Bench_v1.0.0', 'stages': {}, 'transitions': []}
    for number in range(stages):
        text = content(number, 2000)
        document['stages']['S%03d' % number] = {
            'script': server.put('/%s/s%03d.py' % (COMMIT, number), text, **trouble), 'script_md5': md5_of_bytes(text),
            'parameters': {'stage': 'S%03d' % number, 'reward_volume': 0.007, 'periodic_flash': [0.25, 0.5]}}
    path = os.path.join(folder, 'regimen_%d.yml' % stages)
    write(path, json.dumps(document, indent=1).encode('ascii'))
    return path


def content(number, size):
    """The bytes of a script, the same each time."""
    digits = random.Random(number)
    lines = ''
    while len(lines) < size:
        lines += 'value_%d = %.17f\n' % (digits.randrange(10 ** 6), digits.random())
    return lines.encode('ascii')[:size - 1] + b'\n'


def write(path, text):
    with io.open(path, 'wb') as stream:
        stream.write(text)


if __name__ == '__main__':
    sys.exit(main())
