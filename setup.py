from __future__ import unicode_literals

import io
import os
import re

from setuptools import find_packages, setup

HERE = os.path.dirname(os.path.abspath(__file__))


def read(*names):
    with io.open(os.path.join(HERE, *names), encoding='utf-8') as stream:
        return stream.read()


setup(
    name=str('rig_agent'),
    version=str(re.search(r"__version__ = '([^']+)'", read('rig_agent', '__init__.py')).group(1)),
    description='The rig-side agent and test harness for camstim machines',
    long_description=read('README.md'),
    long_description_content_type='text/markdown',
    license='MIT',
    packages=[str(name) for name in find_packages(include=['rig_agent', 'rig_agent.*'])],
    include_package_data=True,
    zip_safe=False,
    python_requires='>=2.7, !=3.0.*, !=3.1.*, !=3.2.*, !=3.3.*, !=3.4.*, !=3.5.*',
    install_requires=[
        'click>=7.1',
        'filelock>=3.2',
        'GitPython>=2.1.15',
        'psutil>=5.6',
        'PyYAML>=5.1',
        'requests>=2.27',
        'six>=1.12',
    ],
    extras_require={
        'harness': ['bottle>=0.12.25'],
        'test': ['bottle>=0.12.25', 'jsonschema>=3.2', 'numpy', 'pytest>=4.6'],
    },
    entry_points={'console_scripts': ['rig-agent = rig_agent.__main__:main']},
    classifiers=[
        'Environment :: Console',
        'Intended Audience :: Science/Research',
        'License :: OSI Approved :: MIT License',
        'Operating System :: Microsoft :: Windows',
        'Operating System :: POSIX :: Linux',
        'Programming Language :: Python :: 2.7',
        'Programming Language :: Python :: 3',
        'Topic :: Scientific/Engineering',
    ],
)
