"""`logs`: what sessions printed, searched and handed over: as one zip, or as verified copies on a share."""
from __future__ import absolute_import, unicode_literals

import os
import re

import click

from rig_agent.base.compat import message_of, printed_text
from rig_agent.base.errors import Refused, UsageError
from rig_agent.base.files import slug
from rig_agent.base.masking import mask, mask_bytes, mask_value
from rig_agent.base.units import format_size, local_stamp, parse_duration
from rig_agent.cli.context import Group, common_options, pass_context, writing
from rig_agent.cli.progress import counting_bar
from rig_agent.rig.subject import parse_mouse
from rig_agent.sessions import listing, record

LONGEST_LINE = 2000  # characters of a line that is shown


def selection(command):
    """The options that choose sessions; the command gets `folders`, a function of the configuration."""
    import functools

    @click.option('--id', 'ids', metavar='ID', multiple=True, help='This session, or `last`; may be repeated.')
    @click.option('--stage', metavar='STAGE', help='Only sessions of this stage.')
    @click.option('--mouse', metavar='ID', help='Only sessions of this mouse.')
    @click.option('--outcome', type=click.Choice(record.OUTCOMES + ('running',)), help='Only sessions that ended so.')
    @click.option('--since', metavar='DAY', help='From this day on, such as 2026-11-23.')
    @click.option('--until', metavar='DAY', help='Up to this day.')
    @functools.wraps(command)
    def with_selection(*args, **options):
        chosen = {name: options.pop(name) for name in ('ids', 'stage', 'mouse', 'outcome', 'since', 'until')}
        return command(*args, chosen=chosen, **options)
    return with_selection


def chosen_records(configuration, chosen):
    """The records that the options choose, oldest first. Raises NotFound for an id that is none."""
    if chosen['ids']:
        return [record.read(listing.find(configuration, text)) for text in chosen['ids']]
    mouse = parse_mouse(chosen['mouse']) if chosen['mouse'] is not None else None
    return listing.list_sessions(configuration, chosen['stage'], mouse, chosen['outcome'], chosen['since'],
                                 chosen['until'])[::-1]


@click.group(cls=Group)
@common_options
def logs():
    """What sessions printed, and handing it to somebody else.

    \b
    rig-agent logs tail
    rig-agent logs grep "vsync" --since 2026-11-01
    rig-agent logs collect --outcome failed
    rig-agent logs collect --to //server/share/rig_logs --prune 30d
    """


@logs.command()
@selection
@click.option('--output', '-o', metavar='FILE',
              help='The zip to write; default: rig_agent_logs_<computer>_<time>.zip here.')
@click.option('--to', 'share', metavar='DIR', help='Copy into this folder instead, such as a share; can be run again.')
@click.option('--prune', metavar='AGE',
              help='With --to: remove sessions older than this, such as 30d, that are safe there.')
@common_options
@pass_context
def collect(context, chosen, output, share, prune):
    """Hand sessions over: one zip, or verified copies in a folder. Secrets in texts are masked.

    The zip has records, logs, events, resources, the agent's own logs, the configuration and doctor's result; outputs
    (.pkl, .hdf5) are not in it. --to copies them too, byte for byte, and goes on where it was when run again.

    \b
    rig-agent logs collect --mouse 612345 --since 2026-11-20
    rig-agent logs collect --to //server/share/rig_logs --prune 30d
    """
    if share and output or prune and not share:
        raise UsageError('--output is for a zip, --prune for copies made with --to')
    older_than = parse_duration(prune) if prune else None
    records = chosen_records(context.configuration, chosen)
    return _copy(context, records, share, older_than) if share else _zip(context, records, output)


def _zip(context, records, output):
    from rig_agent.reports import bundle, material, overview, page, readiness
    from rig_agent.rig import checks
    configuration = context.configuration
    path = os.path.abspath(output or '%s%s_%s.zip' % (bundle.NAME_BEGINS, slug(configuration['rig.computer']),
                                                      local_stamp()))
    if os.path.exists(path):
        raise Refused('This file is there already', where=path, advice='Name another one with --output.')
    folders = [_folder(configuration, values) for values in records]
    known = material.known_secrets(folders, configuration['report.token_file'])
    documents = {
        'configuration.json': {'file': configuration.path, 'values': configuration.values,
                               'origins': configuration.origins},
        'doctor.json': [result.as_json() for result in checks.run_all(
            readiness.doctor_checks(configuration, context.offline))]}
    pages = {'sessions/%s/page.html' % os.path.basename(folder): page.make(folder, known) for folder in folders}
    pages['index.html'] = overview.make(records, 'Sessions handed over', known,
                                        lambda values: 'sessions/%s/page.html' % os.path.basename(values['folder']))
    size = bundle.size_of(folders, configuration['home'])
    with writing('The zip', path), counting_bar(context, size, 'Collecting') as advance:
        manifest = bundle.write_bundle(path, folders, documents, configuration['home'], known, pages, advance)
    problems = ['%s: %s' % (name, part['reason']) for name, part in sorted(manifest['left_out'].items())
                if part['reason'] != bundle.NOT_TEXT]
    for problem in problems:
        context.warn('not in the zip: %s' % problem)
    size, count = os.path.getsize(path), len(manifest['files'])
    context.result({'file': path, 'size': size, 'sessions': len(records), 'files': count, 'problems': problems},
                   '%d sessions, %d files: %s (%s)' % (len(records), count, path, format_size(size)))
    return 1 if problems else 0


def _copy(context, records, share, older_than):
    from rig_agent.reports import material, transfer
    configuration = context.configuration
    place = transfer.place_for(share, configuration)
    running = [values['id'][:8] for values in records if values['state'] != 'ended']
    if running:
        context.warn('still running, not copied: %s' % ', '.join(running))
    folders = [_folder(configuration, values) for values in records if values['state'] == 'ended']
    home = configuration['home']
    with writing('The home', home), transfer.alone(home, context.say):
        transfer.sweep_pruned(configuration.sessions_folder, context.warn)
        folders = [folder for folder in folders if os.path.isdir(folder)]
        total = sum(entry.size for folder in folders for entry in material.entries(folder))
        with counting_bar(context, total, 'Copying') as advance:
            copier = transfer.Copier(place, on_bytes=advance)

            def work():
                for folder in folders:
                    copier.known = material.known_secrets([folder], configuration['report.token_file'])
                    copier.copy(folder)
            transfer.bounded(work, share, progress=lambda: (copier.steps, copier.bytes))
        pruned, kept = _prune(context, folders, place, older_than) if older_than is not None else ([], {})
    for problem in copier.problems:
        context.warn('not copied: %s' % problem)
    text = '%d sessions in %s: %d files copied and verified, %d were there.' % (len(folders), place, copier.copied,
                                                                              copier.unchanged)
    if older_than is not None:
        text += '\n%d sessions removed from this rig, %d stay%s.' % (len(pruned), len(kept),
                                                                     ' (-v: why)' if kept else '')
    context.result({'place': place, 'sessions': len(folders), 'copied': copier.copied, 'unchanged': copier.unchanged,
                    'problems': copier.problems, 'pruned': pruned, 'kept': kept}, text)
    return 1 if copier.problems else 0


def _prune(context, folders, place, older_than):
    from rig_agent.reports import transfer
    from rig_agent.reports.outbox import Outbox
    if context.configuration['report.url']:  # outcomes outlive sessions
        Outbox(context.configuration['home']).collect(context.configuration.sessions_folder)
    pruned, kept = [], {}
    for folder in folders:
        reason = transfer.prune(folder, place, older_than)
        if reason is None:
            pruned.append(os.path.basename(folder))
        else:
            kept[os.path.basename(folder)] = reason
            context.detail('%s stays: %s' % (os.path.basename(folder), reason))
    return pruned, kept


def _folder(configuration, values):
    """Where a session lies now; the home may have been moved since its record was written."""
    here = os.path.join(configuration.sessions_folder, os.path.basename(values['folder']))
    return here if os.path.isdir(here) else values['folder']


# ------------------------------------------------------------------------------------------------ looking

@logs.command()
@click.argument('session', metavar='[ID]', required=False)
@click.option('-n', '--lines', 'count', metavar='N', type=click.IntRange(0), default=20,
              help='So many lines; default: 20.')
@click.option('--stderr', 'stream', flag_value='stderr', help='Of stderr instead of stdout.')
@click.option('--agent', 'stream', flag_value='events', help='What the agent did instead of what the script printed.')
@common_options
@pass_context
def tail(context, session, count, stream):
    """Print the end of a session's log; default: of the last session. To follow a running one: sessions follow.

    \b
    rig-agent logs tail
    rig-agent logs tail 2dd4b995 --stderr -n 100
    """
    folder = listing.find(context.configuration, session or 'last')
    name = 'events.jsonl' if stream == 'events' else '%s.log' % (stream or 'stdout')
    lines = last_lines(os.path.join(folder, name), count)
    context.result({'folder': folder, 'log': name, 'lines': lines}, '\n'.join(lines) or '(%s is empty)' % name)


def last_lines(path, count):
    """The last lines of a log as text, masked, each cut to what a screen can show."""
    try:
        with open(path, 'rb') as stream:
            stream.seek(0, 2)
            stream.seek(max(stream.tell() - count * LONGEST_LINE - 1, 0))
            lines = printed_text(mask_bytes(stream.read().lstrip(b'\0'))).splitlines()
    except EnvironmentError:
        return []
    return [_shortened(line) for line in lines[-count:]] if count else []


@logs.command()
@click.argument('pattern')
@selection
@click.option('-i', '--ignore-case', is_flag=True, help='Take upper and lower case for the same.')
@common_options
@pass_context
def grep(context, pattern, chosen, ignore_case):
    """Search what sessions printed, and what the agent noted, for a regular expression. Exit 1 when nothing is found.

    \b
    rig-agent logs grep "dropped frames" --since 2026-11-01
    rig-agent logs grep -i traceback --mouse 612345
    """
    try:
        expression = re.compile(pattern.encode('utf-8'), re.IGNORECASE if ignore_case else 0)
    except re.error as error:
        raise UsageError('This is no regular expression: %s' % message_of(error), found=pattern)
    found = 0
    matches = []
    for values in chosen_records(context.configuration, chosen):
        for name in ('stdout.log', 'stderr.log', 'events.jsonl'):
            for number, line in _matching(os.path.join(_folder(context.configuration, values), name), expression):
                found += 1
                match = {'session': values['id'], 'log': name, 'line': number, 'text': line}
                if context.json:
                    matches.append(mask_value(match))
                else:
                    click.echo('%s %s:%d: %s' % (values['id'][:8], name, number, mask(line)))
    if context.json:
        context.result({'matches': matches}, None)
    return 0 if found else 1


def _matching(path, expression):
    from rig_agent.reports.material import blocks
    number, rest = 0, b''
    try:
        for block in blocks(path):
            lines = (rest + block).split(b'\n')
            rest = lines.pop()
            for line in lines:
                number += 1
                if expression.search(line):
                    yield number, _shortened(printed_text(mask_bytes(line)))
            if len(rest) > 1 << 22:  # a line without an end is searched in parts
                if expression.search(rest):
                    yield number + 1, _shortened(printed_text(mask_bytes(rest[:LONGEST_LINE])))
                rest = b''
        if rest and expression.search(rest):
            yield number + 1, _shortened(printed_text(mask_bytes(rest)))
    except EnvironmentError:
        return


def _shortened(line):
    return line if len(line) <= LONGEST_LINE else line[:LONGEST_LINE] + ' ...'
