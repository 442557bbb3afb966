"""`rig-agent lock`: a regimen of placeholders becomes a regimen of proofs."""
from __future__ import absolute_import, unicode_literals

import io
import os
import shutil

import pytest

from rig_agent.base.compat import to_native
from rig_agent.base.errors import NotFound
from rig_agent.base.files import md5_of_bytes as md5
from rig_agent.scripts import lockfile
from servers import GitRepository, damage_in_clones
from support import on_read_only_disk

COMMIT = 'c' * 40


@pytest.fixture
def locked(online, repository, regimen, folder):
    """A regimen of placeholders, its lock file, and a repository that moved on afterwards: the first commit's id."""
    commit = repository.commit({'v2/x_v2.py': b'1\n', 'v2/y_v2.py': b'1\n'})
    regimen({'A': ('x_v2.py', 'x_v2.py', {'mapping_script': 'y_v2.py'}), 'B': ('x_v2.py', None, {}),
             'P': ('NotImplemented', 'NotImplemented', {})})
    ended = online('lock')
    assert ended.code == 0, ended
    repository.commit({'v2/x_v2.py': b'2\n', 'v2/y_v2.py': b'2\n'})
    return commit


def text(folder):
    with io.open(os.path.join(folder, lockfile.NAME), 'rb') as stream:
        return stream.read()


def test_it_names_every_script_of_every_stage(locked, repository, folder):
    lock = lockfile.beside(folder)
    assert lock.stages == {'A': {'script': 'x_v2.py', 'mapping_script': 'y_v2.py'}, 'B': {'script': 'x_v2.py'}}
    assert lock.scripts['x_v2.py'] == {'md5': md5(b'1\n'), 'size': 2, 'kind': 'v2-name', 'source': repository.url,
                                       'commit': locked}
    lines = text(folder).decode('ascii').splitlines()
    assert lines[0] == '{' and not any(line.endswith(' ') for line in lines)


def test_fetch_holds_to_it_on_a_fresh_rig(locked, online):
    ended = online('--json', 'cache', 'fetch', '--all')
    assert ended.code == 0, ended
    assert {(row['name'], row['assertion'], row['found_md5'], row['commit']) for row in ended.json['scripts']} == {
        ('x_v2.py', 'lock', md5(b'1\n'), locked), ('y_v2.py', 'lock', md5(b'1\n'), locked)}
    assert online('explain', 'A', '--strict').code == 0  # nothing is unasserted any more


def test_making_it_again_changes_nothing(locked, online, folder):
    before = text(folder)
    assert online('lock').code == 0
    assert text(folder) == before
    assert online('lock', '--check').code == 0


def test_update_moves_what_is_named_and_shows_it(locked, online, folder):
    ended = online('lock', '--update', 'y_v2.py')
    assert ended.code == 0
    assert 'moved    y_v2.py' in ended.out and md5(b'1\n') in ended.out and md5(b'2\n') in ended.out
    lock = lockfile.beside(folder)
    assert (lock.scripts['x_v2.py']['md5'], lock.scripts['y_v2.py']['md5']) == (md5(b'1\n'), md5(b'2\n'))
    assert online('--json', 'lock', '--update').json['moved']['x_v2.py']['to']['md5'] == md5(b'2\n')
    assert online('lock', '--update', 'z_v2.py').code == 2


def test_check_fails_when_the_regimen_moved_on(locked, online, regimen, repository, folder):
    repository.commit({'v2/z_v2.py': b'3\n'})
    regimen({'A': ('x_v2.py', 'x_v2.py', {'mapping_script': 'z_v2.py'}), 'C': ('x_v2.py', md5(b'2\n'), {})})
    ended = online('--json', 'lock', '--check')
    assert ended.code == 1
    behind = '\n'.join(ended.json['behind'])
    for part in ('A, mapping_script', 'C, script', 'B: the regimen has no such stage'):
        assert part in behind
    ended = online('--json', 'lock')
    assert (ended.code, ended.json['added'], ended.json['removed']) == (0, ['x_v2.py #' + md5(b'2\n'), 'z_v2.py'],
                                                                       ['y_v2.py'])
    assert online('lock', '--check').code == 0


def test_without_a_lock_file_check_fails(online, regimen):
    regimen({'A': ('x_v2.py', None, {})})
    assert online('lock', '--check').code == 1


def test_a_failure_is_told_and_keeps_the_entry_of_before(locked, online, regimen, folder):
    regimen({'A': ('x_v2.py', 'x_v2.py', {'mapping_script': 'nowhere_v2.py'})})
    ended = online('lock')
    assert ended.code == 6 and 'nowhere_v2.py' in ended.out
    assert list(lockfile.beside(folder).scripts) == ['x_v2.py']


def test_a_locked_url_is_held_to_its_md5(online, web, regimen):
    url = web.put('/raw/master/x.py', b'1\n')
    regimen({'A': (url, None, {})})
    assert online('lock').code == 0
    os.unlink(os.path.join(online.home, 'cache', 'objects', md5(b'1\n')))
    web.put('/raw/master/x.py', b'2\n')
    ended = online('cache', 'fetch', '--all')
    assert ended.code == 5 and 'the lock file asserts' in ended.out


def test_a_lock_file_needs_a_regimen_that_is_a_file(online, web):
    url = web.put('/regimen.yml', b'{name: T, stages: {A: {script: x_v2.py, script_md5: null}}}')
    assert online('--regimen', url, 'lock').code == 2


def test_a_folder_that_cannot_be_written_is_refused_with_its_place(processes, web, regimen, folder):
    regimen({'A': (web.put('/%s/x.py' % COMMIT, b'1\n'), md5(b'1\n'), {})})
    on_read_only_disk(processes, folder)
    ended = processes('lock')
    assert ended.code == 4 and lockfile.NAME in ended.err, ended


def test_a_locked_commit_that_was_force_pushed_away_is_named(online, repository, regimen, locked, folder):
    """A rig that has the bytes goes on; a fresh one is told what is gone and what can be done."""
    repository.git('update-ref', 'refs/heads/master', repository.git('commit-tree', '-m', 'x', 'master^{tree}'))
    repository.git('reflog', 'expire', '--expire=now', '--all')
    repository.git('gc', '--quiet', '--prune=now')
    assert online('cache', 'fetch', '--all').code == 0
    shutil.rmtree(to_native(os.path.join(online.home, 'cache')))
    ended = online('cache', 'fetch', '--all')
    assert ended.code == 6 and 'force-pushed' in ended.out and locked in ended.out, ended
    assert 'lock --update x_v2.py' in ended.out
    assert online('lock', '--update').code == 0
    assert online('cache', 'fetch', '--all').code == 0


def test_the_md5_of_a_regimen_goes_before_the_lock_files(online, repository, regimen, locked):
    regimen({'A': ('x_v2.py', md5(b'2\n'), {}), 'B': ('x_v2.py', None, {})})
    ended = online('--json', 'cache', 'fetch', '--all')
    assert ended.code == 0, ended
    rows = {row['assertion']: row for row in ended.json['scripts']}
    assert (rows['regimen']['found_md5'], rows['lock']['found_md5']) == (md5(b'2\n'), md5(b'1\n'))
    assert rows['regimen']['commit'] == repository.git('rev-parse', 'master') != rows['lock']['commit'] == locked
    assert 'the lock file has another md5' in ' '.join(rows['regimen']['notes'])


OUTSIDE = '../../' + 'v' * 26  # as long as an md5
FORGED = '{"schema": 1, "regimen": "T", "stages": {}, "scripts": {"x_v2.py": {"md5": "%s", "commit": "%s"}}}'
PATH_AS_MD5 = (FORGED % (OUTSIDE, COMMIT)).encode('ascii')
OPTION_AS_COMMIT = (FORGED % (md5(b''), '--upload-pack=touch x')).encode('ascii')


def test_a_lock_file_cannot_reach_outside_the_cache(online, regimen, write):
    """What is taken out of the cache and has another md5 is moved aside: no other file may be."""
    regimen({'A': ('x_v2.py', None, {})})
    outside = os.path.normpath(os.path.join(online.home, 'cache', 'objects', OUTSIDE))
    os.makedirs(os.path.join(online.home, 'cache', 'objects'))
    with io.open(outside, 'wb') as stream:
        stream.write(b'precious')
    write(lockfile.NAME, PATH_AS_MD5)
    assert online('cache', 'fetch', '--all').code == 6
    assert os.path.exists(outside)


@pytest.mark.parametrize('content', [b'', b'{', b'[]', b'{"schema": 9}', b'{"schema": 1, "scripts": [], "stages": {}}',
                                     b'{"schema": 1, "regimen": "T", "scripts": {"x": {"md5": 1}}, "stages": {}}',
                                     b'{"schema": 1, "regimen": "T", "scripts": {}, "stages": {"A": {"script": "x"}}}',
                                     PATH_AS_MD5, OPTION_AS_COMMIT])
def test_a_lock_file_that_cannot_be_understood_is_refused(content):
    with pytest.raises(NotFound) as caught:
        lockfile.parse(content, 'regimen.lock.json')
    assert caught.value.where == 'regimen.lock.json'


@pytest.mark.parametrize('words', [('lock',), ('lock', '--check'), ('cache', 'fetch', '--all'), ('check',)], ids=' '.join)
def test_a_lock_file_that_cannot_be_read_is_never_taken_for_none(locked, online, folder, words):
    os.unlink(os.path.join(folder, lockfile.NAME))
    os.mkdir(to_native(os.path.join(folder, lockfile.NAME)))
    ended = online(*words)
    assert ended.code == 6 and os.path.join(folder, lockfile.NAME) in ended.err, ended


@pytest.fixture
def regimens(locked, tmpdir, folder, monkeypatch):
    """A repository with the regimen and its lock file in it, the one that `git:` means."""
    made = GitRepository(str(tmpdir.join('regimens')))
    with io.open(os.path.join(folder, 'regimen.yml'), 'rb') as stream:
        made.commit({'regimen.yml': stream.read(), lockfile.NAME: text(folder)})
    monkeypatch.setenv(str('RIG_AGENT_REGIMENS_REPOSITORY'), to_native(made.url))
    return made


def test_the_lock_file_beside_a_regimen_in_a_repository_counts(online, regimens):
    ended = online('--json', '--regimen', 'git:master', 'explain', 'B')
    assert ended.json['scripts'][0]['assertion'] == 'lock', ended
    regimens.commit({lockfile.NAME: None})
    ended = online('--json', '--regimen', 'git:master', 'explain', 'B')
    assert (ended.code, ended.json['scripts'][0]['assertion']) == (0, 'repository'), ended


def test_one_that_broke_in_the_copy_of_the_repository_is_told_offline_and_fetched_anew_online(online, regimens, folder):
    words = ('--json', '--regimen', 'git:master', 'explain', 'B')
    assert online(*words).code == 0
    damage_in_clones(os.path.join(online.home, 'cache'), text(folder))
    assert online('--offline', *words).code == 7
    assert online(*words).json['scripts'][0]['assertion'] == 'lock'
    damage_in_clones(os.path.join(online.home, 'cache'), text(folder))
    assert online('cache', 'fetch', '--all', '--also', 'git:master').code == 0


def test_one_in_a_repository_that_cannot_be_used_is_never_taken_for_none(online, regimens):
    commit = regimens.commit({lockfile.NAME: b'{"schema": 9}'})
    ended = online('--regimen', 'git:master', 'explain', 'B')
    assert ended.code == 6 and '%s at %s' % (lockfile.NAME, commit) in ended.err, ended
    regimens.commit_link(lockfile.NAME, 'regimen.yml')
    ended = online('--regimen', 'git:master', 'explain', 'B')
    assert ended.code == 6 and 'symbolic link' in ended.err, ended
