import { expect, it } from 'vitest';
import { parsePorts } from '#shared/ports';

it.each([
  ['', []],
  ['8000', [{ containerPort: 8000 }]],
  ['8000, 8080:3000', [{ containerPort: 8000 }, { containerPort: 3000, hostPort: 8080 }]],
  [' 1\n65535 ', [{ containerPort: 1 }, { containerPort: 65_535 }]],
])('reads %j', (text, ports) => {
  expect(parsePorts(text)).toEqual(ports);
});

it.each(['0', '65536', 'http', '80:', ':80', '1:2:3', '80/udp', '-1'])('refuses %j', (text) => {
  expect(parsePorts(text)).toBeNull();
});
