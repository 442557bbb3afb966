"""Ways in which a service misbehaves, on request, so that its clients can be tried.

    slow        the call is done, the answer comes after a minute, byte by byte
    500         nothing is done, the answer says so
    truncate    the call is done, the answer ends in its middle
    html        nothing is done, status 200 and a login page
    wrong-type  nothing is done, status 200 and JSON of another shape
    drop        the call is done, the connection is closed without an answer
"""
from __future__ import absolute_import, unicode_literals

import io
import random
import socket
import threading
import time

from rig_agent.base.compat import to_native, to_text

KINDS = ('slow', '500', 'truncate', 'html', 'wrong-type', 'drop')
SLOW = 60.0  # seconds before a slow answer begins
LARGEST_BODY = 64 << 20

INSTEAD = {
    '500': ('500 Internal Server Error', 'text/html', b'<html><body><h1>Internal Server Error</h1></body></html>'),
    'html': ('200 OK', 'text/html', b'<!DOCTYPE html><html><body><form>Please log in</form></body></html>'),
    'wrong-type': ('200 OK', 'application/json', b'[1, "two", null]'),
}


class Fault(object):
    """One way to misbehave. rate: the share of requests, 0 to 1. only: the beginning of the paths it concerns."""

    def __init__(self, kind, rate=1.0, only='/', method=None):
        assert kind in KINDS, kind
        self.kind, self.rate, self.only, self.method = kind, rate, only, method

    def strikes(self, method, path):
        return path.startswith(self.only) and self.method in (None, method) and random.random() < self.rate


class Misbehaving(object):
    """A WSGI application around another one; `faults` may be changed while it serves."""

    def __init__(self, application, faults=()):
        self.application, self.faults = application, list(faults)
        self.stopped = threading.Event()
        self.requests = []  # (method, path) of the latest ones

    def __call__(self, environ, start_response):
        method, path = to_text(environ['REQUEST_METHOD']), to_text(environ['PATH_INFO'])
        self.requests = self.requests[-9999:] + [(method, path)]
        # Read in any case: a connection that is closed with bytes unread may take the answer with it.
        length = min(int(environ.get('CONTENT_LENGTH') or 0), LARGEST_BODY)
        environ['wsgi.input'] = io.BytesIO(environ['wsgi.input'].read(length))
        kind = next((fault.kind for fault in self.faults if fault.strikes(method, path)), None)
        if kind in INSTEAD:
            status, content_type, body = INSTEAD[kind]
            start_response(to_native(status), _headers([('Content-Type', content_type),
                                                        ('Content-Length', '%d' % len(body))]))
            return [body]
        if kind is None:
            return self.application(environ, start_response)
        answer = []

        def keep(status, headers, exc_info=None):
            answer[:] = [status, headers]
        body = b''.join(self.application(environ, keep))
        status, headers = answer
        if kind == 'drop':
            environ['standin.connection'].shutdown(socket.SHUT_RDWR)
            return [b'']
        headers = [pair for pair in headers if pair[0].lower() != 'content-length']
        start_response(status, headers + _headers([('Content-Length', '%d' % len(body))]))
        if kind == 'truncate':
            return [body[:len(body) * 4 // 10]]
        return self._drip(body)

    def _drip(self, body):
        yield body[:1]
        if self.stopped.wait(SLOW):
            return
        for index in range(1, len(body)):
            time.sleep(0.05)
            yield body[index:index + 1]


def _headers(pairs):
    return [(to_native(name), to_native(value)) for name, value in pairs]
