import { expect, it } from 'vitest';
import type { PreviewEntry } from '#shared/contract/schemas/capturePreview';
import {
  captureTree,
  excludedAbove,
  excludedBytes,
  rowsOf,
  toggled,
} from '../../renderer/features/sandboxes/capture/captureTree';

function entry(path: string, pathCount = 1, sizeBytes = 0): PreviewEntry {
  const kind = pathCount > 1 ? 'directory' : 'file';
  return { path, change: path.includes('new') ? 'added' : 'changed', kind, sizeBytes, pathCount };
}

it('a folder with a single subfolder shares its row', () => {
  const [usr] = captureTree([
    entry('/usr', 6, 60),
    entry('/usr/lib', 5, 60),
    entry('/usr/lib/new', 4, 60),
    entry('/usr/lib/new/deep', 3, 60),
    entry('/usr/lib/new/deep/file', 1, 50),
  ]);
  expect(usr?.label).toBe('/usr/lib/new');
  expect(usr?.children.map(({ label }) => label)).toEqual(['deep']);
  // Of three paths, one is a row and one is the folder itself.
  expect(usr?.children[0]?.rest).toEqual({ pathCount: 1, sizeBytes: 10 });
});

it('rows are the entries of open folders, small ones grouped at the end', () => {
  const nodes = captureTree([
    entry('/opt', 9, 90),
    entry('/opt/a', 1, 50),
    entry('/opt/b', 1, 10),
    entry('/srv', 2, 1),
    entry('/srv/c', 1, 1),
  ]);
  const text = (open: boolean) =>
    rowsOf(nodes, () => open).map((row) =>
      row.kind === 'node'
        ? `${row.level} ${row.node.label}`
        : `${row.level} rest of ${row.of.label}`,
    );
  expect(text(false)).toEqual(['1 /opt', '1 /srv']);
  expect(text(true)).toEqual(['1 /opt', '2 a', '2 b', '2 rest of /opt', '1 /srv', '2 c']);
});

it('an excluded folder excludes everything below it', () => {
  let excluded: ReadonlySet<string> = new Set();
  excluded = toggled('/opt/a', excluded);
  excluded = toggled('/opt/ab', excluded);
  excluded = toggled('/opt/a/deep', excluded);
  expect([...excluded]).toEqual(['/opt/a', '/opt/ab']);
  expect(excludedAbove('/opt/a/deep/er', excluded)).toBe('/opt/a');
  expect(excludedAbove('/opt/abc', excluded)).toBeNull();
  excluded = toggled('/opt', excluded);
  expect([...excluded]).toEqual(['/opt']);
  expect(excludedBytes([entry('/opt', 2, 7), entry('/opt/a', 1, 7)], excluded)).toBe(7);
  expect([...toggled('/opt', excluded)]).toEqual([]);
});
