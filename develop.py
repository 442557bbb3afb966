#!/usr/bin/env python3
"""Everything that `make` and `make.bat` do: environments for each Python, the smoke run, tests, benchmarks.

Needs Python 3.6 or newer and git, nothing else: what it installs goes below `.environments/`.
"""
from __future__ import print_function

import argparse
import glob
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
ENVIRONMENTS = os.path.join(HERE, '.environments')
WINDOWS = os.name == 'nt'
BIN, EXE = ('Scripts', '.exe') if WINDOWS else ('bin', '')
NEWEST = ['3.%d' % minor for minor in range(20, 5, -1)]
# In CI: all on the oldest and the newest; on the Python 3 whose libraries are the oldest, all but what takes longest.
CI_TESTS = {'2.7': [], '3.13': [], '3.6': ['--ignore=tests/sessions', '--ignore=tests/harness']}
# The last installers of Pythons whose own pip may take one that does not run there.
INSTALLERS = {'2.7': ['pip<21', 'setuptools<45', 'wheel<0.38'], '3.6': ['pip<22', 'setuptools<60', 'wheel<0.38'],
              '3.7': ['pip<24.1', 'setuptools<69', 'wheel<0.43']}
BROWSERS = ['chromium', 'chromium-browser', 'google-chrome']  # as in tests/reports/conftest.py
NOT_SET_UP = 77
SIDE_BY_SIDE = 4  # Pythons whose tests run at the same time: more than processors, for many tests wait
WINDOWS_LANE = [sys.executable, os.path.join(HERE, 'tools', 'windows_lane.py')]
PRINTING = threading.Lock()
VERSION_OF = 'import sys; print("%d.%d" % sys.version_info[:2])'


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('job', choices=sorted(JOBS))
    parser.add_argument('--python', action='append', metavar='VERSION', help='such as 2.7; may be repeated')
    parser.epilog = 'Every other word is given on to rig-agent or pytest.'
    arguments, rest = parser.parse_known_args()
    try:
        return JOBS[arguments.job](arguments.python, [word for word in rest if word != '--'])
    except subprocess.CalledProcessError as error:
        say('failed with exit code %d: %s' % (error.returncode, ' '.join(error.cmd)))
        return 1


def smoke(versions, rest):
    """The main job: one stage of regimen.yml from fetching to the outcome; its session stays below `.environments/`."""
    home = dict({'RIG_AGENT_HOME': os.path.join(ENVIRONMENTS, 'home')}, **os.environ)
    for version in versions or [newest_python()]:
        environment = make_environment(version, 'smoke')
        say('smoke on Python %s' % version)
        code = subprocess.call([tool(environment, 'rig-agent'), 'smoke', '--simulate'] + rest, cwd=HERE, env=home)
        if code:
            return code
    return 0


def test(versions, rest):
    """The tests, on 2.7 and the newest Python 3 that is here; in CI those of CI_TESTS, each required, and on Windows."""
    in_ci = bool(os.environ.get('CI')) and not versions
    required = list(CI_TESTS) if in_ci else versions or []
    wanted = required or ['2.7', newest_python()]
    results = {version: 'MISSING' if version in required else 'MISSING: not tested' for version in wanted}
    if not any(os.path.exists(word.split('::')[0]) for word in rest):
        rest = ['tests'] + rest
    lanes = [(version, [tool(make_environment(version, 'test'), 'pytest'), '-q'] + rest
              + (CI_TESTS[version] if in_ci else []))
             for version in wanted if find_python(version)]
    if in_ci and rest == ['tests']:
        lanes.append(('Windows', WINDOWS_LANE + ['test']))
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        for (lane, _command), code in zip(lanes, pool.map(run_aside, lanes)):
            results[lane] = {0: 'passed', NOT_SET_UP: 'NOT SET UP: not tested'}.get(code, 'FAILED (exit %d)' % code)
    for lane in results:
        say('Python %-8s %s' % (lane, results[lane]))
    return 0 if all(result == 'passed' or result.endswith('not tested') for result in results.values()) else 1


def run_aside(lane):
    """Run a lane's tests while others run; what they print is shown in one piece at the end. Returns the exit code."""
    name, command = lane
    with tempfile.TemporaryFile() as output:
        # What one Python makes, another has to read: the tests on 2.7 try it with the Python that runs this program.
        environment = dict(os.environ, RIG_AGENT_OTHER_PYTHON=sys.executable)
        code = subprocess.call(command, cwd=HERE, env=environment, stdin=subprocess.DEVNULL, stdout=output,
                               stderr=subprocess.STDOUT)
        output.seek(0)
        text = output.read().decode('utf-8', 'replace')
    with PRINTING:
        say('tests on Python %s' % name)
        sys.stdout.buffer.write(text.encode(sys.stdout.encoding or 'ascii', 'replace'))
        sys.stdout.flush()
    return code


def test_windows(versions, rest):
    """The tests on Windows: under Wine where this is none, see tools/windows_lane.py. Exit 77: not set up, not tested."""
    if WINDOWS:
        return test(versions, rest or ['tests/windows'])
    return subprocess.call(WINDOWS_LANE + ['test'] + rest)


def bench(versions, rest):
    """Every benchmark, on 2.7 and the newest Python 3: tables on the screen, JSON in benchmarks/results.json."""
    for version in versions or ['2.7', newest_python()]:
        environment = make_environment(version, 'test')
        for path in sorted(glob.glob(os.path.join(HERE, 'benchmarks', '[!_]*.py'))):
            if os.path.basename(path) != 'measure.py':
                say('%s on Python %s' % (os.path.basename(path), version))
                subprocess.check_call([tool(environment, 'python'), path] + rest, cwd=HERE)
    return 0


def browser(_versions, _rest):
    """A browser for the tests that look at pages, installed as root on a Debian. Exit 77: there is none."""
    if find_browser() is None and shutil.which('apt-get') and os.geteuid() == 0:
        say('installing a browser')
        for words in (['update', '-qq'], ['install', '-y', '-qq', '--no-install-recommends', 'chromium']):
            try:
                subprocess.run(['apt-get'] + words, env=dict(os.environ, DEBIAN_FRONTEND='noninteractive'), timeout=300,
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            except subprocess.TimeoutExpired:
                break
    if find_browser() is None:
        print('=' * 100)
        print('NOT LOOKED AT IN A BROWSER: pages are tested as text only; install chromium')
        print('=' * 100)
        return NOT_SET_UP
    say('pages are looked at with %s' % find_browser())
    return 0


def find_browser():
    return next((path for path in map(shutil.which, BROWSERS) if path), None)


def pins(_versions, _rest):
    """Pin the bundled scripts in regimen.yml: each md5 becomes that of the script's bytes as they are now."""
    path = os.path.join(HERE, 'regimen.yml')
    with open(path, 'rb') as stream:
        before = stream.read()

    def pin(match):
        with open(os.path.join(HERE, 'rig_agent', 'scripts', 'bundled', match.group(2).decode()), 'rb') as script:
            return match.group(1) + hashlib.md5(script.read()).hexdigest().encode()
    after = re.sub(br'(script: (\S+\.py)\n +script_md5: )[0-9a-f]{32}', pin, before)
    with open(path, 'wb') as stream:
        stream.write(after)
    say('regimen.yml %s' % ('holds as it was' if after == before else 'has new md5s'))
    return 0


def clean(_versions, _rest):
    """Remove what this program made."""
    for name in ('.environments', 'build', 'rig_agent.egg-info'):
        shutil.rmtree(os.path.join(HERE, name), ignore_errors=True)
    return 0


JOBS = {'smoke': smoke, 'test': test, 'test-windows': test_windows, 'browser': browser, 'bench': bench, 'pins': pins,
        'clean': clean}


# ------------------------------------------------------------------------------------------------ environments

def make_environment(version, purpose):
    """An environment of one Python with this checkout installed as a user would install it."""
    folder = os.path.join(ENVIRONMENTS, '%s-%s' % (version, purpose))
    requirements = '.[test]' if purpose == 'test' else '.'
    stamp = os.path.join(folder, 'made-from')
    content = fingerprint('setup.py', 'conda-env.yml')
    made = os.path.exists(stamp) and open(stamp).read() == content
    if not made:
        shutil.rmtree(folder, ignore_errors=True)
        create_environment(version, folder)
        pip(folder, '--upgrade', *INSTALLERS.get(version, ['pip', 'setuptools', 'wheel']))
    shutil.rmtree(os.path.join(HERE, 'build'), ignore_errors=True)  # stale modules of an earlier build
    if made:
        pip(folder, '--no-deps', '--no-build-isolation', '--force-reinstall', '.')
    else:
        pip(folder, requirements, *(rig_versions(folder) if version == '2.7' else ()))
        with open(stamp, 'w') as stream:
            stream.write(content)
    return folder


def fingerprint(*names):
    digest = hashlib.sha256()
    for name in names:
        with open(os.path.join(HERE, name), 'rb') as stream:
            digest.update(stream.read())
    return digest.hexdigest()


def rig_versions(folder):
    """The versions of a rig's environment, conda-env.yml, as constraints: 2.7 is tested with what rigs have."""
    constraints = os.path.join(folder, 'constraints.txt')
    with open(os.path.join(HERE, 'conda-env.yml')) as source, open(constraints, 'w') as target:
        target.writelines(line.strip()[2:] + '\n' for line in source if '==' in line)
    return '--constraint', constraints


def create_environment(version, folder):
    python = find_python(version)
    if python is None:
        sys.exit('There is no Python %s on this machine: install it, or name another with --python.' % version)
    say('making an environment of Python %s' % version)
    if version != '2.7':
        subprocess.check_call([python, '-m', 'venv', folder])
        return
    # The last virtualenv that makes environments of Python 2.7, in an environment of its own.
    tools = os.path.join(ENVIRONMENTS, 'tools')
    if not os.path.exists(tool(tools, 'virtualenv')):
        subprocess.check_call([sys.executable, '-m', 'venv', tools])
        pip(tools, 'virtualenv<20.22')
    subprocess.check_call([tool(tools, 'virtualenv'), '-q', '-p', python, folder])


def pip(folder, *words):
    environment = dict(os.environ, PYTHONWARNINGS='ignore', PIP_DISABLE_PIP_VERSION_CHECK='1')
    subprocess.check_call([tool(folder, 'python'), '-m', 'pip', 'install', '-q'] + list(words), cwd=HERE,
                          env=environment)


def tool(folder, name):
    return os.path.join(folder, BIN, name + EXE)


# ------------------------------------------------------------------------------------------------ interpreters

def newest_python():
    for version in NEWEST:
        if find_python(version):
            return version
    return '%d.%d' % sys.version_info[:2]


def find_python(version):
    """The path of a Python of that version, tried by running it; None when there is none."""
    for candidate in candidates(version):
        path = candidate if os.path.isabs(candidate) else shutil.which(candidate)
        if path and answers(path, version):
            return path
    return None


def candidates(version):
    if version == '%d.%d' % sys.version_info[:2]:
        yield sys.executable
    roots = [os.environ.get('PYENV_ROOT') or os.path.expanduser('~/.pyenv')]
    for root in roots:
        for path in sorted(glob.glob(os.path.join(root, 'versions', version + '.*', 'bin', 'python')), reverse=True):
            yield path
    yield 'python' + version
    for conda in (os.environ.get('CONDA_PREFIX'), os.environ.get('CONDA_ROOT')):
        if conda:
            yield os.path.join(conda, 'python.exe' if WINDOWS else 'bin/python')
    if WINDOWS:
        digits = version.replace('.', '')
        yield 'C:\\Python%s\\python.exe' % digits
        yield os.path.expandvars('%%LOCALAPPDATA%%\\Programs\\Python\\Python%s\\python.exe' % digits)
        yield os.path.expandvars('%%USERPROFILE%%\\.conda\\envs\\camstim\\python.exe')
        yield 'C:\\ProgramData\\Anaconda3\\envs\\camstim\\python.exe'
    yield '/usr/bin/python' + version


def answers(path, version):
    """Whether the interpreter starts and is of that version; pyenv's shims often are there and do not start."""
    with tempfile.TemporaryFile() as nothing:
        try:
            found = subprocess.check_output([path, '-c', VERSION_OF], stderr=nothing)
        except (OSError, subprocess.CalledProcessError):
            return False
    return found.decode().strip() == version


def say(text):
    print('--- %s' % text)
    sys.stdout.flush()


if __name__ == '__main__':
    sys.exit(main())
