import { useState } from 'react';
import { imageReferenceSchema } from '#shared/contract/fields';
import type { Settings } from '#shared/contract/settings';
import { operations } from '../../api/operations';
import { useEngine } from '../../stores/engine';
import { useSettings } from '../../stores/settings';
import { Field } from '../../ui/form/Field';
import { firstIssue } from '../../ui/form/firstIssue';
import { toastError } from '../../ui/toastError';
import { LocalApiSection } from './LocalApiSection';
import './settings.css';

function update(change: Partial<Settings>): void {
  void toastError(operations.settings.update(change));
}

export function SettingsPage() {
  const settings = useSettings();
  const status = useEngine((state) => state.status);
  return (
    <>
      <header className="page-header">
        <h1>Settings</h1>
      </header>
      <div className="settings">
        <Field label="Theme">
          <select
            value={settings.theme}
            onChange={(event) => update({ theme: event.target.value as Settings['theme'] })}
          >
            <option value="system">System</option>
            <option value="dark">Dark</option>
            <option value="light">Light</option>
          </select>
        </Field>
        <Field label="Terminal font size" hint="In pixels, 8 to 32.">
          <input
            type="number"
            min={8}
            max={32}
            value={settings.terminalFontSize}
            onChange={(event) => {
              const size = event.target.valueAsNumber;
              if (size >= 8 && size <= 32) update({ terminalFontSize: Math.round(size) });
            }}
          />
        </Field>
        <DefaultImageField key={settings.defaultImage} image={settings.defaultImage} />
        <label className="check">
          <input
            type="checkbox"
            checked={settings.keepInTray}
            onChange={(event) => update({ keepInTray: event.target.checked })}
          />
          Keep running in the tray when the window is closed
        </label>
        <div>
          <label className="check">
            <input
              type="checkbox"
              checked={settings.lookInside}
              onChange={(event) => update({ lookInside: event.target.checked })}
            />
            Index snapshots in the background
          </label>
          <p className="check-hint soft">
            Each snapshot is read once, without booting it. Required for pictures, contents, changes
            and search.
          </p>
        </div>
        <LocalApiSection />
        <section aria-label="Docker">
          <h2>Docker</h2>
          <dl className="facts">
            <dt>Address</dt>
            <dd className="mono selectable">{status?.endpoint || 'Unknown'}</dd>
            <dt>Source</dt>
            <dd>{status?.endpointSource || 'Unknown'}</dd>
            <dt>Version</dt>
            <dd>{status?.version ?? 'Not connected'}</dd>
            <dt>Storage driver</dt>
            <dd>{status?.storageDriver ?? 'Not connected'}</dd>
          </dl>
          <p className="soft">
            To use another Docker, set DOCKER_HOST or a Docker context before starting Sandglass.
          </p>
        </section>
      </div>
    </>
  );
}

/** Default image field, saved on blur or with Enter. */
function DefaultImageField({ image }: { image: string }) {
  const [text, setText] = useState(image);
  const issue = firstIssue(imageReferenceSchema, text);
  const save = () => {
    if (!issue && text.trim() !== image) update({ defaultImage: text });
  };
  return (
    <Field
      label="Default image"
      hint="Boots when no snapshot is chosen. Pulled when first needed."
      error={issue}
    >
      <input
        className="mono"
        spellCheck={false}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onBlur={save}
        onKeyDown={(event) => event.key === 'Enter' && save()}
      />
    </Field>
  );
}
