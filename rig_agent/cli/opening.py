"""The regimen that a command is about: opened from `--regimen`, read, its condition said aloud."""
from __future__ import absolute_import, unicode_literals

from rig_agent.regimens import sources
from rig_agent.regimens.reading import read


def open_regimen(context, name=None):
    """(RegimenSource, Regimen) of `--regimen`, or of `name`. Raises RigAgentError as sources and reading do."""
    name = name or context.regimen_name
    if name and name.startswith('mtrain:'):
        from rig_agent.mtrain import regimen as service
        regimen, source = service.open_regimen(name, context.configuration, offline=context.offline)
        return source, regimen
    source = sources.open_regimen(name, context.configuration, offline=context.offline,
                                  say=context.warn)
    return source, read(source.content, sources.where(source))


def report_problems(context, regimen, stage=None):
    """Say what keeps stages from being used; the exit code: 0 when there is nothing to say.

    With `stage`: only what is wrong with that one or with the whole.
    """
    found = [problem for problem in regimen.problems if problem.stage is None or stage in (None, problem.stage)]
    for problem in found:
        context.complain(problem.error)
    return found[0].error.exit_code if found else 0
