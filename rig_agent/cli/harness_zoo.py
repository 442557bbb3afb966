"""`harness zoo`: misbehaving scripts under supervision, to try a rig before animals are on it."""
from __future__ import absolute_import, unicode_literals

import json

import click

from rig_agent.base.errors import UsageError
from rig_agent.base.files import md5_of_file
from rig_agent.cli.context import Group, common_options, pass_context
from rig_agent.harness import zoo as keeping
from rig_agent.harness.simulation import free_control_port


@click.group(cls=Group)
@common_options
def zoo():
    """Scripts that misbehave, each in the way that its name says, and what becomes of their sessions.

    \b
    rig-agent harness zoo list
    rig-agent harness zoo run segfaults ignores_sigterm
    rig-agent harness zoo run
    """


@zoo.command('list')
@common_options
@pass_context
def list_(context):
    """List them: what each does, and which outcome is right.

    \b
    rig-agent harness zoo list
    """
    context.result({'zoo': [dict(animal._asdict()) for animal in keeping.animals()]},
                   '\n'.join('%-28s %-12s %s' % (animal.name, '/'.join(animal.expected), animal.says)
                             for animal in keeping.animals()))


@zoo.command()
@click.argument('names', metavar='[NAME]...', nargs=-1)
@click.option('--set', 'settings', metavar='KEY=JSON', multiple=True, help='A parameter for the scripts.')
@common_options
@pass_context
def run(context, names, settings):
    """Run the named ones, or all, each in a session of its own; exit 1 when an outcome is not the right one.

    \b
    rig-agent harness zoo run segfaults
    """
    known = {animal.name: animal for animal in keeping.animals()}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UsageError('There is no such script in the zoo', found=', '.join(unknown),
                         expected='one of: %s' % ', '.join(sorted(known)))
    parameters = _parameters(settings)
    results = []
    for name in names or sorted(known):
        record, interrupted = _run(context, known[name], parameters)
        if interrupted:
            raise KeyboardInterrupt  # its session has ended as it was asked to; no other one begins
        right = record['outcome'] in known[name].expected and len(record['leftovers']) >= known[name].leftovers
        results.append({'name': name, 'right': right, 'record': record})
        context.say('%-28s %-12s %s' % (name, record['outcome'], 'as it should' if right else
                                        'EXPECTED %s: %s' % ('/'.join(known[name].expected), record['reason'])))
    wrong = [result['name'] for result in results if not result['right']]
    context.result({'results': results}, 'All %d as they should be.' % len(results) if not wrong
                   else 'NOT as it should be: %s' % ', '.join(wrong))
    return 1 if wrong else 0


def _parameters(settings):
    parameters = {}
    for setting in settings:
        key, _, text = setting.partition('=')
        try:
            parameters[key] = json.loads(text)
        except ValueError:
            raise UsageError('The value of --set %s is not JSON' % key, found=text)
    return parameters


def _run(context, animal, parameters):
    from rig_agent.sessions import follow, prepare, start
    from rig_agent.sessions.request import SessionRequest
    md5 = md5_of_file(animal.path)
    script = {'role': 'main', 'name': animal.name + '.py', 'path': animal.path, 'reference': animal.path,
              'kind': 'file', 'source': 'zoo', 'found_md5': md5, 'expected_md5': None, 'assertion': 'unasserted'}
    port = free_control_port()  # of its own: the rig's control stream may be in use
    folder = prepare.prepare(SessionRequest(animal.name, [script], parameters, limits=animal.limits, control_port=port,
                                            environment={'RIG_AGENT_CONTROL_PORT': '%d' % port}),
                             context.configuration)
    return follow.attend(folder, say=context.say, begin=start.start)
