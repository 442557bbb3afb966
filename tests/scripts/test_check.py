"""`rig-agent check`: are the rig's scripts the repository's?"""
from __future__ import absolute_import, unicode_literals

import io
import json
import os
import shutil

import pytest

from rig_agent.base.compat import WINDOWS, to_native
from rig_agent.base.files import md5_of_bytes as md5
from rig_agent.scripts.comparison import Standard, compare, fix
from rig_agent.scripts.places import ScriptsRepository


def scripts(count=30):
    return {'s%02d_v2.py' % number: b'print(%d)\n' % number * 20 for number in range(count)}


@pytest.fixture
def drifted(repository, write, folder):
    """A directory of 30 scripts: one modified, one outdated by three, one with CRLF, one missing, one extra."""
    files = scripts()
    first = repository.commit({'v2/' + name: content for name, content in files.items()})
    for number in range(3):
        repository.commit({'v2/s05_v2.py': b'changed %d\n' % number})
    files['s06_v2.py'] += b'import os\n'
    files['s08_v2.py'] = files['s08_v2.py'].replace(b'\n', b'\r\n')
    del files['s09_v2.py']
    files['mine.py'] = b'print("mine")\n'
    for name, content in files.items():
        write('rig/' + name, content)
    write('rig/picture.stim', b'no script')
    return os.path.join(folder, 'rig'), first


def read(*path):
    with io.open(os.path.join(*path), 'rb') as stream:
        return stream.read()


def test_drift_is_told_apart_and_put_right(online, repository, drifted):
    directory, first = drifted
    ended = online('--json', 'check', '--dir', directory)
    assert ended.code == 1
    told, = ended.json['directories']
    assert told['counts'] == {'same': 26, 'line endings differ': 1, 'outdated': 1, 'newer': 0, 'modified': 1,
                              'missing': 1, 'extra': 1}
    rows = {row['name']: row for row in told['scripts'] if row['state'] != 'same'}
    assert {name: row['state'] for name, row in rows.items()} == {
        's05_v2.py': 'outdated', 's06_v2.py': 'modified', 's08_v2.py': 'line endings differ', 's09_v2.py': 'missing',
        'mine.py': 'extra'}
    assert (rows['s05_v2.py']['commit'], rows['s05_v2.py']['behind']) == (first, 3)
    assert rows['s05_v2.py']['date'].startswith('2023-11-15')
    present = [row for row in told['scripts'] if row['state'] != 'missing']
    assert {row['name']: row['md5'] for row in present} == {
        row['name']: md5(read(directory, row['name'])) for row in present}

    edited = read(directory, 's06_v2.py')
    fixed = online('--json', 'check', '--dir', directory, '--fix')
    assert fixed.code == 0
    row, = [row for row in fixed.json['directories'][0]['scripts'] if row['name'] == 's06_v2.py']
    assert read(row['replaced_kept_as']) == edited
    assert read(directory, 's05_v2.py') == b'changed 2\n'
    assert read(directory, 's08_v2.py') == scripts()['s08_v2.py']
    assert read(directory, 'mine.py') == b'print("mine")\n'

    again = online('check', '--dir', directory)
    assert again.code == 0 and '30 same, 1 extra' in again.out
    assert online('check', '--dir', directory, '--strict').code == 1


def test_people_get_a_table_with_a_diff_on_request(online, drifted):
    ended = online('check', '--dir', drifted[0], '--diff')
    assert ended.code == 1
    assert '3 changes behind' in ended.out and 'never in the repository' in ended.out
    assert '+import os' in ended.out
    assert 'Traceback' not in ended.err


def test_what_cannot_be_kept_is_never_replaced_and_odd_names_are_told(online, repository, write, folder):
    """A script too large to be read, a folder of its name, names that no console or no Windows can take."""
    names = ['big_v2.py', 'folder_v2.py', 'a:b_v2.py', 'con.py', 'dot._v2.py', '\u00e9 b_v2.py', 'zz_v2.py']
    repository.commit({'v2/' + name: b'1\n' for name in names})
    write('rig/folder_v2.py/x', b'')
    with io.open(write('rig/big_v2.py', b''), 'wb') as stream:
        stream.truncate(65 << 20)
    if not WINDOWS:
        for name in (b'esc\x1b[31m.py', b'nl\nx.py', b'\xff\xfe.py'):
            io.open(os.path.join(folder.encode('utf-8'), b'rig', name), 'wb').close()
    ended = online('check', '--dir', 'rig', '--fix')
    assert ended.code == 1, ended
    assert os.path.getsize(os.path.join(folder, 'rig', 'big_v2.py')) == 65 << 20
    assert os.path.isdir(os.path.join(folder, 'rig', 'folder_v2.py'))
    told = [line.split()[:2] for line in ended.out.splitlines() if 'no file that can be read' in line]
    assert [name for state, name in told if state == 'modified'] == ['big_v2.py', 'folder_v2.py']
    assert ended.out.count('cannot be a file name') == 2
    assert [read(folder, 'rig', name) for name in names[-3:]] == [b'1\n'] * 3
    assert not os.path.exists(os.path.join(folder, 'rig', 'con.py'))
    told, = online('--json', 'check', '--dir', 'rig').json['directories']
    rows = {row['name']: row['state'] for row in told['scripts']}
    assert {name for name, state in rows.items() if state == 'missing'} == {'a:b_v2.py', 'con.py'}
    if not WINDOWS:
        assert len([state for state in rows.values() if state == 'extra']) == 3
        assert '\x1b' not in ended.out and 'esc\\x1b[31m.py' in ended.out and 'nl\\x0ax.py' in ended.out


def test_what_stands_there_when_it_is_replaced_is_kept_whatever_was_compared(repository, settings, cache, write, folder):
    """On Windows a script `X_v2.py` stands where `x_v2.py` is missing; anywhere one may be saved in between."""
    names = ['changed_v2.py', 'folder_v2.py', 'missing_v2.py', 'x_v2.py']
    commit = repository.commit({'v2/' + name: b'1\n' for name in names})
    write('rig/changed_v2.py', b'edited\n')
    places = ScriptsRepository(settings, cache.folder)
    places.update()
    standards = {name: Standard(md5sum, blob, commit) for name, (blob, md5sum) in places.listing()[1].items()}
    compared = compare(os.path.join(folder, 'rig'), standards, places, standards, commit)
    write('rig/changed_v2.py', b'edited again\n')
    write('rig/x_v2.py', b'of its own\n')
    write('rig/folder_v2.py/x', b'')
    kept = {item.name: path and read(path) for item, path in fix(compared, standards, places, cache.keep)}
    assert kept == {'changed_v2.py': b'edited again\n', 'missing_v2.py': None, 'x_v2.py': b'of its own\n'}
    assert os.path.isdir(os.path.join(folder, 'rig', 'folder_v2.py'))
    assert [read(folder, 'rig', name) for name in sorted(kept)] == [b'1\n'] * 3


def test_a_link_in_the_repository_is_no_script_and_says_where_it_leads(online, repository, regimen):
    repository.commit({'v2/real_v2.py': b'print(1)\n'})
    repository.commit_link('v2/link_v2.py', 'real_v2.py')
    regimen({'A': ('link_v2.py', None, {})})
    ended = online('cache', 'fetch', '--all')
    assert ended.code == 6 and 'symbolic link' in ended.out and 'real_v2.py' in ended.out
    assert '1 missing' in online('check', '--dir', '.').out


@pytest.mark.parametrize('kind', ['blob', 'tree', 'commit'])
def test_a_clone_that_broke_is_told_offline_and_made_anew_online(online, repository, drifted, regimen, kind):
    online('check', '--dir', drifted[0])
    clones = os.path.join(online.home, 'cache', 'repositories')
    objects, = [os.path.join(clones, name, 'objects') for name in os.listdir(clones)
                if os.path.isdir(os.path.join(clones, name))]
    for folder, _, names in os.walk(objects):
        for name in names:
            if len(name) == 38 and repository.git('cat-file', '-t', os.path.basename(folder) + name) == kind:
                os.chmod(os.path.join(folder, name), 0o600)
                with io.open(os.path.join(folder, name), 'wb') as stream:
                    stream.write(b'x')
    regimen({'A': ('s01_v2.py', None, {})})
    ended = online('--offline', 'check', '--dir', drifted[0])
    assert ended.code == 7 and 'is damaged' in ended.err, ended
    ended = online('--offline', 'cache', 'fetch', '--all')
    assert ended.code == 7 and 'is damaged' in ended.out, ended
    ended = online('check', '--dir', drifted[0])
    assert ended.code == 1 and '26 same' in ended.out, ended
    assert online('cache', 'fetch', '--all').code == 0


def test_a_working_copy_with_autocrlf_differs_in_line_endings_only(online, repository, folder):
    """Guarantee 29: the md5s are of git's bytes, whatever a checkout made of them."""
    repository.commit({'v2/x_v2.py': b'print(1)\n', 'v2/y_v2.py': b'print(2)\r\n'})
    repository.git('-c', 'core.autocrlf=true', 'clone', '--quiet', repository.url, os.path.join(folder, 'rig'))
    assert read(folder, 'rig', 'v2', 'x_v2.py') == b'print(1)\r\n'
    ended = online('--json', 'check', '--dir', os.path.join('rig', 'v2'))
    assert ended.code == 1
    assert {row['name']: row['state'] for row in ended.json['directories'][0]['scripts']} == {
        'x_v2.py': 'line endings differ', 'y_v2.py': 'same'}


def test_git_variables_of_the_environment_change_nothing(processes, drifted, folder):
    """Guarantee 30, through the command."""
    for name in ('GIT_DIR', 'GIT_WORK_TREE', 'GIT_OBJECT_DIRECTORY', 'GIT_INDEX_FILE', 'GIT_NAMESPACE'):
        processes.environment[name] = '/nonexistent'
    processes.environment.update(GIT_CONFIG_COUNT='1', GIT_CONFIG_KEY_0='core.bare', GIT_CONFIG_VALUE_0='nonsense')
    ended = processes('check', '--dir', drifted[0])
    assert ended.code == 1 and '26 same' in ended.out, ended


def test_a_copy_of_unknown_age_says_so(online, repository, drifted):
    online('check', '--dir', drifted[0])
    clones = os.path.join(online.home, 'cache', 'repositories')
    for folder, _, names in os.walk(clones):
        if 'rig_agent.json' in names:
            io.open(os.path.join(folder, 'rig_agent.json'), 'wb').close()
    ended = online('--offline', 'check', '--dir', drifted[0])
    assert ended.code == 1 and 'of an unknown age' in ended.err


def test_without_the_network_it_says_how_old_its_copy_is(online, repository, drifted):
    online('check', '--dir', drifted[0])
    shutil.rmtree(repository.folder)
    for words in (('check',), ('--offline', 'check')):
        ended = online(*(words + ('--dir', drifted[0])))
        assert ended.code == 1 and 'old' in ended.err and '26 same' in ended.out, ended


def test_without_any_copy_it_cannot_tell(online, repository, folder):
    shutil.rmtree(repository.folder)
    assert online('check', '--dir', folder).code == 7


def test_a_directory_that_is_not_there_is_not_found(online, repository):
    repository.commit({'v2/x_v2.py': b'1\n'})
    ended = online('check', '--dir', 'nowhere')
    assert ended.code == 6 and 'nowhere' in ended.err


def test_the_cache_and_the_configured_directories_are_looked_at(online, repository, regimen, write, folder):
    repository.commit({'v2/x_v2.py': b'1\n', 'v2/y_v2.py': b'2\n'})
    regimen({'A': ('x_v2.py', 'x_v2.py', {})})
    write('dev/x_v2.py', b'1\n')
    write('dev/y_v2.py', b'2\n')
    write('rig_agent.yml', 'scripts: {directories: [dev]}\n')
    assert online('cache', 'fetch', '--all').code == 0
    ended = online('--json', 'check')
    assert ended.code == 0, ended
    assert [told['counts']['same'] for told in ended.json['directories']] == [1, 2]
    with io.open(os.path.join(online.home, 'cache', 'v2', 'x_v2.py'), 'ab') as stream:
        stream.write(b'import os\n')
    assert online('check').code == 1
    assert online('check', '--fix').code == 0
    assert read(online.home, 'cache', 'v2', 'x_v2.py') == b'1\n'


def test_what_a_regimen_or_a_lock_file_asserts_is_what_has_to_be_there(online, repository, regimen, write, folder):
    old = repository.commit({'v2/x_v2.py': b'1\n', 'v2/y_v2.py': b'1\n'})
    regimen({'A': ('x_v2.py', md5(b'1\n'), {}), 'B': ('y_v2.py', 'y_v2.py', {})})
    assert online('lock').code == 0
    repository.commit({'v2/x_v2.py': b'2\n', 'v2/y_v2.py': b'2\n'})
    assert online('cache', 'fetch', '--all').code == 0
    assert online('check').code == 0  # both are older than the repository's newest, as was asserted
    write('rig/y_v2.py', b'2\n')
    write('rig/x_v2.py', b'1\n')
    ended = online('--json', 'check', '--dir', 'rig')
    assert ended.code == 1
    assert {row['name']: row['state'] for row in ended.json['directories'][0]['scripts']} == {
        'x_v2.py': 'same', 'y_v2.py': 'newer'}
    assert online('check', '--dir', 'rig', '--fix').code == 0
    assert read(folder, 'rig', 'y_v2.py') == b'1\n'
    assert old


def pinning(content):
    """A lock file in which x_v2.py has these bytes."""
    entry = {'md5': md5(content), 'size': len(content), 'kind': 'v2-name', 'commit': 'c' * 40}
    return json.dumps({'schema': 1, 'regimen': 'T', 'scripts': {'x_v2.py': entry},
                       'stages': {'A': {'script': 'x_v2.py'}}}).encode('ascii')


def test_the_lock_file_that_counts_is_the_one_that_a_run_holds_to(online, repository, regimen, write, folder,
                                                                  monkeypatch):
    for number in range(4):
        repository.commit({'v2/x_v2.py': b'%d\n' % number})
    text = read(regimen({'A': ('x_v2.py', 'x_v2.py', {})}))
    write('regimen.lock.json', pinning(b'0\n'))
    write('lab/regimen.yml', text)
    write('lab/regimen.lock.json', pinning(b'1\n'))
    repository.commit({'regimen.yml': text, 'regimen.lock.json': pinning(b'2\n')})
    monkeypatch.setenv(str('RIG_AGENT_REGIMENS_REPOSITORY'), to_native(repository.url))
    os.mkdir(os.path.join(folder, 'rig'))
    for name, content in ((None, b'0\n'), ('lab', b'1\n'), ('git:master', b'2\n')):
        ended = online('check', '--dir', 'rig', '--fix', *('--regimen', name) if name else ())
        assert ended.code == 0 and read(folder, 'rig', 'x_v2.py') == content, ended
    ended = online('check', '--dir', 'rig', '--regimen', 'lap')
    assert ended.code == 6 and 'no such regimen' in ended.err, ended


def test_a_script_that_is_locked_with_two_md5s_is_still_one_script(online, repository, regimen, folder):
    repository.commit({'v2/x_v2.py': b'1\n'})
    repository.commit({'v2/x_v2.py': b'2\n'})
    regimen({'A': ('x_v2.py', md5(b'2\n'), {}), 'B': ('x_v2.py', md5(b'1\n'), {})})
    assert online('lock').code == 0
    os.mkdir(os.path.join(folder, 'rig'))
    assert online('check', '--dir', 'rig', '--fix').code == 0
    assert os.listdir(os.path.join(folder, 'rig')) == ['x_v2.py']
    assert online('check', '--dir', 'rig').code == 0


def test_bytes_of_another_script_and_removed_scripts_are_recognised(repository, settings, cache, write, folder):
    repository.commit({'v2/a_v2.py': b'a\n', 'v2/b_v2.py': b'b\n', 'v2/gone_v2.py': b'g\n'})
    removed = repository.commit({'v2/gone_v2.py': None})
    for name, content in (('a_v2.py', b'b\n'), ('b_v2.py', b'b\n'), ('gone_v2.py', b'g\n')):
        write('rig/' + name, content)
    places = ScriptsRepository(settings, cache.folder)
    assert places.update()
    commit, listed = places.listing()
    standards = {name: Standard(md5sum, blob, commit) for name, (blob, md5sum) in listed.items()}
    states = {item.name: item for item in compare(os.path.join(folder, 'rig'), standards, places, standards, commit)}
    assert 'the bytes of b_v2.py' in states['a_v2.py'].note
    assert states['b_v2.py'].state == 'same'
    assert states['gone_v2.py'].state == 'extra' and removed


def test_an_outdated_script_with_other_line_endings_is_still_placed(repository, settings, cache, write, folder):
    old = repository.commit({'v2/a_v2.py': b'1\n2\n'})
    repository.commit({'v2/a_v2.py': b'1\n2\n3\n'})
    write('rig/a_v2.py', b'1\r\n2\r\n')
    places = ScriptsRepository(settings, cache.folder)
    places.update()
    commit, listed = places.listing()
    blob, md5sum = listed['a_v2.py']
    standards = {'a_v2.py': Standard(md5sum, blob, commit)}
    item, = compare(os.path.join(folder, 'rig'), standards, places, ['a_v2.py'], commit)
    assert (item.state, item.commit, item.behind) == ('outdated', old, 1)
    assert 'line endings' in item.note


def test_the_listing_follows_every_update(repository, settings, cache):
    repository.commit({'v2/a_v2.py': b'1\n'})
    places = ScriptsRepository(settings, cache.folder)
    places.update()
    assert places.listing()[1]['a_v2.py'][1] == md5(b'1\n')
    commit = repository.commit({'v2/a_v2.py': b'2\n', 'v2/b_v2.py': b'3\n'})
    again = ScriptsRepository(settings, cache.folder)
    again.update()
    assert again.listing()[0] == commit and set(again.listing()[1]) == {'a_v2.py', 'b_v2.py'}
