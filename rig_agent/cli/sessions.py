"""`sessions`, `stop`, `status`: what ran, what runs, and ending it, from any console of the rig."""
from __future__ import absolute_import, unicode_literals

import os
import sys

import click

from rig_agent.base.errors import CheckFailed, Refused, UsageError
from rig_agent.base.units import format_duration, format_size
from rig_agent.cli.context import Group, common_options, pass_context
from rig_agent.reports import summary
from rig_agent.rig.identity import user_name
from rig_agent.rig.subject import parse_mouse
from rig_agent.sessions import follow as following
from rig_agent.sessions import listing, record, stopping
from rig_agent.sessions.outcome import exit_code_of

STOP_PATIENCE = 15.0  # seconds beyond the session's own graces that `stop` waits for the record to close
RECOVER_PATIENCE = 5.0  # seconds that closing the record of a session that is over may take
OUTCOMES = record.OUTCOMES + ('running',)


@click.group(cls=Group, invoke_without_command=True)
@common_options
@click.pass_context
def sessions(ctx):
    """What ran on this rig and what runs now.

    \b
    rig-agent sessions
    rig-agent sessions list --mouse 612345 --outcome failed
    rig-agent sessions show 2dd4b995
    """
    if ctx.invoked_subcommand is None:
        return ctx.invoke(list_)


@sessions.command('list')
@click.option('--stage', metavar='STAGE', help='Only sessions of this stage.')
@click.option('--mouse', metavar='ID', help='Only sessions of this mouse.')
@click.option('--outcome', type=click.Choice(OUTCOMES), help='Only sessions that ended so.')
@click.option('--since', metavar='DAY', help='From this day on, such as 2026-11-23.')
@click.option('--until', metavar='DAY', help='Up to this day.')
@click.option('--limit', metavar='N', type=click.IntRange(1), default=20,
              help='At most so many, the newest; default: 20.')
@common_options
@pass_context
def list_(context, stage=None, mouse=None, outcome=None, since=None, until=None, limit=20):
    """List sessions, newest first.

    \b
    rig-agent sessions list --outcome failed --since 2026-11-01
    """
    mouse = parse_mouse(mouse) if mouse is not None else None
    found = listing.list_sessions(context.configuration, stage, mouse, outcome, since, until, limit)
    context.result({'sessions': found}, '\n'.join(_row(values) for values in found) or 'No sessions.')


def _row(values):
    return '%s  %s  %-11s %-9s %-8s %s' % (
        values['id'][:8], record.local_time(values), values['outcome'] or values['state'],
        format_duration(values['times']['duration_s']), values['subject'] or '-', values['stage'])


@sessions.command()
@click.argument('session', metavar='ID')
@click.option('--html', is_flag=True, help='Write a page of it, page.html in its folder, and name it.')
@click.option('--output', '-o', '--to', 'path', metavar='FILE', help='With --html: write it there instead.')
@click.option('--open', 'opened', is_flag=True, help='With --html: open it in the browser.')
@common_options
@pass_context
def show(context, session, html, path, opened):
    """Show one session: ID is its id or the beginning of it, its folder, or `last`.

    \b
    rig-agent sessions show last
    rig-agent sessions show last --html --open
    """
    folder = listing.find(context.configuration, session)
    if html or path or opened:
        from rig_agent.cli import pages
        return pages.show(context, folder, path, opened)
    values = record.read(folder)
    tail = values['stderr_tail']
    text = summary.text(values)
    context.result(values, text + ('\n\nthe end of stderr:\n%s' % tail if tail and not values['outcome'] == 'completed'
                                   else ''))


@sessions.command()
@click.option('--since', metavar='DAY', help='From this day on, such as 2026-11-23.')
@click.option('--until', metavar='DAY', help='Up to this day.')
@click.option('--html', is_flag=True,
              help='Write a page, with pages of the sessions that did not end well, and name it.')
@click.option('--output', '-o', '--to', 'path', metavar='FILE',
              help='With --html: where; default: report_<time>.html in the home.')
@click.option('--open', 'opened', is_flag=True, help='With --html: open it in the browser.')
@common_options
@pass_context
def report(context, since, until, html, path, opened):
    """How sessions ended, by day, rig, stage and mouse, failures first.

    \b
    rig-agent sessions report --since 2026-11-01
    rig-agent sessions report --since 2026-11-01 --html --open
    """
    from rig_agent.cli import pages
    return pages.report(context, since, until, html or bool(path) or opened, path, opened)


@sessions.command()
@click.argument('session', metavar='[ID]', required=False)
@click.option('--new-only', is_flag=True, help='Leave out what the script has printed so far.')
@common_options
@pass_context
def follow(context, session, new_only):
    """Follow a running session's output to its end; Ctrl-C leaves it running.

    \b
    rig-agent sessions follow
    """
    folder = _one(context, session)
    from rig_agent.cli import live
    try:
        with live.console(context) as console:
            values = following.follow(folder, console.output, console.on_state, new_only, console.between)
    except KeyboardInterrupt:
        context.say('The session goes on; `rig-agent stop` ends it.')
        return 130
    context.result(values, live.ended(values))
    return exit_code_of(values)


@sessions.command()
@common_options
@pass_context
def recover(context):
    """Take up every session whose keeper is gone: kept to its end when it runs, else its record closed.

    Every other command does the same before it does its own work.

    \b
    rig-agent sessions recover
    """
    configuration = context.configuration  # reading it takes up what is open
    closed = []
    for session in context.recovered:
        values = following.follow(listing.find(configuration, session), patience=RECOVER_PATIENCE)
        if values['state'] == 'ended':
            closed.append(values)
    left = listing.running(configuration)
    context.result({'recovered': context.recovered, 'closed': closed, 'running': left},
                   '\n'.join(_row(values) for values in closed + left) or 'No session is open.')


@click.command()
@click.argument('session', metavar='[ID]', required=False)
@click.option('--now', is_flag=True, help='Without giving the script time to save its data.')
@click.option('--no-wait', is_flag=True, help='Ask only; do not wait for the end.')
@common_options
@pass_context
def stop(context, session, now, no_wait):
    """Stop the session that runs: the script is asked to save its data, then it is made to end.

    \b
    rig-agent stop
    rig-agent stop 2dd4b995 --now
    """
    folder = _one(context, session)
    values = record.read(folder)
    if values['state'] == 'ended':
        raise Refused('This session has ended already', where=folder, found=values['outcome'])
    stopping.request_stop(folder, 'rig-agent stop, %s' % user_name(), now)
    if no_wait:
        context.result({'asked': values['id']}, 'Asked session %s to stop.' % values['id'][:8])
        return 0
    grace = values['limits']['grace']['value'] or 0.0
    context.say('stopping session %s at once' % values['id'][:8] if now else
                'stopping session %s: the script is asked to save its data first and made to end after %s at the latest'
                % (values['id'][:8], format_duration(2 * grace)))
    values = following.follow(folder, patience=2 * grace + STOP_PATIENCE)
    if values['state'] != 'ended':
        raise CheckFailed('The session has not ended', where=folder, found='state %s, pid %s' % (
            values['state'], values['process']['pid']), advice='`rig-agent stop --now`, then end that process by hand.')
    alive = [entry['pid'] for entry in values['leftovers'] if entry['result'] == 'could not be ended']
    context.result(values, summary.text(values))
    return 1 if alive else 0


@click.command()
@common_options
@pass_context
def status(context):
    """What runs on this rig now: since when, in which limits, the last line that it printed.

    \b
    rig-agent status
    """
    found = [dict(values, now=listing.now(values)) for values in listing.running(context.configuration)]
    context.result({'running': found}, '\n\n'.join(_status_text(values) for values in found) or 'Nothing runs.')


def _status_text(values):
    now = values['now']
    limits = ', '.join('%s %s' % (name, format_duration(values['limits'][name]['value']))
                       for name in ('total', 'silence', 'startup') if values['limits'][name]['value'] is not None)
    lines = [('session', '%s%s' % (values['id'], ' (simulated)' if values['simulated'] else '')),
             ('stage', values['stage']), ('subject', values['subject'] or '-'), ('state', values['state']),
             ('since', '%s (%s)' % (record.local_time(values), format_duration(now['running_s']))
              if values['times']['started'] else '-'),
             ('limits', limits),
             ('uses', '%s %% CPU, %s, %d process%s' % (
                 now['cpu_percent'], format_size(now['memory_bytes']), now['processes'],
                 '' if now['processes'] == 1 else 'es') if now['processes'] is not None else '-'),
             ('last line', now['last_line'] or '-'), ('folder', values['folder'])]
    return '\n'.join('%-9s %s' % pair for pair in lines)


def _one(context, session):
    """The folder of the session that is meant: the named one, else the only one that runs."""
    if session:
        return listing.find(context.configuration, session)
    found = listing.running(context.configuration)
    if len(found) == 1:
        return found[0]['folder']
    if not found:
        raise Refused('Nothing runs on this rig', where=context.configuration.sessions_folder,
                      advice='`rig-agent sessions list` names what ran.')
    raise UsageError('More than one session runs', expected='one of: %s' % ', '.join(
        '%s (%s)' % (values['id'][:8], os.path.basename(values['folder'])) for values in found),
        advice='Name it behind the command.')
