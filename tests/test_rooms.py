"""The architecture holds: a room imports only from rooms below it, and fast commands load no slow library."""
from __future__ import absolute_import, unicode_literals

import ast
import io
import os
import subprocess
import sys

import pytest

import rig_agent

PACKAGE = os.path.dirname(os.path.abspath(rig_agent.__file__))
ROOMS = ['base', 'rig', 'regimens', 'mtrain', 'scripts', 'sessions', 'reports', 'harness', 'cli']
# Scripts that run on a rig, not parts of the agent.
FOREIGN = (os.path.join('scripts', 'bundled'), os.path.join('harness', 'simulated'), os.path.join('harness', 'zoo'))


def modules():
    for place, _, names in os.walk(PACKAGE):
        for name in names:
            path = os.path.join(place, name)
            inside = os.path.relpath(path, PACKAGE)
            if name.endswith('.py') and os.sep in inside and not inside.startswith(FOREIGN):
                yield inside.split(os.sep)[0], path


def imported_rooms(path):
    with io.open(path, 'rb') as stream:
        tree = ast.parse(stream.read())
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or '').startswith('rig_agent'):
            parts = node.module.split('.')
            for alias in node.names:
                yield (parts + [alias.name])[1]
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith('rig_agent.'):
                    yield alias.name.split('.')[1]


def test_a_room_imports_only_from_rooms_below_it():
    wrong = ['%s imports %s' % (os.path.relpath(path, PACKAGE), other) for room, path in modules()
             for other in imported_rooms(path) if other in ROOMS and ROOMS.index(other) > ROOMS.index(room)]
    assert wrong == []


@pytest.mark.parametrize('words, banned', [
    (['--version'], ['click', 'yaml', 'requests', 'git', 'psutil']),
    (['--help'], ['yaml', 'requests', 'git', 'psutil']),
    (['explain', 'TRAINING_1_gratings'], ['requests', 'git', 'psutil', 'filelock'])])
def test_fast_commands_load_no_slow_library(agent, words, banned):
    regimen = os.path.join(os.path.dirname(__file__), '..', 'regimen.yml')
    program = ('import sys; sys.argv[1:] = %r; from rig_agent.__main__ import main\n'
               'try:\n    code = main()\nexcept SystemExit as stop:\n    code = stop.code\n'
               'sys.stderr.write("code=%%s " %% code + " ".join(m for m in %r if m in sys.modules))'
               % ([str(word) for word in words], [str(name) for name in banned]))
    environment = dict(agent.environment, RIG_AGENT_CACHE=agent.home)
    child = subprocess.Popen([sys.executable, '-c', program], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             cwd=os.path.dirname(os.path.abspath(regimen)),
                             env={str(key): str(value) for key, value in environment.items()})
    _, err = child.communicate()
    assert err.decode() == 'code=0 '
