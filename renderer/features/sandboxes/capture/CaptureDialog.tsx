import { type FormEvent, useState } from 'react';
import type { Sandbox } from '#shared/contract/sandboxes';
import { operations } from '../../../api/operations';
import { go, useCloseDialog } from '../../../stores/route';
import { useSandbox } from '../../../stores/sandboxes';
import { Button } from '../../../ui/Button';
import { Dialog, DialogActions } from '../../../ui/Dialog';
import { ErrorNote } from '../../../ui/ErrorNote';
import { fieldErrors } from '../../../ui/errorText';
import { Field } from '../../../ui/form/Field';
import { PairsField } from '../../../ui/form/PairsField';
import { parsePairs } from '../../../ui/form/pairs';
import { useOperation } from '../../../ui/useOperation';
import { CapacityField, capacityBytes } from '../../common/CapacityField';
import { NoteField } from '../../common/NoteField';
import { namedVersion } from '../../common/snapshotName';
import { CapturePreviewSection } from './CapturePreviewSection';
import { useCapturePreview } from './useCapturePreview';
import './capture.css';

/** Captures a sandbox under a name, with a preview of the included files. */
export function CaptureDialog({ sandboxId }: { sandboxId: string }) {
  const sandbox = useSandbox(sandboxId);
  return sandbox && <CaptureForm sandbox={sandbox} />;
}

function CaptureForm({ sandbox }: { sandbox: Sandbox }) {
  const closeDialog = useCloseDialog();
  const previewState = useCapturePreview(sandbox.id);
  const [excluded, setExcluded] = useState<ReadonlySet<string>>(new Set());
  const [title, setTitle] = useState('');
  const [note, setNote] = useState('');
  const [labels, setLabels] = useState('');
  const [capacityGib, setCapacityGib] = useState('');
  const { running, error, run } = useOperation();
  const { name, tag, issue: nameIssue } = namedVersion(title);
  const pairs = parsePairs(labels);
  const errorOf = fieldErrors(error);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const started = await run(() =>
      operations.snapshots.capture({
        ...{ sandbox: sandbox.id, name, tag, note: note || undefined },
        labels: labels === '' ? undefined : (pairs ?? undefined),
        fsCapacityBytes: capacityBytes(capacityGib),
        exclude: excluded.size > 0 ? [...excluded] : undefined,
      }),
    );
    if (!started) return;
    closeDialog();
    go({ page: 'snapshots' });
  };

  return (
    <Dialog title={`Capture ${sandbox.name}`} width="wide" onClose={closeDialog}>
      <form className="capture-form" onSubmit={submit}>
        <div className="field-row">
          <Field
            label="Name"
            hint="Lowercase, e.g. ml-ready or ml-ready:v2. An existing name gets a new version."
            error={nameIssue ?? errorOf('name') ?? errorOf('tag')}
          >
            <input
              // The name can be typed while the preview is loading.
              autoFocus
              className="mono"
              value={title}
              onChange={(event) => setTitle(event.target.value)}
            />
          </Field>
          <NoteField value={note} onChange={setNote} />
        </div>
        <CapturePreviewSection
          snapshotName={sandbox.snapshotName}
          onExclude={setExcluded}
          {...{ previewState, excluded }}
        />
        <details>
          <summary>Capacity and labels</summary>
          <div className="more-fields">
            <CapacityField
              hint="For sandboxes that boot from it. Leave empty to keep this sandbox’s."
              value={capacityGib}
              onChange={setCapacityGib}
              error={errorOf('fsCapacityBytes')}
            />
            <PairsField
              label="Labels"
              hint="One NAME=value per line. Leave empty to keep this sandbox’s."
              value={labels}
              onChange={setLabels}
              error={errorOf('labels')}
            />
          </div>
        </details>
        {error && error.field !== 'name' && error.field !== 'tag' && <ErrorNote error={error} />}
        <DialogActions>
          <Button onClick={closeDialog}>Cancel</Button>
          <Button
            type="submit"
            variant="primary"
            disabled={running || !name || nameIssue !== null || pairs === null}
          >
            Capture snapshot
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
