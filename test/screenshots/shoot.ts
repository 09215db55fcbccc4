import { join, resolve } from 'node:path';
import type { Page } from '@playwright/test';
import { expect } from '../e2e/support/fixtures';
import { goTo } from '../e2e/support/steps';

/** Ignored by Git; `publish.ts` copies those that the documentation shows. */
export const SCREENSHOTS_FOLDER = resolve(import.meta.dirname, '../../out/screenshots');

/** Waits until the treemap of each finished snapshot in view is drawn. */
export async function picturesDrawn(window: Page): Promise<void> {
  const building = 'article:has([role="progressbar"])';
  const awaited = window
    .locator(`.picture-placeholder:not(${building} *)`)
    .filter({ hasNotText: 'Indexing failed' });
  await expect(awaited).toHaveCount(0, { timeout: 600_000 });
}

/** Writes `out/screenshots/<name>.png`. */
export async function shoot(window: Page, name: string): Promise<void> {
  await picturesDrawn(window);
  // Toasts and hover effects would make the image depend on the moment it is taken.
  await expect(window.locator('[data-sonner-toast]')).toHaveCount(0);
  await withoutPointer(window, async () => {
    await window.screenshot({
      path: join(SCREENSHOTS_FOLDER, `${name}.png`),
      animations: 'disabled',
    });
  });
}

/** Disables hover: the pointer of the virtual display rests over the window after each layout. */
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

/** Takes the page in the dark and light themes and in the smallest window; needs `followSystem`. */
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

/** Selects the system theme, which `emulateMedia` changes without leaving the page. */
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

/** The window's default size. */
export async function resizeToUsual(window: Page): Promise<void> {
  await resize(window, 1280, 800);
}

/** The window's minimum size. */
export async function resizeToNarrow(window: Page): Promise<void> {
  await resize(window, 720, 640);
}
