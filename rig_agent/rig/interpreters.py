"""The interpreters of this machine: the agent's own, and the one that runs the scripts with what it has of camstim.

Each function but `probe` is one check and returns a `Result`.
"""
from __future__ import absolute_import, unicode_literals

import glob
import json
import os
import sys
import threading

from rig_agent.base.compat import (FILE_SYSTEM_ENCODING, WINDOWS, TimedOut, environment_for, expand_user, printed_text,
                                   reason_of, run_bounded, to_text)
from rig_agent.rig.result import FAILED, OK, SKIPPED, WARNING, Result

RIG_MODULES = ('camstim', 'psychopy', 'toolbox')
LIBRARIES = ('click', 'filelock', 'GitPython', 'psutil', 'PyYAML', 'requests', 'six')
PROBE_LIMIT, IMPORT_LIMIT = 10.0, 20.0
# Without conda-env.yml, which those who installed the package alone do not have.
MAKE_ENVIRONMENT = '`conda create -n camstim python=2.7 numpy pip`'
# Runs in any Python from 2.7 on; finds modules without importing them.
PROBE = '''
import json, sys
def has(name):
    try:
        from importlib.util import find_spec
        return find_spec(name) is not None
    except ImportError:
        import imp
        try:
            imp.find_module(name)
            return True
        except ImportError:
            return False
def version(name):
    try:
        try:
            from importlib.metadata import version
        except ImportError:
            from pkg_resources import get_distribution
            return get_distribution(name).version
        return version(name)
    except Exception:
        return None
print(json.dumps({"version": "%d.%d.%d" % sys.version_info[:3], "bits": 64 if sys.maxsize > 2 ** 32 else 32,
                  "modules": dict((name, has(name)) for name in sys.argv[1].split(",")),
                  "libraries": dict((name, version(name)) for name in sys.argv[2].split(","))}))
'''
_probed, _probing = {}, {}
_guard = threading.Lock()


def probe(python):
    """{version, bits, modules: name -> whether it is there, libraries: name -> version} of an interpreter.

    {'problem': text} when it cannot be asked. Asked once, however many checks want to know.
    """
    with _guard:
        lock = _probing.setdefault(python, threading.Lock())
    with lock:
        if python not in _probed:
            _probed[python] = _ask(python)
        return _probed[python]


def _ask(python):
    try:
        code, out, err = run_bounded([python, '-c', PROBE, ','.join(RIG_MODULES), ','.join(LIBRARIES + ('numpy',))],
                                     PROBE_LIMIT, environment_for(python))
        if code == 0:
            return json.loads(to_text(out).strip().splitlines()[-1])
        return {'problem': '%s is no Python that works: %s' % (python, _last_line(err) or 'exit code %s' % code)}
    except TimedOut:
        return {'problem': '%s did not answer in %g s' % (python, PROBE_LIMIT)}
    except (EnvironmentError, ValueError, IndexError) as error:
        return {'problem': '%s cannot be started as Python: %s'
                           % (python, reason_of(error) if isinstance(error, EnvironmentError) else 'it gave no answer')}


def interpreter(configuration, expected=None):
    """The interpreter that runs the scripts. expected: the version that conda-env.yml names, such as `2.7`."""
    python = configuration['python']
    found = probe(python)
    if found.get('problem'):
        return Result(FAILED, found['problem'],
                      'Set `python` in the configuration to the python of the camstim environment%s.' % _candidates())
    message = 'Python %s, %d bit, %s' % (found['version'], found['bits'], python)
    if expected and not (found['version'] + '.').startswith(expected + '.'):
        return Result(WARNING, message,
                      'Scripts of a rig are written for Python %s. Make its environment (%s) and set `python` in the '
                      'configuration to it%s. For simulated sessions any Python will do.'
                      % (expected, MAKE_ENVIRONMENT, _candidates()))
    return Result(OK, message)


def libraries(pins):
    """The libraries that the agent itself needs. pins: name -> version of conda-env.yml, binding on its Python 2.7."""
    own = to_text(sys.executable, FILE_SYSTEM_ENCODING)
    found = probe(own)
    if found.get('problem'):
        return Result(WARNING, found['problem'])
    versions = found['libraries']
    missing = [name for name in LIBRARIES if not versions[name]]
    message = 'Python %s with %s' % (found['version'], ', '.join(
        '%s %s' % (name, versions[name]) for name in LIBRARIES if versions[name]))
    if missing:
        return Result(FAILED, '%s: missing %s' % (own, ', '.join(missing)),
                      '`%s -m pip install %s`' % (own, ' '.join(missing)))
    if found['version'].startswith('2.7.'):
        other = [name for name in LIBRARIES + ('numpy',)
                 if name in pins and versions[name] and versions[name] != pins[name]]
        if other:
            return Result(WARNING, 'not the versions of conda-env.yml: %s' % '; '.join(
                '%s %s, there %s' % (name, versions[name], pins[name]) for name in other),
                '`%s -m pip install %s`' % (own, ' '.join('%s==%s' % (name, pins[name]) for name in other)))
    return Result(OK, message)


def importable(configuration, name):
    """Whether the interpreter for scripts can import a module of a camstim machine: really, in a process of its own."""
    found = probe(configuration['python'])
    if found.get('problem'):
        return Result(SKIPPED, 'the interpreter for scripts does not work')
    if not found['modules'][name]:
        return Result(FAILED, '%s is not installed in %s' % (name, configuration['python']), way_to_camstim())
    try:
        program = 'import %s as m; print(getattr(m, "__version__", ""))' % name
        code, out, err = run_bounded([configuration['python'], '-c', program], IMPORT_LIMIT,
                                     environment_for(configuration['python']))
    except TimedOut:
        return Result(FAILED, 'import %s did not end in %g s' % (name, IMPORT_LIMIT),
                      'Try `%s -c "import %s"` at the rig\'s own screen.' % (configuration['python'], name))
    if code:
        return Result(FAILED, 'import %s fails: %s' % (name, _last_line(err) or 'exit code %s' % code),
                      'Try `%s -c "import %s"`; camstim needs a display even to be imported.'
                      % (configuration['python'], name))
    version = (to_text(out).strip().splitlines() or [''])[-1]
    return Result(OK, '%s %s' % (name, version) if version else '%s can be imported' % name)


def way_to_camstim():
    """What to do where camstim or what it needs is missing."""
    return ('On a rig: %s, then camstim, psychopy 1.82.01, toolbox and their drivers from the lab\'s channel; or set '
            '`python` in the configuration to the interpreter that has them%s. At a desk: add --simulate.'
            % (MAKE_ENVIRONMENT, _candidates()))


def _candidates():
    found = camstim_interpreters()
    return ' (found here: %s)' % ', '.join(found) if found else ''


def camstim_interpreters():
    """Interpreters of conda environments on this machine that have camstim; the conda root differs between rigs."""
    if WINDOWS:
        roots = ['C:\\ProgramData', 'C:\\', 'D:\\', expand_user('~'), expand_user('~\\AppData\\Local')]
        packages, python = 'Lib\\site-packages\\camstim', 'python.exe'
    else:
        roots = [expand_user('~'), '/opt', '/usr/local']
        packages, python = 'lib/python2.7/site-packages/camstim', 'bin/python'
    found = []
    for root in roots:
        for conda in ('*conda*', 'miniforge*', '.conda'):
            for place in glob.glob(os.path.join(root, conda, 'envs', '*', packages)):
                found.append(os.path.join(place[:-len(packages)], python))
    return sorted(found)


def _last_line(content):
    lines = [line for line in printed_text(content).splitlines() if line.strip()]
    return lines[-1].strip()[:300] if lines else ''
