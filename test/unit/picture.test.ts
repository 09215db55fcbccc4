import { describe, expect, it } from 'vitest';
import type { PicturePart } from '#shared/contract/contents';
import {
  partText,
  pictureText,
  sumByKind,
} from '../../renderer/features/snapshots/picture/describePicture';
import {
  cellAt,
  layOutTreemap,
  type TreemapCell,
} from '../../renderer/features/snapshots/picture/treemap';

const MIB = 1024 ** 2;

function part(path: string, inherited: number, own: number): PicturePart {
  const kind = path.startsWith('/root') ? 'home' : 'system';
  return { path, kind, inheritedBytes: inherited * MIB, ownBytes: own * MIB };
}

const parts = [
  part('/', 0, 1),
  part('/root', 0, 40),
  part('/usr', 20, 0),
  part('/usr/lib', 100, 0),
  part('/usr/lib/deep/folder', 50, 10),
  part('/usr/share', 60, 0),
];

const area = ({ width, height }: TreemapCell) => width * height;
const overlap = (a: TreemapCell, b: TreemapCell) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

describe('the rectangles of a picture', () => {
  const cells = layOutTreemap(parts, 480, 240);

  it('separate inherited and own bytes, side by side and nested', () => {
    const drawn = cells.map(({ part: { path }, own }) => `${path} ${own ? 'own' : 'inherited'}`);
    expect(drawn.sort()).toEqual([
      ...['/ own', '/root own', '/usr inherited', '/usr/lib inherited'],
      ...['/usr/lib/deep/folder inherited', '/usr/lib/deep/folder own', '/usr/share inherited'],
    ]);
    for (const cell of cells) {
      expect(cell.x).toBeGreaterThanOrEqual(0);
      expect(cell.y).toBeGreaterThanOrEqual(0);
      expect(cell.x + cell.width).toBeLessThanOrEqual(480);
      expect(cell.y + cell.height).toBeLessThanOrEqual(240);
      expect(cells.filter((other) => other !== cell && overlap(cell, other))).toEqual([]);
    }
  });

  it('have areas in proportion to bytes', () => {
    const share = 281 / (480 * 240);
    for (const cell of cells) {
      const mib = (cell.own ? cell.part.ownBytes : cell.part.inheritedBytes) / MIB;
      // Gaps and rounding to whole pixels reduce each area.
      expect(Math.abs(area(cell) * share - mib)).toBeLessThan(2 + mib * 0.12);
    }
  });

  it('are the same for the same contents in any order', () => {
    const again = layOutTreemap([...parts].reverse(), 480, 240);
    const byPlace = (all: TreemapCell[]) => [...all].sort((a, b) => a.x - b.x || a.y - b.y);
    expect(byPlace(again)).toEqual(byPlace(cells));
  });

  it('include a small addition', () => {
    const drawn = layOutTreemap([part('/usr', 1000, 0.001), part('/root', 500, 0)], 240, 120);
    const addition = drawn.find(({ own }) => own);
    expect(addition && area(addition)).toBeGreaterThan(100);
  });

  it('are found by a point', () => {
    const [cell] = cells;
    if (!cell) throw new Error('There is no rectangle.');
    expect(cellAt(cells, cell.x, cell.y)).toBe(cell);
    expect(cellAt(cells, cell.x + cell.width - 1, cell.y + cell.height - 1)).toBe(cell);
    expect(cellAt(cells, -1, 5)).toBeNull();
  });

  it('are empty without contents', () => {
    expect(layOutTreemap([], 240, 120)).toEqual([]);
    expect(layOutTreemap([part('/', 0, 0)], 240, 120)).toEqual([]);
  });
});

describe('a picture in words', () => {
  const textOf = (path: string, of = parts) => {
    const found = of.find((each) => each.path === path);
    return found && partText(found, of);
  };

  it('names a part, its size and the added share', () => {
    expect(textOf('/root')).toBe('/root · home · 40.0 MiB, all added');
    expect(textOf('/usr')).toBe('/usr, rest · system · 20.0 MiB, inherited');
    expect(textOf('/usr/lib/deep/folder')).toBe(
      '/usr/lib/deep/folder · system · 60.0 MiB, 10.0 MiB added',
    );
    expect(textOf('/')).toBe('/, rest · system · 1.00 MiB, all added');
  });

  it('does not mention inheritance without a parent', () => {
    expect(textOf('/root', [part('/root', 0, 2)])).toBe('/root · home · 2.00 MiB');
  });

  it('sums by kind', () => {
    expect(sumByKind(parts)).toEqual([
      { kind: 'system', own: 11 * MIB, total: 241 * MIB },
      { kind: 'home', own: 40 * MIB, total: 40 * MIB },
    ]);
    expect(pictureText('base', parts)).toBe('Contents of base: system 241 MiB, home 40.0 MiB');
    expect(pictureText('base', [])).toBe('Contents of base: nothing');
  });
});
