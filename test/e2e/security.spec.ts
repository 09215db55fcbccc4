import { expect, test } from './support/fixtures';

/** One attack for each guarantee. */

test('the page has no Node.js and one frozen bridge', async ({
  running: { window: page, app },
}) => {
  const seen = await page.evaluate(() => ({
    node: ['require', 'process', 'module', 'Buffer'].filter((name) => name in globalThis),
    frozen: Object.isFrozen(Reflect.get(window, 'sandglass')),
    keys: Object.keys(Reflect.get(window, 'sandglass')).sort(),
  }));
  expect(seen).toEqual({
    node: [],
    frozen: true,
    keys: [
      'connectOperations',
      'connectTerminal',
      'onNavigate',
      'openApiPage',
      'openPort',
      'pathOfFile',
      'pickPath',
      'platform',
      'prepareDrag',
      'startDrag',
    ],
  });
  const preferences = await app.evaluate(({ webContents }) =>
    webContents.getAllWebContents().map((contents) => {
      // Missing in Electron's types.
      const { sandbox, contextIsolation, nodeIntegration, webSecurity } = Reflect.get(
        contents,
        'getLastWebPreferences',
      ).call(contents);
      return { sandbox, contextIsolation, nodeIntegration, webSecurity };
    }),
  );
  expect(preferences).toEqual([
    { sandbox: true, contextIsolation: true, nodeIntegration: false, webSecurity: true },
  ]);
});

test('scripts, connections and frames of other origins are refused', async ({
  running: { window: page },
}) => {
  const violations = await page.evaluate(async () => {
    const seen: string[] = [];
    document.addEventListener('securitypolicyviolation', (event) => {
      seen.push(event.effectiveDirective);
    });
    const script = document.createElement('script');
    script.textContent = 'window.attacked = true';
    document.body.append(script);
    const frame = document.createElement('iframe');
    frame.src = 'https://example.com/';
    document.body.append(frame);
    await fetch('https://example.com/').catch(() => {});
    // Events arrive asynchronously; a missing one fails below.
    const deadline = Date.now() + 10_000;
    while (!(seen.includes('frame-src') && seen.includes('connect-src')) && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    frame.remove();
    return { seen, attacked: 'attacked' in window };
  });
  expect(violations.attacked).toBe(false);
  expect(violations.seen).toEqual(
    expect.arrayContaining(['script-src-elem', 'frame-src', 'connect-src']),
  );
});

test('the page cannot navigate away or open windows', async ({
  running: { window: page, app },
}) => {
  const url = page.url();
  // Records instead of opening a browser, which the machine lacks.
  await app.evaluate(({ shell }) => {
    const opened: string[] = [];
    Object.assign(globalThis, { opened });
    shell.openExternal = async (address) => {
      opened.push(address);
    };
  });
  await page.evaluate(() => {
    for (const address of ['https://example.com/', 'file:///etc/passwd', 'javascript:alert(1)']) {
      window.open(address);
    }
    location.href = 'https://example.com/';
  });
  await expect.poll(() => app.evaluate(() => Reflect.get(globalThis, 'opened').length)).toBe(1);
  const address = await app.evaluate(({ webContents }) =>
    webContents.getAllWebContents()[0]?.getURL(),
  );
  expect(address).toBe(url);
  expect(app.windows().length).toBe(1);
  expect(await app.evaluate(() => Reflect.get(globalThis, 'opened'))).toEqual([
    'https://example.com/',
  ]);
});

test('permissions are denied', async ({ running: { window: page } }) => {
  const outcomes = await page.evaluate(async () => ({
    notifications: await Notification.requestPermission(),
    camera: await navigator.mediaDevices
      .getUserMedia({ video: true })
      .then(() => 'granted')
      .catch(() => 'denied'),
    geolocation: await new Promise((resolve) => {
      navigator.geolocation.getCurrentPosition(
        () => resolve('granted'),
        () => resolve('denied'),
      );
    }),
    copying: await navigator.clipboard
      .writeText('x')
      .then(() => 'granted')
      .catch(() => 'denied'),
    reading: await navigator.clipboard
      .readText()
      .then(() => 'granted')
      .catch(() => 'denied'),
  }));
  expect(outcomes).toEqual({
    notifications: 'denied',
    camera: 'denied',
    geolocation: 'denied',
    copying: 'granted',
    reading: 'denied',
  });
});

test('no file outside the page’s folder is served', async ({ running: { window: page } }) => {
  const paths = [
    '/../main/main.js',
    '/%2e%2e/main/main.js',
    '/..%2f..%2fpackage.json',
    '/nothing.js',
  ];
  const statuses = await page.evaluate(
    (all) => Promise.all(all.map(async (path) => (await fetch(`sandglass://app${path}`)).status)),
    paths,
  );
  expect(statuses).toEqual(paths.map(() => 404));
});

/** Requests the operations port and tries to call an operation through it. */
const callAnOperation = (patience: number) => `new Promise((resolve) => {
  const patience = ${patience};
  window.addEventListener('message', ({ ports: [port] }) => {
    if (!port) return;
    port.onmessage = () => resolve('answered');
    port.postMessage(JSON.stringify({ i: '1', p: { u: 'http://orpc/engine/status', b: {} } }));
    setTimeout(() => resolve('silence'), patience);
  });
  window.sandglass.connectOperations();
  setTimeout(() => resolve('no port'), 60_000);
})`;

test('a foreign page gets no response from the bridge', async ({
  running: { app, window: page },
}) => {
  expect(await page.evaluate(callAnOperation(60_000))).toBe('answered');
  // A foreign page with the same preload, as a hijacked page would have.
  const answer = await app.evaluate(async ({ BrowserWindow, app: electron }, script) => {
    const stranger = new BrowserWindow({
      show: false,
      webPreferences: { preload: `${electron.getAppPath()}/out/preload/preload.cjs` },
    });
    await stranger.loadURL('sandglass://stranger/index.html').catch(() => {});
    const outcome: unknown = await stranger.webContents.executeJavaScript(script);
    stranger.destroy();
    return outcome;
  }, callAnOperation(3000));
  expect(answer).toBe('silence');
});
