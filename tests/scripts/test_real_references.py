"""Whatever stands under `script:` in the lab's own regimens is planned without a surprise."""
from __future__ import absolute_import, unicode_literals

import io

import pytest

from rig_agent.base.errors import RigAgentError
from rig_agent.regimens.reading import read
from rig_agent.scripts.fetching import asserted_by, scripts_of
from support import real_regimens

STATES = {'cached', 'bundled', 'to fetch', 'refused'}


@pytest.mark.skipif(not real_regimens(), reason="the lab's regimens are not at hand")
def test_every_script_of_every_real_stage_has_a_plan(resolver):
    planned, kinds = 0, set()
    for path in real_regimens():
        with io.open(path, 'rb') as stream:
            try:
                regimen = read(stream.read(), path)
            except RigAgentError:
                continue
        one = resolver(siblings=asserted_by(regimen))
        for stage in regimen.stages.values():
            for _, role, text, md5 in scripts_of(stage) if not stage.problem else ():
                plan = one.plan(text, md5, role)
                assert plan.state in STATES, (path, stage.name, text)
                assert (plan.state == 'refused') == (plan.exit_code is not None), (path, stage.name, text)
                assert plan.as_json()['state'] == plan.state
                planned, kinds = planned + 1, kinds | {plan.kind}
    assert planned > 500
    assert {'pinned-url', 'moving-url', 'page-url', 'v2-name', 'bare-name', 'resource-id', 'on-paper'} <= kinds
