"""Clones of real repositories: their bytes, their history, their accidents (guarantees 24, 25, 29, 30)."""
from __future__ import absolute_import, unicode_literals

import io
import os
import shutil
import threading

import pytest

from rig_agent.base import compat, gitprocess
from rig_agent.base.compat import WINDOWS, monotonic, to_text
from rig_agent.base.errors import NotFound, Unreachable, UsageError
from rig_agent.base.files import STAGED, write_json
from rig_agent.base.files import git_blob_id as blob_id
from rig_agent.base.locks import held
from rig_agent.base.repositories import STATE, DamagedClone, Repository, repository_folder
from servers import need_git


@pytest.fixture
def clone(repository, tmpdir):
    cache = os.path.join(to_text(str(tmpdir)), 'c\u00e2che')
    return Repository(repository.url, repository_folder(cache, repository.url))


def test_files_are_read_byte_for_byte_at_any_commit(repository, clone):
    crlf, binary = b'print(1)\r\nprint(2)\n', bytes(bytearray(range(256)))
    first = repository.commit({'v2/x_v2.py': crlf, 'v2/b.bin': binary})
    second = repository.commit({'v2/x_v2.py': b'other'})
    clone.update()
    assert clone.read(first, 'v2/x_v2.py') == crlf
    assert clone.read(first, 'v2/b.bin') == binary
    assert clone.read(second, 'v2/x_v2.py') == b'other'


def test_refs_are_tags_branches_and_commits(repository, clone):
    first = repository.commit({'v2/x_v2.py': b'1'})
    repository.git('tag', '-a', '-m', 'a tag', 'v1.0')
    repository.git('branch', 'rig/test')
    second = repository.commit({'v2/x_v2.py': b'2'})
    clone.update()
    assert [clone.resolve(ref) for ref in ('v1.0', 'rig/test', first, first[:10])] == [first] * 4
    assert clone.resolve('master') == second


@pytest.mark.parametrize('ref', ['mastr', 'v9', '0' * 40, 'abcdef1', '--help', 'a b', ''])
def test_a_ref_that_is_not_there_is_not_found(repository, clone, ref):
    repository.commit({'v2/x_v2.py': b'1'})
    clone.update()
    with pytest.raises(NotFound) as caught:
        clone.resolve(ref)
    assert caught.value.exit_code == 6


def test_a_listing_names_files_with_blobs_and_no_folders(repository, clone):
    commit = repository.commit({'v2/x_v2.py': b'1', 'v2/deeper/y.py': b'2', 'v2/\u00e9.py': b'3', 'other.py': b'4'})
    clone.update()
    assert clone.list(commit, 'v2') == {'x_v2.py': blob_id(b'1'), '\u00e9.py': blob_id(b'3')}
    with pytest.raises(NotFound):
        clone.list(commit, 'v3')


def test_a_history_is_newest_first_with_removals(repository, clone):
    commits = [repository.commit({'v2/x_v2.py': content}) for content in (b'1', b'2', None, b'1')]
    repository.commit({'other.py': b'1'})
    clone.update()
    history = clone.history('v2/x_v2.py')
    assert [(commit, blob) for commit, _, blob in history] == list(zip(
        reversed(commits), [blob_id(b'1'), None, blob_id(b'2'), blob_id(b'1')]))
    assert history[0][1] == '2023-11-18T22:13:20.000Z'


def test_an_update_brings_what_is_new_and_says_when(repository, clone):
    repository.commit({'v2/x_v2.py': b'1'})
    clone.update()
    before = clone.fetched_at
    second = repository.commit({'v2/x_v2.py': b'2'})
    clone.update()
    assert clone.resolve('master') == second
    assert clone.fetched_at > before


def test_when_the_repository_is_away_the_clone_stays(repository, clone):
    commit = repository.commit({'v2/x_v2.py': b'1'})
    clone.update()
    before = clone.fetched_at
    shutil.rmtree(repository.folder)
    with pytest.raises(Unreachable):
        clone.update()
    assert clone.read(commit, 'v2/x_v2.py') == b'1'
    assert clone.fetched_at == before


def test_when_there_never_was_one_nothing_is_left(clone, repository):
    shutil.rmtree(repository.folder)
    with pytest.raises(Unreachable):
        clone.update()
    assert not clone.exists
    assert [name for name in os.listdir(os.path.dirname(clone.folder)) if STAGED in name] == []


def test_what_a_killed_clone_left_is_swept(repository, clone):
    repository.commit({'v2/x_v2.py': b'1'})
    os.makedirs(clone.folder + STAGED + 'dead')
    clone.update()
    assert not os.path.exists(clone.folder + STAGED + 'dead')


def test_after_a_force_push_both_the_new_and_the_recorded_commit_are_there(repository, clone):
    repository.commit({'v2/x_v2.py': b'1'})
    lost = repository.commit({'v2/x_v2.py': b'2'})
    clone.update()
    repository.git('reset', '--quiet', '--hard', 'HEAD~1')
    new = repository.commit({'v2/x_v2.py': b'3'})
    clone.update()
    assert clone.resolve('master') == new
    assert clone.read(clone.resolve(lost), 'v2/x_v2.py') == b'2'


def test_a_commit_that_no_branch_holds_is_fetched_by_its_id(repository, clone):
    repository.commit({'v2/x_v2.py': b'1'})
    lost = repository.commit({'v2/x_v2.py': b'2'})
    repository.git('reset', '--quiet', '--hard', 'HEAD~1')
    repository.git('config', 'uploadpack.allowAnySHA1InWant', 'true')
    clone.update(commit=lost)
    assert clone.read(lost, 'v2/x_v2.py') == b'2'


def test_when_the_default_branch_moved_the_branches_there_are_named(repository, clone):
    repository.commit({'v2/x_v2.py': b'1'})
    clone.update()
    repository.git('branch', '-m', 'master', 'main')
    clone.update()
    with pytest.raises(NotFound) as caught:
        clone.resolve('master')
    assert 'main' in caught.value.found


def test_an_empty_repository_says_so(clone):
    clone.update()
    with pytest.raises(NotFound) as caught:
        clone.resolve('master')
    assert 'empty' in caught.value.what


def break_objects(clone):
    for folder, _, names in os.walk(os.path.join(clone.folder, 'objects')):
        for name in names:
            os.chmod(os.path.join(folder, name), 0o600)
            with io.open(os.path.join(folder, name), 'wb') as stream:
                stream.write(b'garbage')


def test_a_clone_with_broken_objects_is_told_and_made_anew(repository, clone):
    commit = repository.commit({'v2/x_v2.py': b'1' * 5000})
    clone.update()
    break_objects(clone)
    with pytest.raises(DamagedClone):
        clone.read(commit, 'v2/x_v2.py')
    clone.update(fresh=True)
    assert clone.read(commit, 'v2/x_v2.py') == b'1' * 5000


def test_an_update_heals_a_broken_clone(repository, clone):
    repository.commit({'v2/x_v2.py': b'1'})
    clone.update()
    break_objects(clone)
    commit = repository.commit({'v2/x_v2.py': b'2'})
    clone.update()
    assert clone.read(commit, 'v2/x_v2.py') == b'2'


def test_an_object_in_the_place_of_another_is_noticed(repository, clone):
    commit = repository.commit({'v2/x_v2.py': b'honest', 'v2/y_v2.py': b'forged'})
    clone.update()
    paths = [os.path.join(clone.folder, 'objects', blob_id(content)[:2], blob_id(content)[2:])
             for content in (b'honest', b'forged')]
    os.chmod(paths[0], 0o600)
    shutil.copy(paths[1], paths[0])
    with pytest.raises(DamagedClone):
        clone.read(commit, 'v2/x_v2.py')


def test_what_another_process_fetched_while_we_waited_is_not_fetched_again(repository, clone):
    repository.commit({'v2/x_v2.py': b'1'})
    clone.update()
    waiting = threading.Event()
    other, failed = Repository(repository.url, clone.folder, say=lambda line: waiting.set()), []

    def update():
        try:
            other.update()
        except Unreachable as error:
            failed.append(error)
    with held(clone.folder + '.lock', 'tests'):
        worker = threading.Thread(target=update)
        worker.start()
        assert waiting.wait(30)
        shutil.rmtree(repository.folder)
        write_json(os.path.join(clone.folder, STATE), {'fetched_at': '2030-01-01T00:00:00.000Z'})
    worker.join(30)
    assert failed == []


def test_git_variables_of_the_environment_are_ignored_and_kept(repository, clone, monkeypatch):
    for name in ('GIT_DIR', 'GIT_OBJECT_DIRECTORY', 'GIT_WORK_TREE', 'GIT_CONFIG_GLOBAL', 'GIT_PYTHON_GIT_EXECUTABLE'):
        monkeypatch.setenv(str(name), str('/nonexistent'))
    monkeypatch.setenv(str('GIT_CONFIG_COUNT'), str('nonsense'))
    commit = repository.commit({'v2/x_v2.py': b'1'})
    clone.update()
    assert clone.read(commit, 'v2/x_v2.py') == b'1'
    assert os.environ['GIT_DIR'] == '/nonexistent'


def test_once_git_is_known_starting_it_changes_nothing_that_other_threads_read(repository, clone, monkeypatch):
    """One thread cannot read os.environ while another changes it; the command sets `GIT_*` aside before it has any."""
    for name in compat.git_variables():
        monkeypatch.delenv(name)
    repository.commit({'v2/x_v2.py': b'1'})
    clone.update()
    seen, execute, before = [], gitprocess._execute, dict(os.environ)
    monkeypatch.setattr(gitprocess, '_execute', lambda *words: (seen.append(dict(os.environ)), execute(*words))[1])
    clone.update()
    assert seen and all(variables == before for variables in seen) and dict(os.environ) == before


def test_no_hook_and_no_external_transport_is_run(repository, clone, tmpdir):
    repository.commit({'v2/x_v2.py': b'1'})
    clone.update()
    proof = tmpdir.join('proof')
    for hook in ('post-update', 'reference-transaction', 'post-checkout'):
        path = os.path.join(clone.folder, 'hooks', hook)
        if not os.path.isdir(os.path.dirname(path)):
            os.makedirs(os.path.dirname(path))
        with io.open(path, 'wb') as stream:
            stream.write(b'#!/bin/sh\ntouch %s\n' % str(proof).encode('ascii'))
        os.chmod(path, 0o755)
    repository.commit({'v2/x_v2.py': b'2'})
    clone.update()
    assert not proof.check()
    with pytest.raises(UsageError):
        Repository('ext::touch %s' % proof, clone.folder)


def test_a_repository_that_never_answers_ends_in_bounded_time(tmpdir, repository):
    import socket
    silent = socket.socket()
    silent.bind((str('127.0.0.1'), 0))
    silent.listen(5)
    url = 'http://127.0.0.1:%d/scripts' % silent.getsockname()[1]
    started = monotonic()
    with pytest.raises(Unreachable):
        Repository(url, repository_folder(to_text(str(tmpdir)), url)).update(timeout=0.5)
    assert monotonic() - started < 10
    silent.close()


@pytest.mark.parametrize('url', ['https://user:secret@h/x', '--upload-pack=touch x', '', 'ext::sh -c x'])
def test_addresses_with_a_password_or_an_option_are_refused(url, tmpdir):
    with pytest.raises(UsageError) as caught:
        Repository(url, str(tmpdir))
    assert 'secret' not in '%s' % caught.value


def test_two_addresses_never_share_a_folder():
    urls = ['https://h/a', 'https://h/a/', 'http://h/a', 'h/a', 'https://h/a?b', 'C:\\a', 'https://h/' + 'long' * 50]
    folders = [repository_folder('cache', url) for url in urls]
    assert len(set(folders)) == len(urls)
    assert all(len(os.path.basename(folder)) < 80 for folder in folders)


def test_without_git_the_message_says_so(monkeypatch, clone):
    monkeypatch.setenv(str('PATH'), str('/nonexistent'))
    with pytest.raises(Unreachable) as caught:
        clone.update()
    assert 'git is not installed' in caught.value.what


def test_a_git_that_cannot_be_started_is_said_to_be_so(monkeypatch, clone, tmpdir):
    """Such as a broken one, or one that an antivirus holds back; the cache is not to blame."""
    fake = tmpdir.join('git.exe' if WINDOWS else 'git')
    fake.write('neither a program nor a script')
    fake.chmod(0o755)
    monkeypatch.setenv(str('PATH'), str(tmpdir))
    with pytest.raises(Unreachable) as caught:
        clone.update()
    assert caught.value.what == 'git cannot be started' and caught.value.where == str(fake), caught.value


def test_git_is_not_taken_from_the_current_folder(monkeypatch, tmpdir):
    need_git()
    fake = tmpdir.join('git.exe' if WINDOWS else 'git')
    fake.write('#!/bin/sh\n')
    fake.chmod(0o755)
    monkeypatch.chdir(tmpdir)
    monkeypatch.setenv(str('PATH'), str(os.pathsep + '.' + os.pathsep) + os.environ['PATH'])
    assert os.path.isabs(gitprocess.find_git()) and os.path.dirname(gitprocess.find_git()) != str(tmpdir)
