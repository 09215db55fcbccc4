import { expect, test } from 'vitest';
import { contentKindOf } from '../../electron/engine/contents/worker/contentKind';

test.each([
  ['/', 'system'],
  ['/etc', 'system'],
  ['/usr/share/locale/de', 'system'],
  ['/usr/lib/x86_64-linux-gnu/perl/5.36.0', 'runtime'],
  ['/usr/lib/python3.11/encodings', 'runtime'],
  ['/usr/local/lib/python3.12/site-packages/numpy', 'packages'],
  ['/usr/lib/python3/dist-packages', 'packages'],
  ['/app/node_modules/left-pad', 'packages'],
  ['/var/lib/dpkg/info', 'packages'],
  ['/root/.cache/pip', 'packages'],
  ['/root/project', 'home'],
  ['/home/app', 'home'],
  ['/var/lib/postgresql/15', 'data'],
  ['/srv/www', 'data'],
  ['/models', 'data'],
])('%s holds %s', (path, kind) => {
  expect(contentKindOf(path)).toBe(kind);
});
