import { existsSync, readFileSync } from 'node:fs';
import { type Settings, settingsSchema } from '#shared/contract/settings';
import type { Changes } from './changes';
import { writeAtomically } from './host/home';

/** The user's choices, in a small file of their own: a lost catalog does not lose them. */
export class SettingsStore {
  private current: Settings;

  constructor(
    private readonly file: string,
    private readonly changes: Changes,
  ) {
    this.current = readSettings(file);
  }

  get(): Settings {
    return this.current;
  }

  update(change: Partial<Settings>): Settings {
    this.current = { ...this.current, ...change };
    writeAtomically(this.file, `${JSON.stringify(this.current, null, 2)}\n`);
    this.changes.announce({ type: 'settings', settings: this.current });
    return this.current;
  }
}

/** What is missing or damaged falls back to its default. */
function readSettings(file: string): Settings {
  const defaults = settingsSchema.parse({});
  if (!existsSync(file)) return defaults;
  try {
    const stored: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return settingsSchema.parse(stored);
  } catch {
    return defaults;
  }
}
