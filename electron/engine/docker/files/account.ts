import type { Archive } from './archive';

export interface Account {
  uid: number;
  gid: number;
}

const root: Account = { uid: 0, gid: 0 };

/**
 * Numeric owner for files of a sandbox's user, which has the form of a Dockerfile's USER: a name or a
 * uid, each with an optional `:group`. A name is looked up in the container's `/etc/passwd`; root owns
 * the files when it has no entry.
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
