"""Checks of a rig: all of them run, each in its time, and each problem comes with its solution."""
from __future__ import absolute_import, unicode_literals

import os
import sys
import time

import pytest

from rig_agent.base.compat import FILE_SYSTEM_ENCODING, WINDOWS, monotonic, to_text
from rig_agent.reports import readiness
from rig_agent.rig import checks, configuration, interpreters, machine

OWN = to_text(sys.executable, FILE_SYSTEM_ENCODING)


@pytest.fixture
def settings(folder):
    values = configuration.defaults()
    values.update({'home': os.path.join(folder, 'home'), 'cache': os.path.join(folder, 'home', 'cache'),
                   'outputs': [folder], 'mtrain.url': None, 'scripts.repository': None, 'rig.id': 'TEST.1'})
    return configuration.Configuration(values, dict.fromkeys(values, 'option'))


def test_a_check_that_hangs_and_one_that_raises_leave_the_others_their_time():
    begun = monotonic()
    found = checks.run_all([checks.check('hangs', lambda: time.sleep(60), limit=0.3),
                            checks.check('raises', lambda: {}['x']),
                            checks.check('holds', lambda: checks.Result('ok', 'fine'))])
    assert monotonic() - begun < 20
    assert [(result.name, result.status) for result in found] == [('hangs', 'failed'), ('raises', 'failed'), ('holds', 'ok')]
    assert 'no answer in 0.3 s' in found[0].message and 'KeyError' in found[1].message


def test_a_secret_in_a_message_is_masked():
    assert 'hunter2' not in checks.Result('ok', 'http://u:hunter2@h/', 'set TOKEN=hunter2').as_json()['message']


def test_the_interpreter_is_asked_for_its_version_and_for_what_it_lacks(settings):
    settings.override('python', OWN)
    assert interpreters.interpreter(settings).status == 'ok'
    other = interpreters.interpreter(settings, expected='1.4')
    assert other.status == 'warning' and 'Python 1.4' in other.solution
    for name in interpreters.RIG_MODULES:
        found = interpreters.importable(settings, name)
        assert found.status == 'failed' and name in found.message and '--simulate' in found.solution


def test_an_interpreter_that_is_none_is_said_to_be_none(settings, write):
    for python in ('/no/such/python', write('python.txt', 'not a program')):
        settings.override('python', python)
        found = interpreters.interpreter(settings)
        assert found.status == 'failed' and python in found.message and '`python`' in found.solution
        assert interpreters.importable(settings, 'camstim').status == 'skipped'


def test_an_import_that_fails_is_told_by_its_last_line(settings, write, monkeypatch, folder):
    write('camstim/__init__.py', 'raise RuntimeError("NoSuchDisplay")')
    write('toolbox/__init__.py', '__version__ = "7.1"')
    monkeypatch.setenv(str('PYTHONPATH'), str(folder) if str is not bytes else folder.encode('utf-8'))
    monkeypatch.setattr(interpreters, '_probed', {})
    settings.override('python', OWN)
    broken = interpreters.importable(settings, 'camstim')
    assert broken.status == 'failed' and 'NoSuchDisplay' in broken.message and 'display' in broken.solution
    assert interpreters.importable(settings, 'toolbox').message == 'toolbox 7.1'


def test_libraries_are_compared_with_the_pins_of_the_rig_environment():
    pins = readiness.read_pins(os.path.join(os.path.dirname(__file__), '..', '..', 'conda-env.yml'))
    assert pins['python'] == '2.7' and pins['click'] == '7.1.2' and pins['numpy'] == '1.16.6'
    assert interpreters.libraries(pins).status == 'ok'
    if sys.version_info[0] == 2:
        other = interpreters.libraries(dict(pins, click='6.0'))
        assert other.status == 'warning' and 'click 7.1.2, there 6.0' in other.message
        assert 'pip install click==6.0' in other.solution


def test_pins_of_a_file_that_is_none_are_none(write):
    assert readiness.read_pins(None) == {} and readiness.read_pins(write('x.yml', '- 1: [')) == {}


def test_ids_that_nobody_set_are_a_warning(settings, monkeypatch):
    assert machine.ids(settings).status == 'ok'
    for name in (str('AIBS_RIG_ID'), str('aibs_rig_id')):
        monkeypatch.delenv(name, raising=False)
    settings.origins['rig.id'] = 'default'
    found = machine.ids(settings)
    assert found.status == 'warning' and 'AIBS_RIG_ID not set' in found.message and 'AIBS_COMP_ID' not in found.message


@pytest.mark.skipif(WINDOWS or os.getuid() == 0, reason='needs an account that file modes hold for')
def test_a_home_that_cannot_be_written_fails(settings, folder):
    os.mkdir(settings['home'], 0o555)
    assert machine.folders(settings).status == 'failed'


@pytest.mark.skipif(WINDOWS, reason='file modes')
def test_what_others_can_write_or_read_is_a_finding(settings, write):
    assert machine.folders(settings).status == 'ok'
    os.mkdir(settings['home'])
    os.chmod(settings['home'], 0o777)
    assert 'anybody' in machine.folders(settings).message
    token = write('token', 'x')
    settings.override('report.token_file', token)
    os.chmod(token, 0o644)
    assert machine.token_file(settings).status == 'failed'
    os.chmod(token, 0o600)
    assert machine.token_file(settings).status == 'ok'
    settings.override('report.token_file', token + '.gone')
    assert machine.token_file(settings).status == 'failed'


def test_a_disk_with_less_than_the_limit_fails_and_before_a_run_warns(settings):
    assert machine.disk(settings).status == 'ok'
    settings.override('limits.disk', 10 ** 18)
    assert machine.disk(settings).status == 'failed' and machine.disk(settings, before_run=True).status == 'warning'


def test_assets_are_looked_for_where_the_parameters_say(settings, write, folder):
    here = write('images/a.pkl', 'x')
    settings.override('scripts.directories', [os.path.dirname(here)])
    found = machine.assets(settings, [('a', here), ('b', 'a.pkl')])
    assert found.status == 'ok' and '2 files' in found.message
    assert machine.assets(settings, [('c', 'other.npy')]).status == 'warning'
    for absent in (os.path.join(folder, 'gone.npy'), '\\\\allen\\share\\movie.npy', 'C:/ProgramData/x.npy', here + '"'):
        gone = machine.assets(settings, [('stimulus.path', absent)])
        assert gone.status == 'failed' and 'stimulus.path' in gone.message and '--skip-check assets' in gone.solution


@pytest.mark.parametrize('line, status', [
    ('import camstim', 'failed'), ('from psychopy import visual', 'failed'), ('    from toolbox.IO import nidaq', 'warning'),
    ('import camstimulus', 'ok'), ('# import camstim', 'ok')])
def test_before_a_run_the_imports_of_the_script_are_compared_with_the_interpreter(settings, write, line, status):
    settings.override('python', OWN)
    script = write('script.py', 'import sys\r\n%s\r\n' % line)
    found = {result.name: result for result in checks.before_run(settings, {}, False, scripts=[script])}
    assert set(found) == set(checks.BEFORE_RUN) and found['imports'].status == status
    left = {result.name: result for result in checks.before_run(settings, {}, False, scripts=[script], skip=['imports'])}
    assert left['imports'].status == 'skipped' and '--skip-check' in left['imports'].message


def test_before_a_simulated_run_nothing_is_asked_of_the_rig(settings):
    assert checks.before_run(settings, {}, True, assets=[('x', '/gone.npy')]) == []


def test_a_cached_script_that_was_changed_is_found_and_left_where_it_is(settings):
    from rig_agent.scripts.cache import Cache
    cache = Cache(settings['cache'])
    md5 = cache.add('x_v2.py', b'print(1)', source='test')
    md5 = cache.objects()[0]
    assert readiness.cache(settings).status == 'ok'
    os.chmod(cache.object_path(md5), 0o644)
    with open(cache.object_path(md5), 'ab') as stream:
        stream.write(b'#')
    found = readiness.cache(settings)
    assert found.status == 'failed' and md5 in found.message and os.path.exists(cache.object_path(md5))


def test_a_repository_is_asked_for_its_ref_and_the_clock_for_its_time(settings, folder):
    assert readiness._judge_clock(2.0, 'u').status == 'ok'
    assert readiness._judge_clock(-30.0, 'u').status == 'warning' and 'behind' in readiness._judge_clock(-30.0, 'u').message
    assert readiness._judge_clock(4000.0, 'u').status == 'failed'
    settings.override('scripts.repository', os.path.join(folder, 'no-such-repository'))
    found = readiness.repository(settings, offline=False)
    assert found.status == 'failed' and 'no copy' in found.message and found.solution
    assert readiness.repository(settings, offline=True).status == 'warning'
