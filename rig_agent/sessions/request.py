"""What is to run: plain data that the command line fills in, kept as JSON for the keeper."""
from __future__ import absolute_import, unicode_literals

CONTROL_PORT = 1111  # camstim's control stream (UDP, loopback), as camstim 0.2.4 opens it


class SessionRequest(object):
    """One run of one stage.

    stage: its name. scripts: `Script.as_json()` dictionaries, the main one first (role `main`), each with `name`, `path`
    (where the verified bytes lie now) and `found_md5`. parameters: the params as they go to the script, mouse, user and
    overrides already in them. regimen: what the record says of it (name, source, commit, sha256).
    overrides: what `--set` and others changed, for the record. subject: the mouse, as digits, or None. user: who asked.
    python: the interpreter; default: the configured one. arguments: more words after the params file.
    environment: variables to add. python_path: folders to put before PYTHONPATH.
    simulated: no animal, no rig: takes no rig lock. simulation: what the record says of it.
    control_port: None when the script has no control stream. limits: name -> seconds or bytes, from options.
    outputs: more folders to watch. keep_children: names of processes that may outlive the script.
    checks: results of checks made before, for the record.
    """

    def __init__(self, stage, scripts, parameters, regimen=None, overrides=None, subject=None, user=None, python=None,
                 arguments=(), environment=None, python_path=(), simulated=False, simulation=None,
                 control_port=CONTROL_PORT, limits=None, outputs=(), keep_children=(), checks=()):
        self.stage = stage
        self.scripts = list(scripts)
        self.parameters = parameters
        self.regimen = regimen or {}
        self.overrides = overrides or {}
        self.subject = subject
        self.user = user
        self.python = python
        self.arguments = list(arguments)
        self.environment = dict(environment or {})
        self.python_path = list(python_path)
        self.simulated = simulated
        self.simulation = simulation
        self.control_port = control_port
        self.limits = dict(limits or {})
        self.outputs = list(outputs)
        self.keep_children = list(keep_children)
        self.checks = list(checks)
