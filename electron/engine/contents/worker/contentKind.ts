import type { ContentKind } from '#shared/contract/schemas/contentKinds';

/** Packages, databases and caches of package managers. */
const packageFolders =
  /(^|\/)(site-packages|dist-packages|node_modules|gems)(\/|$)|^\/var\/(lib\/(dpkg|apt|rpm)|cache\/(apt|apk))(\/|$)|^\/(usr\/)?lib\/apk(\/|$)|\/\.(cache|npm|cargo|m2)(\/|$)/;

/** Interpreters, compilers and standard libraries of programming languages. */
const runtimeFolders =
  /^\/(usr\/)?(local\/)?(lib|lib64|libexec|share|include)(\/[a-z0-9_]+-linux-(gnu|musl)[a-z0-9]*)?\/(python|node|nodejs|perl|ruby|php|jvm|java|gcc|go|rust|llvm|lua|R|erlang|julia|dotnet)[^/]*(\/|$)|^\/usr\/local\/(go|rustup|cargo|bin|lib|include)(\/|$)|^\/opt\/(conda|miniconda|venv|python|node|java|jdk)[^/]*(\/|$)|\/\.(pyenv|nvm|rustup)(\/|$)|(^|\/)\.?venv(\/|$)/;

/** System folders of the Filesystem Hierarchy Standard. */
const systemFolders =
  /^\/(bin|boot|dev|etc|lib|lib32|lib64|libx32|proc|run|sbin|sys|usr|var)(\/|$)/;
const systemData =
  /^\/var\/(www|opt|mail|spool|lib\/(mysql|postgresql|redis|mongodb|docker))(\/|$)/;

/** Classifies the files of a folder by its path. */
export function contentKindOf(path: string): ContentKind {
  if (packageFolders.test(path)) return 'packages';
  if (runtimeFolders.test(path)) return 'runtime';
  if (/^\/(root|home)(\/|$)/.test(path)) return 'home';
  if (systemData.test(path)) return 'data';
  return systemFolders.test(path) || path === '/' ? 'system' : 'data';
}
