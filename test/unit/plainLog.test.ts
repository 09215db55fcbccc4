import { expect, test } from 'vitest';
import { plainLog } from '../../renderer/features/activity/plainLog';

test.each([
  ['as it is', 'Step 1/2 : FROM a\n ---> b\n', 'Step 1/2 : FROM a\n ---> b\n'],
  ['colours', '\u001b[91mtest ... \u001b[0m\u001b[91mok\n\u001b[0m', 'test ... ok\n'],
  ['a link', '\u001b]8;;https://a.example\u001b\\there\u001b]8;;\u0007', 'there'],
  ['a title', '\u001b]0;building\u0007done', 'done'],
  ['progress', 'get 10%\rget 50%\rget 100%\r\ndone\r\n', 'get 100%\ndone\n'],
  ['brackets', 'a[0] = [1m]\n', 'a[0] = [1m]\n'],
])('%s', (_, log, shown) => {
  expect(plainLog(log)).toBe(shown);
});
