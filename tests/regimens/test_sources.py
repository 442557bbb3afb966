# -*- coding: utf-8 -*-
"""Where a regimen comes from, and what `stages` and `show` say of it."""
from __future__ import absolute_import, unicode_literals

import hashlib
import io
import os
import subprocess
import sys

import pytest

from rig_agent.base.compat import PY2, WINDOWS, to_native
from servers import damage_in_clones
from support import PROJECT, on_read_only_disk, real_regimens

TEXT = """name: Lab_Task_v1.0.0
stages:
  B: {script: b_v2.py, script_md5: b_v2.py, parameters: {stage: B, when: 2020-02-02, µ: 1.50}}
  A: {script: https://h.org/a.py?token=ABC, script_md5: 0123456789abcdef0123456789abcdef}
"""
BROKEN = TEXT + '  C: {parameters: {}}\n'


def test_stages_are_listed_in_the_order_of_the_file(agent, write):
    write('regimen.yml', TEXT)
    listed = agent('stages', '--json').json
    assert [(row['name'], row['kind'], row['md5']) for row in listed['stages']] == [
        ('B', 'v2-name', 'placeholder'), ('A', 'moving-url', 'asserted')]
    assert listed['sha256'] == hashlib.sha256(TEXT.encode('utf-8')).hexdigest()
    assert listed['regimen'] == 'Lab_Task_v1.0.0'
    printed = agent('stages')
    assert printed.code == 0 and 'Lab_Task_v1.0.0: 2 stages' in printed.out and 'ABC' not in printed.out


def test_a_stage_is_shown_as_json_with_sorted_keys(agent, write):
    write('regimen.yml', TEXT)
    shown = agent('show', 'B')
    assert shown.out.startswith('{\n    "name": "B",\n    "parameters": {\n        "stage": "B",\n        "when": ')
    assert '"2020-02-02"' in shown.out and '"\\u00b5": 1.5' in shown.out
    assert shown.out == agent('show', 'B', '--json').out
    assert sorted(agent('show').json) == ['name', 'stages', 'transitions']


@pytest.mark.parametrize('words, content, code, said', [
    (('show', 'b'), TEXT, 6, 'Did you mean `B`?'), (('show', 'C'), BROKEN, 6, 'regimen.yml:5:3'),
    (('stages',), BROKEN, 6, 'names no script'),
    (('show',), BROKEN, 6, 'names no script'), (('stages',), '', 6, 'empty'), (('stages',), 'name: x', 6, 'no stages'),
    (('stages',), TEXT.replace('name:', '_name:'), 0, ''),
    (('show',), TEXT.replace('1.50', '.inf'), 6, 'parameters.µ'),
    (('show', 'A'), TEXT.replace('1.50', '.inf'), 0, ''),
    (('stages',), TEXT.replace('{', '{`', 1), 6, 'regimen.yml:3:7')])
def test_what_cannot_be_listed_or_shown_is_named(agent, write, words, content, code, said):
    write('regimen.yml', content)
    ended = agent(*words + ('--json',))
    assert ended.code == code and said in ended.err, ended
    assert ended.json is not None


def test_a_regimen_that_is_not_there_is_named(agent, folder):
    assert agent('stages').code == 6
    ended = agent('stages', '--regimen', 'gone.yml')
    assert ended.code == 6 and os.path.join(folder, 'gone.yml') in ended.err


@pytest.mark.parametrize('name', ['lab', os.path.join('lab', ''), os.path.join('~', 'lab', 'regimen.yml')])
def test_a_folder_stands_for_the_regimen_in_it_and_what_lies_beside_it_counts(agent, write, folder, name):
    write('lab/regimen.yml', TEXT)
    write('lab/rig_agent.yml', 'rig: {id: BESIDE}\n')
    write('lab/camstim_v2_cache/README.md', '')
    write('lab/conda-env.yml', 'dependencies: [click=0.1]\n')
    agent.environment.update(HOME=folder, USERPROFILE=folder)
    assert agent('stages', '--regimen', name).code == 0
    shown = agent('config', 'show', '--regimen', name, '--json').json
    assert shown['file'] == os.path.join(folder, 'lab', 'rig_agent.yml')
    assert shown['settings']['cache']['value'] == os.path.join(folder, 'lab', 'camstim_v2_cache')
    if PY2:  # there the versions of a conda-env.yml bind
        assert 'there 0.1' in agent('doctor', '--regimen', name).out


def test_a_regimen_comes_from_a_url(agent, web):
    url = web.put('/regimen.yml', TEXT.encode('utf-8'))
    listed = agent('stages', '--regimen', url, '--json').json
    assert (listed['source'], listed['location'], len(listed['stages'])) == ('url', url, 2)
    broken = web.put('/broken.yml', b'a: `')
    assert '%s:1:4' % broken in agent('stages', '--regimen', broken).err
    assert agent('stages', '--regimen', web.put('/none.yml', status=404)).code == 6
    assert agent('stages', '--regimen', url, '--offline').code == 7
    assert agent('stages', '--regimen', web.put('/huge.yml', b'# ' * 3000000)).code != 0


@pytest.mark.parametrize('words', [
    ('stages', '--json'), ('show', '--json'), ('explain', 'B', '--json'), ('explain', 'B'), ('regimen', 'validate'),
    ('regimen', 'validate', '--format', 'github'), ('lock',)], ids=' '.join)
def test_a_secret_in_the_url_of_a_regimen_is_shown_by_no_command(agent, web, words):
    url = web.put('/regimen.yml?token=Sesame9', TEXT.encode('utf-8'))
    ended = agent(*words + ('--regimen', url))
    assert web.count('/regimen.yml?token=Sesame9') == 1, ended
    assert 'Sesame9' not in ended.out + ended.err


def test_the_page_of_a_regimen_is_told_from_the_regimen(agent):
    ended = agent('stages', '--regimen', 'https://github.com/lab/regimens/blob/master/regimen.yml')
    assert ended.code == 6 and 'https://raw.githubusercontent.com/lab/regimens/master/regimen.yml' in ended.err


def test_a_regimen_comes_from_a_ref_of_the_repository_and_stays_when_that_is_away(agent, repository):
    agent.environment['RIG_AGENT_REGIMENS_REPOSITORY'] = repository.url
    commit = repository.commit({'regimen.yml': TEXT.encode('utf-8')})
    repository.git('tag', 'Lab_Task_v1.0.0')
    repository.commit({'regimen.yml': TEXT.replace('v1.0.0', 'v1.0.1').encode('utf-8')})
    assert agent('stages', '--regimen', 'git:Lab_Task_v1.0.0', '--offline').code == 7
    listed = agent('stages', '--regimen', 'git:Lab_Task_v1.0.0', '--json').json
    assert (listed['commit'], listed['regimen']) == (commit, 'Lab_Task_v1.0.0')
    assert agent('stages', '--regimen', 'git:master', '--json').json['regimen'] == 'Lab_Task_v1.0.1'
    assert agent('stages', '--regimen', 'git:nowhere').code == 6
    assert agent('stages', '--regimen', 'git:').code == 2
    os.rename(to_native(repository.folder), to_native(repository.folder + ' away'))
    ended = agent('stages', '--regimen', 'git:Lab_Task_v1.0.0')
    assert ended.code == 0 and 'copy of' in ended.err, ended
    assert agent('stages', '--regimen', 'git:' + commit, '--offline').code == 0


def test_a_git_that_cannot_be_started_is_no_defect_of_the_agent(agent, tmpdir):
    """GitPython runs git when it is imported, and can be imported only once in a process."""
    fake = tmpdir.mkdir('bin').join('git.exe' if WINDOWS else 'git')
    fake.write('neither a program nor a script')
    fake.chmod(0o755)
    agent.environment.update(RIG_AGENT_REGIMENS_REPOSITORY=str(tmpdir), PATH=str(tmpdir.join('bin')))
    ended = agent('stages', '--regimen', 'git:master')
    assert ended.code == 7 and 'git cannot be started' in ended.err and str(fake) in ended.err, ended


def test_settings_that_git_cannot_read_are_no_defect_of_the_agent(agent, repository):
    repository.commit({'regimen.yml': TEXT.encode('utf-8')})
    agent.environment['RIG_AGENT_REGIMENS_REPOSITORY'] = repository.url
    with io.open(os.path.join(agent.home, '.gitconfig'), 'wb') as stream:
        stream.write(b'[core\n')
    ended = agent('stages', '--regimen', 'git:master')
    assert ended.code == 4 and '.gitconfig' in ended.err, ended


def test_a_copy_of_the_repository_that_broke_is_told_offline_and_made_anew_online(agent, repository):
    """Guarantee 28. Nothing is fetched for a commit named in full."""
    agent.environment['RIG_AGENT_REGIMENS_REPOSITORY'] = repository.url
    commit = repository.commit({'regimen.yml': TEXT.encode('utf-8')})
    assert agent('stages', '--regimen', 'git:master').code == 0
    for ref in ('git:master', 'git:' + commit):
        damage_in_clones(os.path.join(agent.home, 'cache'), TEXT.encode('utf-8'))
        ended = agent('stages', '--regimen', ref, '--offline')
        assert ended.code == 7 and 'is damaged' in ended.err, ended
        assert agent('stages', '--regimen', ref).code == 0
        assert agent('stages', '--regimen', ref, '--offline').code == 0


def test_a_read_only_cache_serves_the_copy_of_the_repository(agent, repository):
    """Guarantee 33."""
    agent.environment['RIG_AGENT_REGIMENS_REPOSITORY'] = repository.url
    repository.commit({'regimen.yml': TEXT.encode('utf-8')})
    assert agent('stages', '--regimen', 'git:master').code == 0
    on_read_only_disk(agent, os.path.join(agent.home, 'cache'))
    ended = agent('stages', '--regimen', 'git:master')
    assert ended.code == 0 and 'cannot be written' in ended.err and 'copy of' in ended.err, ended


def test_a_commit_may_be_named_in_capitals(agent, repository):
    agent.environment['RIG_AGENT_REGIMENS_REPOSITORY'] = repository.url
    commit = repository.commit({'regimen.yml': TEXT.encode('utf-8')})
    for name in (commit.upper(), commit[:12].upper()):
        listed = agent('stages', '--regimen', 'git:' + name, '--json')
        assert listed.code == 0 and listed.json['commit'] == commit, listed


def test_a_repository_that_was_never_reached_is_named(agent, tmpdir):
    agent.environment['RIG_AGENT_REGIMENS_REPOSITORY'] = str(tmpdir.join('no-such-repository'))
    assert agent('stages', '--regimen', 'git:master').code == 7


def test_listing_imports_little():
    code = ('import sys\nfrom rig_agent.cli.main import run\n'
            'assert run(["stages", "--regimen", "regimen.yml", "-q"]) == 0\n'
            'print(sorted(set(sys.modules) & {"requests", "git", "psutil", "filelock"}))')
    out = subprocess.check_output([sys.executable, '-c', code], cwd=to_native(PROJECT))
    assert out.decode('utf-8').strip().endswith('[]')


def test_real_regimens_are_listed_and_shown_or_refused_with_a_place(agent):
    """A few through the real command; every one is read in test_reading."""
    for path in real_regimens()[:3]:
        with io.open(path, 'rb'):
            ended = agent('show', '--regimen', path, '--json')
        assert ended.code == 0 and ended.json['stages'] or ended.code == 6 and path + ':' in ended.err


def test_online_finds_scripts_that_are_gone_or_other_and_a_name_that_is_taken(agent, write, web, repository):
    content = b'print(1)\n'
    md5 = hashlib.md5(content).hexdigest()
    good, gone = web.put('/00112233445566778899aabbccddeeff00112233/a.py', content), web.url + '/x/b.py'
    repository.commit({'v2/c_v2.py': content})
    web.put('/api/v1/regimens?page=1&results_per_page=100',
            b'{"total_pages": 1, "objects": [{"id": 1, "name": "Lab_Task_v1.0.0"}]}')
    agent.environment.update(RIG_AGENT_SCRIPTS_REPOSITORY=repository.url, RIG_AGENT_MTRAIN_URL=web.url)
    stages = [('A', good, md5), ('B', good, md5[::-1]), ('C', gone, md5), ('D', 'c_v2.py', md5),
              ('E', 'd_v2.py', 'd_v2.py'),
              ('F', 'NotImplemented', 'NotImplemented')]
    write('regimen.yml', 'name: Lab_Task_v1.0.0\nstages:\n' + ''.join(
        '  %s: {script: "%s", script_md5: %s}\n' % stage for stage in stages))
    ended = agent('regimen', 'validate', '--online', '--select', 'script-gone,md5-wrong,name-taken', '--json')
    found = {finding['code']: finding['stages'] for finding in ended.json['regimens'][0]['findings']
             if finding['code'] != 'script-gone'}
    gone = sorted(stage for finding in ended.json['regimens'][0]['findings'] if finding['code'] == 'script-gone'
                  for stage in finding['stages'])
    assert found.get('md5-wrong') == ['B'] and gone == ['C', 'E'], ended
    assert 'name-taken' in found and ended.code == 1, ended
    assert agent('regimen', 'validate', '--online', '--offline').code == 7
