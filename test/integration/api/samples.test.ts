import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { SandboxClient } from 'langsmith/sandbox';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { API_KEY, apiOfThisFile } from '../../support/api';
import { bothSdks, projectWith } from '../../support/clients';
import { dockerItself, eventually, removeEverything } from '../../support/engine';
import { tagPythonImage } from '../../support/pythonImage';
import { pushImage, startRegistry, type TestRegistry } from '../../support/registry';

/**
 * The TypeScript samples of https://docs.langchain.com/langsmith/sandbox-snapshots, each as it stands
 * there, run as a program that knows LANGSMITH_ENDPOINT and LANGSMITH_API_KEY and nothing else. The
 * images exist offline; the registry's name is the tests' own.
 */

const GIB = 1024 ** 3;
const PYTHON = 'python:3.12-slim';
const registryUser = { username: 'me', password: 'secret of the registry' };
/** The id in the documentation. */
const DOCUMENTED_ID = '550e8400-e29b-41d4-a716-446655440000';

const api = apiOfThisFile();
let registry: TestRegistry;
let client: SandboxClient;
beforeAll(async () => {
  client = new SandboxClient(api.config);
  await tagPythonImage(dockerItself(), PYTHON);
  registry = await startRegistry(registryUser);
  const image = `${registry.address}/internal/python:3.12`;
  await pushImage(dockerItself(), PYTHON, image, registryUser);
  await api.sandglass.operations.settings.update({ storeSecretsUnprotected: true });
});
afterAll(async () => {
  await registry.stop();
  await dockerItself().getImage(PYTHON).remove();
});
afterEach(() => removeEverything(api.sandglass));

/** Opening of the page's first sample, which its other samples need. */
const opening = `import { SandboxClient } from "langsmith/sandbox";

const client = new SandboxClient();
`;

const samples = {
  build: `import { SandboxClient } from "langsmith/sandbox";

const client = new SandboxClient();

const snapshot = await client.createSnapshot(
  "python",
  "python:3.12-slim",
  1_073_741_824, // 1 GiB
);

console.log(snapshot.id);
`,
  privateRegistry: `const snapshot = await client.createSnapshot(
  "internal-python",
  "registry.example.com/internal/python:3.12",
  2_147_483_648,
  {
    registryUrl: "https://registry.example.com",
    registryUsername: "me",
    registryPassword: process.env.REGISTRY_PASSWORD,
    timeout: 600,
  },
);
`,
  capture: `const running = await client.createSandbox(baseSnapshotId, { name: "setup-box" });
await running.run("pip install numpy pandas scikit-learn", { timeout: 180 });
await running.write("/opt/config.yaml", "model: gpt-5\\n");

const snapshot = await running.captureSnapshot("ml-ready");
console.log(snapshot.id, snapshot.source_sandbox_id);

await running.delete();

const sandbox = await client.createSandbox(snapshot.id);
try {
  await sandbox.run("python -c 'import numpy; print(numpy.__version__)'");
  const cfg = await sandbox.read("/opt/config.yaml");
  console.log(new TextDecoder().decode(cfg));
} finally {
  await sandbox.delete();
}
`,
  byName: `const sb = await client.createSandbox({ snapshotName: "ml-ready" });
`,
  captureTiming: `const snapshot = await sb.captureSnapshot("ml-ready-v2", { timeout: 600 });
`,
  listFetchDelete: `const snapshots = await client.listSnapshots();
for (const s of snapshots) {
  console.log(s.id, s.name, s.status);
}

const snapshot = await client.getSnapshot("550e8400-e29b-41d4-a716-446655440000");

await client.deleteSnapshot(snapshot.id);
`,
  page: `const page = await client.listSnapshots({ nameContains: "ml", limit: 100 });
`,
  stopAndStart: `const sb = await client.createSandbox(snapshot.id, { name: "my-vm" });
await sb.run("echo 'hello' > /tmp/state.txt");

await sb.stop();

await sb.start();

const result = await sb.run("cat /tmp/state.txt");
console.log(result.stdout.trim()); // "hello"
`,
};

/** Makes a snapshot with the documentation's id, as found after the loss of a catalog. */
async function makeDocumentedSnapshot(): Promise<void> {
  const docker = dockerItself();
  const { id } = await client.createSnapshot('listed', PYTHON, GIB);
  const image = docker.getImage(`sandglass/listed:${id}`);
  const { Config } = await image.inspect();
  const Labels = { ...Config.Labels, 'dev.sandglass.id': DOCUMENTED_ID };
  const container = await docker.createContainer({ Image: `sandglass/listed:${id}`, Labels });
  await container.commit({ repo: 'sandglass/listed', tag: DOCUMENTED_ID });
  await container.remove();
  await api.sandglass.operations.engine.retry();
  await eventually(() => client.getSnapshot(DOCUMENTED_ID).catch(() => null));
}

const roads = bothSdks.flatMap(({ version }) =>
  [true, false].map((ws) => ({ version, ws, road: ws ? 'with ws' : 'without ws' })),
);

describe.each(roads)('the samples, by langsmith $version $road', ({ version, ws }) => {
  const project = projectWith(version, { ws });
  afterAll(() => project.remove());

  /** Runs a sample after the samples before it on the page. Returns its output. */
  async function run(sample: string, before = opening): Promise<string> {
    const program = before + sample.replaceAll('registry.example.com', registry.address);
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '-e', program],
      {
        cwd: project.folder,
        env: {
          PATH: process.env.PATH,
          LANGSMITH_ENDPOINT: api.address,
          LANGSMITH_API_KEY: API_KEY,
          REGISTRY_PASSWORD: registryUser.password,
        },
      },
    );
    return stdout;
  }
  const base = () => client.createSnapshot('ml-ready', PYTHON, GIB);

  it('build a snapshot', async () => {
    const id = (await run(samples.build, '')).trim();
    expect(await client.getSnapshot(id)).toMatchObject({
      name: 'python',
      status: 'ready',
      docker_image: PYTHON,
      fs_capacity_bytes: GIB,
    });
  });

  it('build a snapshot from a private registry', async () => {
    // The newest version no longer sends the credentials: the registry is registered by then.
    if (version === '0.12.0') {
      const url = `https://${registry.address}`;
      await client.registries.create({ name: 'company', url, ...registryUser });
    }
    await run(samples.privateRegistry);
    expect(await client.getSnapshot('internal-python')).toMatchObject({
      status: 'ready',
      docker_image: `${registry.address}/internal/python:3.12`,
      fs_capacity_bytes: 2 * GIB,
    });
    if (version === '0.12.0') await client.registries.delete('company');
  });

  it('capture a sandbox and boot the capture', async () => {
    const { id } = await base();
    const said = await run(samples.capture, `${opening}const baseSnapshotId = "${id}";\n`);
    const [ids, ...config] = said.split('\n');
    expect(config.join('\n')).toBe('model: gpt-5\n\n');
    const captured = await client.getSnapshot('ml-ready');
    expect(ids).toBe(`${captured.id} ${captured.source_sandbox_id}`);
    expect(await client.listSandboxes()).toEqual([]);
    const box = await client.createSandbox(captured.id);
    const { stdout } = await box.run("python -c 'import numpy; print(numpy.__version__)'");
    expect(stdout).toBe('2.3.4\n');
  });

  it('boot by name, and capture with more time', async () => {
    await base();
    await run(samples.byName + samples.captureTiming);
    expect(await client.getSnapshot('ml-ready-v2')).toMatchObject({
      source_sandbox_id: (await client.listSandboxes())[0]?.id,
    });
  });

  it('list, fetch and delete', async () => {
    await makeDocumentedSnapshot();
    const before = await client.listSnapshots();
    expect(await run(samples.listFetchDelete)).toBe(
      before.map(({ id }) => `${id} listed ready\n`).join(''),
    );
    const left = (await client.listSnapshots()).map(({ id }) => id);
    expect(left).toEqual(before.map(({ id }) => id).filter((id) => id !== DOCUMENTED_ID));
    expect(left).toHaveLength(1);
  });

  it('page through a list', async () => {
    await base();
    const print = 'console.log(page.map(({ name }) => name).join());';
    expect(await run(samples.page + print)).toBe('ml-ready\n');
  });

  it('stop and start', async () => {
    const { id } = await base();
    const known = `${opening}const snapshot = await client.getSnapshot("${id}");\n`;
    expect(await run(samples.stopAndStart, known)).toBe('hello\n');
    const byName = 'await client.stopSandbox(name);\nawait client.startSandbox(name);\n';
    await run(byName, `${opening}const name = "my-vm";\n`);
    expect((await client.getSandbox('my-vm')).status).toBe('ready');
  });
});
