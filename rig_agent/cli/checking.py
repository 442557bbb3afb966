"""Before a session: the rig's own checks, quick ones, for the record; what failed refuses the start."""
from __future__ import absolute_import, unicode_literals

from rig_agent.base.errors import Refused, UsageError
from rig_agent.base.nearest import did_you_mean
from rig_agent.regimens.model import asset_paths


def look(context, parameters, scripts, simulation, skipped, python=None):
    """The results as the record takes them. Raises Refused for a failed check that is not among `skipped`.

    scripts: the verified ones. skipped: names from `--skip-check`. python: the interpreter when not the configured one.
    """
    from rig_agent.rig import checks
    from rig_agent.rig.result import FAILED, WARNING
    for name in skipped:
        if name not in checks.BEFORE_RUN:
            raise UsageError('There is no check `%s`' % name, expected=', '.join(checks.BEFORE_RUN),
                             advice=did_you_mean(name, checks.BEFORE_RUN, shown='`--skip-check "%s"`'))
    if python:
        context.configuration.override('python', python)
    results = checks.before_run(context.configuration, parameters, bool(simulation), asset_paths(parameters),
                                [script.path for script in scripts], skipped)
    failed = [result for result in results if result.status == FAILED]
    for result in results:
        if result.status in (WARNING, FAILED):
            context.detail('%s: %s' % (result.name, result.message))
    if failed:
        raise Refused('This rig is not ready for the session', where=', '.join(result.name for result in failed),
                      found='; '.join(result.message for result in failed),
                      advice='%s To go on all the same: %s.' % (
                          ' '.join(result.solution or '' for result in failed),
                          ' '.join('--skip-check "%s"' % result.name for result in failed)))
    return [result.as_json() for result in results]
