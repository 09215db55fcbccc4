/** Code sample that calls the local API. */
export interface ApiExample {
  language: 'TypeScript' | 'Python' | 'Shell';
  code: string;
}

/**
 * The same short session in each language, ready to run: with the given address and key, or, if
 * `key` is null, with both read from `LANGSMITH_ENDPOINT` and `LANGSMITH_API_KEY`.
 */
export function apiExamples(address: string, key: string | null): ApiExample[] {
  return [
    { language: 'TypeScript', code: typescript(address, key) },
    { language: 'Python', code: python(address, key) },
    { language: 'Shell', code: shell(address, key) },
  ];
}

function typescript(address: string, key: string | null): string {
  const options =
    key === null
      ? ''
      : `{
  apiEndpoint: ${quoted(`${address}/v2/sandboxes`)},
  apiKey: ${quoted(key)},
}`;
  return `// npm install langsmith ws
import { SandboxClient } from 'langsmith/sandbox';

const client = new SandboxClient(${options});
// The first sandbox may have to wait for its image to be pulled.
const sandbox = await client.createSandbox({ timeout: 300 });
const { stdout } = await sandbox.run('echo hello from $(hostname)');
console.log(stdout);
await sandbox.delete();
`;
}

function python(address: string, key: string | null): string {
  const options =
    key === null
      ? ''
      : `
    api_endpoint=${quoted(`${address}/v2/sandboxes`)},
    api_key=${quoted(key)},
`;
  return `# pip install "langsmith[sandbox]"
from langsmith.sandbox import SandboxClient

client = SandboxClient(${options})
# The first sandbox may have to wait for its image to be pulled.
with client.sandbox(timeout=300) as sandbox:
    print(sandbox.run("echo hello from $(hostname)").stdout)
`;
}

function shell(address: string, key: string | null): string {
  const lines = [
    `export LANGSMITH_ENDPOINT=${quotedForShell(address)}`,
    `export LANGSMITH_API_KEY=${quotedForShell(key ?? 'the key from Settings')}`,
    'curl -sS -H "X-Api-Key: $LANGSMITH_API_KEY" "$LANGSMITH_ENDPOINT/v2/sandboxes/boxes"',
  ];
  return `${lines.join('\n')}\n`;
}

/** String literal that is valid in both TypeScript and Python. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

function quotedForShell(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
