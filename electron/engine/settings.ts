import { type Settings, settingsSchema } from '#shared/contract/settings';
import type { Changes } from './changes';
import { JsonFile } from './lib';

/** The user's settings, in a JSON file of the home, so that they survive a lost catalog. */
export class SettingsStore {
  private readonly file: JsonFile<Settings>;
  private current: Settings;

  constructor(
    path: string,
    private readonly changes: Changes,
  ) {
    this.file = new JsonFile<Settings>(path, settingsSchema, {
      fallback: () => settingsSchema.parse({}),
    });
    this.current = this.file.read();
  }

  get(): Settings {
    return this.current;
  }

  update(change: Partial<Settings>): Settings {
    this.current = { ...this.current, ...change };
    this.file.write(this.current);
    this.changes.announce({ type: 'settings', settings: this.current });
    return this.current;
  }
}
