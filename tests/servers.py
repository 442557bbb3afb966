"""A web server that misbehaves on request, and a git repository to fill: both real, both on this machine only."""
from __future__ import absolute_import, unicode_literals

import io
import os
import ssl
import subprocess
import threading
import time

import pytest
from six.moves.BaseHTTPServer import BaseHTTPRequestHandler, HTTPServer
from six.moves.socketserver import ThreadingMixIn

from rig_agent.base.compat import to_native, to_text
from rig_agent.base.errors import Unreachable
from rig_agent.base.files import git_blob_id, md5_of_bytes
from rig_agent.base.gitprocess import find_git


COMMIT = 'c' * 40
REFS = '/info/refs?service=git-upload-pack'


class WebServer(object):
    """Serves bytes on the loopback, counts who asks for what, and misbehaves path by path.

    server.put('/x.py', b'...')              serves it
    server.put('/x.py', b'...', **trouble)   trouble: status=503 | statuses=[503, 503, 200] in turn | delay=seconds |
                                             cut=bytes sent of all that were promised | drip=seconds between bytes |
                                             promised=a Content-Length, None for none | location=URL of a redirect |
                                             gate=an Event that it waits for | headers={...} | chunked=True, cut off before its end when `cut` is given
    server.hits                              [(path, headers with lower-case names)], in the order they came
    server.most_at_once                      how many were being answered at the same time
    """

    def __init__(self, certificate=None):
        self.pages, self.hits = {}, []
        self.at_once = self.most_at_once = 0
        self._guard = threading.Lock()
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                web._count(1)
                try:
                    web._answer(self)
                finally:
                    web._count(-1)

            def do_POST(self):
                self.rfile.read(int(self.headers['Content-Length'] or 0))
                self.do_GET()

            def log_message(self, *words):
                pass

        class Server(ThreadingMixIn, HTTPServer):
            daemon_threads = True
            request_queue_size = 200

            def handle_error(self, request, address):
                pass  # a client that went away is what some tests want
        self._server = Server((str('127.0.0.1'), 0), Handler)
        if certificate:  # a file with the key too: it speaks https then
            context = ssl.SSLContext(getattr(ssl, 'PROTOCOL_TLS_SERVER', ssl.PROTOCOL_SSLv23))
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.host = '127.0.0.1:%d' % self._server.server_port
        self.url = 'https://localhost:%d' % self._server.server_port if certificate else 'http://' + self.host
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={'poll_interval': 0.02})
        self._thread.daemon = True
        self._thread.start()

    def put(self, path, content=b'', **trouble):
        """Serve `content` under a path; returns its URL."""
        self.pages[path] = (content, trouble)
        return self.url + path

    def put_repository(self, path, repository, **trouble):
        """Serve a GitRepository as it is now under a path, as files; returns its URL. Each fetch asks for REFS once."""
        repository.git('update-server-info')
        root = os.path.join(repository.folder, '.git')
        for folder, _, names in os.walk(root):
            for name in names:
                with io.open(os.path.join(folder, name), 'rb') as stream:
                    self.put('%s/%s' % (path, os.path.relpath(os.path.join(folder, name), root).replace(os.sep, '/')),
                             stream.read(), **trouble)
        self.pages[path + REFS] = self.pages[path + '/info/refs']
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

    def _count(self, change):
        with self._guard:
            self.at_once += change
            self.most_at_once = max(self.most_at_once, self.at_once)

    def _answer(self, request):
        with self._guard:
            headers = {to_text(name).lower(): to_text(request.headers[name]) for name in request.headers.keys()}
            self.hits.append((to_text(request.path), headers))
            content, trouble = self.pages.get(to_text(request.path), (b'nothing here', {'status': 404}))
            status = trouble.get('status', 200)
            if trouble.get('statuses'):
                status = trouble['statuses'].pop(0)
        if 'delay' in trouble:
            time.sleep(trouble['delay'])
        if 'gate' in trouble:
            trouble['gate'].wait(110)
        request.send_response(302 if 'location' in trouble else status)
        if 'location' in trouble:
            request.send_header('Location', trouble['location'])
        for name, value in trouble.get('headers', {}).items():
            request.send_header(name, value)
        if trouble.get('chunked'):
            request.send_header('Transfer-Encoding', 'chunked')
            content = b''.join(b'%x\r\n%s\r\n' % (len(part), part) for part in (content[:1000], content[1000:]) if part)
            content += b'0\r\n\r\n'
        elif trouble.get('promised', 0) is not None:
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


def pinned(web, count, **trouble):
    """A regimen's stages, each with a pinned URL of its own: {stage: (URL, md5, parameters)}."""
    stages = {}
    for number in range(count):
        content = b'print(%d)\n' % number * 50
        stages['S%03d' % number] = (web.put('/%s/s%03d.py' % (COMMIT, number), content, **trouble),
                                    md5_of_bytes(content), {})
    return stages


def make_certificate(folder):
    """The path of a new certificate for localhost with its key; skips where there is no openssl."""
    path = os.path.join(folder, 'both.pem')
    try:
        code = subprocess.call([to_native(word) for word in (
            'openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost',
            '-addext', 'subjectAltName=DNS:localhost', '-keyout', path, '-out', path + '.cert')], stderr=subprocess.PIPE)
    except OSError:
        code = None
    if code != 0:
        pytest.skip('no openssl on this machine that makes a certificate')
    with io.open(path + '.cert', 'rb') as stream, io.open(path, 'ab') as both:
        both.write(stream.read())
    return path


def need_git():
    """Skip where there is no git to make a repository with, as under Wine."""
    try:
        find_git()
    except Unreachable:
        pytest.skip('no git on this machine')


def damage_in_clones(cache, content):
    """Let the blob with this content be broken in every clone of a cache that has it."""
    blob, clones = git_blob_id(content), os.path.join(cache, 'repositories')
    paths = [os.path.join(clones, name, 'objects', blob[:2], blob[2:]) for name in os.listdir(clones)]
    paths = [path for path in paths if os.path.exists(path)]
    assert paths
    for path in paths:
        os.chmod(path, 0o600)
        with io.open(path, 'wb') as stream:
            stream.write(b'x')


class GitRepository(object):
    """A git repository with a folder `v2`, to be filled commit by commit, a day apart. Its `url` is its path.

    repository.commit({'v2/x_v2.py': b'...'})   changes files, removes those that are None; returns the commit's id
    """

    def __init__(self, folder):
        need_git()
        self.folder = self.url = folder
        self._seconds = 1700000000
        os.makedirs(to_native(folder))
        self.git('init', '--quiet', '--template=')
        self.git('symbolic-ref', 'HEAD', 'refs/heads/master')

    def git(self, *words, **options):
        """Run git in it; its stdout as text."""
        environment = {key: value for key, value in os.environ.items() if not key.upper().startswith('GIT_')}
        environment.update({str('GIT_CONFIG_NOSYSTEM'): str('1'), str('HOME'): str('/nonexistent')})
        process = subprocess.Popen(
            [to_native(word) for word in ('git', '-c', 'user.name=T', '-c', 'user.email=t@example.org') + words],
            cwd=to_native(self.folder), env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        out, said = process.communicate(options.get('given', b''))
        assert process.returncode == 0, said
        return to_text(out).strip()

    def commit(self, files, message='change'):
        """Add a commit to the branch that HEAD names; the working tree is left alone."""
        self._seconds += 86400
        with io.open(os.path.join(self.folder, '.git', 'HEAD'), 'rb') as stream:
            branch = stream.read().strip().split(b' ')[-1]
        parts = [b'commit %s\nmark :1\ncommitter T <t@example.org> %d +0000\ndata %d\n%s\n' % (
            branch, self._seconds, len(message), message.encode('ascii'))]
        if self.git('for-each-ref', to_text(branch)):
            parts.append(b'from %s^0\n' % branch)
        for name, content in sorted(files.items()):
            quoted = b'"%s"' % name.encode('utf-8')
            parts.append(b'D %s\n' % quoted if content is None else
                         b'M 100644 inline %s\ndata %d\n%s\n' % (quoted, len(content), content))
        return self.git('fast-import', '--quiet', '--force', given=b''.join(parts) + b'get-mark :1\n')

    def commit_link(self, name, target):
        """Add a commit with a symbolic link to master."""
        self.git('read-tree', 'master')
        link = self.git('hash-object', '-w', '--stdin', given=target.encode('utf-8'))
        self.git('update-index', '--add', '--cacheinfo', '120000,%s,%s' % (link, name))
        self.git('update-ref', 'refs/heads/master', self.git(
            'commit-tree', '-p', 'master', '-m', 'x', self.git('write-tree')))
