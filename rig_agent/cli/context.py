"""What every command shares: the common options, the configuration, and how it speaks."""
from __future__ import absolute_import, unicode_literals

import contextlib
import errno
import os
import sys

import click

from rig_agent.base.compat import WINDOWS, json_text, message_of, reason_of, to_text
from rig_agent.base.errors import RigAgentError, UsageError
from rig_agent.base.masking import mask
from rig_agent.base.nearest import did_you_mean
from rig_agent.rig import configuration

LONGEST_HELP = 200  # characters of the one line on a command
# What writing says when nobody reads any more, as after `| head` or in a window that was closed.
READER_GONE = (errno.EPIPE, errno.EIO) + ((errno.EINVAL,) if WINDOWS else ())


def silence(stream):
    """Let what is still written to this stream go nowhere: its reader is gone, the work goes on."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, stream.fileno())
    os.close(nothing)


@contextlib.contextmanager
def writing(what, path):
    """Around the writing of what the command line asks for, to there or below it. Raises UsageError when that fails."""
    try:
        yield
    except EnvironmentError as error:
        raise UsageError('%s cannot be written' % what, where=os.path.abspath(path), found=reason_of(error),
                         advice='Make room there, make it writable for this account, or name another place.')


class Context(object):
    """One command line: its common options, its configuration, its voice."""

    def __init__(self):
        self.config_file = None
        self.regimen_name = None
        self.json = False
        self.offline = False
        self.verbosity = 0
        self.colour = False if os.environ.get('NO_COLOR') else None  # None: at a terminal
        self.recovered = []  # ids of sessions that had lost their keeper and were taken up by this command
        self._configuration = None

    @property
    def configuration(self):
        """The settings, read at first use. Raises UsageError or NotFound for a bad configuration file."""
        if self._configuration is None:
            self._configuration = configuration.load(self.config_file, self.regimen_folder())
            self._take_up_open_sessions()
        return self._configuration

    def _take_up_open_sessions(self):
        """Whatever the command is: a session that lost its keeper gets a new one. Costs one look when none is open."""
        try:
            if not os.listdir(os.path.join(self._configuration['home'], 'running')):
                return
        except EnvironmentError:
            return
        from rig_agent.sessions.recover import recover_all
        try:
            self.recovered = recover_all(self._configuration)
        except (EnvironmentError, RigAgentError) as error:
            self.warn('open sessions could not be looked at: %s' % reason_of(error))

    def regimen_folder(self):
        """The folder of the regimen that is named, None where none is, or one that is no file of this machine."""
        if self.regimen_name is None:
            return None
        from rig_agent.regimens.sources import path_of  # imports YAML
        path = path_of(self.regimen_name)
        return os.path.dirname(path) if os.path.isfile(path) else None

    def say(self, text, **style):
        """A message for a person: on stdout, or on stderr when stdout carries JSON; nothing with -q."""
        if self.verbosity >= 0:
            self._show(mask(text), err=self.json, **style)

    def detail(self, text):
        """A message that only -v shows."""
        if self.verbosity > 0:
            self._show(mask(text), err=True)

    def warn(self, text):
        """Something that a person should know though the command goes on."""
        self._show('warning: %s' % mask(text), err=True, fg='yellow')

    def result(self, value, text=None):
        """What the command was asked for: one JSON document with --json, else `text`, whatever the verbosity."""
        problem = self._show(json_text(value) if self.json else text, nl=not self.json)
        if problem and problem.errno not in READER_GONE:
            raise RigAgentError('The result could not be written', where='stdout', found=reason_of(problem))

    def complain(self, error):
        """Show a RigAgentError on stderr."""
        self._show('error: %s' % mask(message_of(error)),
                   err=True, fg='red')

    def fail(self, error):
        """Show a RigAgentError, once; with --json also as the one document on stdout."""
        self.complain(error)
        self.answer(error)

    def answer(self, error):
        """With --json, a RigAgentError as the one document on stdout."""
        if self.json:
            self._show(json_text({'error': {key: mask(value) if hasattr(value, 'split') else value
                                            for key, value in error.as_json().items()}}), nl=False)

    def _show(self, text, err=False, **style):
        """Print. What keeps it from being read, returned, ends the showing and never the work."""
        try:
            click.secho(text, err=err, color=self.colour, **style)
        except EnvironmentError as error:
            silence(sys.stderr if err else sys.stdout)
            return error

    def defect(self, exc_info):
        """The agent itself failed: write a report with versions, name it, exit 3."""
        from rig_agent.cli.defects import write_report
        path, line = write_report(exc_info, self.configuration_home())
        self.fail(RigAgentError('rig-agent itself failed: %s' % line, where=path,
                                advice='This is a defect of rig-agent. Send that file with what you did.'))
        return 3

    def configuration_home(self):
        try:
            return self.configuration['home']
        except Exception:  # the failure that is being reported may be the configuration's
            return configuration.defaults()['home']


class Group(click.Group):
    """A group of commands that answers a mistyped one with the nearest."""

    def resolve_command(self, ctx, args):
        name = to_text(args[0])
        if self.get_command(ctx, name) is None and not name.startswith('-'):
            ctx.fail(' '.join(part for part in ('There is no command `%s`.' % name,
                                                did_you_mean(name, self.list_commands(ctx))) if part))
        return super(Group, self).resolve_command(ctx, args)

    def format_commands(self, ctx, formatter):
        """What each command is for, whole; click would cut it at the width of the screen."""
        with formatter.section('Commands'):
            formatter.write_dl([(name, self.get_command(ctx, name).get_short_help_str(LONGEST_HELP))
                                for name in self.list_commands(ctx)])


def _remember(attribute):
    def callback(ctx, parameter, value):
        if value not in (None, False, 0):
            setattr(ctx.ensure_object(Context), attribute, value)
    return callback


def _remember_verbosity(sign):
    def callback(ctx, parameter, value):
        if value:
            ctx.ensure_object(Context).verbosity = sign * int(value)
    return callback


def common_options(command):
    """The options that may stand before or after a command's name."""
    return common_options_without()(command)


def common_options_without(*names):
    """The common options for a command that has options of its own by these names, such as `regimen`."""
    def decorate(command):
        for name, option in COMMON:
            command = command if name in names else option(command)
        return command
    return decorate


def _common(name, *declarations, **attributes):
    return name, click.option(*declarations, expose_value=False, **attributes)


COMMON = [
    _common('offline', '--offline', is_flag=True, callback=_remember('offline'),
            help='Contact nothing; use what this rig has.'),
    _common('quiet', '-q', '--quiet', is_flag=True, callback=_remember_verbosity(-1),
            help='Print results and errors only.'),
    _common('verbose', '-v', '--verbose', count=True, callback=_remember_verbosity(1), help='Print more.'),
    _common('json', '--json', is_flag=True, callback=_remember('json'), help='Print one JSON document.'),
    _common('regimen', '--regimen', metavar='REGIMEN', callback=_remember('regimen_name'),
            help='A path, a URL, git:REF or mtrain:MOUSE; default: regimen.yml here.'),
    _common('config', '--config', metavar='FILE', callback=_remember('config_file'), help='The configuration file.'),
]

pass_context = click.make_pass_decorator(Context, ensure=True)
