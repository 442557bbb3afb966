"""Pages that a script fetches: those that the session brought along are served from their files, others are refused.

Scripts such as runTask.py download the scripts that they start. The session has verified copies of them; a simulation
answers with these, by `requests` and by Python's own urllib, and never asks the network.
"""
from __future__ import absolute_import, division, print_function

import io
import sys

from rig_simulation.options import OPTIONS, native
from rig_simulation.report import REPORT, real_open


def content_of(url):
    """The bytes that the session has for an address, else None."""
    url = getattr(url, 'full_url', None) or (url.get_full_url() if hasattr(url, 'get_full_url') else url)
    pages = {native(address): native(path) for address, path in (OPTIONS.urls or {}).items()}
    path = pages.get(url if isinstance(url, str) else str(url))
    if path is None:
        return None
    REPORT.network_use('served from the session: %s' % url)
    with real_open(path, 'rb') as stream:
        return stream.read()


class Page(io.BytesIO):
    """An answer as urllib gives it."""
    code = status = 200
    headers = msg = {}

    def getcode(self):
        return 200

    def info(self):
        return {}


def patch_requests(requests):
    real = requests.Session.request

    def request(self, method, url, *arguments, **keywords):
        content = content_of(url) if method.upper() == 'GET' else None
        if content is None:
            return real(self, method, url, *arguments, **keywords)
        response = requests.Response()
        response.status_code, response.reason, response.url = 200, 'OK', url
        response._content, response.raw = content, Page(content)
        return response
    requests.Session.request = request


def patch_urllib(module):
    """`urllib`, `urllib2` of Python 2, `urllib.request` of Python 3."""
    if hasattr(module, 'urlopen'):
        real_urlopen = module.urlopen

        def urlopen(url, *arguments, **keywords):
            content = content_of(url)
            return real_urlopen(url, *arguments, **keywords) if content is None else Page(content)
        module.urlopen = urlopen
    if hasattr(module, 'urlretrieve'):
        real_urlretrieve = module.urlretrieve

        def urlretrieve(url, filename=None, *arguments, **keywords):
            content = content_of(url)
            if content is None or filename is None:
                return real_urlretrieve(url, filename, *arguments, **keywords)
            with open(filename, 'wb') as stream:
                stream.write(content)
            return filename, {}
        module.urlretrieve = urlretrieve


URLLIB = ('urllib', 'urllib2') if sys.version_info[0] == 2 else ('urllib.request',)
