"""`rig-agent lock`: write down which bytes a regimen means, so that every rig runs the same."""
from __future__ import absolute_import, unicode_literals

import os

import click

from rig_agent.base.compat import reason_of
from rig_agent.base.errors import CheckFailed, Refused, UsageError, common_exit_code
from rig_agent.base.masking import mask
from rig_agent.cli import launch
from rig_agent.cli.context import common_options, pass_context
from rig_agent.regimens.references import classify
from rig_agent.scripts import fetching, lockfile


@click.command()
@click.argument('names', nargs=-1)
@click.option('--update', is_flag=True,
              help='Move NAMES, or every script that the regimen does not pin, to the newest.')
@click.option('--check', 'only_check', is_flag=True, help='Only tell whether the lock file is behind: exit 1 then.')
@common_options
@pass_context
def lock(context, names, update, only_check):
    """Write regimen.lock.json beside the regimen: md5, size, source and commit of every script of every stage.

    What is locked stays as it is, new scripts are added; --update moves scripts and shows what moves. run, cache and
    check hold to it from then on.

    \b
    rig-agent lock
    rig-agent lock --update change_detection_v2.py
    rig-agent lock --check
    """
    opened = launch.open_regimen(context)
    if opened.source.kind != 'path':
        raise UsageError('A lock file lies beside a regimen that is a file', found=opened.source.location,
                         advice='Save the regimen to a file and name that with --regimen.')
    if names and not update:
        raise UsageError('Names of scripts belong to --update', found=' '.join(names))
    standing = lockfile.beside(opened.source.folder)
    path = os.path.join(opened.source.folder, lockfile.NAME)
    if only_check:
        return _check(context, opened.regimen, standing, path)
    wanted, unusable = _obtain(context, opened, standing, names, update)
    made = _made(opened.regimen, wanted, standing, path)
    if standing is None or made.document() != standing.document():
        _write(made)
    _show(context, wanted, unusable, standing, made)
    return common_exit_code([wish.error.exit_code for wish in wanted if wish.error]
                            + [stage.problem.exit_code for stage in unusable])


def _check(context, regimen, standing, path):
    behind = standing.behind(regimen) if standing else ['there is no lock file']
    context.result({'lock': path, 'behind': behind},
                   '\n'.join(behind + ['%s is behind: rig-agent lock' % path]) if behind
                   else '%s is up to date: %d scripts' % (path, len(standing.scripts)))
    return CheckFailed.exit_code if behind else 0


def _obtain(context, opened, standing, names, update):
    """Every script of the regimen, settled; and the stages that cannot be used."""
    stages = opened.regimen.stages.values()
    holding = launch.make_resolver(context, opened)
    moving = holding.for_regimen(holding.local_regimen_folder, None, holding.siblings)
    moving.refresh = True
    usable = [stage for stage in stages if not stage.problem]
    wanted = [wish for wish in fetching.wishes(holding, opened.regimen, usable)
              if classify(wish.text).kind != 'on-paper']
    unknown = set(names) - {name for wish in wanted for name in (wish.text, classify(wish.text).name)}
    if unknown:
        raise UsageError('The regimen uses no such script', found=', '.join(sorted(unknown)))
    for wish in wanted:
        if update and (not names or set(names) & {wish.text, classify(wish.text).name}):
            wish.resolver = moving
        elif standing is None or standing.entry(wish.text) is None:
            wish.resolver = moving  # it is new in the regimen: the newest is meant
    for wish in fetching.fetch_all(wanted):
        for note in wish.script.notes if wish.script else ():
            (context.warn if wish.state == fetching.KEPT else context.detail)('%s: %s' % (mask(wish.text), note))
    return wanted, [stage for stage in stages if stage.problem]


def _made(regimen, wanted, standing, path):
    """The new lock file. What could not be had, or has the same bytes, keeps its entry: a diff shows what moved."""
    made = lockfile.LockFile(path, regimen=regimen.name)
    for wish in wanted:
        before = standing.entry(wish.text, wish.script and wish.script.found_md5) if standing else None
        entry = lockfile.entry_of(wish.script) if wish.script else before
        if before and entry['md5'] == before['md5'] and entry.get('source') == before.get('source'):
            entry = before
        for _, stage, place in wish.stages if entry else ():
            made.lock(stage, place, wish.text, entry)
    return made


def _write(made):
    try:
        made.write()
    except EnvironmentError as error:
        raise Refused('The lock file cannot be written', where=made.where, found=reason_of(error),
                      advice='Make the folder of the regimen writable for this account.')


def _show(context, wanted, unusable, standing, made):
    before = standing.scripts if standing else {}
    added = sorted(set(made.scripts) - set(before))
    removed = sorted(set(before) - set(made.scripts))
    moved = sorted(key for key in set(before) & set(made.scripts) if before[key]['md5'] != made.scripts[key]['md5'])
    lines = ['added    %s  %s' % (key, _about(made.scripts[key])) for key in added]
    lines += ['removed  %s' % key for key in removed]
    for key in moved:
        lines += ['moved    %s' % key, '  from   %s' % _about(before[key]), '  to     %s' % _about(made.scripts[key])]
    lines += ['failed   %s\n  %s' % (mask(wish.text), wish.error) for wish in wanted if wish.error]
    lines += ['failed   stage %s\n  %s' % (stage.name, stage.problem) for stage in unusable]
    lines.append('%s: %d scripts of %d stages; added %d, moved %d, removed %d' % (
        made.where, len(made.scripts), len(made.stages), len(added), len(moved), len(removed)))
    context.result({
        'lock': made.where, 'scripts': len(made.scripts), 'stages': len(made.stages),
        'added': added, 'removed': removed,
        'moved': {key: {'from': before[key], 'to': made.scripts[key]} for key in moved},
        'failed': [dict(wish.error.as_json(), reference=mask(wish.text)) for wish in wanted if wish.error]
        + [dict(stage.problem.as_json(), stage=stage.name) for stage in unusable]}, '\n'.join(lines))


def _about(entry):
    return '%s%s' % (entry['md5'], ' at commit %s' % entry['commit'][:12] if entry.get('commit') else '')
