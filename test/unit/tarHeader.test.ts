import { describe, expect, it } from 'vitest';
import {
  BLOCK_SIZE,
  decodeHeader,
  encodeHeader,
  field,
  readNumber,
  writeSize,
} from '../../electron/engine/snapshots/layer/tarHeader';

const GIB = 1024 ** 3;

describe('the size of a tar entry', () => {
  it('is octal up to 8 GiB, without a PAX header', () => {
    const header = headerWithSize(8 * GIB - 1);
    expect(header).toHaveLength(BLOCK_SIZE);
    expect(readNumber(header, field.size)).toBe(8 * GIB - 1);
  });

  it('is a PAX record from 8 GiB', () => {
    const { records } = decodeHeader(headerWithSize(8 * GIB));
    expect(records.get('size')?.toString()).toBe(String(8 * GIB));
  });

  it('is read from GNU tar’s base-256 form', () => {
    const block = Buffer.alloc(BLOCK_SIZE);
    block[field.size.offset] = 0x80;
    block.writeUIntBE(9 * GIB, field.size.end - 6, 6);
    expect(readNumber(block, field.size)).toBe(9 * GIB);
  });
});

function headerWithSize(sizeBytes: number): Buffer {
  const block = Buffer.alloc(BLOCK_SIZE);
  const records = new Map<string, Buffer>();
  writeSize(block, records, sizeBytes);
  return encodeHeader(block, records);
}
