"""`migrate`: move the mice of one regimen to another, or take that back."""
from __future__ import absolute_import, unicode_literals

import os
import uuid

import click

from rig_agent.base.errors import Refused, UsageError
from rig_agent.base.files import slug
from rig_agent.base.units import local_stamp
from rig_agent.cli.context import common_options, pass_context
from rig_agent.cli.login import log_in
from rig_agent.cli.progress import bar
from rig_agent.rig.subject import parse_mouse

DEFAULT_MAP = 'migrations.yml'


@click.command()
@click.option('--source', metavar='REGIMEN', help='The regimen that mice leave, by its whole name.')
@click.option('--target', metavar='REGIMEN', help='The regimen that they go to.')
@click.option('--map', 'map_file', metavar='FILE', help='Which stage becomes which between majors; default: %s here.'
              % DEFAULT_MAP)
@click.option('--mouse', 'mice', metavar='ID', multiple=True, help='Only this mouse; may be repeated.')
@click.option('--undo', metavar='JOURNAL', help='Take back what the journal of an earlier migration says was done.')
@click.option('--journal', metavar='FILE', help='Where to write what is done; default: a new file below the home.')
@click.option('--write', is_flag=True, help='Do it. Without this, only the plan is shown.')
@common_options
@pass_context
def migrate(context, source, target, map_file, mice, undo, journal, write):
    """Move every mouse of one regimen to another: show the plan, and with --write carry it out.

    Stages keep their names within a major version (the name up to its first dot); otherwise migrations.yml says
    `SourceMajor: {TargetMajor: {old_stage: new_stage}}`. Each write is read back, the first failure ends it with an
    account, and the same command can be given again. The login comes from RIG_AGENT_MTRAIN_USER and
    RIG_AGENT_MTRAIN_PASSWORD, or is asked for.

    \b
    rig-agent migrate --source Task1A_v1.0.3 --target Task1A_v1.0.4
    rig-agent migrate --source Task1A_v1.0.3 --target Task1A_v1.0.4 --write
    rig-agent migrate --undo JOURNAL --write
    """
    from rig_agent.mtrain import migration
    from rig_agent.mtrain.client import open_client
    if bool(undo) == bool(source or target) or bool(source) != bool(target):
        raise UsageError('What to migrate?', expected='--source with --target, or --undo')
    client = open_client(context.configuration, context.offline)
    if undo:
        return _undo(context, client, undo, write)
    moves = migration.plan(client, source, target, _stage_map(map_file), [parse_mouse(mouse) for mouse in mice])
    _show_plan(context, moves, write)
    if not write or not moves:
        context.result({'written': False, 'plan': [_as_json(move) for move in moves]},
                       'No mouse is on %s.' % source if not moves else 'Nothing was written; --write does it.')
        return 0
    user = log_in(client)
    log = migration.Journal(journal or _new_journal(context.configuration['home'], source, target))
    log.begin(client, source, target, user)
    context.say('journal: %s' % log.path)
    return _report(context, migration.carry_out(client, moves, log, progress=bar(context, 'moving')), log)


def _new_journal(home, source, target):
    name = '%s_%s_to_%s_%s.jsonl' % (local_stamp(), slug(source), slug(target), uuid.uuid4().hex[:8])
    return os.path.join(home, 'migrations', name)


def _undo(context, client, path, write):
    from rig_agent.mtrain import migration
    log = migration.Journal(path)
    header, done = log.read()
    if header['service'] != client.url:
        raise Refused('This journal is of another service', where=path, expected=header['service'], found=client.url,
                      advice='Set mtrain.url, or RIG_AGENT_MTRAIN_URL, to that one.')
    moves, skipped = migration.plan_undo(client, done)
    _show_plan(context, moves, write)
    for mouse, why in skipped:
        context.say('%s  %s' % (mouse, why))
    if not write or not moves:
        context.result({'written': False, 'plan': [_as_json(move) for move in moves], 'skipped': dict(skipped)},
                       'Nothing is left to undo.' if not moves else 'Nothing was written; --write does it.')
        return 0
    log_in(client)
    return _report(context, migration.carry_out(client, moves, log, migration.UNDO, bar(context, 'moving back')), log,
                   dict(skipped))


def _stage_map(named):
    from rig_agent.mtrain import migration
    if named or os.path.isfile(DEFAULT_MAP):
        return migration.read_map(named or DEFAULT_MAP)
    return {}


def _show_plan(context, moves, write):
    for move in moves:
        context.say('%s  %s -> %s  (%s)' % (move.mouse, move.old['stage'], move.new['stage'], move.why))
    if moves:
        context.say('%d %s: %s -> %s%s' % (
            len(moves), 'mouse' if len(moves) == 1 else 'mice', moves[0].old['regimen'], moves[0].new['regimen'],
            '' if write else ' (a plan)'))


def _report(context, account, log, skipped=None):
    """Say what became of the moves; the exit code."""
    failed = None
    lines = ['done: %s' % (', '.join(move.mouse for move in account.done) or 'none')]
    if account.failed:
        move, error, known = account.failed
        context.complain(error)
        failed = {'mouse': move.mouse, 'known': known, 'error': error.as_json()}
        lines += ['failed: %s (%s)' % (move.mouse, known),
                  'not tried: %s' % (', '.join(move.mouse for move in account.not_tried) or 'none'),
                  'Give the same command again to go on; the journal can be undone.']
    context.result({'written': True, 'done': [_as_json(move) for move in account.done], 'failed': failed,
                    'not_tried': [move.mouse for move in account.not_tried], 'skipped': skipped or {},
                    'journal': log.path}, '\n'.join(lines))
    return account.failed[1].exit_code if account.failed else 0


def _as_json(move):
    return {'mouse': move.mouse, 'why': move.why, 'old_stage': move.old['stage'], 'new_stage': move.new['stage'],
            'source': move.old['regimen'], 'target': move.new['regimen']}
