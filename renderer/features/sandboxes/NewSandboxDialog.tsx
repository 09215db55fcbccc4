import { type FormEvent, useState } from 'react';
import { sandboxNameSchema } from '#shared/names';
import { parsePorts } from '#shared/ports';
import { operations } from '../../api/operations';
import { openSandbox, useCloseDialog } from '../../stores/route';
import { useSettings } from '../../stores/settings';
import { Button } from '../../ui/Button';
import { Dialog, DialogActions } from '../../ui/Dialog';
import { ErrorNote } from '../../ui/ErrorNote';
import { fieldErrors } from '../../ui/errorText';
import { Field } from '../../ui/form/Field';
import { firstIssue } from '../../ui/form/firstIssue';
import { PairsField } from '../../ui/form/PairsField';
import { parsePairs } from '../../ui/form/pairs';
import { useOperation } from '../../ui/useOperation';
import { CapacityField, capacityBytes } from '../common/CapacityField';
import { useSnapshotTitles } from '../common/useSnapshotTitles';
import { LifetimeFields, lifetimeSeconds } from './LifetimeFields';
import { useBootableSnapshots } from './useBootableSnapshots';

const MIB = 1024 ** 2;
/** Option value for booting the default image instead of a snapshot. */
const DEFAULT_IMAGE = '';

const emptyForm = {
  ...{ name: '', vcpus: '', memMib: '', capacityGib: '', pids: '' },
  ...{ workDir: '', user: '', env: '', ports: '', labels: '' },
};

/** Creates a sandbox, then opens its page. */
export function NewSandboxDialog({ snapshotId }: { snapshotId: string | null }) {
  const closeDialog = useCloseDialog();
  const { offered, isTruncated } = useBootableSnapshots(snapshotId);
  const titleOf = useSnapshotTitles();
  const defaultImage = useSettings((settings) => settings.defaultImage);
  const [chosen, setChosen] = useState(snapshotId ?? offered[0]?.id ?? DEFAULT_IMAGE);
  const [network, setNetwork] = useState(true);
  const [form, setForm] = useState(emptyForm);
  const [lifetimes, setLifetimes] = useState({ idleMinutes: '', deleteHours: '' });
  const { running, error, run } = useOperation();
  const put = (field: keyof typeof emptyForm) => (value: string) =>
    setForm({ ...form, [field]: value });
  const set = (field: keyof typeof emptyForm) => (event: { target: { value: string } }) =>
    put(field)(event.target.value);
  const nameIssue = form.name === '' ? null : firstIssue(sandboxNameSchema, form.name);
  const env = parsePairs(form.env);
  const ports = parsePorts(form.ports);
  const labels = parsePairs(form.labels);
  const errorOf = fieldErrors(error);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    await run(async () => {
      const { sandbox } = await operations.sandboxes.create({
        snapshotId: chosen === DEFAULT_IMAGE ? undefined : chosen,
        name: form.name || undefined,
        vcpus: form.vcpus ? Number(form.vcpus) : undefined,
        memBytes: form.memMib ? Math.round(Number(form.memMib) * MIB) : undefined,
        fsCapacityBytes: capacityBytes(form.capacityGib),
        pidsLimit: form.pids ? Number(form.pids) : undefined,
        network,
        ports: network ? (ports ?? undefined) : undefined,
        workDir: form.workDir || undefined,
        user: form.user || undefined,
        env: env ?? undefined,
        labels: labels ?? undefined,
        ...lifetimeSeconds(lifetimes),
      });
      closeDialog();
      openSandbox(sandbox.id, true);
    });
  };

  return (
    <Dialog
      title="New sandbox"
      description="A disposable machine that boots from a snapshot."
      onClose={closeDialog}
    >
      <form onSubmit={submit}>
        <Field
          label="Snapshot"
          hint={isTruncated ? 'Lists only the newest. Boot others from their card.' : undefined}
          error={errorOf('snapshotId')}
        >
          <select
            className="mono"
            value={chosen}
            onChange={(event) => setChosen(event.target.value)}
          >
            <option value={DEFAULT_IMAGE}>Default image ({defaultImage})</option>
            {offered.map((snapshot) => (
              <option key={snapshot.id} value={snapshot.id}>
                {titleOf(snapshot)}
              </option>
            ))}
          </select>
        </Field>
        <Field
          label="Name"
          hint="Lowercase letters, digits and dashes. Leave empty to generate one."
          error={nameIssue ?? errorOf('name')}
        >
          <input className="mono" value={form.name} onChange={set('name')} />
        </Field>
        <details>
          <summary>Limits, network, lifetime, directory, user, environment and labels</summary>
          <div className="more-fields">
            <div className="field-row">
              <Field label="vCPUs" hint="Leave empty for no limit." error={errorOf('vcpus')}>
                <input
                  type="number"
                  min="0.01"
                  step="any"
                  value={form.vcpus}
                  onChange={set('vcpus')}
                />
              </Field>
              <Field
                label="Memory (MiB)"
                hint="Leave empty for no limit."
                error={errorOf('memBytes')}
              >
                <input type="number" min="6" value={form.memMib} onChange={set('memMib')} />
              </Field>
              <CapacityField
                hint="Default: the snapshot’s."
                value={form.capacityGib}
                onChange={put('capacityGib')}
                error={errorOf('fsCapacityBytes')}
              />
              <Field label="Processes" hint="Default: 4096." error={errorOf('pidsLimit')}>
                <input type="number" min="16" value={form.pids} onChange={set('pids')} />
              </Field>
              <Field label="Directory" error={errorOf('workDir')}>
                <input
                  className="mono"
                  placeholder="/"
                  value={form.workDir}
                  onChange={set('workDir')}
                />
              </Field>
              <Field label="User" error={errorOf('user')}>
                <input
                  className="mono"
                  placeholder="root"
                  value={form.user}
                  onChange={set('user')}
                />
              </Field>
            </div>
            <label className="check">
              <input
                type="checkbox"
                checked={network}
                onChange={(event) => setNetwork(event.target.checked)}
              />
              Network
            </label>
            <Field
              label="Ports"
              hint="Sandbox ports or host:sandbox, e.g. 8000, 8080:3000. Reachable on 127.0.0.1 only."
              error={ports === null ? 'Enter ports such as 8000 or 8080:3000.' : errorOf('ports')}
            >
              <input
                className="mono"
                disabled={!network}
                value={form.ports}
                onChange={set('ports')}
              />
            </Field>
            <LifetimeFields value={lifetimes} onChange={setLifetimes} errorOf={errorOf} />
            <PairsField
              label="Environment"
              hint="One NAME=value per line."
              value={form.env}
              onChange={put('env')}
              error={errorOf('env')}
            />
            <PairsField
              label="Labels"
              hint="One NAME=value per line, added to those of the snapshot."
              value={form.labels}
              onChange={put('labels')}
              error={errorOf('labels')}
            />
          </div>
        </details>
        {error && <ErrorNote error={error} />}
        <DialogActions>
          <Button onClick={closeDialog}>Cancel</Button>
          <Button
            type="submit"
            variant="primary"
            disabled={
              running || nameIssue !== null || env === null || ports === null || labels === null
            }
          >
            Create sandbox
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
