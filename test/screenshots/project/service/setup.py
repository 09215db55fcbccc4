from setuptools import setup

setup(name="ranker", version="1.4.0", packages=["app"])
