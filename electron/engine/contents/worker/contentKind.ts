import type { ContentKind } from '#shared/contract/schemas/contentKinds';

/** Folders of package managers: what they have installed, and what they know of it. */
const packageFolders =
  /(^|\/)(site-packages|dist-packages|node_modules|gems)(\/|$)|^\/var\/(lib\/(dpkg|apt|rpm)|cache\/(apt|apk))(\/|$)|^\/(usr\/)?lib\/apk(\/|$)|\/\.(cache|npm|cargo|m2)(\/|$)/;

/** Where languages have their interpreters, compilers and standard libraries. */
const runtimeFolders =
  /^\/(usr\/)?(local\/)?(lib|lib64|libexec|share|include)(\/[a-z0-9_]+-linux-(gnu|musl)[a-z0-9]*)?\/(python|node|nodejs|perl|ruby|php|jvm|java|gcc|go|rust|llvm|lua|R|erlang|julia|dotnet)[^/]*(\/|$)|^\/usr\/local\/(go|rustup|cargo|bin|lib|include)(\/|$)|^\/opt\/(conda|miniconda|venv|python|node|java|jdk)[^/]*(\/|$)|\/\.(pyenv|nvm|rustup)(\/|$)|(^|\/)\.?venv(\/|$)/;

/** The Filesystem Hierarchy Standard's folders of the system itself. */
const systemFolders =
  /^\/(bin|boot|dev|etc|lib|lib32|lib64|libx32|proc|run|sbin|sys|usr|var)(\/|$)/;
const systemData =
  /^\/var\/(www|opt|mail|spool|lib\/(mysql|postgresql|redis|mongodb|docker))(\/|$)/;

/** What the files of a folder are mostly for, judged by its path. */
export function contentKindOf(path: string): ContentKind {
  if (packageFolders.test(path)) return 'packages';
  if (runtimeFolders.test(path)) return 'runtime';
  if (/^\/(root|home)(\/|$)/.test(path)) return 'home';
  if (systemData.test(path)) return 'data';
  return systemFolders.test(path) || path === '/' ? 'system' : 'data';
}
