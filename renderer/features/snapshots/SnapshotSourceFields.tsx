import { useId } from 'react';
import { useRegistries } from '../../stores/registries';
import { Button } from '../../ui/Button';
import { Field } from '../../ui/form/Field';
import { PairsField } from '../../ui/form/PairsField';
import { useLocalImages } from './useLocalImages';

/** Values of the fields of all three sources. */
export interface SourceForm {
  image: string;
  registryId: string;
  registryUsername: string;
  registryPassword: string;
  context: string;
  dockerfile: string;
  buildArgs: string;
  target: string;
  file: string;
}

interface SourceFieldsProps {
  form: SourceForm;
  set: (change: Partial<SourceForm>) => void;
  errorOf: (field: string) => string | null;
}

/** Option value for a login that is used for this build only. */
const THIS_BUILD = 'this-build';

export function ImageFields({ form, set, errorOf }: SourceFieldsProps) {
  const registries = useRegistries(({ items }) => items);
  const isInline = form.registryId === THIS_BUILD;
  const localImages = useLocalImages();
  const listId = useId();
  return (
    <>
      <Field label="Image" hint="As in docker run, e.g. python:3.12-slim." error={errorOf('image')}>
        <input
          className="mono"
          value={form.image}
          list={listId}
          spellCheck={false}
          onChange={(event) => set({ image: event.target.value })}
        />
      </Field>
      <datalist id={listId}>
        {localImages.map((reference) => (
          <option key={reference} value={reference} />
        ))}
      </datalist>
      <Field
        label="Login"
        hint="For a private image."
        error={errorOf('registryId') ?? errorOf('registryUrl')}
      >
        <select
          value={form.registryId}
          onChange={(event) => set({ registryId: event.target.value })}
        >
          <option value="">None, or the login saved for its registry</option>
          {registries.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
          <option value={THIS_BUILD}>For this build only…</option>
        </select>
      </Field>
      {isInline && (
        <div className="field-row">
          <Field label="User name" error={errorOf('registryUsername')}>
            <input
              autoComplete="off"
              value={form.registryUsername}
              onChange={(event) => set({ registryUsername: event.target.value })}
            />
          </Field>
          <Field label="Password or token" error={errorOf('registryPassword')}>
            <input
              type="password"
              autoComplete="off"
              value={form.registryPassword}
              onChange={(event) => set({ registryPassword: event.target.value })}
            />
          </Field>
        </div>
      )}
    </>
  );
}

/** Selected login as input of the operation. */
export function loginOf({ registryId, registryUsername, registryPassword }: SourceForm) {
  if (registryId === THIS_BUILD) return { registryUsername, registryPassword };
  return registryId ? { registryId } : {};
}

export function DockerfileFields({ form, set, errorOf }: SourceFieldsProps) {
  const choose = async () => {
    const context = await window.sandglass.pickPath('folder');
    if (context) set({ context });
  };
  return (
    <>
      <div className="field-row path-row">
        <Field label="Context folder" error={errorOf('context')}>
          <input
            className="mono"
            value={form.context}
            spellCheck={false}
            onChange={(event) => set({ context: event.target.value })}
          />
        </Field>
        <Button onClick={() => void choose()}>Choose…</Button>
      </div>
      <div className="field-row">
        <Field label="Dockerfile" hint="Path in the context folder." error={errorOf('dockerfile')}>
          <input
            className="mono"
            value={form.dockerfile}
            onChange={(event) => set({ dockerfile: event.target.value })}
          />
        </Field>
        <Field label="Target" hint="Optional: build stage." error={errorOf('target')}>
          <input
            className="mono"
            value={form.target}
            onChange={(event) => set({ target: event.target.value })}
          />
        </Field>
      </div>
      <PairsField
        label="Build arguments"
        hint="One NAME=value per line."
        value={form.buildArgs}
        onChange={(buildArgs) => set({ buildArgs })}
        error={errorOf('buildArgs')}
      />
    </>
  );
}

export function FileFields({ form, set, errorOf }: SourceFieldsProps) {
  const choose = async () => {
    const file = await window.sandglass.pickPath('file');
    if (file) set({ file });
  };
  return (
    <div className="field-row path-row">
      <Field
        label="File"
        hint="An exported snapshot, or a tar file from docker save or docker export."
        error={errorOf('file')}
      >
        <input
          className="mono"
          value={form.file}
          spellCheck={false}
          onChange={(event) => set({ file: event.target.value })}
        />
      </Field>
      <Button onClick={() => void choose()}>Choose…</Button>
    </div>
  );
}
