"""`rig-agent regimen upload`: a tagged regimen into mtrain, after every check that can be made."""
from __future__ import absolute_import, unicode_literals

import click

from rig_agent.base.errors import CheckFailed, RigAgentError, common_exit_code
from rig_agent.cli import launch, opening
from rig_agent.cli.context import common_options, pass_context
from rig_agent.cli.login import log_in
from rig_agent.cli.progress import bar
from rig_agent.mtrain import upload as uploading
from rig_agent.mtrain.client import open_client
from rig_agent.regimens import formats
from rig_agent.regimens.checks.tags import tag_check
from rig_agent.regimens.references import classify
from rig_agent.regimens.validation import validate
from rig_agent.scripts import fetching


@click.command()
@click.argument('tag')
@click.option('--write', is_flag=True, help='Do it. Without this, only the checks are made.')
@click.option('--accept-md5', metavar='NAME', multiple=True,
              help='Accept this script though its script_md5 is malformed.')
@common_options
@pass_context
def upload(context, tag, write, accept_md5):
    """Upload the regimen of TAG in the regimens repository to mtrain: make every check, and with --write do it.

    The regimen is fetched by its tag, its name has to equal the tag, `regimen validate` has to find no error, every
    script has to be there with the md5 that is expected of it, and mtrain must not know the name yet. Afterwards it is
    read back, stage by stage. The login comes from RIG_AGENT_MTRAIN_USER and RIG_AGENT_MTRAIN_PASSWORD, or is asked
    for.

    \b
    rig-agent regimen upload VisualBehavior_Task1A_v1.0.4
    rig-agent regimen upload VisualBehavior_Task1A_v1.0.4 --write
    """
    tag = tag[len('git:'):] if tag.startswith('git:') else tag
    source, regimen = opening.open_regimen(context, 'git:' + tag)
    client = open_client(context.configuration, context.offline)
    failures = _check(context, client, tag, launch.Opened(source, regimen), accept_md5)
    for error in failures:
        context.complain(error)
    described = {'regimen': regimen.name, 'tag': tag, 'commit': source.commit, 'stages': list(regimen.stages),
                 'service': client.url, 'problems': [error.as_json() for error in failures]}
    if failures or not write:
        context.result(dict(described, written=False), 'Nothing was written%s' % (
            ': %d problem(s).' % len(failures) if failures else '; every check holds, --write uploads it.'))
        return common_exit_code([error.exit_code for error in failures])
    log_in(client)
    row = uploading.upload(client, regimen.document)
    context.result(dict(described, written=True, id=row['id']),
                   'uploaded %s: %d stages, read back from %s as regimen %s' % (
                       regimen.name, len(regimen.stages), client.url, row['id']))
    return 0


def _check(context, client, tag, opened, accept_md5):
    """Every reason against the upload, as errors."""
    failures = []
    if opened.regimen.name != tag:
        failures.append(CheckFailed('The name of the regimen is not its tag', where='git:%s' % tag, expected=tag,
                                    found=opened.regimen.name, advice='Correct the name and tag again.'))
    report = validate(opened.source.content, 'git:%s' % tag, further=[tag_check(tag)])
    context.say(formats.as_text([report], notes=False))
    if report.failed():
        failures.append(CheckFailed('The regimen has errors', where='git:%s' % tag, found=formats.summary(report),
                                    advice='`rig-agent regimen validate git:%s` shows them.' % tag))
    try:
        uploading.check_absent(client, tag)
    except RigAgentError as error:
        failures.append(error)
    return failures + _check_scripts(context, opened, accept_md5)


def _check_scripts(context, opened, accept_md5):
    """Obtain every script of every stage, nested ones too, with its md5 verified."""
    stages = [stage for stage in opened.regimen.stages.values()
              if not stage.problem and classify(stage.script).kind != 'on-paper']
    wanted = fetching.wishes(launch.make_resolver(context, opened, overrides=accept_md5), opened.regimen, stages)
    for wish in bar(context, 'verifying scripts')(_Settling(wanted)):
        if wish.script and wish.script.unasserted:
            context.warn('%s: nobody says which bytes it has; found %s' % (wish.text, wish.script.found_md5))
    verified = [wish for wish in wanted if wish.script]
    context.say('%d of %d scripts verified' % (len(verified), len(wanted)))
    return [wish.error for wish in wanted if wish.error]


class _Settling(object):
    """The wishes as they are settled, with their number ahead."""

    def __init__(self, wanted):
        self.wanted = wanted

    def __len__(self):
        return len(self.wanted)

    def __iter__(self):
        return iter(fetching.fetch_all(self.wanted))
