"""The login for writes: from the environment, else asked for at a terminal; never from an argument, never shown."""
from __future__ import absolute_import, unicode_literals

import sys

import click

from rig_agent.base.compat import environment, is_terminal, to_text
from rig_agent.base.errors import UsageError
from rig_agent.rig.identity import user_name

USER, PASSWORD = 'RIG_AGENT_MTRAIN_USER', 'RIG_AGENT_MTRAIN_PASSWORD'


def log_in(client):
    """Log in to mtrain; returns the user's name. Raises UsageError when nobody can be asked, Refused, Unreachable."""
    variables = environment()
    user, password = variables.get(USER), variables.get(PASSWORD)
    if not (user and password) and not is_terminal(sys.stdin):
        raise UsageError('Writing to mtrain needs a login, and there is no terminal to ask at',
                         expected='%s and %s in the environment' % (USER, PASSWORD))
    user = user or to_text(click.prompt('mtrain user', default=user_name(), err=True))
    password = password or to_text(click.prompt('mtrain password of %s' % user, hide_input=True, err=True))
    client.log_in(user, password)
    return user
