"""`rig-agent regimen validate`: all that is wrong with one regimen or several, in one go."""
from __future__ import absolute_import, unicode_literals

import re

import click

from rig_agent.base.errors import RigAgentError, common_exit_code
from rig_agent.cli.context import common_options, pass_context
from rig_agent.regimens import formats, sources
from rig_agent.regimens.findings import CODES, SEVERITIES, Selection
from rig_agent.regimens.validation import validate as validated


@click.command()
@click.argument('regimens', nargs=-1, metavar='[REGIMEN]...')
@click.option('--format', 'form', type=click.Choice([str(name) for name in ('text', 'json', 'github', 'junit')]),
              help='How to print what was found.')
@click.option('--select', multiple=True, metavar='CODE', help='Only these codes or severities; `md5-*` is possible.')
@click.option('--ignore', multiple=True, metavar='CODE', help='All but these codes or severities.')
@click.option('--strict', is_flag=True, help='Let warnings fail as errors do.')
@click.option('--online', is_flag=True, help='Also fetch the scripts, compare their md5s, and ask mtrain for the name.')
@click.option('--codes', is_flag=True, help='List the codes with their meaning.')
@common_options
@pass_context
def validate(context, regimens, form, select, ignore, strict, online, codes):
    """Say all that is wrong with a regimen, with file, line and column.

    Exit code 1 means that there are errors; with --strict also that there are warnings. A comment `# rig-agent: ignore
    CODE` in a file silences a code there.

    \b
    Example:  rig-agent regimen validate regimen.yml --ignore name-convention
    """
    if codes:
        return _print_codes(context)
    if form == 'json':
        context.json = True
    selection = Selection(_split(select), _split(ignore))
    reports, failures = [], []
    for name in regimens or (context.regimen_name,):
        try:
            source = sources.open_regimen(name, context.configuration, offline=context.offline, say=context.warn)
        except RigAgentError as error:
            if len(regimens) < 2:
                raise
            context.complain(error)  # the others are looked at all the same
            failures.append(error.exit_code)
            continue
        reports.append(validated(source.content, sources.where(source), selection, _further(context, source, online)))
    _print(context, reports, form, strict)
    return common_exit_code(failures + [1 for report in reports if report.failed(strict)])


def _split(texts):
    return [code for text in texts for code in re.split(r'[\s,]+', text) if code]


def _further(context, source, online):
    further = []
    if source.kind == 'git' and source.ref:
        from rig_agent.regimens.checks.tags import tag_check
        further.append(tag_check(source.ref))
    if online:
        from rig_agent.cli.regimen_online import online_check
        further.append(online_check(context, source))
    return further


def _print(context, reports, form, strict):
    if context.json:
        context.result({'regimens': [report.as_json() for report in reports],
                        'failed': any(report.failed(strict) for report in reports)})
    elif form == 'github':
        click.echo(formats.as_github(reports))
    elif form == 'junit':
        click.echo(formats.as_junit(reports, strict))
    else:
        click.echo(formats.as_text(reports, notes=context.verbosity >= 0))


def _print_codes(context):
    rows = [{'code': code, 'severity': severity, 'meaning': meaning} for code, (severity, meaning) in CODES.items()]
    width = max(len(row['code']) for row in rows)
    context.result({'codes': rows}, '\n'.join(
        '\n'.join(['%s' % severity] + ['  %s  %s' % (row['code'].ljust(width), row['meaning'])
                                       for row in rows if row['severity'] == severity]) for severity in SEVERITIES))
    return 0
