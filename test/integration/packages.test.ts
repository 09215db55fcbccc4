import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Engine } from '../../electron/engine/engine';
import { addNode, DEBIAN_IMAGE, importDebian } from '../support/debian';
import {
  bootSandbox,
  buildSnapshot,
  dockerHost,
  dockerItself,
  openTestEngine,
  removeEverything,
} from '../support/engine';
import { runInSandbox } from '../support/runInSandbox';

/** Package managers as agents use them, in a Debian sandbox, with generated packages. */

let sandglass: Engine;
beforeAll(async () => {
  await importDebian(dockerHost());
  sandglass = await openTestEngine({ keepOpen: true });
  const { operations } = sandglass;
  await buildSnapshot(operations, { name: 'debian', image: DEBIAN_IMAGE });
  await bootSandbox(operations, { name: 'box', snapshotName: 'debian' });
}, 600_000);
afterAll(async () => {
  await removeEverything(sandglass);
  await sandglass.close();
  await dockerItself().getImage(DEBIAN_IMAGE).remove();
});

/** Runs a script, each line of which must succeed. Returns its last output. */
async function lastLine(script: string): Promise<string> {
  const argv = ['bash', '-euc', script];
  const input = { sandbox: 'box', command: argv, timeoutSeconds: 120 };
  const { exitCode, stdout, stderr } = await runInSandbox(sandglass, input);
  expect(exitCode, stdout + stderr).toBe(0);
  return stdout.trimEnd().split('\n').at(-1) ?? '';
}

it('apt-get update and install', async () => {
  const said = await lastLine(`
    mkdir -p /opt/hello/DEBIAN /opt/hello/usr/bin /opt/repository
    printf '#!/bin/sh\\necho hello from a package\\n' > /opt/hello/usr/bin/hello
    chmod 755 /opt/hello/usr/bin/hello
    printf 'Package: hello-sandbox\\nVersion: 1.0\\nArchitecture: all\\nMaintainer: x <x@example.com>\\nDescription: x\\n' > /opt/hello/DEBIAN/control
    printf '#!/bin/sh\\nchown 1:1 /usr/bin/hello && chmod 4755 /usr/bin/hello\\n' > /opt/hello/DEBIAN/postinst
    chmod 755 /opt/hello/DEBIAN/postinst
    cd /opt/repository
    dpkg-deb -b /opt/hello hello.deb
    { dpkg-deb -f hello.deb; echo "Filename: ./hello.deb"; echo "Size: $(stat -c %s hello.deb)";
      echo "SHA256: $(sha256sum hello.deb | cut -d' ' -f1)"; } > Packages
    rm -f /etc/apt/sources.list.d/*
    echo 'deb [trusted=yes] file:/opt/repository ./' > /etc/apt/sources.list
    apt-get update
    DEBIAN_FRONTEND=noninteractive apt-get install -y hello-sandbox
    stat -c '%U %a' /usr/bin/hello
    hello
  `);
  expect(said).toBe('hello from a package');
});

it('pip install', async () => {
  const said = await lastLine(`
    mkdir -p /opt/package/hello_pip && cd /opt/package
    echo 'def greet(): return "hello from pip"' > hello_pip/__init__.py
    echo 'from setuptools import setup; setup(name="hello-pip", version="1.0", packages=["hello_pip"])' > setup.py
    pip install --no-index --no-build-isolation --break-system-packages /opt/package
    cd / && python3 -c 'import hello_pip; print(hello_pip.greet())'
  `);
  expect(said).toBe('hello from pip');
});

it('npm install', async () => {
  const { id } = await sandglass.operations.sandboxes.get({ sandbox: 'box' });
  const filters = { label: [`dev.sandglass.id=${id}`] };
  const [container] = await dockerItself().listContainers({ filters });
  await addNode(dockerHost(), container?.Id ?? '');
  const said = await lastLine(`
    ln -sf /usr/local/lib/npm/bin/npm-cli.js /usr/local/bin/npm
    mkdir -p /opt/library /opt/app && cd /opt/library
    echo '{"name":"hello-npm","version":"1.0.0","scripts":{"postinstall":"echo 1 > made"}}' > package.json
    echo 'module.exports = "hello from npm"' > index.js
    npm pack --pack-destination /opt
    cd /opt/app && npm init -y && npm install --offline /opt/hello-npm-1.0.0.tgz
    node -p 'require("hello-npm")'
  `);
  expect(said).toBe('hello from npm');
});

it('git', async () => {
  const said = await lastLine(`
    git config --global user.email x@example.com && git config --global user.name x
    git init -q /opt/origin && cd /opt/origin
    echo one > file && git add . && git commit -qm 'first of all'
    git clone -q /opt/origin /opt/clone && cd /opt/clone
    git log --format=%s
  `);
  expect(said).toBe('first of all');
});
