import { type FormEvent, useEffect, useState } from 'react';
import type { SecretProtection } from '#shared/contract/registries';
import { operations } from '../../api/operations';
import { useRegistries } from '../../stores/registries';
import { useCloseDialog } from '../../stores/route';
import { useSettings } from '../../stores/settings';
import { Button } from '../../ui/Button';
import { Dialog, DialogActions } from '../../ui/Dialog';
import { ErrorNote } from '../../ui/ErrorNote';
import { fieldErrors } from '../../ui/errorText';
import { Field } from '../../ui/form/Field';
import { useOperation } from '../../ui/useOperation';

const fields = ['name', 'url', 'username', 'password'];

/** Adds or edits a registry. When editing, an empty password keeps the current one. */
export function RegistryDialog({ registryId }: { registryId: string | null }) {
  const closeDialog = useCloseDialog();
  const registry = useRegistries(({ items }) => items.find(({ id }) => id === registryId));
  const [form, setForm] = useState({
    name: registry?.name ?? '',
    url: registry?.url ?? '',
    username: registry?.username ?? '',
    password: '',
  });
  const [agreed, setAgreed] = useState(false);
  const needsConsent = useNeedsConsent() && (!registry || form.password !== '');
  const { running, error, run } = useOperation();
  const set = (field: keyof typeof form) => (event: { target: { value: string } }) =>
    setForm({ ...form, [field]: event.target.value });
  const errorOf = fieldErrors(error);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const saved = await run(async () => {
      if (needsConsent) await operations.settings.update({ storeSecretsUnprotected: true });
      return registry
        ? await operations.registries.update({
            ...form,
            registry: registry.id,
            password: form.password || undefined,
          })
        : await operations.registries.create(form);
    });
    if (saved) closeDialog();
  };

  const isComplete = form.name && form.url && form.username && (registry || form.password);
  return (
    <Dialog title={registry ? `Edit ${registry.name}` : 'Add registry'} onClose={closeDialog}>
      <form onSubmit={submit}>
        <Field label="Name" hint="A name of your choice, e.g. company." error={errorOf('name')}>
          <input className="mono" value={form.name} onChange={set('name')} />
        </Field>
        <Field label="Address" hint="E.g. https://registry.example.com." error={errorOf('url')}>
          <input className="mono" value={form.url} onChange={set('url')} />
        </Field>
        <div className="field-row">
          <Field label="User name" error={errorOf('username')}>
            <input value={form.username} autoComplete="off" onChange={set('username')} />
          </Field>
          <Field
            label="Password or token"
            hint={registry && 'Leave empty to keep the current one.'}
            error={errorOf('password')}
          >
            <input
              type="password"
              autoComplete="off"
              value={form.password}
              onChange={set('password')}
            />
          </Field>
        </div>
        {needsConsent && (
          <label className="check">
            <input
              type="checkbox"
              checked={agreed}
              onChange={(event) => setAgreed(event.target.checked)}
            />
            This system has no keychain. Store the password unencrypted in a file that only my
            account can read.
          </label>
        )}
        {error && !fields.includes(error.field ?? '') && <ErrorNote error={error} />}
        <DialogActions>
          <Button onClick={closeDialog}>Cancel</Button>
          <Button
            type="submit"
            variant="primary"
            disabled={running || !isComplete || (needsConsent && !agreed)}
          >
            {registry ? 'Save' : 'Add registry'}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** Whether storing a password needs consent: there is no keychain and the user has not agreed yet. */
function useNeedsConsent(): boolean {
  const agreed = useSettings((settings) => settings.storeSecretsUnprotected);
  const [protection, setProtection] = useState<SecretProtection>('keychain');
  useEffect(() => {
    void operations.registries.protection().then((answer) => setProtection(answer.protection));
  }, []);
  return protection === 'file' && !agreed;
}
