"""`rig-agent regimen graph`: the stages and their transitions, drawn."""
from __future__ import absolute_import, unicode_literals

import io
import os

import click

from rig_agent.base.errors import UsageError
from rig_agent.cli.context import common_options, pass_context, writing
from rig_agent.cli.opening import open_regimen
from rig_agent.regimens.graph import Graph, as_dot, as_mermaid

ENDINGS = {'.svg': 'svg', '.html': 'html', '.htm': 'html', '.dot': 'dot', '.gv': 'dot', '.mmd': 'mermaid',
           '.mermaid': 'mermaid', '.md': 'mermaid'}


@click.command()
@click.argument('name', metavar='[REGIMEN]', required=False)
@click.option('--format', 'form', type=click.Choice([str(name) for name in ('mermaid', 'dot', 'svg', 'html')]),
              help='Default: by the ending of --output, else mermaid.')
@click.option('--output', '-o', metavar='FILE', help='Write there, not to the screen.')
@click.option('--mice', is_flag=True, help='Ask mtrain which mice are at which stage, and show them.')
@common_options
@pass_context
def graph(context, name, form, output, mice):
    """Draw the stages of a regimen and their transitions.

    \b
    Example:  rig-agent regimen graph regimen.yml --output regimen.html
    """
    _, regimen = open_regimen(context, name)
    drawn = Graph(regimen, _mice(context, regimen) if mice else None)
    form = form or ENDINGS.get(os.path.splitext(output or '')[1].lower(), 'mermaid')
    text = _text(drawn, form)
    if output:
        _write(output, text)
        context.say('Wrote %s' % output)
    if context.json:
        context.result(dict(drawn.as_json(), output=output and os.path.abspath(output)))
    elif not output:
        click.echo(text, nl=False)
    return 0


def _text(drawn, form):
    if form in ('svg', 'html'):
        from rig_agent.regimens import drawing
        return drawing.as_svg(drawn) if form == 'svg' else drawing.as_html(drawn)
    return as_dot(drawn) if form == 'dot' else as_mermaid(drawn)


def _mice(context, regimen):
    """Stage name -> mice of this very regimen, as mtrain has them."""
    from rig_agent.mtrain.client import open_client
    from rig_agent.mtrain.mice import mice
    if not regimen.name:
        raise UsageError('A regimen without a name has no mice', where=regimen.where)
    found = {}
    for mouse in mice(open_client(context.configuration, context.offline), regimen=regimen.name):
        found.setdefault(mouse['stage'], []).append(mouse['mouse'])
    return found


def _write(path, text):
    with writing('The drawing', path), io.open(path, 'wb') as stream:
        stream.write(text.encode('utf-8'))
