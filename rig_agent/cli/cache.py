"""`rig-agent cache`: the scripts of this rig, kept by the md5 of their exact bytes."""
from __future__ import absolute_import, unicode_literals

import time
from contextlib import contextmanager

import click

from rig_agent.base import units
from rig_agent.base.compat import monotonic
from rig_agent.base.errors import CheckFailed, Refused, UsageError, common_exit_code
from rig_agent.cli import launch, opening
from rig_agent.cli.context import Group, common_options, pass_context
from rig_agent.cli.progress import is_seen
from rig_agent.regimens.references import classify
from rig_agent.scripts import cache as caches
from rig_agent.scripts import fetching, lockfile


@click.group(cls=Group)
@common_options
def cache():
    """The scripts of this rig, kept by the md5 of their exact bytes.

    \b
    rig-agent cache fetch --all
    rig-agent cache list
    """


@cache.command()
@click.argument('stages', nargs=-1)
@click.option('--all', 'everything', is_flag=True, help='Every stage of the regimen.')
@click.option('--also', metavar='REGIMEN', multiple=True, help='Every stage of this regimen too; can be repeated.')
@click.option('--mouse', 'mice', metavar='ID', multiple=True,
              help='The stage that mtrain has for this mouse; can be repeated.')
@click.option('--parallel', metavar='N', type=click.IntRange(1, 64), default=fetching.SIDE_BY_SIDE, show_default=True,
              help='Downloads side by side.')
@click.option('--accept-md5', metavar='NAME', multiple=True,
              help='Accept this script though its script_md5 is malformed.')
@common_options
@pass_context
def fetch(context, stages, everything, also, mice, parallel, accept_md5):
    """Fetch the scripts of STAGES, nested ones too, for tomorrow; what is there and asserted is not asked for.

    Scripts that nobody pins are asked for again; when that fails, the copy of before stays. One failure loses none of
    the others. The exit code is the failures' when they share it, else 1.

    \b
    rig-agent cache fetch --all
    rig-agent cache fetch TRAINING_1_gratings TRAINING_2_gratings_flashed
    rig-agent cache fetch --all --also git:VisualBehavior_Task1A_v1.0.3
    rig-agent cache fetch --mouse 612345 --mouse 612346
    """
    if not (stages or everything or also or mice):
        raise UsageError('Which stages?', expected='names of stages, --all, --also REGIMEN or --mouse ID')
    started = monotonic()
    wanted, unusable = _wishes(context, stages, everything, list(also) + ['mtrain:' + mouse for mouse in mice],
                               accept_md5)
    with _bar(context, len(wanted)) as bar:
        settled = []
        for wish in fetching.fetch_all(wanted, parallel, bar.bytes):
            settled.append(wish)
            bar.done(wish)
    summary = _summary(wanted, unusable)
    context.result(dict(summary, scripts=[wish.as_json() for wish in wanted],
                        unusable=[dict(error.as_json(), stage=stage) for stage, error in unusable]),
                   '\n'.join(_report(wanted, unusable, summary, monotonic() - started)))
    for wish in wanted:
        for note in wish.script.notes if wish.script else ():
            (context.warn if wish.state == fetching.KEPT else context.detail)('%s: %s' % (_title(wish), note))
    return common_exit_code([wish.error.exit_code for wish in wanted if wish.error]
                            + [error.exit_code for _, error in unusable])


def _wishes(context, stages, everything, more, accepted):
    """Every script to be had, of every regimen that was named; and the stages that cannot be used, with why."""
    wanted, unusable, first = [], [], None
    names = ([None] if stages or everything else []) + more
    for name in names:
        opened = launch.Opened(*opening.open_regimen(context, name))
        if first is None:
            first = resolver = launch.make_resolver(context, opened, overrides=accepted)
            resolver.refresh = True
        else:
            resolver = first.for_regimen(opened.source.folder if opened.source.kind == 'path' else None,
                                         lockfile.of_source(opened.source, context.configuration, context.offline),
                                         fetching.asserted_by(opened.regimen))
        named = stages if name is None and not everything else opened.regimen.stages
        chosen = [opened.regimen.stage(stage) if name is None and stages else opened.regimen.stages[stage]
                  for stage in named]
        unusable.extend((stage.name, stage.problem) for stage in chosen if stage.problem)
        wanted.extend(fetching.wishes(resolver, opened.regimen, [stage for stage in chosen if not stage.problem]))
    on_paper = [wish for wish in wanted if classify(wish.text).kind == 'on-paper']
    for wish in on_paper if everything or more else ():
        wanted.remove(wish)
        context.detail('%s: on paper only' % ', '.join(stage for _, stage, _ in wish.stages))
    return wanted, unusable


def _summary(wanted, unusable):
    counts = {state: [wish for wish in wanted if wish.state == state]
              for state in (fetching.FETCHED, fetching.THERE, fetching.KEPT, fetching.FAILED)}
    summary = {state.replace(' ', '_'): len(found) for state, found in counts.items()}
    summary['bytes_fetched'] = sum(wish.script.size for wish in counts[fetching.FETCHED])
    summary['failed'] += len(unusable)
    return summary


def _report(wanted, unusable, summary, seconds):
    for wish in wanted:
        if wish.state in (fetching.FETCHED, fetching.KEPT):
            yield '%-8s %s  %s  %s  %s' % (wish.state, _title(wish), wish.script.found_md5,
                                           units.format_size(wish.script.size), wish.script.origin)
    for wish in wanted:
        if wish.error:
            users = _few([stage for _, stage, _ in wish.stages])
            yield 'failed   %s (%s)\n  %s' % (_title(wish), users, '%s' % wish.error)
    for stage, error in unusable:
        yield 'failed   stage %s\n  %s' % (stage, '%s' % error)
    yield 'fetched %d (%s), already there %d, %sfailed %d, in %s' % (
        summary['fetched'], units.format_size(summary['bytes_fetched']), summary['already_there'],
        'kept %d as they were, ' % summary['kept'] if summary['kept'] else '', summary['failed'],
        units.format_duration(seconds))


def _title(wish):
    return classify(wish.text).name or wish.text


def _few(names, most=3):
    return ', '.join(names[:most]) + (' and %d more' % (len(names) - most) if len(names) > most else '')


class _Silence(object):
    """Stands for the bar where nobody would see one."""
    bytes = None

    def done(self, wish):
        pass


class _Bar(object):
    def __init__(self, bar):
        self.bar, self.count = bar, 0
        self.name = ''

    def bytes(self, count):
        self.count += count  # from several threads: a number for the eye, a lost update costs nothing

    def done(self, wish):
        self.name = _title(wish)
        self.bar.update(1)


@contextmanager
def _bar(context, length):
    if not is_seen(context) or length < 2:
        yield _Silence()
        return
    with click.progressbar(length=length, label='Scripts', item_show_func=lambda _: shown.text()) as bar:
        shown = _Bar(bar)
        shown.text = lambda: '%s  %s' % (units.format_size(shown.count), shown.name)
        yield shown


# ------------------------------------------------------------------------------------------------ list, verify, gc

@cache.command('list')
@common_options
@pass_context
def list_scripts(context):
    """List what the cache holds: name, md5, size, source, commit, age, and which stages use it.

    \b
    rig-agent cache list
    rig-agent --json cache list
    """
    store = caches.Cache(context.configuration['cache'], say=context.warn)
    rows = [_row(store, reference, entry, index)
            for reference, newest in sorted(store.manifest().items())
            for index, entry in enumerate([newest] + newest.get('earlier', []))]
    indexed = {row['md5'] for row in rows}
    rows += [_row(store, None, {'md5': md5}, 0) for md5 in store.objects() if md5 not in indexed]
    context.result({'cache': store.folder, 'scripts': rows},
                   '\n'.join(_table(rows)) or 'The cache %s is empty.' % store.folder)


def _row(store, reference, entry, index):
    row = {name: entry.get(name) for name in ('md5', 'size', 'kind', 'source', 'served_by', 'commit', 'fetched_at')}
    row.update(reference=reference, name=classify(reference).name if reference else None, newest=index == 0,
               used_by=entry.get('used_by', []), there=store.has_object(entry['md5']), age=None)
    if row['fetched_at']:
        row['age'] = round(max(0.0, time.time() - units.parse_utc(row['fetched_at'])), 1)
    return row


def _table(rows):
    for row in rows:
        origin = row['source'] or 'not in the index'
        if row['commit'] and row['commit'] not in origin:
            origin += ' at commit %s' % row['commit'][:12]
        if row['served_by']:
            origin += ', served by %s' % row['served_by']
        yield '%s  %8s  %-14s %s%s' % (
            row['md5'], units.format_size(row['size']),
            units.format_duration(row['age']) + ' old' if row['age'] is not None else '-',
            row['name'] or row['reference'] or '(unknown)', '' if row['newest'] else ' (earlier)')
        yield '    %s%s' % (origin, '' if row['there'] else '  MISSING: fetch it again')
        if row['used_by']:
            yield '    used by %s' % _few(row['used_by'])


@cache.command()
@common_options
@pass_context
def verify(context):
    """Hash every script in the cache in full; damaged ones are set aside and named. Exit 1 when one is damaged or gone.

    \b
    rig-agent cache verify
    """
    store = caches.Cache(context.configuration['cache'], say=context.warn)
    whole, damaged = store.verify()
    names = {md5: store.record_of_bytes(md5)[0] for md5 in damaged}
    missing = sorted({entry['md5']: reference for reference, newest in store.manifest().items()
                      for entry in [newest] if entry['md5'] not in whole and entry['md5'] not in damaged}.items())
    lines = ['damaged  %s  %s: set aside %s' % (md5, names[md5] or '(unknown)', kept)
             for md5, kept in sorted(damaged.items())]
    lines += ['missing  %s  %s' % found for found in missing]
    lines.append('%d whole, %d damaged, %d missing%s' % (
        len(whole), len(damaged), len(missing), '; rig-agent cache fetch brings them' if damaged or missing else ''))
    context.result({'cache': store.folder, 'whole': len(whole),
                    'damaged': [{'md5': md5, 'reference': names[md5], 'set_aside': damaged[md5]}
                                for md5 in sorted(damaged)],
                    'missing': [{'md5': md5, 'reference': reference} for md5, reference in missing]}, '\n'.join(lines))
    return CheckFailed.exit_code if damaged or missing else 0


@cache.command()
@click.option('--keep', metavar='REGIMEN', multiple=True,
              help='Keep only what the stages of this regimen use; can be repeated.')
@click.option('--dry-run', is_flag=True, help='Say what would go; remove nothing.')
@common_options
@pass_context
def gc(context, keep, dry_run):
    """Remove scripts that no name, URL or asserted md5 stands for; with --keep all that these regimens do not use.

    \b
    rig-agent cache gc --dry-run
    rig-agent cache gc --keep regimen.yml --keep git:VisualBehavior_Task1A_v1.0.3
    """
    store = caches.Cache(context.configuration['cache'], say=context.say)
    if not keep and not store.has_index and store.objects():
        raise Refused('The index of the cache is gone or broken: nobody can tell which scripts are still wanted',
                      where=store.folder, advice='Run rig-agent cache fetch --all for the regimens of this rig first, '
                      'or name what to keep with --keep REGIMEN.')
    kept = _md5s_in_use(context, keep) if keep else _md5s_in_index(store)
    names = {md5: store.record_of_bytes(md5)[0] for md5 in store.objects()}
    if dry_run:
        gone = [(md5, store.size(md5)) for md5 in store.objects() if md5 not in kept]
    else:
        gone = store.forget(kept)
    lines = ['%s  %s  %s' % (md5, units.format_size(size), names.get(md5) or '(unknown)') for md5, size in gone]
    lines.append('%s %d of %d scripts, %s' % ('would remove' if dry_run else 'removed', len(gone), len(names),
                                              units.format_size(sum(size for _, size in gone))))
    context.result({'cache': store.folder, 'dry_run': dry_run, 'kept': len(names) - len(gone),
                    'removed': [{'md5': md5, 'size': size, 'reference': names.get(md5)} for md5, size in gone]},
                   '\n'.join(lines))


def _md5s_in_index(store):
    """The newest md5 of each name and URL, and every one that a regimen or its lock file asserted."""
    return {entry['md5'] for newest in store.manifest().values()
            for entry in [newest] + [earlier for earlier in newest.get('earlier', []) if earlier.get('asserted')]}


def _md5s_in_use(context, regimens):
    """The md5s that the stages of some regimens use: asserted by them or their locks, else as the index has them."""
    used = set()
    for name in regimens:
        opened = launch.Opened(*opening.open_regimen(context, name))
        resolver = launch.make_resolver(context, opened)
        for stage in opened.regimen.stages.values():
            for _, role, text, md5 in fetching.scripts_of(stage) if not stage.problem else ():
                planned = resolver.plan(text, md5, role)
                used.update(md5 for md5 in (planned.expected_md5, planned.found_md5) if md5)
    return used
