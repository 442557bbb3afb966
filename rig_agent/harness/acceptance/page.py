"""The page of an acceptance: one HTML file without anything from elsewhere, to be kept with the rig's papers."""
from __future__ import absolute_import, unicode_literals

import re

from rig_agent import __version__
from rig_agent.base.units import format_duration, utc_now
from rig_agent.rig import identity

VERDICTS = {'passed': 'Fit', 'failed': 'Not fit', 'skipped': 'Fit, as far as it was tried'}
STYLE = '''
body { font: 15px/1.45 system-ui, "Segoe UI", sans-serif; max-width: 62em; margin: 2em auto; padding: 0 1em;
  color: #1b1f24 }
h1 { font-size: 1.5em; margin-bottom: .2em }
.verdict { font-size: 1.15em; padding: .5em .8em; border-left: .4em solid; margin: 1em 0 }
table { border-collapse: collapse; width: 100% } td, th { text-align: left; vertical-align: top; padding: .45em .6em }
tr + tr { border-top: 1px solid #d8dee4 } .facts td:first-child { color: #57606a; width: 9em }
.passed { color: #116329 } .failed { color: #a40e26 } .skipped { color: #6b5200 }
td.passed, td.failed, td.skipped { font-weight: 600; white-space: nowrap }
.must { color: #57606a } code { font-size: .92em } td.seconds { text-align: right; white-space: nowrap }
details pre { background: #f6f8fa; padding: .6em; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere;
  max-height: 24em }
@media print { details { display: none } }
'''


def render(results, configuration):
    """The page as text. `results` as `accept` returns them."""
    counts = [(word, sum(1 for result in results if result['result'] == word))
              for word in ('passed', 'failed', 'skipped')]
    verdict = next((word for word in ('failed', 'skipped') if dict(counts)[word]), 'passed')
    facts = [('rig', configuration['rig.id']), ('computer', configuration['rig.computer']),
             ('tried by', identity.user_name()), ('at', utc_now()), ('system', identity.platform_name()),
             ('rig_agent', __version__), ('interpreter', configuration['python']),
             ('took', format_duration(sum(result['seconds'] for result in results)))]
    return PAGE.format(
        style=STYLE, rig=escape(configuration['rig.id']), verdict=verdict,
        told='%s: %s' % (VERDICTS[verdict],
                         ', '.join('%d %s' % (count, word) for word, count in counts)),
        facts='\n'.join('<tr><td>%s</td><td>%s</td></tr>' % (escape(name), escape(value)) for name, value in facts),
        rows='\n'.join(_row(number, result) for number, result in enumerate(results, 1)))


def _row(number, result):
    parts = {key: escape(result[key]) for key in ('title', 'command', 'must', 'result', 'seen')}
    parts['must'] = re.sub(r'`([^`]*)`', r'<code>\1</code>', parts['must'])
    return ROW.format(number=number, output=escape(result['output'] or 'nothing'), seconds='%.1f s' % result['seconds'],
                      **parts)


def escape(value):
    return ('%s' % value).replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;').replace('"', '&quot;')


PAGE = '''<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Acceptance of {rig}</title><style>{style}</style></head><body>
<h1>Acceptance of {rig}</h1>
<p class="verdict {verdict}">{told}</p>
<table class="facts">{facts}</table>
<h2>What was tried</h2>
<table><tr><th>#</th><th>result</th><th>step</th><th>time</th></tr>
{rows}
</table></body></html>
'''
ROW = '''<tr><td>{number}</td><td class="{result}">{result}</td><td><b>{title}</b><br><code>{command}</code><br>
<span class="must">must:</span> {must}<br><span class="must">seen:</span> {seen}
<details><summary>what it printed</summary><pre>{output}</pre></details></td><td class="seconds">{seconds}</td></tr>'''
