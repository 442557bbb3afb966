"""What befalls clones: damage on disk, kills, settings of the user, merges (guarantees 24, 25, 28, 29, 30)."""
from __future__ import absolute_import, unicode_literals

import io
import os
import shutil
import subprocess
import sys
import time

import psutil
import pytest

from rig_agent.base import repositories
from rig_agent.base.compat import WINDOWS, monotonic, to_native, to_text
from rig_agent.base.errors import NotFound, Refused, Unreachable, UsageError
from rig_agent.base.files import STAGED
from rig_agent.base.files import git_blob_id as blob_id
from rig_agent.base.repositories import DamagedClone, Repository, SymbolicLink, repository_folder
from servers import REFS, need_git


@pytest.fixture
def clone(repository, tmpdir):
    cache = os.path.join(to_text(str(tmpdir)), 'c\u00e2che')
    return Repository(repository.url, repository_folder(cache, repository.url))


def overwrite(path, content=b''):
    os.chmod(path, 0o600)
    with io.open(path, 'wb') as stream:
        stream.write(content)


def objects_of(clone, repository, kind):
    """The paths of the clone's loose objects of a kind."""
    for folder, _, names in os.walk(os.path.join(clone.folder, 'objects')):
        for name in names:
            if len(name) == 38 and repository.git('cat-file', '-t', os.path.basename(folder) + name) == kind:
                yield os.path.join(folder, name)


def truncate_blobs(clone, repository):
    for path in objects_of(clone, repository, 'blob'):
        overwrite(path, b'x\x9c')


def remove_blobs(clone, repository):
    for path in objects_of(clone, repository, 'blob'):
        os.chmod(path, 0o600)
        os.unlink(path)


def truncate_commits(clone, repository):
    for path in objects_of(clone, repository, 'commit'):
        overwrite(path, b'x\x9c')


def empty_head(clone, repository):
    overwrite(os.path.join(clone.folder, 'HEAD'))


def break_config(clone, repository):
    overwrite(os.path.join(clone.folder, 'config'), b'[core\n')


def remove_refs(clone, repository):
    shutil.rmtree(os.path.join(clone.folder, 'refs'))


@pytest.mark.parametrize('harm', [truncate_blobs, remove_blobs, truncate_commits, empty_head, break_config,
                                  remove_refs])
def test_damage_is_told_from_absence_and_made_good(repository, clone, harm):
    commit = repository.commit({'v2/x_v2.py': b'1' * 3000})
    clone.update()
    harm(clone, repository)
    with pytest.raises(DamagedClone):
        clone.read(commit, 'v2/x_v2.py')
    clone.update(fresh=True)
    assert clone.read(commit, 'v2/x_v2.py') == b'1' * 3000


def test_a_pack_that_is_gone_is_damage(repository, clone):
    commit = repository.commit({'v2/%d_v2.py' % number: b'%d\n' % number for number in range(150)})
    clone.update()
    packs = os.path.join(clone.folder, 'objects', 'pack')
    gone = [name for name in os.listdir(packs) if name.endswith('.pack')]
    assert gone
    for name in gone:
        os.chmod(os.path.join(packs, name), 0o600)
        os.unlink(os.path.join(packs, name))
    with pytest.raises(DamagedClone):
        clone.read(commit, 'v2/7_v2.py')
    clone.update()
    assert clone.read(commit, 'v2/7_v2.py') == b'7\n'


def test_a_file_in_the_place_of_the_clone_gives_way(repository, clone):
    commit = repository.commit({'v2/x_v2.py': b'1'})
    os.makedirs(os.path.dirname(clone.folder))
    io.open(clone.folder, 'wb').close()
    clone.update()
    assert clone.read(commit, 'v2/x_v2.py') == b'1'


@pytest.mark.parametrize('left', ['refs/heads/master.lock', 'packed-refs.lock', 'packed-refs.new', 'config.lock',
                                  'shallow.lock', 'objects/pack/tmp_pack_x1', 'objects/pack/tmp_idx_x1'])
def test_what_a_killed_fetch_left_in_a_clone_stops_no_later_one(repository, clone, left):
    repository.commit({'v2/x_v2.py': b'1'})
    repository.git('branch', 'gone')
    clone.update()
    path = os.path.join(clone.folder, *left.split('/'))
    io.open(path, 'wb').close()
    repository.git('branch', '-D', 'gone')
    commit = repository.commit({'v2/x_v2.py': b'2'})
    clone.update()
    assert clone.resolve('master') == commit and 'refs/heads/gone' not in clone.refs()
    assert not os.path.exists(path)


FETCHER = '''
import os, sys, threading
threading.Timer(110, os._exit, [1]).start()
from rig_agent.base.compat import FILE_SYSTEM_ENCODING, to_text
from rig_agent.base.repositories import Repository
Repository(*[to_text(word, FILE_SYSTEM_ENCODING) for word in sys.argv[1:]]).update()
'''


@pytest.mark.skipif(WINDOWS, reason='SIGKILL')
@pytest.mark.parametrize('warm', [False, True])
def test_a_git_that_outlives_its_rig_agent_is_ended_by_the_next(repository, web, tmpdir, warm):
    commit = repository.commit({'v2/x_v2.py': b'1'})
    url = web.put_repository('/scripts', repository)
    clone = Repository(url, repository_folder(to_text(str(tmpdir)), url))
    if warm:
        clone.update()
    web.put_repository('/scripts', repository, delay=60)
    fetcher = subprocess.Popen([sys.executable, '-c', FETCHER] + [to_native(word) for word in (url, clone.folder)])
    started = monotonic()
    while web.at_once < 1 and monotonic() - started < 60:
        time.sleep(0.01)
    fetcher.kill()
    fetcher.wait()
    if warm:  # what git holds while it writes
        io.open(os.path.join(clone.folder, 'packed-refs.lock'), 'wb').close()
    web.put_repository('/scripts', repository)
    assert fetches_into(clone.folder)
    clone.update()
    assert not fetches_into(clone.folder)
    assert clone.read(commit, 'v2/x_v2.py') == b'1'
    assert os.listdir(os.path.dirname(clone.folder)).count(os.path.basename(clone.folder)) == 1


def fetches_into(folder):
    """Whether any git still fetches into this clone, or into one that is staged for its place."""
    for process in psutil.process_iter():
        try:
            words = [to_text(word) for word in process.cmdline()]
        except psutil.Error:
            continue
        if 'fetch' in words and any(word.startswith('--git-dir=' + folder) for word in words):
            return True
    return False


# ------------------------------------------------------------------------------------------------ what is in them

def put_special(repository):
    """A symbolic link and a submodule, beside a file, in v2/."""
    repository.commit({'v2/real_v2.py': b'print(1)\n'})
    link = repository.git('hash-object', '-w', '--stdin', given=b'real_v2.py')
    repository.git('read-tree', 'master')
    for mode, name, object_id in (('120000', 'link_v2.py', link), ('160000', 'sub_v2.py', 'a' * 40)):
        repository.git('update-index', '--add', '--cacheinfo', '%s,%s,v2/%s' % (mode, object_id, name))
    commit = repository.git('commit-tree', '-p', 'master', '-m', 'x', repository.git('write-tree'))
    repository.git('update-ref', 'refs/heads/master', commit)
    return commit


def test_links_and_submodules_are_no_scripts(repository, clone):
    commit = put_special(repository)
    clone.update()
    assert clone.list(commit, 'v2') == {'real_v2.py': blob_id(b'print(1)\n')}
    with pytest.raises(SymbolicLink) as caught:
        clone.read(commit, 'v2/link_v2.py')
    assert 'real_v2.py' in caught.value.found
    for path in ('v2/sub_v2.py', 'v2', 'v2/none.py', 'v3/x.py'):
        with pytest.raises(NotFound):
            clone.read(commit, path)


def merge(repository, ours, theirs, result):
    """Branch off, change x on both sides, merge to `result`: the commits of both sides and of the merge."""
    base = repository.commit({'v2/x_v2.py': b'base'})
    repository.git('branch', 'side')
    one = repository.commit({'v2/x_v2.py': ours})
    repository.git('symbolic-ref', 'HEAD', 'refs/heads/side')
    repository._seconds = 1500000000  # by its own clock it is older than what it was made from
    two = repository.commit({'v2/x_v2.py': theirs})
    blob = repository.git('hash-object', '-w', '--stdin', given=result)
    repository.git('read-tree', one)
    repository.git('update-index', '--cacheinfo', '100644,%s,v2/x_v2.py' % blob)
    merged = repository.git('commit-tree', '-p', one, '-p', two, '-m', 'x', repository.git('write-tree'))
    repository.git('symbolic-ref', 'HEAD', 'refs/heads/master')
    repository.git('update-ref', 'refs/heads/master', merged)
    repository.git('branch', '-D', 'side')
    return base, one, two, merged


def test_versions_of_merges_and_of_lost_sides_are_known(repository, clone):
    base, one, two, merged = merge(repository, b'ours', b'theirs', b'both')
    clone.update()
    history = clone.history('v2/x_v2.py', merged)
    assert {(commit, blob) for commit, _, blob in history} == {
        (base, blob_id(b'base')), (one, blob_id(b'ours')), (two, blob_id(b'theirs')), (merged, blob_id(b'both'))}
    assert (history[0][0], history[-1][0]) == (merged, base)


def test_a_version_that_lost_a_merge_is_known(repository, clone):
    _, _, two, merged = merge(repository, b'ours', b'theirs', b'ours')
    clone.update()
    assert (two, blob_id(b'theirs')) in [(commit, blob) for commit, _, blob in clone.history('v2/x_v2.py', merged)]


def test_a_history_goes_by_descent_not_by_clocks(repository, clone):
    commits = []
    for number, seconds in enumerate((1700000000, 1500000000, 1600000000)):
        repository._seconds = seconds
        commits.append(repository.commit({'v2/x_v2.py': b'%d' % number}))
    clone.update()
    assert [commit for commit, _, _ in clone.history('v2/x_v2.py')] == commits[::-1]


def test_no_setting_of_the_users_git_changes_what_is_read(repository, clone, tmpdir, monkeypatch):
    tmpdir.join('.gitconfig').write('[log]\nshowRoot = false\nshowSignature = true\nfollow = true\n'
                                    '[core]\nautocrlf = true\nquotePath = true\n[diff]\nrenames = copies\n')
    monkeypatch.setenv(str('HOME'), str(tmpdir))
    first = repository.commit({'v2/x_v2.py': b'1\n' * 50, 'v2/\u00e9.py': b'2\n'})
    repository.commit({'v2/x_v2.py': None, 'v2/y_v2.py': b'1\n' * 50})
    clone.update()
    assert [commit for commit, _, _ in clone.history('v2/y_v2.py')] == [clone.resolve('master')]
    assert clone.history('v2/x_v2.py')[-1][::2] == (first, blob_id(b'1\n' * 50))
    assert set(clone.list(first, 'v2')) == {'x_v2.py', '\u00e9.py'}


@pytest.mark.parametrize('warm', [False, True])
def test_settings_that_git_cannot_read_are_told_and_the_clone_stays(repository, clone, tmpdir, monkeypatch, warm):
    commit = repository.commit({'v2/x_v2.py': b'1'})
    if warm:
        clone.update()
    tmpdir.join('.gitconfig').write('[core\n')
    monkeypatch.setenv(str('HOME'), str(tmpdir))
    with pytest.raises(Refused) as caught:
        clone.update()
    assert '.gitconfig' in caught.value.found
    tmpdir.join('.gitconfig').remove()
    assert clone.exists == warm
    assert not [name for name in os.listdir(os.path.dirname(clone.folder)) if STAGED in name]
    assert not warm or clone.read(commit, 'v2/x_v2.py') == b'1'


def test_git_tidies_nothing_away_that_a_lock_file_may_name(repository, clone, tmpdir, monkeypatch):
    """With these settings git would remove at every fetch what no branch holds any more."""
    tmpdir.join('.gitconfig').write('[fetch]\nunpackLimit = 1\n[gc]\nautoPackLimit = 1\nautoDetach = false\n'
                                    'pruneExpire = now\n')
    monkeypatch.setenv(str('HOME'), str(tmpdir))
    repository.commit({'v2/x_v2.py': b'1'})
    lost = repository.commit({'v2/x_v2.py': b'2'})
    clone.update()
    repository.git('reset', '--quiet', '--soft', 'HEAD~1')
    for number in range(3):
        repository.commit({'v2/x_v2.py': b'3%d' % number})
        clone.update()
    assert clone.read(lost, 'v2/x_v2.py') == b'2'


@pytest.mark.skipif(WINDOWS, reason='a shell script stands for gpg')
def test_nothing_is_asked_about_signatures(repository, clone, tmpdir, monkeypatch):
    """`git log` would start the user's gpg for every signed commit."""
    proof, fake = tmpdir.join('proof'), tmpdir.join('gpg')
    fake.write('#!/bin/sh\ntouch %s\n' % proof)
    fake.chmod(0o755)
    tmpdir.join('.gitconfig').write('[log]\nshowSignature = true\n[gpg]\nprogram = %s\n' % fake)
    monkeypatch.setenv(str('HOME'), str(tmpdir))
    first = repository.commit({'v2/x_v2.py': b'1'})
    text = repository.git('cat-file', '-p', first) + '\n'
    signed = text.replace('\n\n', '\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\n', 1)
    commit = repository.git('hash-object', '-t', 'commit', '-w', '--stdin', given=signed.encode('utf-8'))
    repository.git('update-ref', 'refs/heads/master', commit)
    clone.update()
    assert [made for made, _, _ in clone.history('v2/x_v2.py')] == [commit]
    assert not proof.check()


def test_a_file_beyond_the_limit_is_refused_before_it_is_read(repository, clone, monkeypatch):
    monkeypatch.setattr(repositories, 'LARGEST_BLOB', 1000)
    commit = repository.commit({'v2/x_v2.py': b'1' * 1000, 'v2/large_v2.py': b'1' * 1001})
    clone.update()
    assert len(clone.read(commit, 'v2/x_v2.py')) == 1000
    with pytest.raises(Refused) as caught:
        clone.read(commit, 'v2/large_v2.py')
    assert '1001' in caught.value.found


def test_many_files_are_read_in_parts_and_each_is_its_own(repository, clone, monkeypatch):
    monkeypatch.setattr(repositories, 'AT_ONCE', 1000)
    contents = [b'\n' * number + b'%d' % number for number in range(100)] + [b'']
    commit = repository.commit({'v2/%d.py' % number: content for number, content in enumerate(contents)})
    clone.update()
    read = clone.blobs(sorted(clone.list(commit, 'v2').values()))
    assert read == {blob_id(content): content for content in contents}


# ------------------------------------------------------------------------------------------------ addresses

@pytest.mark.parametrize('url', ['https://me:pa/ss@h/x', 'HTTPS://me:pass@h/x', 'ssh://me:pass@h/x',
                                 'https://me:p@ss@h/x'])
def test_a_password_in_an_address_is_refused_however_it_is_written(url, tmpdir):
    with pytest.raises(UsageError) as caught:
        Repository(url, to_text(str(tmpdir)))
    assert 'ss@' not in '%s' % caught.value


def test_a_token_in_an_address_is_never_written_down(repository, web, tmpdir):
    repository.commit({'v2/x_v2.py': b'1'})
    url = web.put_repository('/scripts', repository).replace('http://', 'http://ghp_SECRETSECRETSECRETSECRET@')
    clone = Repository(url, repository_folder(to_text(str(tmpdir)), url))
    clone.update()
    web.close()
    with pytest.raises(Unreachable) as caught:
        clone.update()
    assert 'SECRETSECRET' not in '%s' % caught.value
    for folder, folders, names in os.walk(to_text(str(tmpdir))):
        for name in folders + names:
            assert 'SECRET' not in name
        for name in names:
            with io.open(os.path.join(folder, name), 'rb') as stream:
                assert b'SECRETSECRET' not in stream.read()


def test_a_repository_that_wants_a_login_is_unreachable_at_once(web, tmpdir):
    need_git()
    url = web.put('/scripts')
    web.put('/scripts/info/refs?service=git-upload-pack', b'', status=401,
            headers={'WWW-Authenticate': 'Basic realm="x"'})
    with pytest.raises(Unreachable) as caught:
        Repository(url, repository_folder(to_text(str(tmpdir)), url)).update(timeout=60)
    assert 'log in' in caught.value.advice and caught.value.found


def test_a_repository_by_https_is_never_fetched_by_http(repository, web, tls_web, certificate, tmpdir, monkeypatch):
    """git itself follows redirects, to plain http too, where nobody vouches for the bytes."""
    tmpdir.join('.gitconfig').write('[http]\nsslCAInfo = %s\n' % certificate)
    monkeypatch.setenv(str('HOME'), str(tmpdir))
    commit = repository.commit({'v2/x_v2.py': b'1'})
    url = tls_web.put_repository('/scripts', repository)
    clone = Repository(url, repository_folder(to_text(str(tmpdir)), url))
    clone.update()
    assert clone.read(commit, 'v2/x_v2.py') == b'1'
    tls_web.put('/scripts' + REFS, location=web.put_repository('/scripts', repository) + REFS)
    with pytest.raises(Unreachable):
        clone.update()
    assert web.count() == 0


@pytest.mark.skipif(WINDOWS, reason='a shell script stands for ssh')
def test_ssh_is_told_never_to_ask(repository, tmpdir, monkeypatch):
    """ssh itself is looked for on PATH; ours would wait for an answer unless it is told not to ask."""
    fake = tmpdir.mkdir('bin').join('ssh')
    fake.write('#!/bin/sh\ncase "$*" in\n'
               '*BatchMode=yes*) echo "Permission denied (publickey,password)." >&2; exit 255;;\nesac\nsleep 100\n')
    fake.chmod(0o755)
    monkeypatch.setenv(str('PATH'), str(tmpdir.join('bin')) + os.pathsep + os.environ['PATH'])
    monkeypatch.setenv(str('GIT_SSH_COMMAND'), str('ssh'))
    url, started = 'ssh://me@scripts.invalid/x', monotonic()
    with pytest.raises(Unreachable) as caught:
        Repository(url, repository_folder(to_text(str(tmpdir)), url)).update()
    assert monotonic() - started < 60
    assert 'Could not read from remote' in caught.value.found
