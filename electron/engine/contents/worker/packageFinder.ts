import type { Header } from 'tar-stream';
import type { Package } from '#shared/contract/contents';
import {
  isPackageFile,
  MAX_LINKED_FILE_BYTES,
  MAX_PACKAGE_FILE_BYTES,
  mayDescribePackage,
  readPackageFile,
  readStoredPackageFile,
} from './packageFiles';

/** Finds the packages in a filesystem from a stream of its files. */
export class PackageFinder {
  readonly found: Package[] = [];
  /** Packages of files that a later hard link may name, by path. */
  private readonly stored = new Map<string, Package[]>();

  /** Inspects a file; buffers its bytes only if they may describe packages. */
  file(path: string, { type, size, linkname }: Header) {
    const bytes = size ?? 0;
    const isPackage = isPackageFile(path) && bytes <= MAX_PACKAGE_FILE_BYTES;
    let isBuffered = isPackage;
    let isFirst = true;
    const buffered: Buffer[] = [];
    return {
      onChunk: (chunk: Buffer): void => {
        if (isFirst && !isPackage && bytes <= MAX_LINKED_FILE_BYTES)
          isBuffered = mayDescribePackage(chunk);
        isFirst = false;
        if (isBuffered) buffered.push(chunk);
      },
      end: (): void => {
        if (isPackage && type === 'link') {
          this.found.push(...(this.stored.get(`/${(linkname ?? '').replace(/^\/+/, '')}`) ?? []));
        } else if (isBuffered) {
          const content = Buffer.concat(buffered);
          const packages = isPackage
            ? readPackageFile(path, content)
            : readStoredPackageFile(content);
          if (isPackage) this.found.push(...packages);
          if (bytes <= MAX_LINKED_FILE_BYTES && packages.length > 0)
            this.stored.set(path, packages);
        }
      },
    };
  }
}
