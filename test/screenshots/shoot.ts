import { join, resolve } from 'node:path';
import type { Page } from '@playwright/test';
import { expect } from '../e2e/support/fixtures';
import { goTo } from '../e2e/support/steps';

const folder = resolve(import.meta.dirname, '../../docs/screenshots');

/** Writes `docs/screenshots/<name>.png`. */
export async function shoot(window: Page, name: string): Promise<void> {
  // Toasts and hover come and go: a picture of a page should not depend on the moment.
  await window.mouse.move(20, 500);
  await expect(window.locator('[data-sonner-toast]')).toHaveCount(0);
  await window.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
}

export async function chooseTheme(window: Page, theme: 'dark' | 'light'): Promise<void> {
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
