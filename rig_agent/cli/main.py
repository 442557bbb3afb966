"""The `rig-agent` command: a table of commands, each imported when it is called."""
from __future__ import absolute_import, unicode_literals

import errno
import importlib
import sys
from collections import OrderedDict

import click

from rig_agent import __version__
from rig_agent.base.compat import (PY2, allow_ascii_locale, hear_of_children, open_missing_streams, print_any_text,
                                   set_git_variables_aside, to_text, use_conda_environment)
from rig_agent.base.errors import RigAgentError, UsageError
from rig_agent.cli.context import Context, Group, common_options, silence

# name -> (module, what `rig-agent --help` says). The table stands here so that help needs no other import.
COMMANDS = OrderedDict([
    ('stages', ('stages', 'List the stages of a regimen with their scripts.')),
    ('show', ('stages', 'Print a regimen, or one of its stages, as JSON.')),
    ('explain', ('explain', 'Show what a run of a stage would use; nothing runs.')),
    ('generate', ('generate', 'Write the script and the params of a stage into files.')),
    ('run', ('run', 'Run a stage in a supervised session.')),
    ('smoke', ('smoke', 'Run one stage, several or all for a short while, or simulated, and judge them.')),
    ('sessions', ('sessions', 'List, show, follow or recover sessions of this rig.')),
    ('stop', ('sessions', 'Stop a running session.')),
    ('status', ('sessions', 'Show what runs on this rig now.')),
    ('cache', ('cache', 'Fetch, list, verify or clear up the scripts of this rig.')),
    ('lock', ('lock', 'Write down the md5 and commit of every script of a regimen.')),
    ('check', ('check', "Compare the scripts of this rig with the repository's.")),
    ('logs', ('logs', 'Show the end of a log, search logs, hand sessions over as a zip or to a share.')),
    ('outbox', ('outbox', 'Outcomes that wait to be delivered: list, flush, show, retry, drop.')),
    ('regimen', ('regimen', 'Validate, compare or draw regimens.')),
    ('mice', ('mice', 'List the mice of the mtrain service with their stages; add some.')),
    ('migrate', ('migrate', 'Move the mice of one regimen to another, or undo that.')),
    ('doctor', ('doctor', 'Is this rig ready, and for that stage? With what to do where it is not.')),
    ('config', ('config', 'The settings of this rig, where each came from, and a file to begin with.')),
    ('harness', ('harness', 'Stand-ins for what a desk lacks, such as the mtrain service.')),
    ('hook', ('hook', 'Check regimens before each git commit.')),
])


class LazyGroup(Group):
    """A group whose commands are imported when they are called; help is made from the table alone."""

    def __init__(self, *args, **attributes):
        self.table = attributes.pop('table', COMMANDS)
        super(LazyGroup, self).__init__(*args, **attributes)

    def list_commands(self, ctx):
        return list(self.table)

    def get_command(self, ctx, name):
        if name not in self.table:
            return None
        module = importlib.import_module('rig_agent.cli.' + self.table[name][0])
        return getattr(module, name)

    def format_commands(self, ctx, formatter):
        with formatter.section('Commands'):
            formatter.write_dl([(name, self.table[name][1]) for name in self.list_commands(ctx)])


@click.group(cls=LazyGroup, context_settings={'help_option_names': ['-h', '--help']})
@click.version_option(__version__, prog_name='rig-agent', message='%(prog)s %(version)s')
@common_options
def rig_agent():
    """The rig-side agent and test harness for camstim machines.

    \b
    Try a stage on any machine:   rig-agent smoke --simulate
    Run a stage on this rig:      rig-agent run STAGE --mouse 612345
    Fetch tomorrow's scripts:     rig-agent cache fetch --all
    """


def run(argv=None):
    """Run one command line; returns the exit code. The one place where a failure becomes text."""
    context = Context()
    set_git_variables_aside()
    use_conda_environment()
    open_missing_streams()
    hear_of_children()
    allow_ascii_locale()
    print_any_text()
    if argv is None and not PY2:
        argv = sys.argv[1:]  # given by name, else click on Windows puts file names for `*` and values for `$NAME`
    try:
        result = rig_agent.main(args=argv, prog_name=str('rig-agent'), obj=context, standalone_mode=False)
        return result if isinstance(result, int) else 0
    except RigAgentError as error:
        context.fail(error)
        return error.exit_code
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        return misused(context, error, argv)
    except (click.Abort, KeyboardInterrupt):
        click.echo('Interrupted.', err=True)
        return 130
    except Exception as error:
        if isinstance(error, EnvironmentError) and error.errno == errno.EPIPE:
            silence(sys.stdout)  # the reader of a listing went away: end quietly, as other tools do
            return 0
        if isinstance(error, UnicodeError) and was_raised_in_click(sys.exc_info()[2]):
            return misused(context, error, argv)
        return context.defect(sys.exc_info())


def misused(context, error, argv):
    """Say what click does not understand of the command line. On Python 2 it cannot, where letters are not ASCII's."""
    words = [to_text(word) for word in (sys.argv[1:] if argv is None else argv)]
    context.json = context.json or '--json' in words  # which may stand behind what is wrong
    if not isinstance(error, UnicodeError):
        try:
            error.show()
            context.answer(UsageError(to_text(error.format_message())))
            return error.exit_code
        except UnicodeError:
            pass
    context.fail(UsageError(
        'The command line is not understood', found=' '.join(word for word in words if not is_ascii(word)),
        advice='`rig-agent --help` shows what there is. A dash that was copied from a text may be another than the one '
               'of the keyboard.'))
    return UsageError.exit_code


def was_raised_in_click(trace):
    while trace.tb_next is not None:
        trace = trace.tb_next
    return trace.tb_frame.f_globals.get('__name__', '').split('.')[0] == 'click'


def is_ascii(text):
    return all(ord(letter) < 128 for letter in text)
