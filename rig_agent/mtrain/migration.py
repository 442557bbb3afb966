"""Move every mouse of one regimen to another: a plan, then one verified write after the other, with a journal.

Stages keep their names within a major version (the regimen's name up to its first dot); between two majors
`migrations.yml` says where each stage goes: `{SourceMajor: {TargetMajor: {old stage: new stage}}}`.
"""
from __future__ import absolute_import, unicode_literals

import io
import json
import os
from collections import namedtuple

from rig_agent.base.compat import reason_of, text_type
from rig_agent.base.errors import CheckFailed, NotFound, Refused, RigAgentError, UsageError
from rig_agent.base.files import make_folder
from rig_agent.base.units import utc_now
from rig_agent.mtrain.stages import regimen_named, stage_rows

LARGEST_MAP = 1 << 20

# One mouse's way. old and new: {'regimen', 'stage', 'state' {id, regimen_id, stage_id}}. why: for people.
Move = namedtuple('Move', 'mouse old new why')


class _Interrupted(RigAgentError):
    exit_code = 130


class Account(object):
    """What became of moves: done [Move], failed (Move, error, what is known of it) or None, not_tried [Move]."""

    def __init__(self, moves):
        self.done, self.failed, self.not_tried = [], None, list(moves)


# ------------------------------------------------------------------------------------------------ the plan

def plan(client, source, target, stage_map=None, mice=None):
    """[Move] for the mice of the regimen `source` (or for those of them in `mice`). Writes nothing.

    stage_map: what `read_map` gave. Raises NotFound for a regimen or mouse that is not there, CheckFailed when a stage
    has no target.
    """
    if source == target:
        raise UsageError('Source and target are the same regimen', found=source)
    old, new = regimen_named(client, source), regimen_named(client, target)
    old_names = {text_type(row['id']): row['name'] for row in stage_rows(client, old)}
    new_names = [row['name'] for row in stage_rows(client, new)]
    there = _mice_on(client, old['id'], old_names)
    missing = sorted(set(mice or ()) - set(there))
    if missing:
        raise NotFound('Not on the regimen `%s`: %s' % (source, ', '.join(missing)), where=client.url,
                       advice='`rig-agent mice` shows where they are; perhaps they have been moved already.')
    wanted = {mouse: there[mouse] for mouse in there if not mice or mouse in mice}
    ways = _ways({state['stage'] for state in wanted.values()}, new_names, source, target, stage_map or {}, client.url)
    states = {stage: client.state_of(target, stage) for stage in sorted({way[0] for way in ways.values()})}
    moves = []
    for mouse in sorted(wanted, key=lambda digits: (len(digits), digits)):
        stage, why = ways[wanted[mouse]['stage']]
        moves.append(Move(mouse, dict(wanted[mouse], regimen=source),
                          {'regimen': target, 'stage': stage, 'state': states[stage]}, why))
    return moves


def major(name):
    """The major version in a regimen's name: the name up to the first dot."""
    return name.split('.', 1)[0]


def read_map(path):
    """The document of a `migrations.yml`. Raises NotFound, UsageError."""
    import yaml
    try:
        with io.open(path, 'rb') as stream:
            content = stream.read(LARGEST_MAP + 1)
    except EnvironmentError as error:
        raise NotFound('The file of migrations cannot be read', where=path, found=reason_of(error))
    if len(content) > LARGEST_MAP:
        raise UsageError('This file of migrations is too large', where=path, expected='at most 1 MiB')
    try:
        document = yaml.safe_load(content)
    except (yaml.YAMLError, ValueError, RuntimeError) as error:
        raise UsageError('The file of migrations is not YAML', where=path, found=reason_of(error).split('\n')[0])
    if document is not None and not _is_map(document, 3):
        raise UsageError('The file of migrations has another shape', where=path,
                         expected='SourceMajor: {TargetMajor: {old_stage: new_stage}}')
    return document or {}


def _is_map(value, depth):
    if depth == 0:
        return isinstance(value, (text_type, str))
    return isinstance(value, dict) and all(isinstance(key, (text_type, str)) and _is_map(item, depth - 1)
                                           for key, item in value.items())


def _mice_on(client, regimen_id, stage_names):
    """mouse -> {'stage', 'state'} of every mouse on a regimen."""
    found = {}
    for row in client.rows('subjects'):
        state = row.get('state')
        if isinstance(state, dict) and text_type(state.get('regimen_id')) == text_type(regimen_id):
            stage = stage_names.get(text_type(state.get('stage_id')))
            if stage is None:
                raise CheckFailed('The mouse %s is on a stage that its regimen does not have' % row.get('LabTracks_ID'),
                                  where=client.url, found=repr(state).lstrip('u'))
            found[text_type(row.get('LabTracks_ID'))] = {
                'stage': stage, 'state': {key: state.get(key) for key in ('id', 'regimen_id', 'stage_id')}}
    return found


def _ways(stages, new_names, source, target, stage_map, where):
    """old stage -> (new stage, why). Raises CheckFailed naming every stage without a target."""
    same = major(source) == major(target)
    mapped = {} if same else (stage_map.get(major(source)) or {}).get(major(target)) or {}
    ways, lost = {}, []
    for stage in sorted(stages):
        new = stage if same else mapped.get(stage)
        if new is None:
            lost.append('`%s` is not mapped' % stage)
        elif new not in new_names:
            lost.append('`%s` would become `%s`, which `%s` does not have' % (stage, new, target))
        else:
            ways[stage] = new, 'same major version' if same else 'mapped'
    if lost:
        raise CheckFailed('%d stage(s) in use have no target; nothing was written' % len(lost), where=where,
                          found='; '.join(lost),
                          advice='Move these mice by hand first, or give the target a stage of that name.' if same else
                          'Map them in migrations.yml under %s: {%s: {old_stage: new_stage}}, also where the name '
                          'stays.' % (major(source), major(target)))
    return ways


# ------------------------------------------------------------------------------------------------ doing it

def carry_out(client, moves, journal, steps=('begun', 'done'), progress=None):
    """Make the moves one by one, each read back, until all are done or the first one fails; returns an Account.

    client: logged in. journal: each step is on disk before the next one begins, under the names in `steps`. What an
    account leaves can be completed by making the plan again: mice that have arrived are no longer in it.
    """
    account = Account(moves)
    for move in (progress(moves) if progress else moves):
        if account.failed:
            continue
        account.not_tried.pop(0)
        try:
            _move(client, move, journal, steps)
            account.done.append(move)
        except (RigAgentError, KeyboardInterrupt) as error:
            if isinstance(error, KeyboardInterrupt):
                error = _Interrupted('Interrupted', where=client.url)
            account.failed = move, error, _where_it_is(client, move)
            journal.note_if_possible('failed', move, error=error.what, known=account.failed[2])
    return account


def _move(client, move, journal, steps):
    now = client.state_of_mouse(move.mouse)
    if now != move.old['state']:
        raise Refused('The mouse %s is no longer on the stage that the plan says' % move.mouse, where=client.url,
                      expected=move.old['stage'], found='another stage', advice='Make the plan again.')
    journal.note(steps[0], move)
    try:
        client.set_state(move.mouse, move.new['state'])
    except RigAgentError:
        if _where_it_is(client, move) != 'moved':  # the answer may be lost though the write was done
            raise
    now = client.state_of_mouse(move.mouse)
    if now != move.new['state']:
        raise CheckFailed('mtrain said yes, and the mouse %s did not move' % move.mouse, where=client.url,
                          expected='%s' % move.new['stage'], found='state %s' % (now or {}).get('id'),
                          advice='See what the service logs; then run the command again.')
    journal.note(steps[1], move)


def _where_it_is(client, move):
    """`moved`, `not moved`, `elsewhere`, or `unknown` when the service does not tell."""
    try:
        now = client.state_of_mouse(move.mouse)
    except RigAgentError:
        return 'unknown'
    return 'moved' if now == move.new['state'] else 'not moved' if now == move.old['state'] else 'elsewhere'


# ------------------------------------------------------------------------------------------------ the journal

class Journal(object):
    """One line of JSON a step, each on disk before the next step: what `--undo` reads."""

    def __init__(self, path):
        self.path = path

    def begin(self, client, source, target, user):
        """Start a new file. Raises UsageError when it exists or cannot be written."""
        try:
            make_folder(os.path.dirname(os.path.abspath(self.path)))
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
        except OSError as error:
            raise UsageError('The journal cannot be begun', where=self.path, found=reason_of(error),
                             advice='Name a new file with --journal.')
        self._append({'step': 'journal', 'service': client.url, 'source': source, 'target': target, 'user': user})

    def note(self, step, move, **details):
        self._append(dict(details, step=step, mouse=move.mouse, old=move.old, new=move.new))

    def note_if_possible(self, step, move, **details):
        try:
            self.note(step, move, **details)
        except Refused:  # a journal that takes no more is itself what failed
            pass

    def _append(self, line):
        try:
            with io.open(self.path, 'ab') as stream:
                stream.write(json.dumps(dict(line, at=utc_now()), sort_keys=True).encode('ascii') + b'\n')
                stream.flush()
                os.fsync(stream.fileno())
        except EnvironmentError as error:
            raise Refused('The journal cannot be written', where=self.path, found=reason_of(error),
                          advice='Make room there or make it writable, and give the same command again.')

    def read(self):
        """(header, [Move] that were begun and not undone), in their order. Raises NotFound, UsageError."""
        try:
            with io.open(self.path, 'rb') as stream:
                lines = [json.loads(line.decode('utf-8')) for line in stream.read().splitlines(True)
                         if line.endswith(b'\n')]  # a last line without its end was torn by a kill
            begun = {}
            for number, line in enumerate(lines[1:]):
                if line['step'] == 'begun':
                    begun[line['mouse']] = number, Move(line['mouse'], line['old'], line['new'], 'as the journal says')
                elif line['step'] == 'undone':
                    begun.pop(line['mouse'], None)
            assert lines and lines[0]['step'] == 'journal' and isinstance(lines[0]['service'], text_type)
            return lines[0], [move for _, move in sorted(begun.values())]
        except EnvironmentError as error:
            raise NotFound('The journal cannot be read', where=self.path, found=reason_of(error))
        except (ValueError, KeyError, TypeError, AttributeError, AssertionError):
            raise UsageError('This is no journal of a migration', where=self.path,
                             expected='the file that `rig-agent migrate --write` named')


UNDO = ('undo begun', 'undone')


def plan_undo(client, moves):
    """The moves that lead back: [Move], and [(mouse, why)] where none is needed or none is possible. Writes nothing."""
    back, skipped = [], []
    for move in moves:
        now = client.state_of_mouse(move.mouse)
        if now == move.new['state']:
            back.append(Move(move.mouse, move.new, move.old, 'undo'))
        else:
            skipped.append((move.mouse, 'is where it was' if now == move.old['state'] else
                            'has gone on to another stage since; move it by hand'))
    return back, skipped
