import type { Header } from 'tar-stream';
import type { Package } from '#shared/contract/contents';
import {
  isPackageFile,
  MOST_PACKAGE_FILE_BYTES,
  MOST_SECOND_NAME_BYTES,
  mayBeOfPackage,
  readPackageFile,
  readStoredPackageFile,
} from './packageFiles';

/** Finds the packages in a filesystem while its files go by. */
export class PackageFinder {
  readonly found: Package[] = [];
  /** What files tell that may get a second name, by path. */
  private readonly stored = new Map<string, Package[]>();

  /** Looks into a file; its bytes are kept only when they may tell of packages. */
  file(path: string, { type, size, linkname }: Header) {
    const bytes = size ?? 0;
    const isWanted = isPackageFile(path) && bytes <= MOST_PACKAGE_FILE_BYTES;
    let isKept = isWanted;
    let isFirst = true;
    const kept: Buffer[] = [];
    return {
      onChunk: (chunk: Buffer): void => {
        if (isFirst && !isWanted && bytes <= MOST_SECOND_NAME_BYTES) isKept = mayBeOfPackage(chunk);
        isFirst = false;
        if (isKept) kept.push(chunk);
      },
      end: (): void => {
        if (isWanted && type === 'link') {
          this.found.push(...(this.stored.get(`/${(linkname ?? '').replace(/^\/+/, '')}`) ?? []));
        } else if (isKept) {
          const content = Buffer.concat(kept);
          const told = isWanted ? readPackageFile(path, content) : readStoredPackageFile(content);
          if (isWanted) this.found.push(...told);
          if (bytes <= MOST_SECOND_NAME_BYTES && told.length > 0) this.stored.set(path, told);
        }
      },
    };
  }
}
