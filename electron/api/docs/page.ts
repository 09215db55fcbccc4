import { createHash } from 'node:crypto';
import type { OpenAPIV3_1 } from 'openapi-types';
import { apiExamples } from '#shared/apiExamples';

/** HTML of the page at `/`. It contains no data and no key. */
export function docsPage(document: OpenAPIV3_1.Document, address: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Sandglass local API</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Sandglass local API</h1>
<p>Snapshots and sandboxes on this computer, compatible with the LangSmith SDK. Code
written for the hosted service runs here unchanged: only the endpoint and the key differ.</p>
<dl>
<dt>Endpoint</dt><dd><code>${escaped(address)}</code></dd>
<dt>Key</dt><dd>In the app: Settings → Local API. Send it with every request as <code>X-Api-Key</code>.</dd>
<dt>Specification</dt><dd><a href="/openapi.json">openapi.json</a>, for programs and code generators</dd>
</dl>
<h2>Connect</h2>
<p>In the environment:</p>
<pre><code>${escaped(exampleOf('Shell', address))}</code></pre>
<p>TypeScript:</p>
<pre><code>${escaped(exampleOf('TypeScript', address))}</code></pre>
<p>Python:</p>
<pre><code>${escaped(exampleOf('Python', address))}</code></pre>
<h2>Endpoints</h2>
<p>All of them are also served under <code>/api/v2/sandboxes</code>.</p>
${(document.tags ?? []).map((tag) => section(document, tag)).join('\n')}
</main>
</body>
</html>
`;
}

function exampleOf(language: string, address: string): string {
  return apiExamples(address, null).find((example) => example.language === language)?.code ?? '';
}

function section(
  document: OpenAPIV3_1.Document,
  { name, description = '' }: OpenAPIV3_1.TagObject,
): string {
  const rows = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    Object.entries(item ?? {})
      .map(([method, operation]) => ({ method, ...(operation as OpenAPIV3_1.OperationObject) }))
      .filter(({ tags }) => tags?.includes(name))
      .map(
        ({ method, summary = '' }) => `<tr>
<td class="method">${escaped(method.toUpperCase())}</td>
<td><code>${breakable(path)}</code></td>
<td>${escaped(summary)}</td>
</tr>`,
      ),
  );
  return `<section>
<h3>${escaped(name)}</h3>
<p>${escaped(description)}</p>
<table>
<tbody>
${rows.join('\n')}
</tbody>
</table>
</section>`;
}

/** Allows a line break after each slash of a path. */
function breakable(path: string): string {
  return escaped(path).replaceAll('/', '/<wbr>');
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif;
  --text: light-dark(#24211a, #ece7da); --soft: light-dark(#625d50, #a8a190);
  --line: light-dark(#e2ddd1, #322e24); --panel: light-dark(#ffffff, #1c1a14);
  --accent: light-dark(#8a5a00, #e6b450); }
body { margin: 0; background: light-dark(#faf9f6, #16150f); color: var(--text); }
main { max-width: 820px; margin: 0 auto; padding: 40px 24px 64px; }
h1 { margin: 0 0 8px; font-size: 26px; line-height: 1.25; }
h2 { margin: 40px 0 8px; font-size: 19px; }
h3 { margin: 28px 0 0; font-size: 15px; }
p { margin: 8px 0; }
section p { color: var(--soft); }
a { color: var(--accent); }
code, .method { font: 13px/1.6 ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", monospace; }
pre { margin: 4px 0 16px; padding: 12px 16px; overflow-x: auto; border: 1px solid var(--line);
  border-radius: 8px; background: var(--panel); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 20px; margin: 20px 0 0; }
dt, .method { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; }
td { padding: 6px 16px 6px 0; border-top: 1px solid var(--line); vertical-align: baseline; }
td.method { width: 64px; }
td:nth-child(2) { width: 46%; }
@media (max-width: 640px) {
  tr { display: block; padding: 6px 0; border-top: 1px solid var(--line); }
  td { display: inline; padding: 0 8px 0 0; border: 0; }
  td:last-child { display: block; color: var(--soft); }
}
`;

/** Allows only the page's own style sheet: no scripts, no images, nothing from other origins. */
export const docsPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
