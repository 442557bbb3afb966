"""Sessions handed over: whole, verified, without secrets, and again after any interruption."""
from __future__ import absolute_import, unicode_literals

import contextlib
import io
import json
import os
import random
import subprocess
import sys
import time
import zipfile

import pytest

import support
from rig_agent.base.compat import PY2, WINDOWS, json_text, to_native, to_text
from rig_agent.base.files import STAGED, md5_of_bytes, md5_of_file
from rig_agent.base.masking import mask_bytes
from rig_agent.reports import bundle, material, transfer
from rig_agent.reports.outbox import Outbox
from rig_agent.rig import configuration
from rig_agent.sessions import record
from rig_agent.sessions.request import SessionRequest
from terminals import Terminal

# The kinds of secrets, each as it stands somewhere in a session; {} is the secret itself.
KINDS = ['https://jane:{}@host.example/x.py', 'https://host.example/raw/x.py?token={}&at=1', 'Authorization: Bearer {}',
         'Cookie: session={}', '"password": "{}"', 'MTRAIN_PASSWORD={}', '--api-key {}', "{{u'client_secret': u'{}'}}",
         'curl -u jane:{} https://h', 'Authorization: AWS4-HMAC-SHA256 Credential=x, Signature={}',
         'redis://:{}@h:6379/0', 'Server=db;User Id=sa;Password={};', '<add key="ApiToken" value="{}"/>',
         'auth=("jane", "{}")', '--password={}',
         'Set-Cookie: session={}; Path=/', '{{"sessionToken": "{}"}}', 'machine h login jane password {}', 'DBPASS={}',
         'https://h/x?sv=1&sig={}', '-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----',
         'AWS_SECRET_ACCESS_KEY={}', 'AccountKey={};EndpointSuffix=x', 'LAB_KEY={}', 'passphrase: {}']
SHAPES = ['ghp_' + 'a1B2' * 9, 'AKIA' + 'Q' * 16, 'xoxb-123456789012-abcdefghij',
          'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl']


def secret(number):
    return 'Planted%02dq8Zr' % number


@pytest.fixture
def make_session(agent):
    """make_session(parameters, files) writes an ended session, as the keeper leaves one; returns its folder."""
    def make(parameters=None, files=None, environment=None, state='ended', ended=None):
        make.count += 1
        values = configuration.defaults()
        values['home'] = agent.home
        settings = configuration.Configuration(values, dict.fromkeys(values, 'default'))
        name = '2611230700%02d_stage_%08x' % (make.count, make.count)
        folder = os.path.join(agent.home, 'sessions', name)
        os.makedirs(folder)
        request = SessionRequest('stage', [{'role': 'main', 'name': 's.py', 'found_md5': '0' * 32}], parameters or {},
                                 environment=environment)
        found = record.new('%08x' % make.count * 4, folder, request, settings)
        found.update(state=state, outcome='completed' if state == 'ended' else None, reason='exit code 0')
        found['times'].update(ended=ended or '2026-11-23T08:00:00.000Z', started='2026-11-23T07:00:00.000Z',
                              duration_s=1.0)
        contents = {'session.json': json_text(found), 'params.json': json_text(parameters or {}),
                    'stdout.log': 'hello\n', 'stderr.log': '',
                    'events.jsonl': '{"at": "2026-11-23T07:00:00.000Z", "event": "running"}\n'}
        contents.update(files or {})
        for inside, content in contents.items():
            path = os.path.join(folder, *inside.split('/'))
            if not os.path.isdir(os.path.dirname(path)):
                os.makedirs(os.path.dirname(path))
            with io.open(path, 'wb') as stream:
                stream.write(content if isinstance(content, bytes) else content.encode('utf-8'))
        return folder
    make.count = 0
    return make


@pytest.fixture
def share(folder):
    path = os.path.join(folder, 'share')
    os.mkdir(path)
    return path


@contextlib.contextmanager
def deep_folder(folder):
    """A folder so far below this one that no path leads there, with a file in it."""
    deep = ('import os\nfor _ in range(21):\n    os.mkdir("d" * 200)\n    os.chdir("d" * 200)\n'
            'open("data.pkl", "w").close()')
    subprocess.check_call([sys.executable, '-c', deep], cwd=to_native(folder))
    try:
        yield
    finally:
        subprocess.call(['rm', '-rf', to_native(os.path.join(folder, 'd' * 200))])


def everything_below(folder):
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            with io.open(os.path.join(place, name), 'rb') as stream:
                found[os.path.relpath(os.path.join(place, name), folder).replace(os.sep, '/')] = stream.read()
    return found


@pytest.fixture
def planted(make_session):
    """A session with a secret of every kind in its parameters, environment, arguments, script and output."""
    lines = [kind.format(secret(number)) for number, kind in enumerate(KINDS)] + SHAPES
    output = ('\n'.join(lines) + '\nof the environment: ' + secret(56) + '\nnow alone: ' + secret(50) + '\n').encode('utf-8') + b'\xff\xfe\n'
    return make_session(
        {'url': lines[1], 'lab_password': secret(50), 'nested': [{'api_token': secret(51)}],
         'argv': ['--token', secret(52)]},
        {'stdout.log': output, 'stderr.log': output * 2, 'script.py': output, 'keeper.log': output,
         'request.json': json_text({'start': {'argv': ['python', 's.py', '--password', secret(53)],
                                              'environment': {'RIG_KEY': secret(54), 'URL': lines[0]}}}),
         'events.jsonl': json.dumps({'text': '\n'.join(lines)}) + '\n'},
        environment={'GITHUB_TOKEN': secret(55)})


def survivors(content):
    planted_secrets = [secret(number) for number in list(range(len(KINDS))) + list(range(50, 57))] + SHAPES
    return [one for one in planted_secrets if one.encode('utf-8') in content]


def test_no_planted_secret_of_any_kind_survives_in_a_zip(agent, planted, write):
    write('rig_agent.yml', 'report: {url: "https://u:%s@h/"}\n' % secret(0))
    ended = agent('logs', 'collect', '--offline', '--output', 'out.zip', environment={'LAB_TOKEN': secret(56)})
    assert ended.code == 0, ended
    with zipfile.ZipFile(os.path.join(agent.folder, 'out.zip')) as opened:
        assert opened.testzip() is None
        for name in opened.namelist():
            assert survivors(opened.read(name)) == [], name
        printed = [name for name in opened.namelist() if name.endswith('stdout.log')]
        assert opened.read(printed[0]).endswith(b'now alone: ***\n\xff\xfe\n')
        [request] = [name for name in opened.namelist() if name.endswith('request.json')]
        json.loads(opened.read(request).decode('ascii'))


def test_no_planted_secret_of_any_kind_survives_in_the_texts_of_a_share(agent, planted, share):
    assert agent('logs', 'collect', '--to', share, environment={'LAB_TOKEN': secret(56)}).code == 0
    for name, content in everything_below(share).items():
        assert survivors(content) == [], name


def test_a_secret_of_the_environment_may_hold_slashes_or_begin_with_one_and_a_path_is_none(agent, make_session, share):
    secrets, path = {'LAB_SECRET': 'wJalrXUtn/K7MDENG', 'LAB_TOKEN': '/bPxRfiCYEXAMPLE=='}, agent.home
    make_session(files={'stdout.log': 'it read %s, %s and %s\n' % (secrets['LAB_SECRET'], secrets['LAB_TOKEN'], path)})
    environment = dict(secrets, LAB_KEY_STORE=path)
    assert agent('logs', 'collect', '--to', share, environment=environment).code == 0
    assert agent('logs', 'collect', '--offline', '--output', 'out.zip', environment=environment).code == 0
    found = everything_below(share)
    with zipfile.ZipFile(os.path.join(agent.folder, 'out.zip')) as opened:
        found.update({name: opened.read(name) for name in opened.namelist()})
    assert len([name for name in found if name.endswith('page.html')]) == 1
    for name, content in found.items():
        assert not any(one.encode('ascii') in content for one in secrets.values()), name
        if name.endswith('stdout.log'):
            assert content == ('it read ***, *** and %s\n' % path).encode('utf-8')


def test_a_zip_has_a_manifest_of_md5s_an_index_the_configuration_and_the_doctor(agent, make_session):
    folder = make_session(files={'output/data.pkl': b'\x80\x02}q\x00.'})
    ended = agent('logs', 'collect', '--offline', '--output', 'out.zip', '--json')
    assert ended.code == 0 and ended.json['sessions'] == 1
    with zipfile.ZipFile(ended.json['file']) as opened:
        manifest = json.loads(opened.read('manifest.json').decode('utf-8'))
        names = set(opened.namelist())
        assert names == set(manifest['files']) | {'manifest.json'}
        for name, part in manifest['files'].items():
            assert md5_of_bytes(opened.read(name)) == part['md5']
        inside = 'sessions/%s/' % os.path.basename(folder)
        assert {'index.html', 'configuration.json', 'doctor.json', inside + 'session.json', inside + 'page.html',
                inside + 'events.jsonl'} <= names
        assert manifest['left_out'][inside + 'output/data.pkl']['reason'] == 'not text'
        assert any(one['name'] == 'camstim' for one in json.loads(opened.read('doctor.json').decode('utf-8')))
        assert (inside + 'page.html').encode('ascii') in opened.read('index.html')
    assert agent('logs', 'collect', '--output', 'out.zip').code == 4
    assert [name for name in os.listdir(agent.folder) if 'staged' in name] == []


def test_documents_in_a_zip_are_masked_by_their_keys_and_by_what_is_known(agent, folder):
    path = os.path.join(folder, 'x.zip')
    bundle.write_bundle(path, [], {'x.json': {'password': 'abc', 'text': 'hunter2hunter2 alone'}}, agent.home,
                        ['hunter2hunter2'])
    with zipfile.ZipFile(path) as opened:
        assert json.loads(opened.read('x.json').decode('ascii')) == {'password': '***', 'text': '*** alone'}


def test_a_zip_that_cannot_be_finished_leaves_nothing_behind(agent, folder):
    os.mkdir(os.path.join(agent.home, 'logs'))
    with io.open(os.path.join(agent.home, 'logs', 'a.log'), 'wb') as stream:
        stream.write(b'x')
    with pytest.raises(KeyboardInterrupt):
        bundle.write_bundle(os.path.join(folder, 'x.zip'), [], {}, agent.home, on_bytes=_interrupted)
    assert os.listdir(folder) == []


@pytest.fixture
def small_disk(tmpdir):
    with support.small_disk(os.path.join(str(tmpdir), 'small'), '1m') as place:
        yield to_text(place)


@pytest.mark.parametrize('log', [b'frame ok\n' * 200000, os.urandom(600000), os.urandom(513000)],
                         ids=['no room for a file', 'no room for the zip', 'no room for its end'])
def test_on_a_full_disk_no_log_is_dropped_but_the_zip_is_refused_and_nothing_of_it_stays(agent, make_session,
                                                                                        small_disk, log):
    make_session(files={'stdout.log': log})
    ended = agent('logs', 'collect', '--offline', '--output', os.path.join(small_disk, 'out.zip'))
    assert ended.code == 2 and 'The zip cannot be written' in ended.err and 'No space left' in ended.err, ended
    assert os.listdir(small_disk) == []


@pytest.mark.skipif(WINDOWS, reason='a folder that nobody can list by its path, the superuser neither')
def test_what_cannot_be_read_is_said_and_named_in_the_manifest(agent, make_session):
    folder = make_session()
    with deep_folder(folder):
        ended = agent('logs', 'collect', '--offline', '--output', 'out.zip', '--json')
    [problem] = ended.json['problems']
    assert ended.code == 1 and 'not readable: File name too long' in problem and 'not in the zip: ' in ended.err
    with zipfile.ZipFile(os.path.join(agent.folder, 'out.zip')) as opened:
        left_out = json.loads(opened.read('manifest.json').decode('utf-8'))['left_out']
    assert ['%s: %s' % (name, part['reason']) for name, part in left_out.items()] == [problem]


def test_a_text_that_cannot_be_read_to_its_end_is_left_out_of_the_zip(agent, make_session, folder, monkeypatch):
    def breaks_off(path):
        yield b'half'
        raise EnvironmentError(5, 'Input/output error')
    session = make_session()
    monkeypatch.setattr(material, 'blocks', breaks_off)
    manifest = bundle.write_bundle(os.path.join(folder, 'x.zip'), [session], {}, agent.home)
    name = 'sessions/%s/stdout.log' % os.path.basename(session)
    assert name not in manifest['files'] and manifest['left_out'][name]['reason'] == 'not readable: Input/output error'


def _interrupted(count):
    raise KeyboardInterrupt()


def test_what_a_kill_left_of_a_zip_is_swept_by_the_next_one(agent, make_session, write):
    left = write('rig_agent_logs_x_1.zip%s12345678' % STAGED, 'half')
    young = write('rig_agent_logs_x_2.zip%s12345678.part' % STAGED, 'half')
    other = write('mine.zip%s12345678' % STAGED, 'somebody else')
    os.utime(left, (1, 1))
    os.utime(other, (1, 1))
    assert agent('logs', 'collect', '--offline').code == 0
    assert [os.path.exists(path) for path in (left, young, other)] == [False, True, True]


def test_a_bundle_of_one_python_opens_on_another(agent, make_session):
    """Names outside ASCII and the zip's own format are the same for both."""
    make_session(files={'v\u00e9rit\u00e9.log': 'x\n'})
    assert agent('logs', 'collect', '--offline', '--output', 'out.zip').code == 0
    other = os.environ.get('RIG_AGENT_OTHER_PYTHON', sys.executable)
    out = subprocess.check_output([other, '-c', 'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1])\n'
                                   'print(z.testzip())\n'
                                   'print(any(u"v\\u00e9rit\\u00e9.log" in n for n in z.namelist()))',
                                   to_native(os.path.join(agent.folder, 'out.zip'))])
    assert out.split() == [b'None', b'True']


def test_sessions_are_selected_by_mouse_day_outcome_and_id(agent, make_session):
    first, second = make_session(), make_session()
    chosen = agent('logs', 'collect', '--id', os.path.basename(first), '--offline', '--output', 'a.zip', '--json')
    assert chosen.json['sessions'] == 1
    for words, count in ((['--since', '2026-11-24'], 0), (['--outcome', 'failed'], 0), (['--until', '2026-11-23'], 2),
                         (['--mouse', '1'], 0), (['--stage', 'stage'], 2)):
        path = '%s.zip' % '_'.join(words).strip('-')
        assert agent('logs', 'collect', '--offline', '--json', '--output', path, *words).json['sessions'] == count
    assert agent('logs', 'collect', '--id', 'no-such').code == 6


def test_blocks_are_masked_as_the_whole_would_be_wherever_the_cut_falls(monkeypatch):
    monkeypatch.setattr(material, 'BLOCK', 1 << 16)
    monkeypatch.setattr(material, 'CONTEXT', 1 << 12)
    part = b'frame 12 vsync ok\npassword: hunter2hunter2 \xff\xfe\n' + b'x' * 300 + b' token=abcdefghij '
    whole = part * 700
    for size in (1 << 16, 33333):
        blocks = [whole[start:start + size] for start in range(0, len(whole), size)]
        assert b''.join(material.masked(blocks)) == mask_bytes(whole)
    line = b'w' * 300000 + b' token=abcdefghij'
    assert b''.join(material.masked([line])) == mask_bytes(line)
    for before in range(0, 17, 4):  # one line that is nothing but secrets: at no place may a cut go through one
        line = b'x' * before + b' token=abcdefghij' * 9000
        assert b''.join(material.masked([line])) == mask_bytes(line)
    key = b'-----BEGIN PRIVATE KEY-----\n' + b'MIIabcdefghij\n' * 90 + b'-----END PRIVATE KEY-----\n'
    assert b'MII' not in b''.join(material.masked([b'frame ok\n' * 3000 + key * 60]))


@pytest.mark.skipif(WINDOWS, reason='holes in files')
def test_what_was_dropped_from_a_log_is_one_line_not_gigabytes_of_zeros(write):
    path = write('stdout.log', '')
    with io.open(path, 'r+b') as stream:
        stream.seek(3 << 30)
        stream.write(b'the end\n')
    content = b''.join(material.blocks(path))
    assert len(content) < 10000 and content.endswith(b'the end\n') and b'bytes were dropped' in content


@pytest.mark.skipif(WINDOWS, reason='links and pipes of POSIX')
def test_links_and_pipes_that_a_script_leaves_are_not_followed(make_session, write):
    folder = make_session()
    os.symlink(write('private', 'x'), os.path.join(folder, 'link.log'))
    os.mkfifo(os.path.join(folder, 'pipe.log'))
    assert {entry.name for entry in material.entries(folder)} & {'link.log', 'pipe.log'} == set()


# ------------------------------------------------------------------------------------------------ a share

def check_copy(share, folders):
    """Every file of every session is there, as its note says, and nothing else is."""
    [computer] = os.listdir(share)
    found = everything_below(os.path.join(share, computer))
    expected = set()
    for folder in folders:
        name = os.path.basename(folder)
        copied = json.loads(found[name + '/copied.json'].decode('utf-8'))['files']
        assert set(copied) == {entry.name for entry in material.entries(folder)}
        for inside, part in copied.items():
            assert md5_of_bytes(found[name + '/' + inside]) == part['md5']
            expected.add(name + '/' + inside)
        expected.add(name + '/copied.json')
    assert set(found) == expected
    return found


def test_outputs_are_copied_byte_for_byte_and_a_second_run_copies_only_what_is_new(agent, make_session, share):
    data = bytes(bytearray(range(256))) * 100 + b'password=hunter2hunter2'
    folders = [make_session(files={'output/data.pkl': data}), make_session()]
    first = agent('logs', 'collect', '--to', share, '--json')
    assert first.code == 0 and first.json['copied'] == 11 and first.json['unchanged'] == 0
    found = check_copy(share, folders)
    assert found[os.path.basename(folders[0]) + '/output/data.pkl'] == data
    folders.append(make_session())
    with io.open(os.path.join(folders[1], 'stdout.log'), 'ab') as stream:
        stream.write(b'more\n')
    second = agent('logs', 'collect', '--to', share, '--json')
    assert second.json['copied'] == 6 and second.json['unchanged'] == 10
    check_copy(share, folders)


@pytest.mark.skipif(WINDOWS, reason='kill -9')
def test_killed_at_30_random_moments_and_run_again_a_copy_is_complete_with_nothing_stray(agent, make_session, share):
    kills = 30
    noise = bytes(bytearray(random.randrange(256) for _ in range(4096)))
    folders = [make_session(files={'output/data.pkl': noise * 100, 'stdout.log': b'frame ok\n' * 10000})
               for _ in range(4)]
    begun = time.time()
    assert agent('logs', 'collect', '--to', share).code == 0
    whole = time.time() - begun
    interrupted = 0
    for _ in range(kills):
        for name in sorted(everything_below(share)):
            if random.random() < 0.3:  # so that there is always something left to copy
                os.unlink(os.path.join(share, *name.split('/')))
        process = agent.start('logs', 'collect', '--to', share)
        time.sleep(random.uniform(0.3, 1.0) * whole)
        if process.poll() is None:
            interrupted += 1
            process.kill()
        else:
            whole *= 0.8  # it was measured while the machine had more to do
        process.communicate()
        for name, content in everything_below(share).items():
            if not name.endswith('copied.json') and 'staged' not in name:
                original = os.path.join(agent.home, 'sessions', *name.split('/')[1:])
                assert len(content) == os.path.getsize(original) or name.endswith('.json')
    assert interrupted >= kills // 6
    assert agent('logs', 'collect', '--to', share).code == 0
    check_copy(share, folders)


def test_a_share_that_is_not_there_is_one_clear_error_and_is_not_made(agent, make_session):
    folder = make_session()
    ended = agent('logs', 'collect', '--to', os.path.join(agent.folder, 'not', 'mounted'), '--prune', '0s')
    assert ended.code == 6 and 'Nothing was copied' in ended.err and len(ended.err.splitlines()) < 6
    assert not os.path.exists(os.path.join(agent.folder, 'not')) and os.path.isdir(folder)


def test_a_share_that_hangs_is_given_up(share):
    with pytest.raises(transfer.Unreachable) as caught:
        transfer.bounded(lambda: time.sleep(60), share, limit=0.3)
    assert share in to_text(str(caught.value)) if not isinstance(share, type('')) else caught.value.where == share


@pytest.mark.skipif(WINDOWS or not os.path.exists('/dev/full'), reason='a device that is always full')
def test_a_share_that_cannot_be_written_is_exit_7_and_nothing_is_removed(agent, make_session, share):
    folder = make_session()
    with io.open(os.path.join(share, 'TEST.1-Stim'), 'wb'):
        pass  # a file where the folder of this rig should be
    ended = agent('logs', 'collect', '--to', share, '--prune', '0s')
    assert ended.code == 7 and 'nothing was removed' in ended.err and os.path.isdir(folder)


def test_prune_removes_only_what_is_ended_old_enough_and_verified(agent, make_session, share):
    old, young = make_session(ended='2020-01-01T00:00:00.000Z'), make_session(ended='2999-01-01T00:00:00.000Z')
    open_one = make_session(state='running')
    ended = agent('logs', 'collect', '--to', share, '--prune', '1d', '--json')
    assert ended.json['pruned'] == [os.path.basename(old)] and not os.path.exists(old)
    assert os.path.isdir(young) and os.path.isdir(open_one)
    assert os.path.isfile(os.path.join(share, 'TEST.1-Stim', os.path.basename(old), 'session.json'))


@pytest.mark.skipif(WINDOWS, reason='where a folder at its place may be taken for a lock that is held')
def test_a_home_in_which_no_lock_can_be_made_is_a_clear_error(agent, make_session, share):
    make_session()
    os.mkdir(os.path.join(agent.home, 'collect.lock'))
    ended = agent('logs', 'collect', '--to', share)
    assert ended.code == 2 and 'The home cannot be written' in ended.err and 'Is a directory' in ended.err, ended
    assert os.listdir(share) == []
    agent.environment['RIG_AGENT_HOME'] = os.path.join(agent.home, 'not', 'yet')
    assert agent('logs', 'collect', '--to', share).out.startswith('0 sessions in ')


@pytest.mark.parametrize('damage', ['changed there', 'gone there', 'new here', 'changed here'])
def test_prune_keeps_a_session_whose_copy_is_not_what_it_was(agent, make_session, share, damage):
    folder = make_session()
    assert agent('logs', 'collect', '--to', share).code == 0
    place = os.path.join(share, 'TEST.1-Stim')
    copied = os.path.join(place, os.path.basename(folder), 'stdout.log')
    if damage == 'changed there':
        with io.open(copied, 'r+b') as stream:
            stream.write(b'HELLO')
    elif damage == 'gone there':
        os.unlink(copied)
    else:
        with io.open(os.path.join(folder, 'new.log' if damage == 'new here' else 'stdout.log'), 'ab') as stream:
            stream.write(b'more')
    assert transfer.prune(folder, place, 0) is not None and os.path.isdir(folder)


def test_whatever_a_script_calls_its_files_they_are_on_the_share_before_they_are_removed(agent, make_session, share):
    names = ['612345.lockin.hdf5', 'output/shim.lock', 'notes.staged-by-hand.csv']
    own = {'keeper.lock': '', 'x.json.staged-0123abcd': '{'}
    folder = make_session(files=dict(dict.fromkeys(names, 'data'), **own))
    ended = agent('logs', 'collect', '--to', share, '--prune', '0s', '--json')
    assert ended.code == 0 and not os.path.exists(folder)
    copied = everything_below(os.path.join(share, 'TEST.1-Stim', os.path.basename(folder)))
    assert [copied.get(name) for name in names] == [b'data'] * 3
    assert not set(own) & set(copied)


@pytest.mark.skipif(WINDOWS, reason='there every name is text')
def test_a_file_whose_name_is_no_text_is_in_a_zip_and_on_the_share_before_it_is_removed(agent, make_session, share):
    folder = make_session()
    with io.open(os.path.join(to_native(folder) if PY2 else os.fsencode(folder), b'left\xe9.txt'), 'wb') as stream:
        stream.write(b'data')
    name = os.path.basename(folder) + '/left%s.txt' % ('\ufffd' if PY2 else '?')
    assert agent('logs', 'collect', '--offline', '--output', 'out.zip').code == 0
    with zipfile.ZipFile(os.path.join(agent.folder, 'out.zip')) as opened:
        assert opened.read('sessions/' + name) == b'data'
    assert agent('logs', 'collect', '--to', share, '--prune', '0s').code == 0 and not os.path.exists(folder)
    assert everything_below(os.path.join(share, 'TEST.1-Stim'))[name] == b'data'


@pytest.mark.skipif(WINDOWS, reason='a folder that nobody can list by its path, the superuser neither')
def test_a_folder_that_cannot_be_listed_is_said_and_keeps_its_session(agent, make_session, share):
    folder = make_session()
    with deep_folder(folder):
        ended = agent('logs', 'collect', '--to', share, '--prune', '0s', '--json')
        [kept] = ended.json['kept'].values()
        assert ended.code == 1 and 'not copied: ' in ended.err and 'File name too long' in ended.json['problems'][0]
        assert 'not all of it can be looked at' in kept and os.path.isdir(folder)


def test_a_session_that_cannot_be_removed_stays_and_the_share_is_not_blamed(agent, make_session, share):
    stuck, other = make_session(), make_session()
    with io.open(os.path.join(agent.home, 'sessions', transfer.PRUNING + os.path.basename(stuck)), 'wb'):
        pass  # neither a folder can get this name, nor is it one that can be swept
    for copied in (10, 0):
        ended = agent('logs', 'collect', '--to', share, '--prune', '0s', '--json')
        assert ended.code == 0 and ended.json['copied'] == copied, ended
        [(name, reason)] = ended.json['kept'].items()
        assert name == os.path.basename(stuck) and 'it cannot be removed' in reason and os.path.isdir(stuck)
        assert 'what is left of a session cannot be removed' in ended.err
    assert not os.path.exists(other)
    text = agent('logs', 'collect', '--to', share, '--prune', '0s', '-v')
    assert '0 sessions removed from this rig, 1 stay (-v: why).' in text.out and name + ' stays: it cannot' in text.err


def test_prune_keeps_what_has_not_ended_though_all_of_it_is_on_the_share(make_session, share):
    folder = make_session(state='running', ended='2020-01-01T00:00:00.000Z')
    transfer.Copier(share).copy(folder)
    assert transfer.prune(folder, share, 0) == 'it has not ended' and os.path.isdir(folder)


def test_a_session_that_still_runs_is_named_and_not_copied(agent, make_session, share):
    running, ended = make_session(state='running'), make_session()
    copied = agent('logs', 'collect', '--to', share)
    assert copied.code == 0 and 'still running, not copied: 00000001' in copied.err
    assert os.listdir(os.path.join(share, 'TEST.1-Stim')) == [os.path.basename(ended)] and os.path.isdir(running)


def test_the_outcome_of_a_session_waits_in_the_outbox_before_its_folder_is_removed(agent, make_session, share):
    folder = make_session(ended='2020-01-01T00:00:00.000Z')
    agent.environment['RIG_AGENT_REPORT_URL'] = 'http://127.0.0.1:9/outcomes/'
    assert agent('logs', 'collect', '--to', share, '--prune', '1d').code == 0 and not os.path.exists(folder)
    assert [entry['folder'] for entry in Outbox(agent.home).entries()] == [os.path.basename(folder)]


def test_a_prune_that_was_killed_is_finished_by_the_next_run(agent, make_session, share):
    folder = make_session()
    os.rename(folder, os.path.join(os.path.dirname(folder), transfer.PRUNING + os.path.basename(folder)))
    assert agent('logs', 'collect', '--to', share).code == 0
    assert os.listdir(os.path.join(agent.home, 'sessions')) == []


# ------------------------------------------------------------------------------------------------ looking

def test_tail_and_grep_find_what_sessions_printed_masked(agent, make_session):
    make_session(files={'stdout.log': 'one\ntwo password=hunter2hunter2\nthree\n', 'stderr.log': b'\xff broken\n'})
    tail = agent('logs', 'tail', '-n', '2')
    assert tail.out.splitlines() == ['two password=***', 'three']
    assert agent('logs', 'tail', '--stderr', '--json').json['lines'] == ['\ufffd broken']
    found = agent('logs', 'grep', 'T[wh]', '-i')
    assert found.code == 0 and found.out.splitlines() == ['00000001 stdout.log:2: two password=***',
                                                          '00000001 stdout.log:3: three']
    assert agent('logs', 'grep', 'no such thing').code == 1
    assert agent('logs', 'grep', '(').code == 2
    assert agent('logs', 'grep', 'three', '--json').json['matches'][0]['line'] == 3


def test_a_file_that_does_not_read_back_the_same_never_gets_its_name(make_session, share, monkeypatch):
    folder = make_session()
    monkeypatch.setattr(transfer.Copier, '_md5_of', lambda copier, path: '0' * 32)
    with pytest.raises(EnvironmentError):
        transfer.Copier(share).copy(folder)
    assert everything_below(share) == {}


def test_a_copy_that_breaks_off_never_has_the_files_name(make_session, share, monkeypatch):
    def breaks_off(entry, known):
        yield b'half'
        raise EnvironmentError(5, 'Input/output error')
    folder = make_session()
    monkeypatch.setattr(material, 'content', breaks_off)
    copier = transfer.Copier(share)
    copier.copy(folder)
    names = set(everything_below(share))
    assert len(copier.problems) == 5 and all('Input/output error' in problem for problem in copier.problems)
    assert all(STAGED in name or name.endswith('copied.json') for name in names), names
    monkeypatch.undo()
    transfer.Copier(share).copy(folder)
    assert not any(STAGED in name for name in everything_below(share))


@pytest.mark.skipif(WINDOWS or PY2, reason='a terminal of POSIX; click of Python 2 shows no bar for half a second')
def test_at_a_terminal_a_bar_shows_how_far_it_is_and_elsewhere_none(agent, make_session, share):
    make_session(files={'stdout.log': b'frame ok\n' * 10000})
    for label, words in (('Copying', ['--to', share]), ('Collecting', ['--offline', '--output', 'out.zip'])):
        sent = Terminal(agent, ['logs', 'collect'] + words).sent
        assert label + '  [' in sent and '100%' in sent
    assert 'Copying' not in Terminal(agent, ['logs', 'collect', '--quiet', '--to', share]).sent
    assert 'Copying' not in agent('logs', 'collect', '--to', share).out


def test_what_was_cut_short_or_lost_on_a_share_is_copied_again(agent, make_session, share):
    folder = make_session()
    assert agent('logs', 'collect', '--to', share).code == 0
    copy = os.path.join(share, 'TEST.1-Stim', os.path.basename(folder))
    with io.open(os.path.join(copy, 'stdout.log'), 'wb') as stream:
        stream.write(b'hel')
    os.unlink(os.path.join(copy, 'params.json'))
    again = agent('logs', 'collect', '--to', share, '--json').json
    assert again['copied'] == 2
    check_copy(share, [folder])


def test_what_changed_here_in_size_or_in_time_alone_is_copied_again(make_session, share):
    folder = make_session()
    transfer.Copier(share).copy(folder)
    log, events = os.path.join(folder, 'stdout.log'), os.path.join(folder, 'events.jsonl')
    before = os.stat(events)
    for path, content in ((log, b'HELLO\n'), (events, b'{"at": "2026-11-23T07:00:00.000Z", "event": "prepared"}\n')):
        with io.open(path, 'wb') as stream:
            stream.write(content)
    os.utime(log, (5, 5))
    os.utime(events, (before.st_atime, before.st_mtime))
    copier = transfer.Copier(share)
    copier.copy(folder)
    assert (copier.copied, copier.unchanged) == (2, 3)


def test_md5_of_a_copy_is_of_what_was_written(agent, make_session, share):
    folder = make_session()
    agent('logs', 'collect', '--to', share)
    target = os.path.join(share, 'TEST.1-Stim', os.path.basename(folder))
    for name, part in transfer.read_copied(target).items():
        assert md5_of_file(os.path.join(target, *name.split('/'))) == part['md5']
