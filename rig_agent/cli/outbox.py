"""`outbox`: outcomes that wait to be delivered."""
from __future__ import absolute_import, unicode_literals

import json

import click

from rig_agent.base.compat import json_text
from rig_agent.base.errors import CheckFailed, UsageError
from rig_agent.base.masking import mask_value
from rig_agent.base.units import utc_text
from rig_agent.cli.context import Group, common_options, pass_context
from rig_agent.cli.progress import bar


@click.group(cls=Group)
@common_options
def outbox():
    """Outcomes of ended sessions, on their way to `report.url`.

    They go by themselves after each session; what could not be delivered waits here, and each flush tries again.

    \b
    rig-agent outbox list
    rig-agent outbox flush
    """


@outbox.command('list')
@click.option('--all', 'everything', is_flag=True, help='Also what was delivered or dropped.')
@common_options
@pass_context
def list_entries(context, everything):
    """List what waits, the oldest first.

    \b
    rig-agent outbox list --all --json
    """
    box = _filled(context)
    entries = [_public(entry) for entry in box.entries(settled=everything)]
    context.result({'entries': entries, 'url': mask_value(context.configuration['report.url'])},
                   '\n'.join(_line(entry) for entry in entries) or 'Nothing waits.')


@outbox.command()
@click.option('--due', is_flag=True, help='Leave out what is in a pause after a failure.')
@common_options
@pass_context
def flush(context, due):
    """Deliver what waits; exit 7 when something could not be delivered, 1 when the receiver refused a record.

    Two flushes at once deliver each record once; a record whose answer was lost is sent again with the same
    Idempotency-Key, by which the receiver knows it.

    \b
    rig-agent outbox flush
    """
    from rig_agent.reports import delivery
    if context.offline:
        raise UsageError('A flush needs the network', found='--offline')
    if not context.configuration['report.url']:
        delivery.flush(context.configuration)  # says what is missing
    _filled(context)
    flushed = delivery.flush(context.configuration, not due, context.say, bar(context, 'delivering'))
    for identity, reason in sorted(flushed.failed.items()):
        context.warn('not delivered: %s: %s' % (identity, reason))
    for identity, reason in sorted(flushed.refused.items()):
        context.warn('refused by the receiver: %s: %s; `rig-agent outbox retry` sends it again' % (identity, reason))
    waiting = len(flushed.failed) + len(flushed.left)
    context.result(flushed.as_json(), '%d delivered, %d waiting, %d refused' % (
        len(flushed.delivered), waiting, len(flushed.refused)))
    return flushed.exit_code


@outbox.command()
@click.argument('session')
@common_options
@pass_context
def show(context, session):
    """Show the entry of SESSION (an id or its beginning) with the record that is sent.

    \b
    rig-agent outbox show 3f2a
    """
    entry = _filled(context).entry(session)
    record = json.loads(entry['document']) if entry['document'] else None
    context.result(dict(_public(entry), record=record),
                   '%s\n%s' % (_line(_public(entry)), json_text(record).rstrip() if record else 'no longer kept here'))


@outbox.command()
@click.argument('session', required=False)
@click.option('--all', 'everything', is_flag=True, help='Every entry that waits.')
@common_options
@pass_context
def retry(context, session, everything):
    """Let SESSION, or --all, be sent at the next flush though it was refused or is in a pause.

    \b
    rig-agent outbox retry --all
    """
    box = _filled(context)
    chosen = _chosen(box, session, everything)
    for entry in chosen:
        box.retry(entry['id'])
    context.result({'retried': [entry['id'] for entry in chosen]}, '%d to be sent' % len(chosen))


@outbox.command()
@click.argument('session', required=False)
@click.option('--all', 'everything', is_flag=True, help='Every entry that waits.')
@common_options
@pass_context
def drop(context, session, everything):
    """Give up delivering SESSION, or --all. The session's own folder stays as it is.

    \b
    rig-agent outbox drop 3f2a
    """
    box = _filled(context)
    chosen = _chosen(box, session, everything)
    for entry in chosen:
        box.drop(entry['id'])
    context.result({'dropped': [entry['id'] for entry in chosen]}, '%d dropped' % len(chosen))


def _filled(context):
    """The outbox, with every ended session of this home in it."""
    from rig_agent.reports.outbox import Outbox
    box = Outbox(context.configuration['home'])
    box.collect(context.configuration.sessions_folder)
    return box


def _chosen(box, session, everything):
    if bool(session) == everything:
        raise UsageError('Which session?', expected='its id, or --all')
    if everything:
        return box.entries()
    entry = box.entry(session)
    if entry['state'] not in ('queued', 'refused'):
        raise CheckFailed('This session does not wait: it was %s' % entry['state'], where=entry['id'])
    return [entry]


def _public(entry):
    """An entry as it is shown: without its document, times as text, and what the document says of the session."""
    record = json.loads(entry['document']) if entry['document'] else {}
    shown = {key: entry[key] for key in ('id', 'state', 'queued', 'settled', 'attempts', 'reason', 'folder')}
    shown['next_attempt'] = utc_text(entry['next_attempt']) if entry['next_attempt'] else None
    shown.update(stage=record.get('stage'), outcome=record.get('outcome'))
    return shown


def _line(entry):
    line = '%s  %-9s  queued %s  %s %s' % (entry['id'], entry['state'], entry['queued'], entry['stage'] or '-',
                                         entry['outcome'] or '-')
    if entry['reason'] and entry['state'] in ('queued', 'refused'):
        line += '\n    %d attempt(s): %s' % (entry['attempts'], entry['reason'])
    return line
