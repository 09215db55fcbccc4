import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import tar from 'tar-stream';
import { TEST_IMAGE } from './images';

/** Folder of the packages that the fake pip installs. */
const PACKAGES = '/usr/local/lib/python3.12/site-packages';

/** Fake pip: records the packages. */
const pip = `#!/bin/sh
[ "$1" = install ] || { echo "ERROR: unknown command $1" >&2; exit 1; }
shift
for name in "$@"; do mkdir -p ${PACKAGES}/$name; echo 2.3.4 > ${PACKAGES}/$name/version; done
echo "Successfully installed $*"
`;

/** Fake python: evaluates \`import NAME; print(NAME.__version__)\` for installed packages. */
const python = `#!/bin/sh
[ "$1" = --version ] && { echo "Python 3.12.0"; exit 0; }
name=$(echo "$2" | sed 's/^import \\([a-z]*\\);.*/\\1/')
[ -f ${PACKAGES}/$name/version ] || {
  echo "ModuleNotFoundError: No module named '$name'" >&2
  exit 1
}
cat ${PACKAGES}/$name/version
`;

/** Tags the tests' image with a fake `pip` and `python`. */
export async function tagPythonImage(docker: Docker, name: string): Promise<void> {
  const pack = tar.pack();
  pack.entry({ name: 'usr/local/bin/pip', mode: 0o755 }, pip);
  pack.entry({ name: 'usr/local/bin/python', mode: 0o755 }, python);
  pack.finalize();
  const container = await docker.createContainer({ Image: TEST_IMAGE });
  await container.putArchive(Readable.from(pack), { path: '/' });
  const [repo, tag] = name.split(':');
  await container.commit({
    repo,
    tag,
    changes: 'ENV PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  });
  await container.remove();
}
