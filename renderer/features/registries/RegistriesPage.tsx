import { toast } from 'sonner';
import type { Registry } from '#shared/contract/registries';
import { operations } from '../../api/operations';
import { useEngineReady } from '../../stores/engine';
import { useRegistries } from '../../stores/registries';
import { openDialog } from '../../stores/route';
import { Age } from '../../ui/Age';
import { Button } from '../../ui/Button';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorNote } from '../../ui/ErrorNote';
import { useOperation } from '../../ui/useOperation';
import './registries.css';

/** Lists the registries with a saved login. */
export function RegistriesPage() {
  const { items, loaded } = useRegistries();
  return (
    <>
      <header className="page-header">
        <h1>Registries</h1>
        {items.length > 0 && <AddButton />}
      </header>
      {loaded && items.length === 0 && (
        <EmptyState title="No registries yet" action={<AddButton />}>
          Add a registry with your login to build snapshots from its private images. Public images
          need no login, and logins saved by "docker login" are used as well.
        </EmptyState>
      )}
      <ul className="registry-list" aria-label="Registries">
        {items.map((registry) => (
          <RegistryItem key={registry.id} registry={registry} />
        ))}
      </ul>
    </>
  );
}

function RegistryItem({ registry }: { registry: Registry }) {
  const ready = useEngineReady();
  const { id, name, url, username, updatedAt } = registry;
  const { running, run, error } = useOperation();
  const test = async () => {
    const accepted = await run(() => operations.registries.test({ registry: id }));
    if (accepted) toast.success(`${name} accepts the login.`);
  };
  return (
    <li aria-label={name}>
      <div className="registry-facts">
        <h2 className="mono">{name}</h2>
        <p className="soft selectable">
          {url} · {username} · changed <Age time={updatedAt} />
        </p>
        {error && <ErrorNote error={error} />}
      </div>
      <Button disabled={!ready || running} onClick={() => void test()}>
        {running ? 'Testing…' : 'Test login'}
      </Button>
      <Button onClick={() => openDialog({ kind: 'registry', registryId: id })}>Edit…</Button>
      <Button
        variant="danger"
        onClick={() => openDialog({ kind: 'delete-registry', registryId: id })}
      >
        Delete
      </Button>
    </li>
  );
}

function AddButton() {
  return (
    <Button variant="primary" onClick={() => openDialog({ kind: 'registry', registryId: null })}>
      Add registry
    </Button>
  );
}
