"""`harness mtrain`: serve a stand-in for mtrain on the loopback until Ctrl-C."""
from __future__ import absolute_import, unicode_literals

import click

from rig_agent.base.compat import environment
from rig_agent.cli.context import common_options_without, pass_context
from rig_agent.cli.progress import show_at_once
from rig_agent.harness.standin.faults import KINDS, Fault

DEFAULT_PORT = 5000


@click.command()
@click.option('--db', metavar='FILE', required=True, help='The SQLite file of its state; made when it is not there.')
@click.option('--regimen', 'regimens', metavar='REGIMEN', multiple=True,
              help='A regimen that it has from the start: a path, a URL or git:REF; may be repeated.')
@click.option('--port', metavar='N', type=click.IntRange(0, 65535), default=DEFAULT_PORT,
              help='Default: %d; 0 for any free one.' % DEFAULT_PORT)
@click.option('--fault', 'faults', type=click.Choice(KINDS), multiple=True, help='Misbehave in this way.')
@click.option('--rate', metavar='SHARE', type=click.FloatRange(0, 1), default=1.0,
              help='The share of requests that a fault strikes, 0 to 1.')
@click.option('--only', metavar='PATH', default='/', help='Faults strike paths that begin so, such as /set_state/.')
@click.option('--lean', is_flag=True, help='Answer with no more than every known version of the service does.')
@common_options_without('regimen')
@pass_context
def mtrain(context, db, regimens, port, faults, rate, only, lean):
    """Stand in for the mtrain service, and receive outcomes at /outcomes/, until Ctrl-C.

    For desks and tests: it listens on the loopback only, and its login is `desk` with the password `desk`, or what
    RIG_AGENT_MTRAIN_USER and RIG_AGENT_MTRAIN_PASSWORD say. With RIG_AGENT_REPORT_TOKEN set, outcomes need that token.

    \b
    rig-agent harness mtrain --db desk.sqlite --regimen regimen.yml
    rig-agent harness mtrain --db desk.sqlite --port 0 --fault 500 --rate 0.3
    """
    from rig_agent.harness.standin.server import DESK_PASSWORD, DESK_USER, StandIn
    variables = environment()
    standin = StandIn(
        db, port, [Fault(kind, rate, only) for kind in faults], lean=lean,
        user=variables.get('RIG_AGENT_MTRAIN_USER') or DESK_USER,
        password=variables.get('RIG_AGENT_MTRAIN_PASSWORD') or DESK_PASSWORD,
        token=variables.get('RIG_AGENT_REPORT_TOKEN'))
    for name in regimens:
        _add(context, standin, name)
    context.result({'url': standin.url, 'outcomes': standin.url + '/outcomes/', 'db': db},
                   'stand-in mtrain on %s, outcomes on %s/outcomes/ (for desks and tests; Ctrl-C ends it)'
                   % (standin.url, standin.url))
    show_at_once()
    standin.serve()


def _add(context, standin, name):
    """Give the stand-in a regimen, unless it has one of that name from an earlier start."""
    from rig_agent.base.errors import NotFound
    from rig_agent.harness.standin.store import Wrong
    from rig_agent.regimens import reading, sources
    source = sources.open_regimen(name, context.configuration, offline=context.offline, say=context.warn)
    regimen = reading.read(source.content, sources.where(source))
    if regimen.problems:
        raise regimen.problems[0].error
    if standin.store.has_regimen(regimen.name):
        context.say('the stand-in has the regimen %s already' % regimen.name)
        return
    try:
        standin.store.add_regimen(regimen.document)
    except Wrong as reason:
        raise NotFound('The stand-in cannot take this regimen: %s' % reason, where=sources.where(source))
