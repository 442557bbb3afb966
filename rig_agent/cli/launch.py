"""From what a person typed to what a session needs: the regimen, the stage, its scripts, its parameters.

Shared by `explain`, `generate`, `run`, `smoke` and `cache fetch`; each step can be taken alone.
"""
from __future__ import absolute_import, unicode_literals

import json
import os
import sys

import click

from rig_agent.base.compat import is_terminal, text_type
from rig_agent.base.errors import UsageError
from rig_agent.base.nearest import nearest
from rig_agent.cli import opening
from rig_agent.regimens import model


class Opened(object):
    """A regimen with where it came from: a `regimens.sources.RegimenSource` and a `regimens.model.Regimen`."""

    def __init__(self, source, regimen):
        self.source = source
        self.regimen = regimen

    def as_json(self, stage=None):
        """The `regimen` part of a record, `explain` and `--json` outputs; `stage` adds a hash of its content."""
        part = {'name': self.regimen.name, 'source': self.source.location, 'kind': self.source.kind,
                'ref': self.source.ref, 'commit': self.source.commit, 'sha256': self.source.sha256}
        if stage is not None:
            part['stage_sha256'] = model.stage_sha256(stage)
        return part


def open_regimen(context):
    """The regimen that `--regimen` names, else `regimen.yml` of the current folder. Raises NotFound, Unreachable."""
    return Opened(*opening.open_regimen(context))


def choose_stage(context, regimen, name):
    """The stage of that name; without one the only stage, or the one that a person at a terminal chooses.

    Raises NotFound for another name, UsageError when there is nobody to ask.
    """
    if name is not None:
        return regimen.stage(name)
    names = list(regimen.stages)
    if len(names) == 1:
        return regimen.stage(names[0])
    if not is_terminal(sys.stdin) or context.json:
        raise UsageError('Which stage?', where=regimen.where, expected='one of: %s' % ', '.join(names),
                         advice='Name it behind the command.')
    for number, choice in enumerate(names, 1):
        click.echo('%3d  %s' % (number, choice), err=True)
    number = click.prompt('Stage', type=click.IntRange(1, len(names)), err=True)
    return regimen.stage(names[number - 1])


def make_resolver(context, opened, strict=False, overrides=()):
    """The scripts room's resolver for this regimen, with its lock file where it has one."""
    from rig_agent.scripts import lockfile
    from rig_agent.scripts.cache import Cache
    from rig_agent.scripts.fetching import asserted_by
    from rig_agent.scripts.resolution import Resolver
    local_folder = opened.source.folder if opened.source.kind == 'path' else None
    return Resolver(context.configuration, Cache(context.configuration['cache'], say=context.say),
                    offline=context.offline, strict=strict, local_regimen_folder=local_folder,
                    lock=lockfile.of_source(opened.source, context.configuration, context.offline),
                    overrides=overrides, siblings=asserted_by(opened.regimen), say=context.say)


def plan_scripts(resolver, stage):
    """What a run would use, without contacting anything."""
    from rig_agent.scripts.fetching import scripts_of
    return [resolver.plan(text, md5, role) for _, role, text, md5 in scripts_of(stage)]


def obtain_scripts(resolver, stage):
    """Verified bytes of every script of the stage, the stage's own first. Raises the errors of the scripts room."""
    from rig_agent.scripts.fetching import scripts_of
    return [resolver.obtain(text, md5, role) for _, role, text, md5 in scripts_of(stage)]


# ------------------------------------------------------------------------------------------------ parameters

def parse_overrides(settings):
    """[(key, value)] from the `--set KEY=JSON` options. Raises UsageError."""
    overrides = []
    for setting in settings:
        key, equals, text = setting.partition('=')
        if not key or not equals:
            raise UsageError('--set takes the name of a parameter, an equals sign and its value as JSON',
                             expected="such as reward_volume=0.01 or stimulus.class='\"images\"'", found=setting)
        try:
            value = json.loads(text, parse_constant=_no_constant)
        except ValueError:
            raise UsageError('The value of --set %s is not JSON' % key, found=text,
                             expected='a number, true, false, null, a list, or text in double quotes',
                             advice='For text: --set %s=\'"%s"\'; in a Windows console: --set %s=\\"%s\\".'
                                    % (key, text, key, text))
        overrides.append((key, value))
    return overrides


def _no_constant(name):
    raise ValueError(name)


def session_parameters(stage, overrides=(), mouse=None, user=None, warn=None):
    """The params of a session: the stage's, with overrides by dotted key, and `mouse_id` and `user_id` when given.

    camstim's agent adds these two in the same way. `warn` is told of an override that adds a key the stage lacks.
    Raises UsageError when a dotted key leads through a value that is no mapping or list.
    """
    parameters = stage.parameters
    for key, value in overrides:
        _set(parameters, key, value, warn)
    if mouse is not None:
        parameters['mouse_id'] = mouse
    if user is not None:
        parameters['user_id'] = user
    return parameters


def _set(parameters, dotted, value, warn):
    place, steps = parameters, dotted.split('.')
    for step in steps[:-1]:
        place = _inside(place, step, dotted)
    last = steps[-1]
    if isinstance(place, list):
        place[_index(place, last, dotted)] = value
    elif isinstance(place, dict):
        if last not in place and warn:
            near = nearest(last, place, 1)
            warn('--set %s adds a parameter that the stage does not have%s'
                 % (dotted, '; did you mean `%s`?' % near[0] if near else ''))
        place[last] = value
    else:
        _cannot_enter(dotted, last, place)


def _inside(place, step, dotted):
    if isinstance(place, dict):
        return place.setdefault(step, {})
    if isinstance(place, list):
        return place[_index(place, step, dotted)]
    return _cannot_enter(dotted, step, place)


def _index(place, step, dotted):
    if not step.isdigit() or int(step) >= len(place):
        raise UsageError('--set %s: `%s` is no place in a list' % (dotted, step),
                         expected='a number from 0 to %d' % (len(place) - 1))
    return int(step)


def _cannot_enter(dotted, step, place):
    raise UsageError('--set %s: there is no `%s` inside a plain value' % (dotted, step), found=text_type(place))


# ------------------------------------------------------------------------------------------------ the session

def prepare_session(context, opened, stage, scripts, parameters, overrides=(), subject=None, user=None, python=None,
                    limits=None, keep_children=(), simulation=None, checks=()):
    """The folder of a prepared session; nothing runs yet. Raises what `sessions.prepare.prepare` raises."""
    from rig_agent.sessions.prepare import prepare
    from rig_agent.sessions.request import SessionRequest
    request = SessionRequest(
        stage.name, [script.as_json() for script in scripts], parameters, regimen=opened.as_json(stage),
        overrides=dict(overrides), subject=subject, user=user, python=python, limits=limits,
        keep_children=keep_children, checks=checks)
    return prepare(request, context.configuration, complete=_simulated(simulation, scripts) if simulation else None)


def _simulated(simulation, scripts):
    from rig_agent.harness.simulation import free_control_port

    def complete(request, folder):
        # What a task would download is served from the session's own verified copies.
        copies = {script.reference: os.path.join(folder, script.name) for script in scripts if '://' in script.reference}
        request.simulated = True
        request.simulation = simulation.as_json()
        request.control_port = free_control_port()
        request.environment.update(simulation.environment(folder, request.control_port, copies))
        request.python_path = simulation.python_path() + request.python_path
        request.outputs = [simulation.output_folder(folder)]
    return complete


def show_scripts(context, scripts):
    """Say which verified bytes will run."""
    from rig_agent.reports import summary
    for script in scripts:
        context.say('%-9s %s' % (script.role if script.role != 'main' else 'script',
                                 summary.script_line(script.as_json())))
        for note in script.notes:
            context.warn('%s: %s' % (script.name, note))
