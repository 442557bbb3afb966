"""Processes that a script starts: written down; a rig's interpreters and .bat files are replaced by what is here.

`runTask.py` and its kind start a second Python by a .bat file that activates a conda environment, or by the path of a
rig's interpreter. Here its own interpreter takes that part, so the second script is simulated as well.
"""
from __future__ import absolute_import, division, print_function

import json
import os
import re
import shlex
import subprocess
import sys

from rig_simulation import places
from rig_simulation.clock import CLOCK, RealTime
from rig_simulation.libraries import SIMULATED
from rig_simulation.options import VARIABLE, native
from rig_simulation.report import MOST, REPORT, real_open

OWN_OPTIONS = os.environ.get(VARIABLE, '')
SHELL_SYNTAX = re.compile(r'[&|;<>`$]')
PYTHON = re.compile(r'^python(w|\d(\.\d+)?)?(\.exe)?$', re.IGNORECASE)
SEVERAL = ('import json, subprocess, sys; '
           'sys.exit(max([abs(subprocess.call(words)) for words in json.loads(sys.argv[1])] or [0]))')
TEXT = (str, type(u''))
started = []


def install():
    real = subprocess.Popen.__init__

    def watched(self, args, *more, **keywords):
        if len(REPORT.processes) < MOST:
            words = args if isinstance(args, (list, tuple)) else [args]
            REPORT.processes.append([native(word) for word in words])
        command = args if keywords.get('shell') and SHELL_SYNTAX.search(native(args)) else replaced(args)
        if command is not args:
            keywords.pop('shell', None)
        if not places.WINDOWS:
            for name in ('creationflags', 'startupinfo'):
                keywords.pop(name, None)
        if isinstance(keywords.get('cwd'), TEXT):
            keywords['cwd'] = places.resolve(keywords['cwd'])
        keywords['env'] = simulated_environment(keywords.get('env'))
        real(self, command, *more, **keywords)
        started.append(self)
    subprocess.Popen.__init__ = watched
    real_poll = subprocess.Popen.poll

    def poll(self):
        code = real_poll(self)
        CLOCK.waits_for_child = code is None
        return code
    subprocess.Popen.poll = poll

    def watched_system(command):
        words = command if SHELL_SYNTAX.search(command) else replaced(command)
        return subprocess.call(command, shell=True) if words is command else subprocess.call(words)
    os.system = watched_system
    if hasattr(subprocess, 'time'):  # Python 3 looks, sleeps and looks again
        subprocess.time = RealTime
    CLOCK.others = others_at_work


def others_at_work():
    """Whether processes of the script do something that it may be waiting for."""
    if sys.version_info[0] > 2 or CLOCK.threads is None:  # Python 2 has no lock against a thread that waits for one
        started[:] = [child for child in started if child._internal_poll() is None]
    return are_at_work()


def are_at_work():
    """The same as far as it was seen: without a look at them, which only the thread that waits for one may take."""
    return any(child.returncode is None for child in started) or multiprocessing_children()


def multiprocessing_children():
    process = sys.modules.get('multiprocessing.process')
    return process is not None and bool(getattr(process, '_children', None)
                                        or getattr(process.current_process(), '_children', None))


def simulated_environment(given):
    """The environment of a child, with the simulation in it whatever the script made of it."""
    environment = dict(os.environ if given is None else given)
    environment.setdefault(VARIABLE, OWN_OPTIONS)
    folders = environment.get('PYTHONPATH', '').split(os.pathsep)
    if SIMULATED not in folders:
        environment['PYTHONPATH'] = os.pathsep.join([SIMULATED] + [folder for folder in folders if folder])
    return environment


def replaced(args):
    """The command with what only a rig has replaced; the same object when there is nothing to replace."""
    words = list(args) if isinstance(args, (list, tuple)) else split(args) if isinstance(args, TEXT) else None
    if not words or not all(isinstance(word, TEXT) for word in words):
        return args
    if words[0].lower() in ('cmd', 'cmd.exe') and not places.WINDOWS:
        words = [word for word in words[1:] if word.lower() not in ('/c', '/k')] or words
    name = re.split(r'[\\/]', words[0])[-1].lower()
    if name.endswith('.bat') and not places.WINDOWS:
        return of_batch_file(words)
    if PYTHON.match(name) and not os.path.isfile(words[0]):
        REPORT.note('%s: the interpreter of this session took its part' % words[0])
        return [sys.executable] + [places.resolve(word) for word in words[1:]]
    return args


def split(text):
    """The words of a command line; backslashes are a part of Windows' paths."""
    try:
        return [word.strip('"') for word in shlex.split(native(text), posix=False)]
    except ValueError:
        return native(text).split()


def of_batch_file(words):
    """The Pythons that a .bat file starts, in turn."""
    with real_open(places.resolve(words[0]), 'rb') as stream:
        text = stream.read().decode('utf-8', 'replace')
    for number, word in enumerate(words[1:10], 1):
        text = text.replace('%%%d' % number, word)
    commands = []
    for line in text.splitlines():
        parts = split(line.strip().lstrip('@'))
        if parts and parts[0].lower() in ('call', 'start'):
            parts = parts[1:]
        if parts and PYTHON.match(re.split(r'[\\/]', parts[0])[-1]):
            commands.append([sys.executable] + [places.resolve(part) for part in parts[1:]])
    REPORT.note('%s: a .bat file; of its commands %d were started' % (words[0], len(commands)))
    return commands[0] if len(commands) == 1 else [sys.executable, '-c', SEVERAL, json.dumps(commands)]
