import { join, resolve } from 'node:path';
import type { Page } from '@playwright/test';
import { expect } from '../e2e/support/fixtures';
import { goTo } from '../e2e/support/steps';

const folder = resolve(import.meta.dirname, '../../docs/screenshots');

/** Waits until the pictures in sight of all that is built are drawn. */
export async function picturesDrawn(window: Page): Promise<void> {
  const building = 'article:has([role="progressbar"])';
  const awaited = window
    .locator(`.picture-placeholder:not(${building} *)`)
    .filter({ hasNotText: 'could not be read' });
  await expect(awaited).toHaveCount(0, { timeout: 600_000 });
}

/** Writes `docs/screenshots/<name>.png`. */
export async function shoot(window: Page, name: string): Promise<void> {
  await picturesDrawn(window);
  // Toasts and hover come and go: a picture of a page should not depend on the moment.
  await expect(window.locator('[data-sonner-toast]')).toHaveCount(0);
  await withoutPointer(window, async () => {
    await window.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
  });
}

/** The display's own pointer rests somewhere over the window, and would come back with each new layout. */
async function withoutPointer(window: Page, use: () => Promise<void>): Promise<void> {
  await window.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('* { pointer-events: none !important; }');
    document.adoptedStyleSheets = [sheet];
  });
  await window.mouse.move(20, 500);
  await use();
  await window.evaluate(() => {
    document.adoptedStyleSheets = [];
  });
}

/** What is in sight, in dark, light and narrow; needs `followSystem`. */
export async function shootAll(window: Page, name: string): Promise<void> {
  for (const colorScheme of ['dark', 'light'] as const) {
    await window.emulateMedia({ colorScheme });
    await shoot(window, `${name}-${colorScheme}`);
  }
  await window.emulateMedia({ colorScheme: 'dark' });
  await resizeToNarrow(window);
  await shoot(window, `${name}-narrow`);
  await resizeToUsual(window);
}

/** Has the app take the theme that the system says, which a test can change without leaving the page. */
export async function followSystem(window: Page): Promise<void> {
  await window.emulateMedia({ colorScheme: 'dark' });
  await chooseTheme(window, 'system');
}

export async function chooseTheme(window: Page, theme: 'dark' | 'light' | 'system'): Promise<void> {
  await goTo(window, 'Settings');
  await window.getByLabel('Theme').selectOption(theme);
}

export async function resize(window: Page, width: number, height: number): Promise<void> {
  await window.setViewportSize({ width, height });
}

/** As most have it. */
export async function resizeToUsual(window: Page): Promise<void> {
  await resize(window, 1280, 800);
}

/** The smallest window. */
export async function resizeToNarrow(window: Page): Promise<void> {
  await resize(window, 720, 640);
}
