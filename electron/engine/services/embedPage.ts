import { createHash } from 'node:crypto';

/** Posts the token from the URL's fragment, which is sent neither to servers nor as a referrer. */
const script = `
const given = new URLSearchParams(location.hash.slice(1));
const [form] = document.forms;
for (const name of ['token', 'redirect']) form.elements[name].value = given.get(name) ?? '';
form.submit();
`;

const scriptHash = createHash('sha256').update(script).digest('base64');

export const embedPage = `<!doctype html>
<meta charset="utf-8">
<title>Opening…</title>
<form method="post" action="/_svc/auth">
<input type="hidden" name="token"><input type="hidden" name="redirect">
</form>
<script>${script}</script>
`;

/** Allows only the page's own script and form. The token determines which pages may frame the service. */
export const embedPageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; script-src 'sha256-${scriptHash}'; form-action 'self'`,
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
};
