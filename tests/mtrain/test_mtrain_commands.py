"""`mice`, `mice add`, `migrate` and regimens from mtrain through the installed command."""
from __future__ import absolute_import, unicode_literals

import csv
import io
import json
import os
import signal

import pytest
from six import PY2

from rig_agent.base.compat import WINDOWS
from rig_agent.harness.standin.faults import Fault
from rig_agent.harness.standin.server import StandIn
from rig_agent.mtrain import migration
from rig_agent.mtrain.regimen import ABSENT, differences, open_regimen
from rig_agent.rig import configuration

OLD, SAME, NEW = 'Wheel_Task1_v1.0.0', 'Wheel_Task1_v1.1.0', 'Wheel_Task1_v2.0.0'


def stage(script='images_v2.py'):
    return {'script': script, 'parameters': {}}


@pytest.fixture
def targets(standin):
    """Two regimens to go to: one of the same major version, one of another with a stage of another name."""
    for name, stages in ((SAME, ('TRAINING_0_gratings', 'TRAINING_1_images', 'HABITUATION')),
                         (NEW, ('GRATINGS', 'TRAINING_1_images', 'HABITUATION'))):
        standin.store.add_regimen({'name': name, 'stages': {one: stage() for one in stages}})
    return standin


def where(standin, mouse):
    """(regimen, stage) of a mouse in the stand-in's own store."""
    state = standin.store.subject(mouse)['state']
    return (standin.store.row('regimens', state['regimen_id'])['name'],
            standin.store.row('stages', state['stage_id'])['name'])


class TestMice(object):
    def test_they_are_listed_with_regimen_and_stage(self, desk):
        ended = desk('mice')
        assert ended.code == 0 and ended.out.splitlines()[1].split() == ['612345', OLD, 'TRAINING_0_gratings']

    def test_filters_and_json_agree(self, desk):
        mice = desk('mice', '--stage', 'TRAINING_*', '--regimen', 'Wheel*', '--json').json['mice']
        assert [mouse['mouse'] for mouse in mice] == ['612345', '612346']
        assert desk('mice', '--mouse', 'M700001', '--json').json['mice'][0]['stage'] == 'HABITUATION'

    def test_csv_is_read_back_by_a_csv_reader(self, desk, standin):
        standin.store.add_regimen({'name': 'r\u00e9, "x"', 'stages': {'S': stage()}})
        standin.store.add_subject('5', standin.store.find_state('r\u00e9, "x"', 'S'))
        text = desk('mice', '--csv').out
        rows = list(csv.reader(io.BytesIO(text.encode('utf-8')) if PY2 else io.StringIO(text)))
        assert rows[1][0] == '5' and (rows[1][1].decode('utf-8') if PY2 else rows[1][1]) == 'r\u00e9, "x"'

    def test_a_mouse_that_is_not_there_is_exit_6(self, desk):
        assert desk('mice', '--mouse', '1').code == 6

    def test_added_ones_are_there(self, desk, standin):
        ended = desk('mice', 'add', 'M800001', '800002', '--regimen', OLD, '--stage', 'HABITUATION')
        assert ended.code == 0 and where(standin, '800002') == (OLD, 'HABITUATION')

    def test_a_known_one_or_an_unknown_stage_stops_before_anything_is_written(self, desk, standin):
        known = desk('mice', 'add', '500001', '612345', '--regimen', OLD, '--stage', 'HABITUATION')
        assert known.code == 1 and 'mtrain knows 612345 already; nothing was written' in known.err
        assert desk('mice', 'add', '500001', '--regimen', OLD, '--stage', 'nowhere').code == 6
        assert standin.store.subject('500001') is None

    def test_when_the_answer_to_a_write_is_lost_it_is_read_back(self, desk, standin):
        standin.front.faults = [Fault('drop', only='/add_subject/')]
        assert desk('mice', 'add', '800001', '--regimen', OLD, '--stage', 'HABITUATION').code == 0

    @pytest.mark.parametrize('kind, code', [('html', 1), ('wrong-type', 1), ('500', 7)])
    def test_when_the_write_was_not_done_an_account_says_so(self, desk, standin, kind, code):
        standin.front.faults = [Fault(kind, only='/add_subject/')]
        ended = desk('mice', 'add', '800001', '800002', '--regimen', OLD, '--stage', 'HABITUATION')
        assert ended.code == code and 'failed: 800001' in ended.out and 'not tried: 800002' in ended.out, ended

    def test_when_a_mouse_arrives_on_another_stage_that_is_said(self, desk, standin, monkeypatch):
        add, other = standin.store.add_subject, standin.store.find_state(OLD, 'TRAINING_1_images')
        monkeypatch.setattr(standin.store, 'add_subject', lambda mouse, state: add(mouse, other))
        ended = desk('mice', 'add', '800001', '--regimen', OLD, '--stage', 'HABITUATION')
        assert ended.code == 1 and 'is not on that stage' in ended.err and 'failed: 800001' in ended.out

    def test_the_password_is_nowhere_in_what_is_printed(self, desk):
        desk.environment['RIG_AGENT_MTRAIN_PASSWORD'] = 'Sesame-Street-9'
        ended = desk('-v', 'mice', 'add', '800001', '--regimen', OLD, '--stage', 'HABITUATION')
        assert ended.code == 4 and 'Sesame' not in ended.out + ended.err

    def test_without_a_terminal_nobody_is_asked_for_the_login(self, desk):
        del desk.environment['RIG_AGENT_MTRAIN_PASSWORD']
        assert desk('mice', 'add', '800001', '--regimen', OLD, '--stage', 'HABITUATION').code == 2


class TestMigrate(object):
    def test_a_dry_run_prints_the_plan_and_writes_nothing(self, desk, targets):
        ended = desk('migrate', '--source', OLD, '--target', SAME)
        line = '612345  TRAINING_0_gratings -> TRAINING_0_gratings  (same major version)'
        assert ended.code == 0 and line in ended.out
        assert where(targets, '612345')[0] == OLD
        assert all(method == 'GET' for method, _ in targets.front.requests)

    def test_written_undone_and_undone_again(self, desk, targets, folder):
        journal = os.path.join(folder, 'journal.jsonl')
        done = desk('migrate', '--source', OLD, '--target', SAME, '--write', '--journal', journal, '--json').json
        assert [move['mouse'] for move in done['done']] == ['612345', '612346', '700001'] and not done['failed']
        assert where(targets, '612346') == (SAME, 'TRAINING_1_images')
        assert len(desk('migrate', '--undo', journal, '--json').json['plan']) == 3
        assert where(targets, '612346') == (SAME, 'TRAINING_1_images')
        assert desk('migrate', '--undo', journal, '--write').code == 0
        assert [where(targets, mouse)[0] for mouse in ('612345', '612346', '700001')] == [OLD] * 3
        assert 'Nothing is left to undo' in desk('migrate', '--undo', journal, '--write').out

    def test_one_mouse_can_be_moved_alone(self, desk, targets):
        assert desk('migrate', '--source', OLD, '--target', SAME, '--mouse', '612345', '--write').code == 0
        assert (where(targets, '612345')[0], where(targets, '612346')[0]) == (SAME, OLD)
        assert desk('migrate', '--source', OLD, '--target', SAME, '--mouse', '612345', '--write').code == 6

    def test_between_majors_the_map_rules(self, desk, targets, write):
        ended = desk('migrate', '--source', OLD, '--target', NEW, '--write')
        assert ended.code == 1 and '`TRAINING_0_gratings` is not mapped' in ended.err
        write('migrations.yml', 'Wheel_Task1_v1:\n  Wheel_Task1_v2: {TRAINING_0_gratings: GRATINGS, '
                                'TRAINING_1_images: TRAINING_1_images, HABITUATION: gone}\n')
        ended = desk('migrate', '--source', OLD, '--target', NEW, '--write')
        assert ended.code == 1 and 'would become `gone`' in ended.err
        assert where(targets, '612345')[0] == OLD
        path = write('map.yml', 'Wheel_Task1_v1:\n  Wheel_Task1_v2: {TRAINING_0_gratings: GRATINGS, '
                                'TRAINING_1_images: TRAINING_1_images, HABITUATION: HABITUATION}\n')
        assert desk('migrate', '--source', OLD, '--target', NEW, '--write', '--map', path).code == 0
        assert where(targets, '612345') == (NEW, 'GRATINGS')

    @pytest.mark.parametrize('content', ['a: [1', '- x', 'A: {B: [c]}', 'A: {B: {c: 1}}'])
    def test_a_map_of_another_shape_is_exit_2(self, desk, targets, write, content):
        ended = desk('migrate', '--source', OLD, '--target', NEW, '--map', write('map.yml', content))
        assert ended.code == 2

    def test_names_that_are_not_there_or_incomplete_words(self, desk, targets):
        assert desk('migrate', '--source', OLD, '--target', 'nowhere').code == 6
        assert desk('migrate', '--source', OLD).code == 2
        assert desk('migrate', '--undo', 'no-such-journal').code == 6

    @pytest.mark.parametrize('kind, code', [('html', 1), ('500', 7)])
    def test_the_first_failure_ends_it_with_an_account_and_it_can_go_on(self, desk, targets, kind, code):
        targets.front.faults = [Fault(kind, only='/set_state/612346')]
        ended = desk('migrate', '--source', OLD, '--target', SAME, '--write')
        assert ended.code == code, ended
        for line in ('done: 612345', 'failed: 612346 (not moved)', 'not tried: 700001'):
            assert line in ended.out
        targets.front.faults = []
        again = desk('migrate', '--source', OLD, '--target', SAME, '--write', '--json').json
        assert [move['mouse'] for move in again['done']] == ['612346', '700001']

    @pytest.mark.parametrize('kind', ['drop', 'truncate', 'slow'])
    def test_when_an_answer_is_lost_the_read_back_decides(self, desk, targets, kind):
        desk.environment['RIG_AGENT_MTRAIN_TIMEOUT'] = '1s'
        targets.front.faults = [Fault(kind, only='/set_state/612346')]
        assert desk('migrate', '--source', OLD, '--target', SAME, '--write').code == 0
        assert where(targets, '612346')[0] == SAME

    @pytest.mark.parametrize('kind, code', [('html', 1), ('wrong-type', 1), ('500', 7)])
    def test_an_undo_that_fails_gives_an_account_and_can_go_on(self, desk, targets, folder, kind, code):
        journal = os.path.join(folder, 'journal.jsonl')
        assert desk('migrate', '--source', OLD, '--target', SAME, '--write', '--journal', journal).code == 0
        targets.front.faults = [Fault(kind, only='/set_state/612346')]
        ended = desk('migrate', '--undo', journal, '--write')
        assert ended.code == code and ended.err.count('error: ') == 1, ended
        for line in ('done: 612345', 'failed: 612346 (not moved)', 'not tried: 700001'):
            assert line in ended.out
        targets.front.faults = []
        again = desk('migrate', '--undo', journal, '--write', '--json').json
        assert [move['mouse'] for move in again['done']] == ['612346', '700001']
        assert [where(targets, mouse)[0] for mouse in ('612345', '612346', '700001')] == [OLD] * 3

    @pytest.mark.parametrize('kind', ['drop', 'truncate', 'slow'])
    def test_when_the_answer_to_an_undo_is_lost_the_read_back_decides(self, desk, targets, folder, kind):
        journal = os.path.join(folder, 'journal.jsonl')
        assert desk('migrate', '--source', OLD, '--target', SAME, '--write', '--journal', journal).code == 0
        desk.environment['RIG_AGENT_MTRAIN_TIMEOUT'] = '1s'
        targets.front.faults = [Fault(kind, only='/set_state/612346')]
        assert desk('migrate', '--undo', journal, '--write').code == 0
        assert where(targets, '612346') == (OLD, 'TRAINING_1_images')

    def test_when_nothing_can_be_read_back_the_account_says_unknown(self, desk, targets, folder):
        desk.environment['RIG_AGENT_MTRAIN_TIMEOUT'] = '1s'
        fault, journal = Fault('drop'), os.path.join(folder, 'j')
        posted = []

        def strikes(method, path):  # from the first write to set a state on
            posted.extend([path] if path.startswith('/set_state/') else [])
            return bool(posted)
        fault.strikes = strikes
        targets.front.faults = [fault]
        ended = desk('migrate', '--source', OLD, '--target', SAME, '--write', '--journal', journal)
        assert ended.code == 7 and 'failed: 612345 (unknown)' in ended.out
        targets.front.faults = []
        assert [move['mouse'] for move in desk('migrate', '--undo', journal, '--json').json['plan']] == ['612345']

    def test_a_mouse_that_moved_on_meanwhile_is_left_where_it_is(self, desk, targets, folder):
        journal = os.path.join(folder, 'j')
        assert desk('migrate', '--source', OLD, '--target', SAME, '--write', '--journal', journal).code == 0
        targets.store.set_state('612345', targets.store.find_state(SAME, 'HABITUATION'))
        ended = desk('migrate', '--undo', journal, '--write')
        assert '612345  has gone on' in ended.out and where(targets, '612345') == (SAME, 'HABITUATION')
        assert where(targets, '612346')[0] == OLD

    def test_a_mouse_that_advanced_since_the_plan_is_not_put_back(self, client, targets, folder):
        moves = migration.plan(client, OLD, SAME)
        targets.store.set_state('612346', targets.store.find_state(OLD, 'HABITUATION'))
        client.log_in('desk', 'desk')
        log = migration.Journal(os.path.join(folder, 'j'))
        log.begin(client, OLD, SAME, 'somebody')
        account = migration.carry_out(client, moves, log)
        assert account.failed[0].mouse == '612346' and account.failed[2] == 'elsewhere'
        assert where(targets, '612346') == (OLD, 'HABITUATION')

    def test_when_the_journal_takes_no_more_no_further_mouse_moves_and_all_are_accounted_for(self, client, targets, folder):
        moves, path = migration.plan(client, OLD, SAME), os.path.join(folder, 'j')
        client.log_in('desk', 'desk')
        log = migration.Journal(path)
        log.begin(client, OLD, SAME, 'somebody')
        os.remove(path)
        os.mkdir(path)
        account = migration.carry_out(client, moves, log)
        move, error, known = account.failed
        assert (account.done, move.mouse, known) == ([], '612345', 'not moved') and path == error.where
        assert [move.mouse for move in account.not_tried] == ['612346', '700001']
        assert where(targets, '612345')[0] == OLD

    @pytest.mark.skipif(WINDOWS, reason='SIGKILL')
    def test_killed_half_way_the_journal_knows_every_mouse_that_may_have_moved(self, desk, targets, folder):
        targets.front.faults = [Fault('slow', only='/set_state/612346')]  # moved, and the answer does not come
        journal = os.path.join(folder, 'j')
        process = desk.start('migrate', '--source', OLD, '--target', SAME, '--write', '--journal', journal)
        while ('POST', '/set_state/612346') not in targets.front.requests:
            assert process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.communicate()
        while where(targets, '612346')[0] == OLD:
            pass
        targets.front.faults = []
        assert desk('migrate', '--undo', journal, '--write').code == 0
        assert [where(targets, mouse)[0] for mouse in ('612345', '612346', '700001')] == [OLD] * 3

    def test_what_was_undone_is_not_undone_again_after_another_migration(self, desk, targets, folder):
        first, words = os.path.join(folder, 'j'), ('migrate', '--source', OLD, '--target', SAME, '--write')
        assert desk(*words + ('--journal', first)).code == 0
        assert desk('migrate', '--undo', first, '--write').code == 0
        assert desk(*words).code == 0
        assert desk('migrate', '--undo', first, '--json').json['plan'] == []

    def test_a_line_of_the_journal_that_a_kill_cut_short_hides_no_other(self, desk, targets, folder):
        journal = os.path.join(folder, 'j')
        assert desk('migrate', '--source', OLD, '--target', SAME, '--write', '--journal', journal).code == 0
        with io.open(journal, 'ab') as stream:
            stream.write(b'{"step": "done", "mou')
        assert len(desk('migrate', '--undo', journal, '--json').json['plan']) == 3

    def test_a_journal_is_never_written_into_a_file_that_is_there(self, desk, targets, write):
        path = write('j', b'an earlier migration\n')
        ended = desk('migrate', '--source', OLD, '--target', SAME, '--write', '--journal', path)
        assert ended.code == 2 and '--journal' in ended.err and where(targets, '612345')[0] == OLD
        with io.open(path, 'rb') as stream:
            assert stream.read() == b'an earlier migration\n'

    def test_a_journal_of_another_service_is_refused(self, desk, targets, write):
        path = write('j', json.dumps({'step': 'journal', 'service': 'http://elsewhere:5000'}) + '\n')
        assert desk('migrate', '--undo', path).code == 4
        assert desk('migrate', '--undo', write('k', 'x\n')).code == 2


class TestRegimen(object):
    @pytest.mark.parametrize('lean', [False, True])
    def test_the_stage_of_a_mouse_reads_like_a_file(self, tmpdir, lean):
        parameters = {'tiny': 1e-05, 'big': 1e22, 'date': '2020-01-01', 'yes': 'no', 'none': None,
                      'text': '\U0001f42d "x"', 'list': [1, [2.5, True]], 'number': '012'}
        with StandIn(os.path.join(str(tmpdir), 'x'), lean=lean) as server:
            server.store.add_regimen({'name': OLD, 'stages': {
                'S \u00e9': {'script': 'a_v2.py', 'script_md5': '0' * 32, 'parameters': parameters}, 'T': stage()}})
            server.store.add_subject('612345', server.store.find_state(OLD, 'S \u00e9'))
            settings = configuration.load()
            settings.override('mtrain.url', server.url)
            regimen, source = open_regimen('mtrain:M612345', settings)
            assert (regimen.name, list(regimen.stages), source.kind) == (OLD, ['S \u00e9'], 'mtrain')
            assert regimen.stage('S \u00e9').parameters == parameters
            assert regimen.stage('S \u00e9').script_md5 == '0' * 32
            whole, _ = open_regimen('mtrain:' + OLD, settings)
            assert sorted(whole.stages) == ['S \u00e9', 'T'] and whole.stage('T').script_md5 is None

    def test_when_the_service_contradicts_itself_nothing_is_believed(self, desk, standin):
        standin.service._stage_of = lambda mouse: {'name': 'OTHER', 'script': 'x', 'script_md5': None, 'parameters': {}}
        ended = desk('stages', '--regimen', 'mtrain:612345')
        assert ended.code == 7 and 'contradicts itself' in ended.err

    def test_through_the_command(self, desk):
        ended = desk('show', 'HABITUATION', '--regimen', 'mtrain:700001')
        assert ended.code == 0 and ended.json['parameters'] == {'name': 'd\u00e9j\u00e0'}
        assert desk('stages', '--regimen', 'mtrain:1').code == 6
        assert desk('stages', '--regimen', 'mtrain:No_such_regimen').code == 6
        assert desk('stages', '--regimen', 'mtrain:612345', '--offline').code == 7

    def test_explain_shows_where_the_stage_differs_from_a_file(self, desk, write):
        same = ('name: %s\nstages:\n  TRAINING_0_gratings:\n    script: gratings_v2.py\n    script_md5: "%s"\n'
                '    parameters: {stage: TRAINING_0_gratings, volume: 5, tiny: 1.0e-05}\n' % (OLD, '0' * 32))
        words = ('explain', '--regimen', 'mtrain:612345', '--against')
        ended = desk(*words + (write('same.yml', same),))
        assert 'the same    in ' in ended.out
        ended = desk(*words + (write('other.yml', same.replace('volume: 5', 'volume: 6, more: [x]')), '--json'))
        assert ended.json['differences'] == [{'key': 'parameters.more', 'here': '(absent)', 'there': ['x']},
                                             {'key': 'parameters.volume', 'here': 5, 'there': 6}]
        assert ended.code

    def test_every_differing_key_is_named(self):
        here = {'script': 'a', 'parameters': {'x': 1, 'y': [1, 2], 'z': {'q': None}, 'same': 1.0}}
        there = {'script': 'a', 'parameters': {'x': True, 'y': [1, 3], 'z': {}, 'same': 1}}
        assert differences(here, there) == [('parameters.x', 1, True), ('parameters.y.1', 2, 3),
                                            ('parameters.z.q', None, ABSENT)]


@pytest.mark.parametrize('kind', ['500', 'html', 'wrong-type', 'truncate', 'drop', 'slow'])
def test_each_fault_against_each_command_is_one_clear_message(desk, targets, write, kind):
    """All at once, because most of the time is spent waiting."""
    desk.environment['RIG_AGENT_MTRAIN_TIMEOUT'] = '1s'
    desk.environment['RIG_AGENT_REPORT_URL'] = targets.url + '/outcomes/'
    desk.environment['RIG_AGENT_REPORT_TIMEOUT'] = '1s'
    session = os.path.join(desk.home, 'sessions', '1')
    os.makedirs(session)
    with io.open(os.path.join(session, 'session.json'), 'w', encoding='utf-8') as stream:
        stream.write('{"id": "abc", "state": "ended"}')
    journal = os.path.join(desk.home, 'journal')
    assert desk('migrate', '--source', OLD, '--target', SAME, '--write', '--journal', journal).code == 0
    moved = [where(targets, mouse) for mouse in ('612345', '612346', '700001')]
    targets.front.faults = [Fault(kind)]
    commands = [('mice',), ('mice', '--csv'), ('migrate', '--undo', journal), ('migrate', '--undo', journal, '--write'),
                ('smoke', '--simulate', '--regimen', 'mtrain:612345'), ('show', '--regimen', 'mtrain:612345'),
                ('mice', 'add', '9', '--regimen', OLD, '--stage', 'HABITUATION'),
                ('migrate', '--source', OLD, '--target', SAME),
                ('migrate', '--source', OLD, '--target', SAME, '--write'), ('stages', '--regimen', 'mtrain:612345'),
                ('stages', '--regimen', 'mtrain:' + OLD), ('run', '--regimen', 'mtrain:612345'),
                ('explain', '--regimen', 'mtrain:612345'), ('outbox', 'flush')]
    running = [(words, desk.start(*words)) for words in commands]
    for words, process in running:
        out, err = [stream.decode('utf-8') for stream in process.communicate()]
        assert process.returncode == 7, (words, out, err)
        assert err.count('error: ') + err.count('not delivered: ') == 1 and 'Traceback' not in err, (words, err)
    assert [where(targets, mouse) for mouse in ('612345', '612346', '700001')] == moved
    assert targets.store.subject('9') is None


@pytest.mark.parametrize('words, expected', [
    (('migrate', '--source', 'Wheel_Task1_v1', '--target', NEW), 'Did you mean `%s` or `%s`?' % (OLD, SAME)),
    (('mice', 'add', '9', '--regimen', 'Weel_Task1_v1.0.0', '--stage', 'HABITUATION'), 'Did you mean `%s`' % OLD),
    (('mice', 'add', '9', '--regimen', OLD, '--stage', 'TRAINING_0'), 'Did you mean `TRAINING_0_gratings`?'),
    (('mice', 'add', '9', '--regimen', OLD, '--stage', 'xyz'), 'It has: '),
    (('run', 'TRAINING_1', '--regimen', 'mtrain:' + OLD), 'Did you mean `TRAINING_1_images`?')])
def test_mistyped_names_are_answered_with_the_services_own(desk, targets, words, expected):
    ended = desk(*words)
    assert ended.code == 6 and expected in ended.err, ended
