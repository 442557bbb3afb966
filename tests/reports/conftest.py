"""Sessions of every kind, made once, and a real browser to look at their pages with."""
from __future__ import absolute_import, unicode_literals

import io
import json
import os
import re
import subprocess
import time

import pytest

from rig_agent.base.compat import WINDOWS, json_text, to_native, to_text
from rig_agent.base.files import md5_of_bytes
from rig_agent.base.units import utc_text
from rig_agent.sessions import resources
from labs import wait_for
from support import copy_folder

HOSTILE = b'''# -*- coding: utf-8 -*-
import os, sys
out = getattr(sys.stdout, 'buffer', sys.stdout)
out.write(b"</pre></script><script>document.title='owned'</script><img src=x onerror=\\"document.title='owned'\\">\\n")
out.write(b"\\x1b[31mred\\x1b[0m \\xe2\\x80\\xae backwards \\xff\\x00 <!-- ]]> &lt; " + b"w" * 5000 + b"\\n")
out.write(b"<style>body{display:none}</style><base href='http://x/'>\\n")
out.write(b"<meta http-equiv=refresh content='0;url=http://x/'>\\n")
out.flush()
raise ValueError("</script><script>document.title='owned'</script> " + "long" * 300)
'''
SCRIPTS = {
    'completes': b'import sys, time\nfor i in range(12):\n    print("frame %d" % i)\n    sys.stdout.flush()\n'
                 b'    time.sleep(0.1)\n',
    'fails': HOSTILE,
    'stalls': b'import time\ntime.sleep(60)\n',
    'is_killed': b'import signal, time\nfor n in (signal.SIGINT, signal.SIGTERM): signal.signal(n, signal.SIG_IGN)\n'
                 b'print("stubborn")\ntime.sleep(60)\n'}
SAMPLES = 36000


@pytest.fixture(scope='module')
def lab(module_agent):
    """Folders of sessions by how they ended: completed, failed, stalled, killed, refused, long."""
    stages = []
    for name, content in sorted(SCRIPTS.items()):
        with io.open(os.path.join(module_agent.folder, name + '.py'), 'wb') as stream:
            stream.write(content)
        stages.append('  %s: {script: ./%s.py, script_md5: %s, parameters: {stage: %s, reward_volume: 0.007}}'
                      % (name, name, md5_of_bytes(content), name))
    with io.open(os.path.join(module_agent.folder, 'regimen.yml'), 'w', encoding='utf-8') as stream:
        stream.write('name: Pages_Test_v1.0.0\nstages:\n%s\n' % '\n'.join(stages))
    environment = {'RIG_AGENT_LIMITS_GRACE': '0.3s'}
    found = {}
    for name, outcome, words in (('completes', 'completed', ['--mouse', '612345', '--user', 'jane']),
                                 ('fails', 'failed', ['--mouse', '612346']), ('stalls', 'stalled', ['--silence', '1'])):
        record = module_agent('run', name, '--json', *words, environment=environment).json
        assert record['outcome'] == outcome, record
        found[outcome] = record['folder']
    found['killed'], found['refused'] = _killed_and_refused(module_agent, environment)
    found['long'] = _long_session(found['completed'])
    return found


def _killed_and_refused(agent, environment):
    """A session that a person stopped and that did not obey; another one that was asked for meanwhile."""
    process = agent.start('run', 'is_killed', '--json', environment=environment)
    wait_for(lambda: '"last_line": "stubborn"' in agent('status', '--json').out)
    refused = agent('run', 'completes', '--json').json
    killed = agent('stop', '--json').json
    process.communicate()
    assert (killed['outcome'], refused['outcome']) == ('killed', 'refused'), (killed, refused)
    return killed['folder'], refused['folder']


def _long_session(folder):
    """A session of ten hours, as its files would be: 36,000 samples, an hour of silence, a burst of output."""
    name = os.path.basename(folder)
    target = os.path.join(os.path.dirname(folder), '%s_a_long_stage_with_a_long_name_0a0a0a0a' % name.split('_')[0])
    copy_folder(folder, target)
    with io.open(os.path.join(target, 'session.json'), encoding='utf-8') as stream:
        record = json.load(stream)
    record.update(id='0a' * 16, folder=target, stage='a_long_stage_with_a_long_name', outcome='completed')
    record['times']['duration_s'] = float(SAMPLES)
    record['warnings'] = ['something that a reader should know, with-a-word-that-is-' + 'very-' * 40 + 'long']
    with io.open(os.path.join(target, 'session.json'), 'wb') as stream:
        stream.write(json_text(record).encode('ascii'))
    begun, printed = time.time() - SAMPLES, 0
    with io.open(os.path.join(target, resources.FILE), 'wb') as stream:
        stream.write((','.join(resources.HEADER) + '\r\n').encode('ascii'))
        for second in range(1, SAMPLES + 1):
            printed += 0 if 10000 < second < 13600 else 100000 if second == 20000 else 60
            stream.write(('%s,%d.000,%.1f,%d,3,20,78444343296,%d,0\r\n' % (
                utc_text(begun + second), second, 40 + second % 60 + (300 if second == 5000 else 0),
                200e6 + 1000 * second, printed)).encode('ascii'))
        stream.write(b'2026-11-24T00:0')
    return target


# ------------------------------------------------------------------------------------------------ a browser

FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
         '--disable-background-networking', '--disable-component-update', '--disable-sync', '--hide-scrollbars', '--allow-file-access-from-files']
WIDTHS = (360, 700, 980, 1100)
# Looks at pages in frames of both widths, from outside: the pages themselves run no script.
LOOKER = '''<!DOCTYPE html><meta charset="utf-8"><body><script>
var pages = PAGES, results = [], left = 0;
function light(colour) {
  var parts = colour.match(/[0-9.]+/g).slice(0, 3).map(function (part) {
    part /= 255; return part <= 0.03928 ? part / 12.92 : Math.pow((part + 0.055) / 1.055, 2.4); });
  return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
}
function contrast(view, element) {
  var under = element, text = light(view.defaultView.getComputedStyle(element).color), behind;
  do { behind = view.defaultView.getComputedStyle(under).backgroundColor; under = under.parentElement;
  } while (behind === 'rgba(0, 0, 0, 0)' && under);
  behind = behind === 'rgba(0, 0, 0, 0)' ? 1 : light(behind);
  return (Math.max(text, behind) + 0.05) / (Math.min(text, behind) + 0.05);
}
function look(frame, page, width) {
  var view = frame.contentDocument, found = {page: page, width: width, title: view.title, scripts: view.scripts.length,
    images: view.images.length, wide: view.documentElement.scrollWidth, text: view.body.innerText.length, outside: [],
    overlaps: [], pale: []};
  var boxes = [];
  view.querySelectorAll('h1,h2,h3,p,td,th,dt,dd,li,pre,figcaption,summary,.word,.reason,.badge,.md5,.plot span,.times span')
    .forEach(function (element) {
      var box = element.getBoundingClientRect();
      if (!box.width || !box.height || !element.innerText.trim()) return;
      var name = element.tagName + ' ' + element.innerText.slice(0, 40);
      var cut = element.clientWidth && element.scrollWidth > element.clientWidth + 1;
      if (box.right > width + 1 || box.left < -1 || cut)
        found.outside.push(name);
      if (contrast(view, element) < 4.5) found.pale.push(name);
      if (width > 1000 && element.matches('th, td.short, .md5')) {
        var range = view.createRange(), tops = {}; range.selectNodeContents(element);
        Array.prototype.forEach.call(range.getClientRects(), function (line) { tops[Math.round(line.top / 12)] = 1; });
        if (Object.keys(tops).length > (element.matches('.md5') ? 1 : 2)) found.outside.push('broken: ' + name);
      }
      boxes.push([box, element, name]);
    });
  for (var i = 0; i < boxes.length; i++) for (var j = i + 1; j < boxes.length; j++) {
    var a = boxes[i][0], b = boxes[j][0];
    if (boxes[i][1].contains(boxes[j][1]) || boxes[j][1].contains(boxes[i][1])) continue;
    var across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    if (across > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1)
      found.overlaps.push(boxes[i][2] + ' / ' + boxes[j][2]);
  }
  results.push(found);
  if (--left === 0) { var pre = document.createElement('pre'); pre.id = 'found';
    pre.textContent = btoa(unescape(encodeURIComponent(JSON.stringify(results)))); document.body.appendChild(pre); }
}
pages.forEach(function (page) { WIDTHS.forEach(function (width) {
  var frame = document.createElement('iframe');
  frame.width = width; frame.height = 1000; frame.style.border = 0; left++;
  frame.onload = function () { look(frame, page, width); }; frame.src = page; document.body.appendChild(frame); }); });
</script>'''


def find_browser():
    folders = os.environ.get('PATH', '').split(os.pathsep)
    for name in ('chromium', 'chromium-browser', 'google-chrome', 'chrome.exe', 'msedge.exe'):
        for folder in folders:
            if os.path.isfile(os.path.join(folder, name)):
                return os.path.join(folder, name)
    return None


@pytest.fixture(scope='module')
def browser(tmpdir_factory):
    """browser(paths): what a real browser makes of pages, [{page, width, title, scripts, wide, outside, overlaps}]."""
    program = find_browser()
    if program is None:
        (pytest.fail if os.environ.get('RIG_AGENT_TEST_BROWSER') else pytest.skip)('no chromium is installed')
    place = to_text(str(tmpdir_factory.mktemp('browser')))

    def look(paths):
        import base64
        addresses = ['file://' + to_text(path).replace('\\', '/').replace(' ', '%20') for path in paths]
        looker = os.path.join(place, 'looker.html')
        with io.open(looker, 'w', encoding='utf-8') as stream:
            stream.write(LOOKER.replace('PAGES', json.dumps(addresses)).replace('WIDTHS', json.dumps(WIDTHS)))
        argv = [program] + FLAGS + ['--user-data-dir=' + os.path.join(place, 'profile'), '--window-size=1200,1000',
                                    '--virtual-time-budget=20000', '--dump-dom', looker]
        process = subprocess.Popen([to_native(word) for word in argv], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   close_fds=not WINDOWS)
        import threading
        watchdog = threading.Timer(60, process.kill)
        watchdog.start()
        try:
            out, err = process.communicate()
        finally:
            watchdog.cancel()
        found = re.search('<pre id="found">([^<]*)</pre>', to_text(out))
        assert found, to_text(err)[-2000:] + to_text(out)[-500:]
        return json.loads(to_text(base64.b64decode(found.group(1).encode('ascii'))))
    return look
