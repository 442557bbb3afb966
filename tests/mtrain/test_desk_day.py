"""Uploading a regimen, and a full day at a desk, through the installed command."""
from __future__ import absolute_import, unicode_literals

import os
import signal

import jsonschema
import pytest

import rig_agent
from rig_agent.base.compat import WINDOWS, read_json
from rig_agent.base.files import md5_of_bytes
from rig_agent.harness.standin.faults import Fault

SCHEMA = os.path.join(os.path.dirname(rig_agent.__file__), 'sessions', 'record.schema.json')
SCRIPT = b'''from __future__ import print_function
import json, sys
with open(sys.argv[1]) as stream:
    params = json.load(stream)
print('volume', params['volume'], 'mouse', params['mouse_id'])
'''
TAG, NEXT = 'Desk_Task1_v1.0.0', 'Desk_Task1_v1.0.1'
FILE = '''
name: %(name)s
stages:
  DAY_1: {script: %(url)s, script_md5: %(md5)s, parameters: {stage: DAY_1, volume: 5}}
  DAY_2: {script: day_v2.py, script_md5: day_v2.py, parameters: {stage: DAY_2, volume: 6}}
transitions:
  - {trigger: progress, source: DAY_1, dest: DAY_2, conditions: one_complete}
'''


def regimen(md5=None, name=TAG):
    return (FILE % {'name': name, 'md5': md5 or md5_of_bytes(SCRIPT), 'url': 'day_v2.py'}).encode('ascii')


@pytest.fixture
def lab(desk, repository, standin):
    """A repository with scripts and a tagged regimen; mtrain is the stand-in."""
    repository.commit({'v2/day_v2.py': SCRIPT, 'regimen.yml': regimen()})
    repository.git('tag', TAG)
    desk.environment.update(RIG_AGENT_SCRIPTS_REPOSITORY=repository.url, RIG_AGENT_REGIMENS_REPOSITORY=repository.url)
    return desk


class TestUpload(object):
    def test_a_dry_run_checks_all_and_writes_nothing(self, lab, standin):
        ended = lab('regimen', 'upload', TAG)
        assert ended.code == 0 and 'every check holds' in ended.out and '2 of 2 scripts verified' in ended.out, ended
        assert not standin.store.has_regimen(TAG)

    def test_it_is_written_read_back_and_not_written_again(self, lab, standin):
        done = lab('regimen', 'upload', TAG, '--write', '--json').json
        assert done['written'] and standin.store.has_regimen(TAG)
        ended = lab('regimen', 'upload', TAG, '--write')
        assert ended.code == 4 and 'already' in ended.err

    def test_wrong_bytes_a_wrong_name_or_errors_stop_it(self, lab, repository, standin):
        for tag, content, code, said in (
                ('Wrong_md5_v1.0.0', regimen('0' * 32, 'Wrong_md5_v1.0.0'), 5, '0' * 32),
                ('Wrong_name_v1.0.0', regimen(), 1, 'not its tag'),
                ('Wrong_stage_v1.0.0', regimen(name='Wrong_stage_v1.0.0').replace(b'dest: DAY_2', b'dest: DAY_3'), 1,
                 'DAY_3')):
            repository.commit({'regimen.yml': content})
            repository.git('tag', tag)
            ended = lab('regimen', 'upload', tag, '--write')
            assert ended.code == code and said in ended.err + ended.out, ended
            assert not standin.store.has_regimen(tag)
        assert lab('regimen', 'upload', 'no-such-tag').code == 6

    @pytest.mark.parametrize('kind, code, there', [
        ('drop', 0, True), ('truncate', 0, True), ('html', 1, False), ('500', 7, False)])
    def test_when_the_answer_is_wrong_the_read_back_decides(self, lab, standin, kind, code, there):
        standin.front.faults = [Fault(kind, only='/set_regimen/')]
        ended = lab('regimen', 'upload', TAG, '--write')
        assert ended.code == code and standin.store.has_regimen(TAG) == there, ended

    @pytest.mark.parametrize('kind', ['500', 'html', 'wrong-type', 'truncate', 'drop', 'slow'])
    def test_each_fault_is_one_clear_message(self, lab, standin, kind):
        lab.environment['RIG_AGENT_MTRAIN_TIMEOUT'] = '1s'
        standin.front.faults = [Fault(kind)]
        ended = lab('regimen', 'upload', TAG, '--write')
        assert ended.code == 7 and ended.err.count('error: ') == 1 and not standin.store.has_regimen(TAG), ended

    def test_when_another_content_arrives_that_is_said(self, lab, standin):
        add = standin.store.add_regimen

        def add_changed(document):
            document['stages']['DAY_1']['parameters']['volume'] = 7
            add(document)
        standin.store.add_regimen = add_changed
        ended = lab('regimen', 'upload', TAG, '--write')
        assert ended.code == 1 and 'DAY_1.parameters.volume' in ended.err


def test_a_full_day_at_a_desk(lab, tmpdir, repository, folder):
    """Stand-in started, regimen uploaded, three mice added and run, outcomes on the page, one moved and moved back."""
    database = os.path.join(folder, 'desk.sqlite')
    serving = lab.start('harness', 'mtrain', '--db', database, '--port', '0')
    try:
        url = serving.stdout.readline().decode('utf-8').split(' on ')[1].split(',')[0]
        lab.environment.update(RIG_AGENT_MTRAIN_URL=url, RIG_AGENT_REPORT_URL=url + '/outcomes/')
        assert lab('regimen', 'upload', TAG, '--write').code == 0
        mice = ('612345', '612346', '612347')
        assert lab('mice', 'add', *mice + ('--regimen', TAG, '--stage', 'DAY_1')).code == 0
        for mouse in mice:
            ended = lab('run', '--regimen', 'mtrain:' + mouse, '--mouse', mouse)
            assert ended.code == 0 and 'volume 5 mouse %s' % mouse in ended.out, ended
        again = ('run', '--regimen', 'mtrain:612345')
        ended = lab(*again)
        assert ended.code == 4 and 'had a session today' in ended.err
        ended = lab(*again + ('--accept', 'repeat-session', '--json'))
        assert ended.code == 0
        answered = [(one['name'], one['answer']) for one in ended.json['checks'] if 'answer' in one]
        assert answered == [('repeat-session', 'accepted by --accept')]
        assert lab('outbox', 'flush').code == 0
        import requests
        outcomes = requests.get(url + '/outcomes/all.json').json()['outcomes']
        assert sorted(row['record']['subject'] for row in outcomes) == ['612345'] + sorted(mice)
        for row in outcomes:
            jsonschema.validate(row['record'], read_json(SCHEMA))
        assert {row['record']['outcome'] for row in outcomes} == {'completed'}
        assert all(row['record']['regimen']['name'] == TAG for row in outcomes)
        page = requests.get(url + '/outcomes/').text
        assert all(mouse in page for mouse in mice) and 'TEST.1' in page
        repository.commit({'regimen.yml': regimen(name=NEXT)})
        repository.git('tag', NEXT)
        assert lab('regimen', 'upload', NEXT, '--write').code == 0
        moved = lab('migrate', '--source', TAG, '--target', NEXT, '--mouse', '612345', '--write', '--json').json
        assert lab('mice', '--regimen', NEXT, '--json').json['mice'][0]['mouse'] == '612345'
        assert lab('migrate', '--undo', moved['journal'], '--write').code == 0
        assert len(lab('mice', '--regimen', TAG, '--json').json['mice']) == 3
    finally:
        serving.send_signal(signal.SIGTERM if WINDOWS else signal.SIGINT)
        out, err = serving.communicate()
    assert b'Traceback' not in err


def test_the_stand_in_takes_regimens_from_files_once(lab, write, folder):
    path = write('regimen.yml', regimen())
    for said in ('', 'has the regimen'):
        database = os.path.join(folder, 'x.sqlite')
        serving = lab.start('harness', 'mtrain', '--db', database, '--port', '0', '--regimen', path)
        lines = [serving.stdout.readline().decode('utf-8') for _ in range(2 if said else 1)]
        serving.kill()
        serving.communicate()
        assert said in lines[0] and 'stand-in mtrain on http://127.0.0.1:' in lines[-1]


def test_without_bottle_the_stand_in_says_how_to_get_it(lab, write, folder):
    write('bottle.py', 'raise ImportError()')
    ended = lab('harness', 'mtrain', '--db', 'x', environment={'PYTHONPATH': folder})
    assert ended.code == 2 and 'pip install' in ended.err
