"""A web server that misbehaves on request, and a git repository to fill: both real, both on this machine only."""
from __future__ import absolute_import, unicode_literals

import io
import os
import subprocess
import threading
import time

from six.moves.BaseHTTPServer import BaseHTTPRequestHandler, HTTPServer
from six.moves.socketserver import ThreadingMixIn

from rig_agent.base.compat import to_native, to_text


class WebServer(object):
    """Serves bytes on the loopback, counts who asks for what, and misbehaves path by path.

    server.put('/x.py', b'...')              serves it
    server.put('/x.py', b'...', **trouble)   trouble: status=503 | statuses=[503, 503, 200] in turn | delay=seconds |
                                             cut=bytes sent of all that were promised | drip=seconds between bytes |
                                             location=URL of a redirect | promised=a Content-Length | headers={...}
    server.hits                              [(path, headers with lower-case names)], in the order they came
    """

    def __init__(self):
        self.pages, self.hits = {}, []
        self._guard = threading.Lock()
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                web._answer(self)

            def log_message(self, *words):
                pass

        class Server(ThreadingMixIn, HTTPServer):
            daemon_threads = True
            request_queue_size = 200

            def handle_error(self, request, address):
                pass  # a client that went away is what some tests want
        self._server = Server((str('127.0.0.1'), 0), Handler)
        self.host = '127.0.0.1:%d' % self._server.server_port
        self.url = 'http://' + self.host
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={'poll_interval': 0.02})
        self._thread.daemon = True
        self._thread.start()

    def put(self, path, content=b'', **trouble):
        """Serve `content` under a path; returns its URL."""
        self.pages[path] = (content, trouble)
        return self.url + path

    def count(self, path=None):
        """How often a path was asked for, or all together."""
        return len([hit for hit, _ in self.hits if path in (None, hit)])

    def close(self):
        """Go away: from now on connections are refused."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def _answer(self, request):
        with self._guard:
            self.hits.append((to_text(request.path),
                              {to_text(name).lower(): to_text(request.headers[name]) for name in request.headers.keys()}))
            content, trouble = self.pages.get(to_text(request.path), (b'nothing here', {'status': 404}))
            status = trouble.get('status', 200)
            if trouble.get('statuses'):
                status = trouble['statuses'].pop(0)
        if 'delay' in trouble:
            time.sleep(trouble['delay'])
        request.send_response(302 if 'location' in trouble else status)
        if 'location' in trouble:
            request.send_header('Location', trouble['location'])
        for name, value in trouble.get('headers', {}).items():
            request.send_header(name, value)
        request.send_header('Content-Length', '%d' % trouble.get('promised', len(content)))
        request.end_headers()
        content = content[:trouble.get('cut', len(content))]
        if 'drip' not in trouble:
            request.wfile.write(content)
            return
        for position in range(len(content)):
            request.wfile.write(content[position:position + 1])
            request.wfile.flush()
            time.sleep(trouble['drip'])


class GitRepository(object):
    """A git repository with a folder `v2`, to be filled commit by commit. Its `url` is its path.

    repository.commit({'v2/x_v2.py': b'...'})   writes, removes what is None, commits; returns the commit's id
    """

    def __init__(self, folder):
        self.folder = self.url = folder
        self._seconds = 1700000000
        os.makedirs(to_native(folder))
        self.git('init', '--quiet', '--template=')
        self._write('.git/HEAD', b'ref: refs/heads/master\n')

    def git(self, *words):
        """Run git in it; its stdout as text."""
        date = '%d +0000' % self._seconds
        environment = {key: value for key, value in os.environ.items() if not key.upper().startswith('GIT_')}
        for key, value in (('GIT_CONFIG_NOSYSTEM', '1'), ('HOME', '/nonexistent'), ('GIT_AUTHOR_DATE', date),
                           ('GIT_COMMITTER_DATE', date)):
            environment[str(key)] = to_native(value)
        argv = ['git', '-c', 'user.name=Test', '-c', 'user.email=test@example.org', '-c', 'core.autocrlf=false',
                '-c', 'commit.gpgsign=false'] + list(words)
        return to_text(subprocess.check_output([to_native(word) for word in argv], cwd=to_native(self.folder),
                                               env=environment, stderr=subprocess.STDOUT)).strip()

    def commit(self, files, message='change'):
        for name, content in files.items():
            if content is None:
                os.unlink(os.path.join(self.folder, name))
            else:
                self._write(name, content)
        self._seconds += 86400
        self.git('add', '--all')
        self.git('commit', '--quiet', '--allow-empty', '-m', message)
        return self.git('rev-parse', 'HEAD')

    def _write(self, name, content):
        path = os.path.join(self.folder, name)
        if not os.path.isdir(os.path.dirname(path)):
            os.makedirs(os.path.dirname(path))
        with io.open(path, 'wb') as stream:
            stream.write(content)
