import type { Archive } from './archive';

export interface Account {
  uid: number;
  gid: number;
}

const root: Account = { uid: 0, gid: 0 };

/**
 * The numeric owner that files of a sandbox's user get. The user is written as in a Dockerfile's
 * USER: `name`, `uid` or either with `:group`.
 */
export async function findAccount(
  archive: Archive,
  containerId: string,
  user: string | null,
): Promise<Account> {
  const [name = '', group = ''] = (user ?? '').split(':');
  if (name === '' || name === 'root' || name === '0') return root;
  if (/^\d+$/.test(name)) {
    return { uid: Number(name), gid: /^\d+$/.test(group) ? Number(group) : 0 };
  }
  if (!(await archive.stat(containerId, '/etc/passwd'))) return root;
  const passwd = new TextDecoder().decode(await archive.read(containerId, '/etc/passwd'));
  // name:password:uid:gid:… (passwd(5))
  const line = passwd.split('\n').find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : root;
}
