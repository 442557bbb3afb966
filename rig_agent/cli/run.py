"""`run`: one stage in a supervised session, followed to its outcome."""
from __future__ import absolute_import, unicode_literals

import os

import click

from rig_agent.base.errors import UsageError
from rig_agent.base.units import parse_duration
from rig_agent.cli import checking, guarding, launch, live
from rig_agent.cli.context import common_options, pass_context
from rig_agent.cli.simulating import simulation_options
from rig_agent.rig.subject import parse_mouse


class Duration(click.ParamType):
    """`90`, `90s`, `5min`, `2h`: seconds."""
    name = str('duration')

    def convert(self, value, param, ctx):
        try:
            seconds = parse_duration(value)
        except UsageError as error:
            error.where = param.opts[0]
            raise
        if seconds == 0:
            raise UsageError('This time has to be more than 0', where=param.opts[0], found=value,
                             advice='Leave the option out for what the configuration says.')
        return seconds


class Interpreter(click.ParamType):
    """A path, made absolute from where the command was typed, as a script runs elsewhere; or a name on PATH."""
    name = str('interpreter')

    def convert(self, value, param, ctx):
        path = click.STRING.convert(value, param, ctx)
        return os.path.abspath(path) if os.path.dirname(path) or os.path.isfile(path) else path


@click.command()
@click.argument('stage', required=False)
@click.option('--mouse', metavar='ID', help="The subject's LabTracks id, such as 612345 or M612345.")
@click.option('--user', metavar='NAME', help='Who runs the session; goes into the params as `user_id`.')
@click.option('--timeout', metavar='TIME', type=Duration(), help='End the session after this time, such as 90min.')
@click.option('--silence', metavar='TIME', type=Duration(), help='End it when it prints and writes nothing so long.')
@click.option('--startup', metavar='TIME', type=Duration(), help='End it when it has shown no life after so long.')
@click.option('--set', 'settings', metavar='KEY=JSON', multiple=True, help='Override a parameter; may be repeated.')
@click.option('--python', type=Interpreter(), metavar='PATH', help='The interpreter for the script.')
@click.option('--strict', is_flag=True, help='Refuse moving URLs and scripts whose md5 nobody asserts.')
@click.option('--accept-md5', metavar='NAME', multiple=True, help='Run script NAME though its md5 is malformed.')
@click.option('--accept', metavar='GUARD', multiple=True, help='Go on though this guard of the mouse warns.')
@click.option('--skip-check', metavar='NAME', multiple=True, help='Leave out this check of the rig, such as assets.')
@click.option('--keep-children', metavar='NAME', multiple=True, help='A process that may outlive the script.')
@simulation_options
@common_options
@pass_context
def run(context, stage, mouse, user, timeout, silence, startup, settings, python, strict, accept_md5, accept,
        skip_check, keep_children, simulation):
    """Run STAGE in a supervised session and follow it to its outcome.

    The session goes on when this window is closed; `rig-agent sessions follow` finds it again. Ctrl-C stops it in
    the way that saves its data, a second Ctrl-C hurries that.

    \b
    rig-agent run STAGE_1 --mouse 612345 --user jane
    rig-agent run STAGE_1 --simulate --set max_task_duration_min=5
    """
    from rig_agent.mtrain.regimen import mouse_of
    from rig_agent.reports.delivery import session_ended
    from rig_agent.sessions.outcome import exit_code_of
    opened = launch.open_regimen(context)
    mouse = parse_mouse(mouse) if mouse is not None else mouse_of(opened.source.name_given)
    stage = launch.choose_stage(context, opened.regimen, stage)
    overrides = launch.parse_overrides(settings)
    parameters = launch.session_parameters(stage, overrides, mouse, user, warn=context.warn)
    scripts = launch.obtain_scripts(launch.make_resolver(context, opened, strict, accept_md5), stage)
    launch.show_scripts(context, scripts)
    checks = checking.look(context, parameters, scripts, simulation, skip_check, python)
    checks += guarding.ask(context, opened, stage, None if simulation else mouse, accept)
    folder = launch.prepare_session(
        context, opened, stage, scripts, parameters, overrides=overrides, subject=mouse, user=user, python=python,
        limits={'total': timeout, 'silence': silence, 'startup': startup}, keep_children=keep_children,
        simulation=simulation, checks=checks)
    record, interrupted = start_and_follow(context, folder)
    context.result(record, live.ended(record))
    session_ended(context.configuration, say=context.warn, offline=context.offline)
    return 130 if interrupted else exit_code_of(record)


def start_and_follow(context, folder):
    """Start a prepared session and attend it, printing what it prints: (record, whether Ctrl-C was pressed)."""
    from rig_agent.sessions.follow import attend
    from rig_agent.sessions.start import start
    context.say('session   %s' % folder)
    with live.console(context) as console:
        return attend(folder, console.output, console.on_state, console.say, console.between, begin=start)
