"""`mice`: which mouse is on which stage; `mice add`: make mice known."""
from __future__ import absolute_import, unicode_literals

import csv
import io

import click

from rig_agent.base.compat import PY2, text_type
from rig_agent.base.errors import CheckFailed, NotFound, RigAgentError
from rig_agent.cli.context import Group, common_options_without, pass_context
from rig_agent.rig.subject import parse_mouse


@click.group(cls=Group, invoke_without_command=True)
@click.option('--regimen', metavar='PATTERN', default='*', help='Only mice on these regimens, such as `Visual*`.')
@click.option('--stage', metavar='PATTERN', default='*', help='Only mice on these stages.')
@click.option('--mouse', 'only', metavar='ID', multiple=True, help='Only this mouse; may be repeated.')
@click.option('--csv', 'as_csv', is_flag=True, help='Print comma-separated values.')
@common_options_without('regimen')
@pass_context
@click.pass_context
def mice(click_context, context, regimen, stage, only, as_csv):
    """List which mouse is on which regimen and stage, as the mtrain service has it.

    \b
    rig-agent mice --regimen 'VisualBehavior_*' --stage 'TRAINING_*'
    rig-agent mice add 612345 612346 --regimen NAME --stage STAGE
    """
    if click_context.invoked_subcommand:
        return None
    from rig_agent.mtrain import mice as listing
    from rig_agent.mtrain.client import open_client
    client = open_client(context.configuration, context.offline)
    only = [parse_mouse(mouse) for mouse in only]
    found = listing.mice(client, regimen, stage, only)
    if as_csv and not context.json:
        click.echo(_csv(found, listing.COLUMNS), nl=False)
    else:
        context.result({'service': client.url, 'mice': found}, _table(found) if found else 'No mouse.')
    lost = sorted(set(only) - {mouse['mouse'] for mouse in found})
    if lost and regimen == stage == '*':
        context.complain(NotFound('mtrain does not know %s' % ', '.join(lost), where=client.url))
        click_context.exit(NotFound.exit_code)  # click 8.0 loses what a group returns
    return None


@mice.command()
@click.argument('ids', metavar='ID...', nargs=-1, required=True)
@click.option('--regimen', metavar='NAME', required=True, help='The regimen, by its whole name.')
@click.option('--stage', metavar='NAME', required=True, help='The stage to begin with.')
@common_options_without('regimen')
@pass_context
def add(context, ids, regimen, stage):
    """Make mice known to the mtrain service, on a stage of a regimen. Each is read back.

    \b
    rig-agent mice add 612345 612346 --regimen VisualBehavior_Task1A_v1.0.3 --stage TRAINING_0_gratings
    """
    from rig_agent.cli.login import log_in
    from rig_agent.mtrain import mice as listing
    from rig_agent.mtrain.client import open_client
    from rig_agent.mtrain.stages import state_named
    ids = sorted({parse_mouse(mouse) for mouse in ids})
    client = open_client(context.configuration, context.offline)
    state = state_named(client, regimen, stage)
    known = [mouse['mouse'] for mouse in listing.mice(client, only=ids)]
    if known:
        raise CheckFailed('mtrain knows %s already; nothing was written' % ', '.join(known), where=client.url,
                          advice='`rig-agent mice` shows their stages, `rig-agent migrate` moves mice.')
    log_in(client)
    done = []
    for mouse in ids:
        try:
            listing.add(client, mouse, state)
        except RigAgentError as error:
            left = ids[len(done) + 1:]
            context.complain(error)
            context.result({'added': done, 'failed': mouse, 'not_tried': left, 'error': error.as_json()},
                           'added: %s\nfailed: %s\nnot tried: %s' % (', '.join(done) or 'none', mouse,
                                                                   ', '.join(left) or 'none'))
            return error.exit_code
        done.append(mouse)
    context.result({'added': done, 'failed': None, 'not_tried': []},
                   'added %s to stage %s of %s' % (', '.join(done), stage, regimen))
    return 0


def _table(rows):
    columns = ('mouse', 'regimen', 'stage')
    cells = [columns] + [[row[column] or '-' for column in columns] for row in rows]
    widths = [max(len(line[index]) for line in cells) for index in range(len(columns))]
    return '\n'.join('  '.join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in cells)


def _csv(rows, columns):
    """RFC 4180 text of dictionaries, with a head."""
    stream = io.BytesIO() if PY2 else io.StringIO(newline='')
    writer = csv.writer(stream)
    for line in [columns] + [[row[column] for column in columns] for row in rows]:
        cells = ['' if cell is None else text_type(cell) for cell in line]
        writer.writerow([cell.encode('utf-8') for cell in cells] if PY2 else cells)
    return stream.getvalue().decode('utf-8') if PY2 else stream.getvalue()
