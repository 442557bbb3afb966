"""Everything in places whose names are not ASCII: the user's folder, the temporary one, the package, the regimen.

Python 2 has such paths as bytes, and fails where one meets text.
"""
from __future__ import absolute_import, unicode_literals

import os
import shutil
import subprocess
import sys
import tempfile

import pytest

import rig_agent
from rig_agent.base import compat, files
from rig_agent.base.compat import expand_user, folder_of, run_bounded, to_native
from rig_agent.base.errors import UsageError
from rig_agent.cli.defects import write_report
from rig_agent.harness.simulation import Simulation, read_report
from rig_agent.rig import identity
from rig_agent.sessions import shim
from support import PROJECT, copy_folder


@pytest.fixture
def zoe(agent, folder, write):
    """The agent of a user with an accent, installed below her folder, which is the temporary folder too."""
    copy_folder(folder_of(rig_agent.__file__), os.path.join(folder, 'site', 'rig_agent'))
    write('task.py', b'print(1)\n')
    write('regimen.yml', 'name: T_v1\ntransitions: []\nstages: {a: {script: ./task.py, parameters: {output_dir: ~/o}}}\n')
    agent.environment.update({name: folder for name in ('HOME', 'USERPROFILE', 'TMPDIR', 'TEMP', 'TMP')})
    agent.environment.update(PYTHONPATH=os.path.join(folder, 'site'), RIG_AGENT_HOME='~/state', USERNAME='Zo\xeb',
                             LOGNAME='Zo\xeb')
    return agent


def test_a_users_folder_with_an_accent_is_no_obstacle(zoe, folder):
    ran = zoe('run', 'a', '--json')
    assert ran.code == 0 and ran.json['outcome'] == 'completed', ran
    assert ran.json['folder'].startswith(os.path.join(folder, 'state')) and ran.json['rig']['user'] == 'Zo\xeb'
    for words in (['stages'], ['config', 'show'], ['generate', 'a'], ['--regimen', '~/regimen.yml', 'explain', 'a'],
                  ['sessions', 'show', 'last'], ['logs', 'collect'], ['harness', 'zoo', 'list']):
        ended = zoe(*words)
        assert ended.code == 0, (words, ended)
    assert zoe('doctor', 'a').code == 1  # this machine is no rig


def test_a_simulated_session_runs_there_too(zoe):
    shutil.copy(os.path.join(PROJECT, 'regimen.yml'), zoe.folder)
    ended = zoe('smoke', '--simulate', 'TRAINING_1_gratings')
    assert ended.code == 0, ended


def test_a_defect_is_written_to_a_temporary_folder_with_an_accent(folder, write, monkeypatch):
    monkeypatch.setattr(tempfile, 'tempdir', to_native(folder))
    try:
        raise ValueError('x')
    except ValueError:
        path, _ = write_report(sys.exc_info(), write('a file', b''))
    assert os.path.dirname(path) == folder and os.path.isfile(path)


@pytest.mark.skipif(sys.version_info[:2] == (3, 6), reason='there rig-agent starts again in UTF-8 before anything else')
def test_a_command_runs_in_a_folder_with_an_accent_whatever_the_locale(agent, folder):
    """The locale of a service on Linux is C, and Python 2 then encodes as ASCII by itself."""
    code = 'from rig_agent.base.compat import run_bounded; import os, sys; ' \
           'print(run_bounded([sys.executable, "-c", "print(1)"], 60, cwd=u"""%s""")[0])' % folder.encode(
               'unicode-escape').decode('ascii')
    returned, out, err = run_bounded([sys.executable, '-c', code], 60, dict(agent.environment, LC_ALL='C'), agent.home)
    assert (returned, out.strip()) == (0, b'0'), err


def test_a_line_that_a_script_printed_in_the_code_page_of_windows_is_read_in_it(monkeypatch):
    """A script's traceback names its files so; what is cut within a letter does not turn the rest into nonsense."""
    monkeypatch.setattr(compat, 'CODE_PAGE', 'cp1252')
    printed = 'Zo\xeb \u2192'.encode('utf-8')[1:] + b'\n' + 'File "C:\\Zo\xeb"'.encode('cp1252') + b'\n\xe2\x86\n'
    assert compat.printed_text(printed) == 'o\xeb \u2192\nFile "C:\\Zo\xeb"\n\xe2\u2020\n'
    monkeypatch.setattr(compat, 'CODE_PAGE', None)
    assert compat.printed_text(b'\xff\nx') == '\ufffd\nx'


def test_the_user_is_found_by_a_tilde_and_no_other_path_is_touched(folder, monkeypatch):
    for name in ('HOME', 'USERPROFILE'):
        monkeypatch.setenv(str(name), to_native(folder))
    assert os.path.normpath(expand_user('~/x')) == os.path.join(folder, 'x')
    assert [expand_user(path) for path in ('x~', '\u4e2d/~', '')] == ['x~', '\u4e2d/~', '']
    monkeypatch.setenv(str('LOGNAME'), to_native('Zo\xeb'))
    monkeypatch.setenv(str('USERNAME'), to_native('Zo\xeb'))
    assert identity.user_name() == 'Zo\xeb'


def test_letters_that_python_2_cannot_hand_on_are_refused_before_anything_is_made(monkeypatch):
    """On Windows, where its processes are started in a code page: any other letter arrives as a question mark."""
    monkeypatch.setattr(files, 'FILE_SYSTEM_ENCODING', 'cp1252')
    monkeypatch.setattr(files, 'PY2', True)
    assert files.check_path('C:\\Users\\Zo\xeb') == 'C:\\Users\\Zo\xeb'
    with pytest.raises(UsageError) as caught:
        files.check_path('C:\\Users\\\u4e2d')
    assert 'cp1252' in caught.value.expected


def test_what_the_system_says_in_its_own_encoding_is_text_in_a_record(monkeypatch):
    """A Windows of another language says it so, and on Python 2 as bytes."""
    monkeypatch.setattr(shim.sys, 'getfilesystemencoding', lambda: 'cp1252')
    assert shim.describe(OSError(13, 'Zugriff verweigert f\xfcr'.encode('cp1252'))) == 'Zugriff verweigert f\xfcr'


TOUCHES = u"""# -*- coding: utf-8 -*-
import io, json, os, sys
params = json.loads(io.open(sys.argv[1], encoding='utf-8').read())
for path in params['paths']:
    with open(path, 'wb') as stream:
        stream.write(b'x')
    assert os.path.exists(path)
try:
    open(params['missing'])
except IOError:
    pass
"""


def test_a_simulated_script_opens_paths_with_accents_there(zoe, folder, write):
    """They come from the params as text, and on Python 2 the session's folder and the package's are bytes."""
    write('task.py', TOUCHES)
    paths = ['C:/ProgramData/camstim/output/d\xe4.pkl', 's\xfc\xdf.txt'] + ['D:/\xdcbung/x.npy'] * (os.name != 'nt')
    paths.append(os.path.join(folder, 'camstim', 'output', 'h\xf6.pkl'))  # hers: it leads to the session too
    write('regimen.yml', compat.json_text({'name': 'T_v1', 'transitions': [], 'stages': {'a': {
        'script': './task.py', 'parameters': {'paths': paths, 'missing': 'E:/\xe4.npy'}}}}))
    ran = zoe('run', 'a', '--simulate', '--json')
    assert ran.code == 0 and ran.json['outcome'] == 'completed', ran
    assert [os.path.basename(output['path']) for output in ran.json['outputs']] == ['d\xe4.pkl', 'h\xf6.pkl']
    files_of_run = ran.json['simulation']['files']
    assert files_of_run['missing'] == ['E:/\xe4.npy']
    assert files_of_run['redirected'][paths[0]] == ran.json['outputs'][0]['path']
    assert any(path.endswith('s\xfc\xdf.txt') for path in files_of_run['written'])


@pytest.mark.skipif(os.name == 'nt', reason='there no name is other bytes')
def test_a_simulation_tells_its_report_though_paths_are_in_no_utf_8(agent, folder):
    """As on Python 2 on Windows, where arguments are in the code page: its JSON took only UTF-8."""
    place = to_native(folder) if compat.PY2 else os.fsencode(folder)
    script = os.path.join(place, b'caf\xe9.py')
    with open(script, 'wb') as stream:
        stream.write(b'open(__file__)\n')
    simulation = Simulation()
    variables = dict(agent.environment, PYTHONPATH=simulation.python_path()[0], **simulation.environment(folder))
    process = subprocess.Popen([to_native(sys.executable), script], cwd=place, stderr=subprocess.PIPE,
                               env={to_native(key): to_native(value) for key, value in variables.items()})
    said = process.communicate()[1]
    assert process.returncode == 0 and not said, said
    report = read_report(folder)
    assert report['complete'] and report['processes'][0]['argv'][0].endswith('.py')


@pytest.mark.skipif(os.name == 'nt', reason='there every name is text')
def test_a_file_whose_name_is_no_text_stands_in_no_sessions_way(agent, folder, write):
    """In an output folder, where it was before, and in the session's, where the script leaves it."""
    outputs = os.path.join(to_native(folder) if compat.PY2 else os.fsencode(folder), b'outputs')
    os.mkdir(outputs)
    open(os.path.join(outputs, b'before\xe9.pkl'), 'wb').close()
    write('task.py', b'open(b"left\\xe9.txt", "wb").write(b"x")\nopen(b"now\\xe9.pkl", "wb").write(b"x")\n')
    write('regimen.yml', 'name: T_v1\ntransitions: []\nstages: {a: {script: ./task.py, parameters: {}}}\n')
    ran = agent('run', 'a', '--json', environment={'RIG_AGENT_OUTPUTS': os.path.join(folder, 'outputs')})
    assert ran.code == 0 and ran.json['outcome'] == 'completed', ran.out + ran.err
    assert len(ran.json['outputs']) == 1 and os.path.basename(ran.json['outputs'][0]['path']).startswith('now')
    for words in (['sessions', 'show', 'last', '--html'], ['logs', 'collect'], ['sessions']):
        ended = agent(*words)
        assert ended.code == 0, ended.out + ended.err
    files.remove_folder(ran.json['folder'])
    assert not os.path.exists(to_native(ran.json['folder']))


@pytest.mark.skipif(not compat.PY2 or os.name == 'nt', reason='Windows itself has it, and Python 3 no code page')
def test_sessions_run_where_names_are_in_a_code_page(agent, tmpdir, write):
    """As on Windows with Python 2: a locale of single bytes plays its code page, from the command to the script."""
    try:
        run_bounded(['localedef', '-i', 'en_US', '-f', 'ISO-8859-1', '%s/en_US.ISO-8859-1' % tmpdir], 60)
    except OSError:
        pytest.skip('there is no localedef to make such a locale')
    place = os.path.join(to_native('%s' % tmpdir), b'caf\xe9 1')
    os.mkdir(place)
    paths = ['C:/ProgramData/camstim/output/d\xe4.pkl', 's\xfc\xdf.txt', 'D:/\xdcbung/x.npy']
    regimen = {'name': 'T_v1', 'transitions': [], 'stages': {'a': {
        'script': './task.py', 'parameters': {'paths': paths, 'missing': 'E:/\xe4.npy'}}}}
    for name, content in (('task.py', TOUCHES.replace('for path in', 'print(sys.argv[0])\nfor path in')),
                          ('regimen.yml', compat.json_text(regimen))):
        shutil.copy(write(name, content), os.path.join(place, name.encode('ascii')))
    variables = {'LOCPATH': '%s' % tmpdir, 'LC_ALL': 'en_US.ISO-8859-1', 'PYTHONIOENCODING': 'utf-8',
                 'RIG_AGENT_HOME': os.path.join(place, b'home'), 'TMPDIR': place}
    code = 'import sys; sys.exit(sys.getfilesystemencoding() != "ISO-8859-1")'
    assert run_bounded([sys.executable, '-c', code], 60, dict(agent.environment, **variables))[0] == 0
    ran = agent('run', 'a', '--simulate', '--json', folder=place, environment=variables)
    assert ran.code == 0 and ran.json['outcome'] == 'completed', ran.out + ran.err
    assert 'caf\xe9 1' in ran.json['folder'] and ran.json['outputs'][0]['path'].endswith('output/d\xe4.pkl')
    assert ran.json['simulation']['complete']
    for words in (['smoke', 'a', '--simulate', '--set', 'missing="."'], ['sessions', 'show', 'last', '--html'],
                  ['logs', 'collect'], ['generate', 'a'], ['lock'],
                  ['run', 'a', '--set', 'paths=[]', '--set', 'missing="."', '--skip-check', 'assets']):
        ended = agent(*words, folder=place, environment=variables)
        assert ended.code == 0 and 'defect' not in ended.err, (words, ended.out, ended.err)
