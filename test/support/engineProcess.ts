import type { OperationInputs } from '#shared/contract/index';
import { openEngine } from '../../electron/engine/engine';
import { runInSandbox, type SandboxCommand } from './runInSandbox';

/**
 * Runs the engine in a separate process, for tests that kill it. Performs the operation in its one
 * argument (JSON), and prints `begun` once it has started. It never ends by itself.
 */
export type Deed =
  | { do: 'build'; input: OperationInputs['snapshots']['create'] }
  | { do: 'boot'; input: OperationInputs['sandboxes']['create'] }
  | { do: 'capture'; input: OperationInputs['snapshots']['capture'] }
  | { do: 'run'; input: SandboxCommand }
  | { do: 'export'; input: OperationInputs['snapshots']['export'] }
  | { do: 'download'; input: OperationInputs['sandboxes']['download'] }
  | { do: 'deleteSandbox'; input: OperationInputs['sandboxes']['delete'] }
  | { do: 'deleteSnapshot'; input: OperationInputs['snapshots']['delete'] };

async function main(): Promise<void> {
  const sandglass = openEngine({
    home: process.env.SANDGLASS_HOME ?? '',
    env: process.env,
  });
  const { operations } = sandglass;
  await operations.engine.retry();
  const deed = JSON.parse(process.argv[2] ?? '') as Deed;
  setInterval(() => {}, 1000);
  const begun = begin(deed);
  console.log('begun');
  await begun;
  console.log('returned');

  async function begin({ do: what, input }: Deed): Promise<unknown> {
    switch (what) {
      case 'build':
        return await operations.snapshots.create(input);
      case 'boot':
        return await operations.sandboxes.create(input);
      case 'capture':
        return await operations.snapshots.capture(input);
      case 'run':
        return await runInSandbox(sandglass, input);
      case 'export':
        return await operations.snapshots.export(input);
      case 'download':
        return await operations.sandboxes.download(input);
      case 'deleteSandbox':
        return await operations.sandboxes.delete(input);
      case 'deleteSnapshot':
        return await operations.snapshots.delete(input);
    }
  }
}

await main();
