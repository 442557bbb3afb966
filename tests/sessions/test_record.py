"""When a session is in any state, its record follows the schema; and each documented exit code is true end to end."""
from __future__ import absolute_import, unicode_literals

import datetime
import io
import itertools
import json
import os
import random
import re
import signal
import stat
import time

import jsonschema
import pytest

from labs import put
from rig_agent import sessions
from rig_agent.base import files
from rig_agent.base.compat import WINDOWS, json_text
from rig_agent.base.errors import NotFound
from rig_agent.sessions import follow, listing, record, start
from rig_agent.sessions.outcome import exit_code_of
from test_supervision import SLEEPS, prepared

with io.open(os.path.join(os.path.dirname(sessions.__file__), 'record.schema.json'), encoding='ascii') as stream:
    SCHEMA = json.load(stream)


def check(values):
    jsonschema.validate(values, SCHEMA)
    assert values['folder'] == values['cwd'] and values['id'][:8] == values['folder'][-8:]
    return values


def test_when_states_change_the_record_follows_the_schema_in_each(lab):
    states = []
    folder = prepared(lab, simulated=True, script=b'print("x")\nraise ValueError("no")\n')
    check(record.read(folder))
    start.start(folder)
    follow.follow(folder, on_state=lambda values: states.append(check(values)['state']))
    assert states[-1] == 'ended' and record.read(folder)['outcome'] == 'failed'


@pytest.mark.parametrize('script, options, outcome, code', [
    ('print("x")', (), 'completed', 0),
    ('sys.exit(7)', (), 'failed', 1),
    ('os._exit(-1073741819) if os.name == "nt" else os.kill(os.getpid(), 11)', (), 'crashed', 1),
    (SLEEPS, ('--timeout', '0.5'), 'timed_out', 8),
    ('time.sleep(60)', ('--startup', '0.5'), 'stalled', 8),
    ('x', ('--python', '/no/such/python'), 'not_started', 4),
])
def test_when_a_session_ends_its_record_and_exit_code_say_so(lab, script, options, outcome, code):
    values = lab.run(script, *options)
    assert values.pop('command_exit') == code and values['outcome'] == outcome
    check(values)
    assert not {record.BALLAST, 'stop.reserved'} & set(os.listdir(values['folder']))
    assert values['rig']['id'] == 'TEST.1' and values['rig']['computer'] == 'TEST.1-Stim'
    assert values['regimen']['name'] == 'Test_Task_v0.0.1' and len(values['regimen']['sha256']) == 64
    assert values['scripts'][0]['found_md5'] == values['scripts'][0]['expected_md5']
    assert set(values['limits']) == {'total', 'silence', 'startup', 'memory', 'log', 'disk', 'grace'}
    assert exit_code_of(values) == code


def test_when_schema_and_writer_are_compared_they_name_the_same_outcomes():
    assert set(SCHEMA['properties']['outcome']['enum']) - {None} == set(record.OUTCOMES)
    assert set(SCHEMA['properties']['state']['enum']) == set(record.NEXT_STATES) - {None}


def test_when_a_record_is_written_over_and_over_every_read_parses(tmpdir):
    """Also with what a kill leaves beside it."""
    folder = str(tmpdir)
    writer = record.Record(folder, {'state': 'prepared', 'warnings': [], 'reason': 'x' * 5000})
    for number in range(50):
        writer['reason'] = 'y' * (number * 100)
        assert writer.save()
        assert len(record.read(folder)['reason']) == number * 100
    assert os.listdir(folder) == ['session.json']


@pytest.mark.skipif(WINDOWS, reason='Windows journals a rename')
def test_when_it_is_written_it_is_on_the_disk_before_it_has_its_name_and_the_name_after(tmpdir, monkeypatch):
    """A power loss cannot be had here: the order of the calls is what makes it harmless."""
    calls, real_sync, real_replace = [], os.fsync, files.replace

    def sync(descriptor):
        calls.append('folder' if stat.S_ISDIR(os.fstat(descriptor).st_mode) else 'content')
        real_sync(descriptor)

    def replace(*paths):
        calls.append('name')
        real_replace(*paths)
    monkeypatch.setattr(files.os, 'fsync', sync)
    monkeypatch.setattr(files, 'replace', replace)
    assert record.Record(str(tmpdir), {'state': 'prepared'}).save() and calls == ['content', 'name', 'folder']


@pytest.mark.skipif(WINDOWS, reason='forks')
@pytest.mark.filterwarnings('ignore:.*multi-threaded.*fork')  # the child needs no thread and no lock: it writes files
@pytest.mark.parametrize('in_place', [False, True])
def test_when_its_writer_is_killed_at_any_of_100_moments_the_record_parses(tmpdir, in_place):
    """The negative control writes in place."""
    folder, chance = str(tmpdir), random.Random(7)
    writer = record.Record(folder, {'state': 'running', 'warnings': [], 'reason': ''})
    assert writer.save()

    def write_in_place():
        with io.open(os.path.join(folder, 'session.json'), 'wb', buffering=0) as stream:
            content = json_text(writer.values).encode('ascii')
            for start in range(0, len(content), 4096):
                stream.write(content[start:start + 4096])

    def write_on(told):
        signal.alarm(100)
        for size in itertools.count():
            writer['reason'] = 'y' * (50000 + size % 1000)
            write_in_place() if in_place else writer.save()
            if size == 0:
                os.write(told, b'x')
    torn = 0
    for _ in range(100):
        reader, told = os.pipe()
        pid = os.fork()
        if not pid:
            try:
                write_on(told)
            finally:
                os._exit(1)
        os.read(reader, 1)
        time.sleep(chance.uniform(0, 0.01))
        os.kill(pid, signal.SIGKILL)
        assert os.WIFSIGNALED(os.waitpid(pid, 0)[1])
        os.close(reader)
        os.close(told)
        try:
            assert len(record.read(folder)['reason']) >= 50000
        except NotFound:
            torn += 1
    assert torn == 0 if not in_place else torn > 0


def test_when_the_disk_is_full_the_record_takes_the_space_kept_for_it(tmpdir, monkeypatch):
    folder = str(tmpdir)
    record.put_ballast(folder)
    real = record.write_atomically

    def full(path, content):
        if os.path.exists(os.path.join(folder, record.BALLAST)):
            raise OSError(28, 'No space left on device')
        real(path, content)
    monkeypatch.setattr(record, 'write_atomically', full)
    assert record.Record(folder, {'state': 'prepared'}).save()
    assert record.read(folder) == {'state': 'prepared'}


def test_when_the_agents_own_files_cannot_be_written_nothing_is_raised(tmpdir):
    writer = record.Record(os.path.join(str(tmpdir), 'a-file', 'below'), {'state': 'prepared', 'warnings': []})
    put(os.path.join(str(tmpdir), 'a-file'), b'')
    assert writer.save() is False
    writer.event('x')
    assert writer.lost_events == 1


def test_when_sessions_are_listed_each_filter_holds(lab):
    lab.run('print("x")', '--mouse', '612345')
    lab.run('sys.exit(1)', '--mouse', '612346')

    def listed(*options):
        return [(values['subject'], values['outcome'])
                for values in lab.agent('sessions', 'list', '--json', *options).json['sessions']]
    assert listed() == [('612346', 'failed'), ('612345', 'completed')]
    assert listed('--mouse', 'M612345') == [('612345', 'completed')]
    assert listed('--outcome', 'failed') == [('612346', 'failed')]
    assert listed('--stage', 'another') == [] and listed('--since', '2999-01-01') == []
    assert listed('--limit', '1') == [('612346', 'failed')]
    session = lab.record()['id']
    for name in (session, session[:8], session[:4], os.path.basename(lab.folder()), lab.folder(), 'last'):
        assert lab.agent('sessions', 'show', name, '--json').json['id'] == session
    assert lab.agent('sessions', 'show', 'zzzz').code == 6
    assert lab.agent('sessions', 'follow', 'last').code == 1
    for words in (('--since', 'yesterday'), ('--until', '2026-13-01'), ('--limit', '0'), ('--mouse', '')):
        assert lab.agent('sessions', 'list', *words).code == 2, words
    assert lab.agent('status', '--json').json == {'running': []}
    assert lab.agent('stop', 'last').code == 4


def test_when_a_session_runs_status_says_since_when_and_what_it_printed_last(lab):
    process = lab.start('print("first")\nprint("second line")\ntime.sleep(60)')
    check(lab.record())
    text = lab.agent('status')
    found = lab.agent('status', '--json').json['running'][0]
    assert 'second line' in text.out and 'stage_a' in text.out and 'total' in text.out
    assert found['now']['running_s'] >= 0 and found['state'] == 'running'
    assert lab.agent('stop', '--now', '-q').code == 0
    process.communicate()


@pytest.mark.skipif(WINDOWS, reason='a time zone of POSIX')
def test_when_sessions_are_listed_their_times_are_local_as_the_names_of_their_folders(lab):
    lab.agent.environment['TZ'] = 'LAB+7'
    process = lab.start(SLEEPS)
    stamp = datetime.datetime.strptime(os.path.basename(lab.folder())[:12], '%y%m%d%H%M%S')
    texts = [lab.agent('sessions', 'list').out, lab.agent('status').out]
    assert lab.agent('stop', '--now', '-q').code == 0
    process.communicate()
    there = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=time.time() - 7 * 3600)
    assert abs(stamp - there) < datetime.timedelta(minutes=5)
    for text in texts:
        shown = re.search('\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d', text).group()
        assert abs(datetime.datetime.strptime(shown, '%Y-%m-%d %H:%M:%S') - stamp) < datetime.timedelta(minutes=5)


def test_when_a_folder_is_no_session_it_is_left_out(lab):
    lab.run('print("x")')
    os.makedirs(os.path.join(lab.home, 'sessions', '261231235959_broken_00000000'))
    assert len(lab.agent('sessions', 'list', '--json').json['sessions']) == 1
    assert listing.FOLDER_NAME.match('261231235959_a_b_00000000').group(2) == 'a_b'
