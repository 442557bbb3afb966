"""The options of a simulated session, shared by `run` and `smoke`."""
from __future__ import absolute_import, unicode_literals

import functools

import click

from rig_agent.base.errors import UsageError

MOUSE_MODELS = ('perfect', 'random', 'absent', 'impatient')


def simulation_options(command):
    """Adds --simulate and its companions; the command gets `simulation`, a Simulation or None."""
    @click.option('--simulate', is_flag=True, help='Use the simulated camstim: no rig, no hardware, no display.')
    @click.option('--speed', metavar='N', help='Simulated seconds in a real one; default: max.')
    @click.option('--mouse-model', type=click.Choice(MOUSE_MODELS), help='How the mouse licks; default: perfect.')
    @click.option('--fake-assets', is_flag=True, help='Stand in for movies and images that are not here.')
    @click.option('--strict-simulation', is_flag=True, help='Fail where the simulated camstim has a gap.')
    @click.option('--seed', type=int, help='Of every random choice; default: 0.')
    @functools.wraps(command)
    def with_simulation(*args, **options):
        given = {name: options.pop(name)
                 for name in ('simulate', 'speed', 'mouse_model', 'fake_assets', 'strict_simulation', 'seed')}
        return command(*args, simulation=_simulation(given), **options)
    return with_simulation


def _simulation(given):
    if not given['simulate']:
        for name, value in sorted(given.items()):
            if value is not None and value is not False:  # who gives one does not mean the camstim of this rig
                raise UsageError('--%s only with --simulate' % name.replace('_', '-'), advice='Add --simulate.')
        return None
    from rig_agent.harness.simulation import Simulation
    return Simulation(speed=_speed(given['speed'] or 'max'), mouse_model=given['mouse_model'] or MOUSE_MODELS[0],
                      strict=given['strict_simulation'], fake_assets=given['fake_assets'], seed=given['seed'] or 0)


def _speed(text):
    if text == 'max':
        return text
    try:
        speed = float(text)
    except ValueError:
        speed = 0
    if not 0 < speed < float('inf'):
        raise UsageError('--speed takes `max` or a number above 0', found=text, advice='--speed 1 is real time.')
    return speed
