import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

/** The tests' daemons set no firewall rules, which isolate the network of an access list. */
it('a sandbox with an access list cannot reach neighbours without the proxy, nor they it', async () => {
  const script = join(import.meta.dirname, '../../support/firewalledSandboxes.ts');
  const node = [process.execPath, '--import', 'tsx', script];
  const { stdout } = await promisify(execFile)('unshare', ['--net', ...node]);
  expect(JSON.parse(stdout)).toEqual({
    ...{ unlisted: 'reached', listed: 'no', otherListed: 'no', listedAfterStart: 'no' },
    ...{ bornListed: 'no', fromOutside: 'no', unlistedAgain: 'reached' },
  });
});
