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
            <option value="system">As the system</option>
            <option value="dark">Dark</option>
            <option value="light">Light</option>
          </select>
        </Field>
        <Field label="Terminal font size" hint="Pixels, 8 to 32.">
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
            Look inside snapshots in the background
          </label>
          <p className="check-hint soft">
            Each one is read once, without booting it: pictures, contents, changes and the search
            inside need it.
          </p>
        </div>
        <LocalApiSection />
        <section aria-label="Docker">
          <h2>Docker</h2>
          <dl className="facts">
            <dt>Address</dt>
            <dd className="mono selectable">{status?.endpoint || 'not known yet'}</dd>
            <dt>Found by</dt>
            <dd>{status?.endpointSource || 'not known yet'}</dd>
            <dt>Version</dt>
            <dd>{status?.version ?? 'not connected'}</dd>
            <dt>Storage driver</dt>
            <dd>{status?.storageDriver ?? 'not connected'}</dd>
          </dl>
          <p className="soft">
            Set DOCKER_HOST or a docker context before the start to choose another one.
          </p>
        </section>
      </div>
    </>
  );
}

/** Saved when it is left, or with Enter. */
function DefaultImageField({ image }: { image: string }) {
  const [text, setText] = useState(image);
  const issue = firstIssue(imageReferenceSchema, text);
  const save = () => {
    if (!issue && text.trim() !== image) update({ defaultImage: text });
  };
  return (
    <Field
      label="Default image"
      hint="What a sandbox boots from when no snapshot is named; pulled at first need."
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
