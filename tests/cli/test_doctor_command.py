"""`doctor` through the installed command, and the same checks before a run."""
from __future__ import absolute_import, unicode_literals

import json
import os
import socket

import pytest

from rig_agent.base.compat import monotonic
from rig_agent.base.files import md5_of_bytes
from servers import WebServer

SCRIPT = b'print("hello")\n'
REGIMEN = '''
name: Desk_Test_v0.0.1
stages:
  stage_0:
    script: ./script.py
    script_md5: {md5}
    parameters: {{movie: {movie}}}
  stage_1:
    script: NotImplemented
    parameters: {{}}
'''


@pytest.fixture
def regimen(write):
    def make(script=SCRIPT, movie='null'):
        write('script.py', script)
        return write('regimen.yml', REGIMEN.format(md5=md5_of_bytes(script), movie=movie))
    return make


@pytest.fixture
def web():
    server = WebServer()
    yield server
    server.close()


def by_name(ended):
    return {one['name']: one for one in ended.json['checks']}


def test_without_camstim_it_says_what_is_missing_and_how_to_get_it_soon(agent):
    begun = monotonic()
    ended = agent('doctor')
    assert monotonic() - begun < 15
    assert ended.code == 1
    for name in ('camstim', 'psychopy', 'toolbox'):
        assert '%s is not installed in' % name in ended.out
    assert '`conda create -n camstim python=2.7 numpy pip`' in ended.out and '--simulate' in ended.out
    assert 'conda-env.yml' not in ended.out  # there is none here, nor where only the package is installed
    found = by_name(agent('doctor', '--json'))
    assert found['rig ids']['message'] == 'TEST.1, computer TEST.1-Stim'
    assert found['libraries']['status'] == 'ok' and found['cache']['status'] == 'ok'
    assert all(one['solution'] for one in found.values() if one['status'] in ('failed', 'warning'))


def test_a_service_that_answers_gives_the_time_and_one_that_does_not_hides_no_other_check(agent, web):
    web.put('/', b'mtrain')
    found = by_name(agent('doctor', '--json', environment={'RIG_AGENT_MTRAIN_URL': web.url.rstrip('/')}))
    assert found['mtrain']['status'] == 'ok' and found['clock']['status'] == 'ok'
    web.put('/', b'', status=500)
    assert by_name(agent('doctor', '--json', environment={'RIG_AGENT_MTRAIN_URL': web.url.rstrip('/')}))['mtrain'][
        'status'] == 'failed'
    offline = by_name(agent('doctor', '--json', '--offline'))
    assert offline['mtrain']['status'] == 'skipped' and offline['cache']['status'] == 'ok'


def test_services_that_say_nothing_leave_the_clock_unjudged_in_the_time_of_one(agent):
    silent = socket.socket()
    silent.bind(('127.0.0.1', 0))
    silent.listen(5)
    url = 'http://127.0.0.1:%d' % silent.getsockname()[1]
    found = by_name(agent('doctor', '--json', environment={'RIG_AGENT_MTRAIN_URL': url, 'RIG_AGENT_REPORT_URL': url}))
    silent.close()
    assert (found['clock']['status'], found['clock']['message']) == ('skipped', 'no service told the time')
    assert found['mtrain']['status'] == 'failed' and 'does not answer' in found['mtrain']['message']


def test_with_a_stage_it_looks_at_what_that_stage_needs(agent, regimen, folder):
    regimen(movie='C:/ProgramData/movies/clip.npy')
    found = by_name(agent('doctor', 'stage_0', '--json'))
    assert found['assets']['status'] == 'failed' and 'clip.npy' in found['assets']['message']
    assert found['stage scripts']['status'] in ('ok', 'warning')
    paper = by_name(agent('doctor', 'stage_1', '--json'))
    assert paper['stage scripts']['status'] == 'failed'
    typo = agent('doctor', 'stage_O')
    assert typo.code == 6 and 'stage_0' in typo.err


def test_a_run_without_its_files_is_refused_until_the_check_is_left_out_which_the_record_keeps(agent, regimen):
    regimen(movie='/no/such/clip.npy')
    refused = agent('run', 'stage_0')
    assert refused.code == 4 and 'clip.npy' in refused.err and '--skip-check "assets"' in refused.err
    assert not os.path.isdir(os.path.join(agent.home, 'sessions'))
    ran = agent('run', 'stage_0', '--skip-check', 'assets', '--json')
    assert ran.code == 0
    found = {one['name']: one['status'] for one in ran.json['checks']}
    assert found['assets'] == 'skipped' and found['rig ids'] == 'ok' and 'imports' in found


def test_a_script_that_needs_camstim_is_not_started_where_there_is_none(agent, regimen):
    regimen(b'import camstim\n')
    refused = agent('run', 'stage_0')
    assert refused.code == 4 and 'imports camstim' in refused.err and 'conda create' in refused.err


def test_a_check_that_does_not_exist_is_a_usage_error_with_the_nearest(agent, regimen):
    regimen()
    ended = agent('run', 'stage_0', '--skip-check', 'asets')
    assert ended.code == 2 and '--skip-check "assets"' in ended.err


def test_without_git_it_says_so_and_not_that_the_repository_is_away(agent):
    found = by_name(agent('doctor', '--json', environment={'PATH': ''}))['scripts repository']
    assert 'was not asked: git is not installed, or not on PATH; this rig has no copy' in found['message'], found
    assert found['solution'].startswith('Install git')


def test_the_result_is_one_document_on_stdout(agent):
    assert set(json.loads(agent('doctor', '--json', '--offline').out)) == {'ready', 'checks'}
