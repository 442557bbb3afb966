"""`smoke`: prove a stage, or every stage, on this machine before it meets an animal."""
from __future__ import absolute_import, unicode_literals

import os
from collections import OrderedDict

import click

from rig_agent.base.errors import RigAgentError, UsageError, common_exit_code
from rig_agent.base.units import format_duration
from rig_agent.cli import launch
from rig_agent.cli.context import common_options, pass_context, writing
from rig_agent.cli.progress import counting_bar
from rig_agent.cli.run import Duration, Interpreter
from rig_agent.cli.simulating import simulation_options
from rig_agent.reports import summary

RIG_DURATION = 60.0          # seconds of a stage on a rig
SIMULATION_TIMEOUT = 600.0   # real seconds for one simulated stage at full speed


@click.command()
@click.argument('stages', metavar='[STAGE ...]', nargs=-1)
@click.option('--all', 'every', is_flag=True, help='Every stage of the regimen.')
@click.option('--duration', metavar='TIME', type=Duration(), help='Stop each stage after this time, as a person would;'
              ' default: 60s on a rig, the whole session in simulation.')
@click.option('--timeout', metavar='TIME', type=Duration(), help='A stage that takes longer has failed;'
              ' default: 10min in simulation.')
@click.option('--jobs', metavar='N', type=click.IntRange(1, 64), default=1, help='Stages side by side, in simulation.')
@click.option('--python', 'pythons', type=Interpreter(), metavar='PATH', multiple=True,
              help='The interpreter for the scripts; may be repeated, then each stage runs on each.')
@click.option('--set', 'settings', metavar='KEY=JSON', multiple=True, help='Override a parameter; may be repeated.')
@click.option('--strict', is_flag=True, help='Refuse moving URLs and scripts whose md5 nobody asserts.')
@click.option('--accept-md5', metavar='NAME', multiple=True, help='Run script NAME though its md5 is malformed.')
@click.option('--junit', metavar='FILE', help='Write the results for a build server.')
@click.option('--record', 'record_folder', metavar='DIR', help='Keep what each simulated stage did.')
@click.option('--compare', 'compare_folder', metavar='DIR', help='Tell what changed since --record.')
@simulation_options
@common_options
@pass_context
def smoke(context, stages, every, duration, timeout, jobs, pythons, settings, strict, accept_md5, junit, record_folder,
          compare_folder, simulation):
    """Run STAGEs for a short while, or simulated to their end, and judge them; without STAGE the regimen's first one.

    Each is fetched, verified, compiled by the interpreter that will run it, run and judged: it started, raised nothing,
    came to its end or stopped when asked, wrote an output, left nothing behind.

    \b
    rig-agent smoke --simulate
    rig-agent smoke --all --simulate --jobs 2 --junit smoke.xml
    rig-agent smoke IMAGING_1_images_A                                  on a rig: one minute of the real camstim
    rig-agent smoke --all --simulate --compare golden --set reward_volume=0.01
    """
    from rig_agent.harness.smoke import run_all
    if simulation is None and (record_folder or compare_folder or jobs > 1):
        raise UsageError('%s only with --simulate' % ('Stages run side by side' if jobs > 1 else 'Golden runs exist'),
                         advice='A rig runs one session at a time.' if jobs > 1 else 'Add --simulate.')
    opened = launch.open_regimen(context)
    names = _chosen(opened.regimen, stages, every)
    if simulation is None:
        duration = RIG_DURATION if duration is None else duration
    elif timeout is None and simulation.speed == 'max':
        timeout = SIMULATION_TIMEOUT
    test = SmokeTest(context, opened, launch.parse_overrides(settings), simulation, timeout,
                     launch.make_resolver(context, opened, strict, accept_md5))
    keys = [(name, python) for name in names for python in pythons or [context.configuration['python']]]
    if simulation is None:
        context.say('Each stage runs for %s, then it is asked to save and stop.' % format_duration(duration))
    with counting_bar(context, len(keys), 'stages') as move:
        finished = run_all(((key, test.preparation(*key)) for key in keys),
                           lambda *end: (test.on_end(*end), move(1)), jobs, duration)
    results = [test.results[key] for key in keys if key in test.results]
    changes = _golden(context, record_folder, compare_folder, results)
    if junit:
        _write_junit(junit, opened.regimen.name or '(no name)', results)
    context.result({'regimen': opened.as_json(), 'results': [result.as_json() for result in results],
                    'changes': changes}, _shown(opened.regimen, results, changes, len(keys) - len(results)))
    if not finished:
        return 130
    return common_exit_code([result.exit_code for result in results] + [1 if changes else 0])


def _chosen(regimen, stages, every):
    """The names of the stages to run. Raises NotFound for one that the regimen has not."""
    if every:
        return list(regimen.stages)
    for name in stages:
        if name not in regimen.stages:
            regimen.stage(name)
    return list(OrderedDict.fromkeys(stages)) or list(regimen.stages)[:1] or [regimen.stage('').name]


# ------------------------------------------------------------------------------------------------ one stage

class SmokeTest(object):
    """One smoke test: makes the sessions, takes in their ends."""

    def __init__(self, context, opened, overrides, simulation, timeout, resolver):
        self.context, self.opened, self.overrides = context, opened, overrides
        self.simulation, self.timeout, self.resolver = simulation, timeout, resolver
        self.results = {}
        self.compiled = {}

    def preparation(self, name, python):
        """A function that makes the session of a stage on an interpreter and returns its folder."""
        def prepare():
            result = self.results[name, python] = Result(name, python)
            stage = self.opened.regimen.stage(name)
            result.parameters = launch.session_parameters(stage, self.overrides, warn=self.context.warn)
            scripts = launch.obtain_scripts(self.resolver, stage)
            result.script = scripts[0].as_json()
            for script in scripts:
                self._compile(python, script)
            return launch.prepare_session(
                self.context, self.opened, stage, scripts, result.parameters, overrides=self.overrides, python=python,
                limits={'total': self.timeout}, simulation=self.simulation)
        return prepare

    def _compile(self, python, script):
        """Raises DoesNotCompile. Scripts that a task downloads or hands to another interpreter are not looked at."""
        from rig_agent.harness.compiling import problem_of_compiling
        if script.role != 'main' and not script.role.endswith('_script'):
            return
        key = python, script.found_md5
        if key not in self.compiled:
            self.compiled[key] = problem_of_compiling(python, script.path)
        if self.compiled[key]:
            raise DoesNotCompile('%s: %s' % (script.name, self.compiled[key]))

    def on_end(self, key, folder, record, error, stop_asked):
        from rig_agent.harness import verdict
        from rig_agent.harness.simulation import read_report
        result = self.results.setdefault(key, Result(*key))
        if error is not None:
            whose = 'script' if isinstance(error, DoesNotCompile) else None
            result.take(verdict.refused(error, whose), error.exit_code)
            result.outcome = 'refused'
            return
        result.folder, result.record, result.outcome = folder, record, record['outcome']
        if self.simulation:
            result.report = read_report(folder)
        from rig_agent.sessions.outcome import exit_code_of
        result.take(verdict.judge(record, result.report, stop_asked), exit_code_of(record))


class DoesNotCompile(RigAgentError):
    """The script does not compile under the interpreter that would run it."""
    exit_code = 1


class Result(object):
    """What is known of one stage on one interpreter."""

    def __init__(self, stage, python):
        self.stage, self.python = stage, python
        self.parameters = self.script = self.folder = self.record = self.report = self.outcome = None
        self.verdict, self.exit_code = None, 1

    def take(self, verdict, exit_code):
        self.verdict = verdict
        self.exit_code = 0 if verdict.passed else exit_code if exit_code not in (0, 9) else 1

    @property
    def seconds(self):
        return self.record['times']['duration_s'] if self.record else None

    @property
    def simulated_seconds(self):
        return round(self.report['duration']['simulated'], 2) if self.report else None

    def as_json(self):
        script = self.script or {}
        return {'stage': self.stage, 'python': self.python, 'script': script.get('name'),
                'md5': script.get('found_md5'), 'assertion': script.get('assertion'),
                'origin': summary.origin(script) if script else None, 'outcome': self.outcome,
                'verdict': self.verdict.verdict, 'whose': self.verdict.whose, 'reasons': self.verdict.reasons,
                'notes': self.verdict.notes, 'exit_code': self.exit_code,
                'outputs': self.record['outputs'] if self.record else [], 'duration_s': self.seconds,
                'simulated_s': self.simulated_seconds, 'session': self.folder}

    def lines(self):
        """The result for a person, line by line."""
        if self.record:
            for line in summary.lines(self.record):
                yield line
        else:
            yield 'stage', self.stage
            if self.script:
                yield 'script', summary.script_line(self.script)
        yield 'python', self.python
        yield 'result', self.verdict.verdict
        for reason in self.verdict.reasons:
            yield 'because', reason
        for note in self.verdict.notes:
            yield 'note', note

    def text(self):
        return '\n'.join('%-9s %s' % line for line in self.lines())


# ------------------------------------------------------------------------------------------------ telling

def _shown(regimen, results, changes, not_run):
    if len(results) == 1 and not not_run:
        text = results[0].text()
    else:
        passed = sum(result.verdict.passed for result in results)
        several = len({result.python for result in results}) > 1
        text = _table(['stage'] + ['python'] * several + ['result', 'outcome', 'session', 'took', 'because'],
                      [_row(result, several) for result in results])
        text += '\n%s: %d of %d passed%s' % (regimen.name or '(no name)', passed, len(results),
                                            ', %d not run' % not_run if not_run else '')
    if changes is not None and not changes:
        text += '\n\nnothing changed since the golden runs'
    if changes:
        text += '\n\n' + _table(['stage', 'what', 'before', 'after'], [
            [change['stage'], change['fact'], _or_dash(change['before']), _or_dash(change['after'])]
            for change in changes])
    return text


def _row(result, several):
    reason = result.verdict.reasons[0] if result.verdict.reasons else ''
    return [result.stage] + [result.python] * several + [
        result.verdict.verdict, result.outcome, format_duration(result.simulated_seconds),
        format_duration(result.seconds), reason]


def _or_dash(text):
    return '-' if text is None else text


def _table(head, rows):
    widths = [max(len(row[column]) for row in [head] + rows) for column in range(len(head) - 1)]
    return '\n'.join('  '.join([cell.ljust(width) for cell, width in zip(row, widths)] + row[-1:]).rstrip()
                     for row in [head] + rows)


def _golden(context, record_folder, compare_folder, results):
    """The changes against `compare_folder`, or None; the facts go to `record_folder`."""
    from rig_agent.harness import golden
    facts = OrderedDict()
    for result in results:
        if result.report and result.stage not in facts:
            facts[result.stage] = golden.facts_of(result.record, result.report, result.parameters)
    changes = golden.compare(compare_folder, facts) if compare_folder else None
    if record_folder:
        for result in results:
            if not result.verdict.passed and facts.pop(result.stage, None):
                context.warn('%s did not pass: its golden run is not kept' % result.stage)
        with writing('The golden runs', record_folder):
            golden.record(record_folder, facts)
    return changes


def _write_junit(path, suite, results):
    from rig_agent.harness.junit import write_junit
    with writing('The JUnit file', path):
        write_junit(path, suite, [
            {'stage': result.stage, 'python': result.python, 'passed': result.verdict.passed,
             'outcome': result.outcome, 'reasons': result.verdict.reasons, 'seconds': result.seconds,
             'details': result.text()} for result in results])
